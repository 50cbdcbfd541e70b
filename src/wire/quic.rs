//! QUIC transport parameters (RFC 9000, section 18).

use super::dissector::{Dissector, Read};

/// A sequence of parameters up to the end of the enclosing length.
pub fn quic_parameters(d: &mut Dissector<'_>) -> Read<()> {
    if !d.is_empty() {
        d.rest("parameters");
    }
    Ok(())
}

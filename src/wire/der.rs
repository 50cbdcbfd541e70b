//! DER.

use super::dissector::{Dissector, Read};

/// A distinguished name.
pub fn name(d: &mut Dissector<'_>) -> Read<()> {
    any(d)
}

/// A SubjectPublicKeyInfo.
pub fn public_key(d: &mut Dissector<'_>) -> Read<()> {
    any(d)
}

/// Any DER value.
pub fn any(d: &mut Dissector<'_>) -> Read<()> {
    if !d.is_empty() {
        d.rest("DER");
    }
    Ok(())
}

/// An X.509 certificate.
pub fn certificate(d: &mut Dissector<'_>) -> Read<()> {
    any(d)
}

/// An OCSP response.
pub fn ocsp_response(d: &mut Dissector<'_>) -> Read<()> {
    any(d)
}

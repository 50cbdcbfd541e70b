//! `quic_transport_parameters (draft)` (draft-ietf-quic-tls-32).

use super::*;
use crate::wire::quic::quic_parameters;

/// The row of `quic_transport_parameters (draft)`.
pub const EXTENSION: Extension = Extension {
    code: 65445,
    name: "quic_transport_parameters (draft)",
    reference: "draft-ietf-quic-tls-32",
    recommended: Recommended::No,
    about: "The code point of quic_transport_parameters in its drafts.",
    places: &[ClientHello, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    quic_parameters(d)
}

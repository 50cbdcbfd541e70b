//! `quic_transport_parameters` (RFC 9000, section 18).

use super::*;
use crate::wire::quic::quic_parameters;

/// The row of `quic_transport_parameters`.
pub const EXTENSION: Extension = Extension {
    code: 57,
    name: "quic_transport_parameters",
    reference: "RFC 9000, section 18",
    recommended: Recommended::Yes,
    about: "The settings of a QUIC connection, e.g. limits for data and streams. They are part of the TLS \
            handshake so that nobody can tamper with them. Not used over TCP.",
    places: &[ClientHello, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    quic_parameters(d)
}

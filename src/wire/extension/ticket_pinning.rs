//! `ticket_pinning` (RFC 8672).

use super::*;

/// The row of `ticket_pinning`.
pub const EXTENSION: Extension = Extension {
    code: 32,
    name: "ticket_pinning",
    reference: "RFC 8672",
    recommended: Recommended::No,
    about: "Pins a server's identity by a ticket that only the real server can decrypt later.",
    places: &[ClientHello, EncryptedExtensions],
    body: bytes,
};

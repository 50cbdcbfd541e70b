//! `supported_ekt_ciphers` (RFC 8870).

use super::*;

/// The row of `supported_ekt_ciphers`.
pub const EXTENSION: Extension = Extension {
    code: 39,
    name: "supported_ekt_ciphers",
    reference: "RFC 8870",
    recommended: Recommended::Yes,
    about: "Keys for conferences in which a relay forwards media that it cannot read (DTLS-SRTP).",
    places: &[ClientHello, ServerHello12, EncryptedExtensions],
    body: bytes,
};

//! `tls_cert_with_extern_psk` (RFC 8773).

use super::*;

/// The row of `tls_cert_with_extern_psk`.
pub const EXTENSION: Extension = Extension {
    code: 33,
    name: "tls_cert_with_extern_psk",
    reference: "RFC 8773",
    recommended: Recommended::Yes,
    about: "Uses a certificate and an external pre-shared key together: the key protects the data against \
            future quantum computers, the certificate authenticates the server.",
    places: &[ClientHello, ServerHello],
    body: flag,
};

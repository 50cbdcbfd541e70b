//! `password_salt` (RFC 8492).

use super::*;

/// The row of `password_salt`.
pub const EXTENSION: Extension = Extension {
    code: 31,
    name: "password_salt",
    reference: "RFC 8492",
    recommended: Recommended::No,
    about: "TLS-PWD: the salt under which the server keeps the password.",
    places: &[ServerHello, ServerHello12, HelloRetryRequest],
    body: bytes,
};

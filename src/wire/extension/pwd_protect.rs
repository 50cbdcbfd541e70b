//! `pwd_protect` (RFC 8492).

use super::*;

/// The row of `pwd_protect`.
pub const EXTENSION: Extension = Extension {
    code: 29,
    name: "pwd_protect",
    reference: "RFC 8492",
    recommended: Recommended::No,
    about: "TLS-PWD: a user name, encrypted with a public key of the server, for authentication by \
            password.",
    places: CLIENT,
    body: bytes,
};

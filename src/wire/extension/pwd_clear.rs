//! `pwd_clear` (RFC 8492).

use super::*;

/// The row of `pwd_clear`.
pub const EXTENSION: Extension = Extension {
    code: 30,
    name: "pwd_clear",
    reference: "RFC 8492",
    recommended: Recommended::No,
    about: "TLS-PWD: an unencrypted user name, for authentication by password.",
    places: CLIENT,
    body: bytes,
};

//! `pwd_clear` (RFC 8492).

use super::*;

/// The row of `pwd_clear`.
pub const EXTENSION: Extension = Extension {
    code: 30,
    name: "pwd_clear",
    reference: "RFC 8492",
    recommended: Recommended::No,
    about: "TLS-PWD: a user name in clear, for a log-in by password.",
    places: CLIENT,
    body: bytes,
};

//! `post_handshake_auth` (RFC 8446, section 4.2.6).

use super::*;

/// The row of `post_handshake_auth`.
pub const EXTENSION: Extension = Extension {
    code: 49,
    name: "post_handshake_auth",
    reference: "RFC 8446, section 4.2.6",
    recommended: Recommended::Yes,
    about: "The client is willing to present a certificate after the handshake if the server asks for it, \
            e.g. when a protected page is requested.",
    places: CLIENT,
    body: flag,
};

//! `connection_id (deprecated)` (draft-ietf-tls-dtls-connection-id-07).

use super::*;

/// The row of `connection_id (deprecated)`.
pub const EXTENSION: Extension = Extension {
    code: 53,
    name: "connection_id (deprecated)",
    reference: "draft-ietf-tls-dtls-connection-id-07",
    recommended: Recommended::No,
    about: "DTLS: the code point of connection_id in its drafts.",
    places: HELLO,
    body: bytes,
};

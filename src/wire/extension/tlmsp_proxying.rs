//! `TLMSP_proxying` (ETSI TS 103 523-2).

use super::*;

/// The row of `TLMSP_proxying`.
pub const EXTENSION: Extension = Extension {
    code: 37,
    name: "TLMSP_proxying",
    reference: "ETSI TS 103 523-2",
    recommended: Recommended::No,
    about: "Lets middleboxes take part in a session: how they are reached (ETSI TS 103 523-2).",
    places: &[ClientHello, ServerHello12, ServerHello, EncryptedExtensions],
    body: bytes,
};

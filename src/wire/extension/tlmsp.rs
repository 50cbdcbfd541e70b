//! `TLMSP` (ETSI TS 103 523-2).

use super::*;

/// The row of `TLMSP`.
pub const EXTENSION: Extension = Extension {
    code: 36,
    name: "TLMSP",
    reference: "ETSI TS 103 523-2",
    recommended: Recommended::No,
    about: "Lets middleboxes take part in a session if both sides agree (ETSI TS 103 523-2).",
    places: &[ClientHello, ServerHello12, ServerHello, EncryptedExtensions],
    body: bytes,
};

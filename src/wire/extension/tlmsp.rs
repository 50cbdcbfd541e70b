//! `TLMSP` (ETSI TS 103 523-2).

use super::*;

/// The row of `TLMSP`.
pub const EXTENSION: Extension = Extension {
    code: 36,
    name: "TLMSP",
    reference: "ETSI TS 103 523-2",
    recommended: Recommended::No,
    about: "Lets boxes on the way take part in a session by agreement of both ends (ETSI TS 103 523-2).",
    places: &[ClientHello, ServerHello12, ServerHello, EncryptedExtensions],
    body: bytes,
};

//! `TLMSP_delegate` (ETSI TS 103 523-2).

use super::*;

/// The row of `TLMSP_delegate`.
pub const EXTENSION: Extension = Extension {
    code: 38,
    name: "TLMSP_delegate",
    reference: "ETSI TS 103 523-2",
    recommended: Recommended::No,
    about: "Lets middleboxes take part in a session: who decides about them (ETSI TS 103 523-2).",
    places: &[ClientHello, ServerHello12, ServerHello, EncryptedExtensions],
    body: bytes,
};

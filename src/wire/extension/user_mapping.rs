//! `user_mapping` (RFC 4681).

use super::*;
use crate::wire::codepoints::USER_MAPPING_TYPES;

/// The row of `user_mapping`.
pub const EXTENSION: Extension = Extension {
    code: 6,
    name: "user_mapping",
    reference: "RFC 4681",
    recommended: Recommended::Yes,
    about: "The client offers to state which user it acts for, in a SupplementalData message. Rare, and \
            not in TLS 1.3.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.codes8("user_mapping_types", "user_mapping_type", LengthPrefix::U8, &USER_MAPPING_TYPES)?;
    Ok(())
}

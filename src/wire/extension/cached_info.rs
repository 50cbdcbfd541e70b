//! `cached_info` (RFC 7924).

use super::*;
use crate::wire::codepoints::CACHED_INFO_TYPES;

/// The row of `cached_info`.
pub const EXTENSION: Extension = Extension {
    code: 25,
    name: "cached_info",
    reference: "RFC 7924",
    recommended: Recommended::Yes,
    about: "The client states, by its hash, which certificate or request it still knows from an earlier \
            connection, so that the server need not send it again.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    d.vector("cached_info", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            if place == ClientHello {
                d.group("CachedObject", |d| {
                    d.code8("type", &CACHED_INFO_TYPES)?;
                    d.opaque("hash_value", LengthPrefix::U8)?;
                    Ok(())
                })?;
            } else {
                d.code8("type", &CACHED_INFO_TYPES)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

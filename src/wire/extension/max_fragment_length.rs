//! `max_fragment_length` (RFC 6066, section 4).

use super::*;
use crate::wire::codepoints::MAX_FRAGMENT_LENGTHS;

/// The row of `max_fragment_length`.
pub const EXTENSION: Extension = Extension {
    code: 1,
    name: "max_fragment_length",
    reference: "RFC 6066, section 4",
    recommended: Recommended::No,
    about: "A client with little memory asks for records of at most 512 to 4096 bytes. The server agrees \
            by returning the same value. Replaced by record_size_limit, in which each side states its own \
            limit.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    if MAX_FRAGMENT_LENGTHS.name_of(d.code8("max_fragment_length", &MAX_FRAGMENT_LENGTHS)?.into()).is_none() {
        d.wrong(
            "max_fragment_length",
            Wrong::Illegal("1 to 4 stand for 2^9 to 2^12; nothing else is defined"),
        );
    }
    Ok(())
}

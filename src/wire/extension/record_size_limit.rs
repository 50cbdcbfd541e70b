//! `record_size_limit` (RFC 8449, section 4).

use super::*;

/// The row of `record_size_limit`.
pub const EXTENSION: Extension = Extension {
    code: 28,
    name: "record_size_limit",
    reference: "RFC 8449, section 4",
    recommended: Recommended::Yes,
    about: "The largest record that the sender is willing to receive. Each side states its own limit; small devices need small ones.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    if d.u16("record_size_limit")? < 64 {
        d.wrong("record_size_limit", Wrong::Illegal("the limit must be at least 64"));
    }
    Ok(())
}

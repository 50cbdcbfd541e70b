//! `ech_outer_extensions` (RFC 9849, section 5.1).

use super::*;

/// The row of `ech_outer_extensions`.
pub const EXTENSION: Extension = Extension {
    code: 64768,
    name: "ech_outer_extensions",
    reference: "RFC 9849, section 5.1",
    recommended: Recommended::Yes,
    about: "Replaces, in the encrypted inner hello, extensions that are the same as in the outer one, so \
            that they need not be sent twice.",
    places: CLIENT,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.codes("outer_extensions", "extension_type", LengthPrefix::U8, &EXTENSION_TYPES)?;
    Ok(())
}

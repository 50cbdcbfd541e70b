//! `token_binding` (RFC 8472).

use super::*;
use crate::wire::codepoints::TOKEN_BINDING_KEYS;

/// The row of `token_binding`.
pub const EXTENSION: Extension = Extension {
    code: 24,
    name: "token_binding",
    reference: "RFC 8472",
    recommended: Recommended::Yes,
    about: "Binds cookies and tokens to a key of the client, so that a stolen cookie is useless. Browsers \
            have removed it.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.u8("major")?;
    d.u8("minor")?;
    d.codes8("key_parameters_list", "key_parameters", LengthPrefix::U8, &TOKEN_BINDING_KEYS)?;
    Ok(())
}

//! `external_id_hash` (RFC 8844).

use super::*;

/// The row of `external_id_hash`.
pub const EXTENSION: Extension = Extension {
    code: 55,
    name: "external_id_hash",
    reference: "RFC 8844",
    recommended: Recommended::Yes,
    about: "Binds the handshake to the identity with which a call was set up, to prevent unknown key-share \
            attacks.",
    places: &[ClientHello, ServerHello12, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.opaque("binding_hash", LengthPrefix::U8)?;
    Ok(())
}

//! `external_session_id` (RFC 8844).

use super::*;

/// The row of `external_session_id`.
pub const EXTENSION: Extension = Extension {
    code: 56,
    name: "external_session_id",
    reference: "RFC 8844",
    recommended: Recommended::Yes,
    about: "Binds the handshake to the session with which a call was set up, to prevent unknown key-share \
            attacks.",
    places: &[ClientHello, ServerHello12, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.opaque("session_id", LengthPrefix::U8)?;
    Ok(())
}

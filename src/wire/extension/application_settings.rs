//! `application_settings` (draft-vvv-tls-alps-01).

use super::*;

/// The row of `application_settings`.
pub const EXTENSION: Extension = Extension {
    code: 17613,
    name: "application_settings",
    reference: "draft-vvv-tls-alps-01",
    recommended: Recommended::No,
    about: "ALPS: settings of the application protocol, e.g. HTTP/2's, exchanged within the handshake. \
            Chrome offers it; it is not a standard. The client lists the protocols for which it supports \
            this.",
    places: &[ClientHello, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    supported(d, place)
}

/// The list of protocols in a ClientHello; the settings themselves in EncryptedExtensions.
pub(super) fn supported(d: &mut Dissector<'_>, place: Place) -> Read<()> {
    if place == ClientHello {
        d.vector("supported_protocols", LengthPrefix::U16, |d| {
            while !d.is_empty() {
                d.opaque_text("ProtocolName", LengthPrefix::U8)?;
            }
            Ok(())
        })?;
    } else if !d.is_empty() {
        d.rest("settings");
    }
    Ok(())
}

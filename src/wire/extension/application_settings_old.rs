//! `application_settings (old)` (draft-vvv-tls-alps-00).

use super::*;

/// The row of `application_settings (old)`.
pub const EXTENSION: Extension = Extension {
    code: 17513,
    name: "application_settings (old)",
    reference: "draft-vvv-tls-alps-00",
    recommended: Recommended::No,
    about: "ALPS: settings of the application protocol, e.g. HTTP/2's, exchanged within the handshake. \
            Chrome offers it; it is not a standard. The client lists the protocols for which it supports \
            this.",
    places: &[ClientHello, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    application_settings::supported(d, place)
}

//! `cert_type` (RFC 6091).

use super::*;
use crate::wire::codepoints::CERTIFICATE_TYPES;

/// The row of `cert_type`.
pub const EXTENSION: Extension = Extension {
    code: 9,
    name: "cert_type",
    reference: "RFC 6091",
    recommended: Recommended::Yes,
    about: "Allows OpenPGP keys in place of X.509 certificates. Replaced by client_certificate_type and \
            server_certificate_type.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if place == ClientHello {
        d.codes8("certificate_types", "certificate_type", LengthPrefix::U8, &CERTIFICATE_TYPES)?;
    } else {
        d.code8("certificate_type", &CERTIFICATE_TYPES)?;
    }
    Ok(())
}

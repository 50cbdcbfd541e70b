//! `client_certificate_type` (RFC 7250, section 3).

use super::*;
use crate::wire::Direction;
use crate::wire::codepoints::CERTIFICATE_TYPES;

/// The row of `client_certificate_type`.
pub const EXTENSION: Extension = Extension {
    code: 19,
    name: "client_certificate_type",
    reference: "RFC 7250, section 3",
    recommended: Recommended::Yes,
    about: "Negotiates the type of the client's certificate: X.509 as usual, or a raw public key that the \
            peer already knows. This spares small devices the processing of X.509 certificates.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    if place == ClientHello {
        d.codes8("client_certificate_types", "certificate_type", LengthPrefix::U8, &CERTIFICATE_TYPES)?;
    } else {
        facts.certificate_types[Direction::Client.index()] =
            d.code8("client_certificate_type", &CERTIFICATE_TYPES)?;
    }
    Ok(())
}

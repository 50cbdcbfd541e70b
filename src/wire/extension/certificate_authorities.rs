//! `certificate_authorities` (RFC 8446, section 4.2.4).

use super::*;
use crate::wire::asn1::name;

/// The row of `certificate_authorities`.
pub const EXTENSION: Extension = Extension {
    code: 47,
    name: "certificate_authorities",
    reference: "RFC 8446, section 4.2.4",
    recommended: Recommended::Yes,
    about: "The names of the CAs whose certificates the sender accepts, so that the other side can choose \
            a suitable one.",
    places: &[ClientHello, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    let list = authorities(d)?;
    if place == CertificateRequest {
        facts.certificate_request_authorities = Some(facts.span(list));
    }
    Ok(())
}

/// A list of distinguished names with its length, and the range without it.
pub fn authorities(d: &mut Dissector<'_>) -> Read<std::ops::Range<usize>> {
    d.vector("certificate_authorities", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.vector("DistinguishedName", LengthPrefix::U16, name)?;
        }
        Ok(())
    })
}

//! `oid_filters` (RFC 8446, section 4.2.5).

use super::*;
use crate::wire::asn1::any;

/// The row of `oid_filters`.
pub const EXTENSION: Extension = Extension {
    code: 48,
    name: "oid_filters",
    reference: "RFC 8446, section 4.2.5",
    recommended: Recommended::Yes,
    about: "The server states which extensions, with which values, a client certificate must have, e.g. a \
            certain key usage.",
    places: &[CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.vector("filters", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("OIDFilter", |d| {
                d.vector("certificate_extension_oid", LengthPrefix::U8, any)?;
                d.vector("certificate_extension_values", LengthPrefix::U16, any)?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

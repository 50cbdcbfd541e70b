//! SupplementalData (RFC 4680).

use super::*;
use crate::wire::codepoints::SUPPLEMENTAL_DATA_TYPES;

/// The row of SupplementalData.
pub static MESSAGE: MessageType = MessageType {
    code: 23,
    name: "SupplementalData",
    iana: "supplemental_data",
    reference: "RFC 4680, section 2",
    about: "TLS 1.2 and earlier: further data that an application wants to exchange within the handshake, \
            e.g. which user the client acts for. Hardly ever seen.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.vector("supp_data", LengthPrefix::U24, |d| {
        while !d.is_empty() {
            d.group("SupplementalDataEntry", |d| {
                d.code("supp_data_type", &SUPPLEMENTAL_DATA_TYPES)?;
                d.opaque("data", LengthPrefix::U16)?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

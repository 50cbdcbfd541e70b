//! `transparency_info` (RFC 9162, section 6.4).

use super::*;

/// The row of `transparency_info`.
pub const EXTENSION: Extension = Extension {
    code: 52,
    name: "transparency_info",
    reference: "RFC 9162, section 6.4",
    recommended: Recommended::Yes,
    about: "Version 2 of Certificate Transparency: timestamps and proofs of logs, as TransItems. Hardly deployed; see signed_certificate_timestamp for the version in use.",
    places: &[ClientHello, ServerHello12, Certificate, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if matches!(place, ClientHello | CertificateRequest) {
        return Ok(());
    }
    d.vector("trans_item_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.vector("SerializedTransItem", LengthPrefix::U16, |d| {
                d.u16("versioned_type")?;
                d.rest("data");
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

//! CertificateURL (RFC 6066, section 5).

use super::*;

/// The row of CertificateURL.
pub static MESSAGE: MessageType = MessageType {
    code: 21,
    name: "CertificateURL",
    iana: "certificate_url",
    reference: "RFC 6066, section 5",
    about: "TLS 1.2 and earlier: the client states where its certificate can be fetched, in place of the \
            certificate. Servers that fetch any URL they are given are easily abused, so it is hardly ever \
            seen.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    let kind = d.u8("type")?;
    match kind {
        0 => d.note(|| "individual_certs".into()),
        1 => d.note(|| "pkipath".into()),
        _ => d.wrong("type", Wrong::Illegal("must be 0 or 1")),
    }
    d.vector("url_and_hash_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("URLAndHash", |d| {
                d.opaque_text("url", LengthPrefix::U16)?;
                d.u8("padding")?;
                d.bytes("SHA1Hash", 20)?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

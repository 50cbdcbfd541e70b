//! Certificates in a PKCS #7 SignedData (RFC 2315, section 9.1; RFC 5652, section 5.1), as CAs publish them.

use super::der::{INTEGER, SEQUENCE, SET, constructed};
use super::oid;
use super::read::{content, each, element, expect, object_identifier, peek};
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};

/// DER of the first `limit` certificates in a ContentInfo of SignedData.
pub fn certificates(bytes: &[u8], limit: usize) -> Result<Vec<&[u8]>, Malformed> {
    let (read, problems) = Dissector::facts(bytes, "ContentInfo", |d| content_info(d, limit));
    match (read.flatten(), problems.first()) {
        (Some(certificates), None) => Ok(certificates),
        _ => Err(super::first(&problems, "ContentInfo")),
    }
}

fn content_info<'a>(d: &mut Dissector<'a>, limit: usize) -> Read<Option<Vec<&'a [u8]>>> {
    let content = expect(d, "ContentInfo", SEQUENCE, |d| {
        let at = d.pos();
        if object_identifier(d, "contentType")? != oid::SIGNED_DATA {
            let kind = Wrong::Illegal("PKCS #7 content other than SignedData");
            return Err(Malformed { field: "contentType", offset: at, kind });
        }
        expect(d, "content", constructed(0), |d| expect(d, "SignedData", SEQUENCE, |d| signed_data(d, limit)))
    })?;
    Ok(content.flatten().flatten())
}

fn signed_data<'a>(d: &mut Dissector<'a>, limit: usize) -> Read<Vec<&'a [u8]>> {
    let mut out = Vec::new();
    expect(d, "version", INTEGER, |d| content(d, "version"))?;
    expect(d, "digestAlgorithms", SET, |d| content(d, "digestAlgorithms"))?;
    expect(d, "contentInfo", SEQUENCE, |d| content(d, "contentInfo"))?;
    expect(d, "certificates", constructed(0), |d| {
        each(d, |d| {
            let certificate = peek(d, "Certificate")?;
            element(d, "Certificate", |d, _| content(d, "Certificate"))?;
            out.extend(Some(certificate.raw).filter(|_| out.len() < limit));
            Ok(())
        })
    })?;
    // Signers, of which there are none.
    content(d, "signerInfos")?;
    Ok(out)
}

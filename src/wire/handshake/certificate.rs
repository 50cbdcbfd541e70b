//! Certificate (RFC 8446, section 4.4.2; RFC 5246, section 7.4.2).

use std::ops::Range;

use super::*;
use crate::wire::asn1;
use crate::wire::codepoints::certificate::RAW_PUBLIC_KEY;
use crate::wire::extension::{self, Place};
use crate::wire::facts::CertificateList;

/// The row of Certificate.
pub static MESSAGE: MessageType = MessageType {
    code: 11,
    name: "Certificate",
    iana: "certificate",
    reference: "RFC 8446, section 4.4.2; RFC 5246, section 7.4.2",
    about: "The sender's certificate, followed by the CA certificates that lead from it to a root that the \
            other side trusts, each signed by the next. It proves nothing yet: anybody can send a copy. \
            The proof is the signature made with its key, in CertificateVerify or ServerKeyExchange.",
    body,
};

fn body(d: &mut Dissector<'_>, direction: Direction, facts: &mut Facts) -> Read<()> {
    if facts.is_tls13() { tls13(d, direction, facts) } else { tls12(d, direction, facts) }
}

/// Dissects the body of a Certificate message of TLS 1.3 that came compressed: `bytes` is what the compressed bytes
/// unpacked to, without a header (RFC 8879, section 4).
pub fn dissect_certificate_body(
    bytes: &[u8],
    direction: Direction,
    facts: &mut Facts,
    tree: bool,
) -> Dissected {
    Dissector::new(bytes, tree).dissected(MESSAGE.name, |d| tls13(d, direction, facts))
}

fn tls13(d: &mut Dissector<'_>, direction: Direction, facts: &mut Facts) -> Read<()> {
    d.opaque("certificate_request_context", LengthPrefix::U8)?;
    let mut first = true;
    let list = d.vector("certificate_list", LengthPrefix::U24, |d| {
        while !d.is_empty() {
            d.group("CertificateEntry", |d| {
                certificate(d, direction, facts)?;
                // The facts are about the server's own certificate, not about those of its CAs.
                let (ocsp, scts) = (facts.ocsp_response, facts.scts);
                let read = extension::list(d, Place::Certificate, facts);
                if !first || direction == Direction::Client {
                    (facts.ocsp_response, facts.scts) = (ocsp, scts);
                }
                first = false;
                read.map(drop)
            })?;
        }
        Ok(())
    })?;
    facts.certificates[direction.index()] = Some(CertificateList { list: facts.span(list), tls13: true });
    Ok(())
}

fn tls12(d: &mut Dissector<'_>, direction: Direction, facts: &mut Facts) -> Read<()> {
    if direction == Direction::Server {
        facts.abbreviated = false;
    }
    // A raw public key stands alone, in place of the list (RFC 7250, section 3).
    if facts.certificate_types[direction.index()] == RAW_PUBLIC_KEY {
        let start = d.pos();
        d.vector("ASN.1_subjectPublicKeyInfo", LengthPrefix::U24, asn1::public_key)?;
        let list = facts.span(start..d.pos());
        facts.certificates[direction.index()] = Some(CertificateList { list, tls13: false });
        return Ok(());
    }
    let list = d.vector("certificate_list", LengthPrefix::U24, |d| {
        while !d.is_empty() {
            certificate(d, direction, facts)?;
        }
        Ok(())
    })?;
    facts.certificates[direction.index()] = Some(CertificateList { list: facts.span(list), tls13: false });
    Ok(())
}

fn certificate(d: &mut Dissector<'_>, direction: Direction, facts: &Facts) -> Read<()> {
    if facts.certificate_types[direction.index()] == RAW_PUBLIC_KEY {
        d.vector("ASN1_subjectPublicKeyInfo", LengthPrefix::U24, asn1::public_key)?;
    } else {
        d.vector("cert_data", LengthPrefix::U24, asn1::certificate)?;
    }
    Ok(())
}

/// The `certificate_list` of a Certificate's body, as far as it is there.
pub fn list(body: &[u8], tls13: bool) -> Option<&[u8]> {
    let context = if tls13 { 1 + usize::from(*body.first()?) } else { 0 };
    let (head, list) = body.get(context..)?.split_first_chunk::<3>()?;
    let len = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
    Some(list.get(..len).unwrap_or(list))
}

/// Where each certificate's DER lies in the bytes of a `certificate_list`. Stops where the list is malformed.
pub fn entries(list: &[u8], tls13: bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let head = list.get(at..)?.first_chunk::<3>()?;
        let start = at + 3;
        let end = start + (usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]));
        list.get(start..end)?;
        at = end;
        if tls13 {
            // A last entry without its extensions still has its certificate.
            let extensions = list.get(at..).and_then(<[u8]>::first_chunk::<2>);
            at += extensions.map_or(list.len(), |len| 2 + usize::from(u16::from_be_bytes(*len)));
        }
        Some(start..end)
    })
}

/// The extensions of TLS 1.3 behind each certificate, without their length, as `entries` counts them.
pub fn extensions(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    entries(list, true).map(move |entry| {
        let behind = list.get(entry.end..).unwrap_or_default();
        let len = behind.first_chunk::<2>().map_or(0, |len| usize::from(u16::from_be_bytes(*len)));
        behind.get(2..2 + len).unwrap_or_default()
    })
}

/// The OCSP response in the content of a status_request extension or of a CertificateStatus (RFC 6066, section 8).
pub fn staple(content: &[u8]) -> Option<&[u8]> {
    match content {
        [1, a, b, c, response @ ..] => {
            let len = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            response.get(..len).filter(|response| !response.is_empty())
        }
        _ => None,
    }
}

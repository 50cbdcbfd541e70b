//! CertificateStatus (RFC 6066, section 8; RFC 6961, section 2.2).

use super::*;
use crate::wire::asn1;
use crate::wire::codepoints::CERTIFICATE_STATUS_TYPES;
use crate::wire::codepoints::certificate::{OCSP, OCSP_MULTI};

/// The row of CertificateStatus.
pub static MESSAGE: MessageType = MessageType {
    code: 22,
    name: "CertificateStatus",
    iana: "certificate_status",
    reference: "RFC 6066, section 8",
    about: "TLS 1.2 and earlier: an OCSP response that the server fetched from its CA, the CA's signed, \
            timestamped statement that the certificate is not revoked. The client need not ask the CA \
            itself.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    status(d, facts)
}

/// A `CertificateStatus`, which TLS 1.3 has in an extension of the same form.
pub fn status(d: &mut Dissector<'_>, facts: &mut Facts) -> Read<()> {
    match d.code8("status_type", &CERTIFICATE_STATUS_TYPES)? {
        OCSP => {
            let response = d.vector("OCSPResponse", LengthPrefix::U24, asn1::ocsp_response)?;
            facts.ocsp_response = Some(facts.span(response));
        }
        OCSP_MULTI => {
            let mut leaf = None;
            d.vector("ocsp_response_list", LengthPrefix::U24, |d| {
                while !d.is_empty() {
                    let response = d.vector("OCSPResponse", LengthPrefix::U24, |d| {
                        // A certificate without a response has an empty one.
                        if d.is_empty() { Ok(()) } else { asn1::ocsp_response(d) }
                    })?;
                    leaf.get_or_insert(response);
                }
                Ok(())
            })?;
            facts.ocsp_response = leaf.filter(|leaf| !leaf.is_empty()).map(|leaf| facts.span(leaf));
        }
        _ => {
            if !d.is_empty() {
                d.rest("response");
            }
        }
    }
    Ok(())
}

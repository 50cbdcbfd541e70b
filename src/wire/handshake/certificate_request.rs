//! CertificateRequest (RFC 8446, section 4.3.2; RFC 5246, section 7.4.4).

use super::*;
use crate::wire::codepoints::{CLIENT_CERTIFICATE_TYPES, ProtocolVersion, SIGNATURE_SCHEMES};
use crate::wire::extension::{self, Place, certificate_authorities};

/// The row of CertificateRequest.
pub static MESSAGE: MessageType = MessageType {
    code: 13,
    name: "CertificateRequest",
    iana: "certificate_request",
    reference: "RFC 8446, section 4.3.2; RFC 5246, section 7.4.4",
    about: "The server asks the client to present a certificate as well, and states which signature \
            schemes it can verify and, often, which CAs it trusts. A client without a suitable certificate \
            answers with an empty list, and the server decides whether to continue.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    facts.certificate_request_types = None;
    (facts.certificate_request_schemes, facts.certificate_request_authorities) = (None, None);
    if facts.is_tls13() {
        let context = d.opaque("certificate_request_context", LengthPrefix::U8)?;
        facts.certificate_request = Some(facts.span(d.behind(context.len())));
        extension::list(d, Place::CertificateRequest, facts)?;
        return Ok(());
    }
    facts.certificate_request = Some(facts.span(d.pos()..d.pos()));
    let types =
        d.codes8("certificate_types", "certificate_type", LengthPrefix::U8, &CLIENT_CERTIFICATE_TYPES)?;
    facts.certificate_request_types = Some(facts.span(types));
    if facts.version.is_none_or(|version| version >= ProtocolVersion::TLS_1_2) {
        let list = d.codes(
            "supported_signature_algorithms",
            "signature_scheme",
            LengthPrefix::U16,
            &SIGNATURE_SCHEMES,
        )?;
        facts.certificate_request_schemes = Some(facts.span(list));
    }
    let list = certificate_authorities::authorities(d)?;
    facts.certificate_request_authorities = Some(facts.span(list));
    Ok(())
}

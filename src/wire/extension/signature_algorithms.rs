//! `signature_algorithms` (RFC 8446, section 4.2.3; RFC 5246, section 7.4.1.4.1).

use super::*;
use crate::wire::codepoints::SIGNATURE_SCHEMES;

/// The row of `signature_algorithms`.
pub const EXTENSION: Extension = Extension {
    code: 13,
    name: "signature_algorithms",
    reference: "RFC 8446, section 4.2.3; RFC 5246, section 7.4.1.4.1",
    recommended: Recommended::Yes,
    about: "The signature schemes that the sender can verify, in order of preference. They apply to the \
            signature over the handshake, and to those in certificates too unless \
            signature_algorithms_cert says otherwise. A server without a suitable certificate usually \
            aborts with handshake_failure.",
    places: &[ClientHello, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    let list =
        d.codes("supported_signature_algorithms", "signature_scheme", LengthPrefix::U16, &SIGNATURE_SCHEMES)?;
    let span = Some(facts.span(list));
    match (place, &mut facts.client) {
        (ClientHello, Some(client)) => client.signature_algorithms = span,
        (CertificateRequest, _) => facts.certificate_request_schemes = span,
        _ => {}
    }
    Ok(())
}

/// The content: the schemes, best first.
pub fn write(schemes: &[u16]) -> Result<Vec<u8>, TooLong> {
    written(|w| w.codes("supported_signature_algorithms", LengthPrefix::U16, schemes))
}

//! CertificateVerify (RFC 8446, section 4.4.3; RFC 5246, section 7.4.8).

use super::*;
use crate::wire::codepoints::signature::pair;
use crate::wire::codepoints::{ProtocolVersion, SIGNATURE_SCHEMES, SignatureScheme};
use crate::wire::facts::Signature;

/// The row of CertificateVerify.
pub static MESSAGE: MessageType = MessageType {
    code: 15,
    name: "CertificateVerify",
    iana: "certificate_verify",
    reference: "RFC 8446, section 4.4.3; RFC 5246, section 7.4.8",
    about: "A signature over the whole handshake so far, made with the private key that belongs to the \
            sender's certificate. Anybody can copy a certificate, but not this signature, and it cannot be \
            reused on another connection either.",
    body,
};

fn body(d: &mut Dissector<'_>, direction: Direction, facts: &mut Facts) -> Read<()> {
    facts.certificate_verify[direction.index()] = Some(signature(d, facts)?);
    Ok(())
}

/// A `DigitallySigned`: its scheme from TLS 1.2 on, and the signature.
pub(super) fn signature(d: &mut Dissector<'_>, facts: &Facts) -> Read<Signature> {
    // Whoever did not see the ServerHello is better off with the form of today.
    let scheme = if facts.version.is_none_or(|version| version >= ProtocolVersion::TLS_1_2) {
        let scheme = SignatureScheme(d.code("algorithm", &SIGNATURE_SCHEMES)?);
        if facts.version == Some(ProtocolVersion::TLS_1_2)
            && let Some((hash, signature)) = pair(scheme)
        {
            d.note(|| format!("TLS 1.2 reads it as hash {hash}, signature {signature}").into());
        }
        Some(scheme)
    } else {
        None
    };
    let bytes = d.opaque("signature", LengthPrefix::U16)?;
    Ok(Signature { scheme, signature: facts.span(d.behind(bytes.len())) })
}

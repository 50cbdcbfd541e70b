//! `delegated_credential` (RFC 9345, section 4).

use super::*;
use crate::wire::asn1::public_key;
use crate::wire::codepoints::SIGNATURE_SCHEMES;

/// The row of `delegated_credential`.
pub const EXTENSION: Extension = Extension {
    code: 34,
    name: "delegated_credential",
    reference: "RFC 9345, section 4",
    recommended: Recommended::Yes,
    about: "Lets the owner of a certificate sign a short-lived key, e.g. for a content delivery network, \
            so that the network never has the certificate's private key. The client lists the schemes that \
            it accepts; the server sends the credential with its certificate.",
    places: &[ClientHello, CertificateRequest, Certificate],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if place != Certificate {
        d.codes("supported_signature_algorithms", "signature_scheme", LengthPrefix::U16, &SIGNATURE_SCHEMES)?;
        return Ok(());
    }
    d.group("cred", |d| {
        let seconds = d.u32("valid_time")?;
        d.note(|| format!("{} hours after the certificate's notBefore", seconds / 3600).into());
        d.code("dc_cert_verify_algorithm", &SIGNATURE_SCHEMES)?;
        d.vector("ASN1_subjectPublicKeyInfo", LengthPrefix::U24, public_key)?;
        Ok(())
    })?;
    d.code("algorithm", &SIGNATURE_SCHEMES)?;
    d.opaque("signature", LengthPrefix::U16)?;
    Ok(())
}

//! `signature_algorithms_cert` (RFC 8446, section 4.2.3).

use super::*;
use crate::wire::codepoints::SIGNATURE_SCHEMES;

/// The row of `signature_algorithms_cert`.
pub const EXTENSION: Extension = Extension {
    code: 50,
    name: "signature_algorithms_cert",
    reference: "RFC 8446, section 4.2.3",
    recommended: Recommended::Yes,
    about: "The signature schemes that the sender can verify in certificates, where they differ from those for the handshake itself.",
    places: &[ClientHello, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.codes("supported_signature_algorithms", "signature_scheme", LengthPrefix::U16, &SIGNATURE_SCHEMES)?;
    Ok(())
}

//! `signed_certificate_timestamp` (RFC 6962, section 3.3.1).

use super::*;
use crate::wire::sct;

/// The row of `signed_certificate_timestamp`.
pub const EXTENSION: Extension = Extension {
    code: 18,
    name: "signed_certificate_timestamp",
    reference: "RFC 6962, section 3.3.1",
    recommended: Recommended::No,
    about: "Signed statements of Certificate Transparency logs that they will publish the certificate, so \
            that misissued certificates are discovered. Most certificates contain them; with this \
            extension the server sends them separately.",
    places: &[ClientHello, ServerHello12, Certificate, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    // The client asks with an empty one.
    if matches!(place, ClientHello | CertificateRequest) {
        return Ok(());
    }
    let list = sct::list(d, |_| {})?;
    facts.scts = Some(facts.span(list));
    Ok(())
}

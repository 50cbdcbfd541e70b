//! `trust_anchors` (draft-ietf-tls-trust-anchor-ids).

use super::*;

/// The row of `trust_anchors`.
pub const EXTENSION: Extension = Extension {
    code: 51764,
    name: "trust_anchors",
    reference: "draft-ietf-tls-trust-anchor-ids",
    recommended: Recommended::No,
    about: "Short identifiers of the CAs that the client trusts, so that a server with several chains can send one that will be accepted.",
    places: &[ClientHello, EncryptedExtensions, Certificate, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if place == Certificate {
        return Ok(());
    }
    d.vector("trust_anchors", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.opaque("TrustAnchorID", LengthPrefix::U8)?;
        }
        Ok(())
    })?;
    Ok(())
}

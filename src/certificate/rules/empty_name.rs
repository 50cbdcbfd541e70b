//! Names that have to be there.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.empty_name",
    title: "Empty issuer or subject name",
    about: "Every issuer and every CA must have a name, or chains could not be built. Only a leaf may have \
            an empty subject, if its subjectAltName is marked critical.",
    reference: "RFC 5280, section 4.1.2.4, 4.1.2.6 and 4.2.1.6",
    part: Part::Other,
    webpki: Webpki::Absent("webpki compares names as bytes and does not look into them"),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            let range = |name: &crate::wire::asn1::name::Name<'_>| Some(name.at..name.at + name.raw.len());
            if certificate.issuer.is_empty() {
                out.flaw(
                    node,
                    range(&certificate.issuer),
                    format!("the issuer's name in {} is empty", chain.call(node)),
                );
            }
            if !certificate.subject.is_empty() {
                continue;
            }
            if certificate.is_ca() {
                out.fails(node, range(&certificate.subject), "a CA has an empty subject");
            } else if certificate
                .extensions
                .find(oid::SUBJECT_ALT_NAME)
                .is_some_and(|extension| !extension.critical)
            {
                out.flaw(
                    node,
                    range(&certificate.subject),
                    "the subject is empty, but subjectAltName is not critical",
                );
            }
        }
        out.holds_unless_said();
    },
};

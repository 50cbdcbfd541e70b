//! Names that have to be there.

use super::{Part, Rule, Webpki};
use crate::wire::x509::oid;

pub const RULE: Rule = Rule {
    id: "cert.empty_name",
    title: "A name that must be there is empty",
    about: "An issuer has a name, and so has every authority, or chains could not be built. \
            Only a leaf may have an empty subject, if its subjectAltName is marked critical.",
    reference: "RFC 5280, section 4.1.2.4, 4.1.2.6 and 4.2.1.6",
    part: Part::Other,
    webpki: Webpki::Absent("webpki compares names as bytes and does not ask what they say"),
    check: |case, report| {
        for (node, certificate) in case.below_anchor() {
            let range = |name: &crate::wire::x509::name::Name<'_>| Some(name.at..name.at + name.raw.len());
            if certificate.issuer.is_empty() {
                report.flaw(
                    node,
                    range(&certificate.issuer),
                    format!("the issuer's name in {} is empty", case.call(node)),
                );
            }
            if !certificate.subject.is_empty() {
                continue;
            }
            if certificate.is_ca() {
                report.fails(node, range(&certificate.subject), "an authority has an empty subject");
            } else if certificate
                .extension(oid::SUBJECT_ALT_NAME)
                .is_some_and(|extension| !extension.critical)
            {
                report.flaw(
                    node,
                    range(&certificate.subject),
                    "the subject is empty, but subjectAltName is not critical",
                );
            }
        }
        report.holds_unless_said();
    },
};

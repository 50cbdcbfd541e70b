//! One of a kind.

use super::{Part, Rule, Webpki};
use crate::wire::x509::oid;

pub const RULE: Rule = Rule {
    id: "cert.duplicate_extension",
    title: "An extension stands there twice",
    about: "A certificate must not have the same extension more than once: one client would take the first, another the last, \
            and both would judge a different certificate.",
    reference: "RFC 5280, section 4.2",
    part: Part::Usage,
    webpki: Webpki::Differs("webpki notices it for the extensions that it evaluates"),
    check: |case, report| {
        for (node, certificate) in case.below_anchor() {
            for (index, extension) in certificate.extensions.iter().enumerate() {
                if certificate.extensions.iter().take(index).any(|earlier| earlier.oid == extension.oid) {
                    report.fails(
                        node,
                        Some(extension.range()),
                        format!("{} has {} twice", case.call(node), oid::extension(extension.oid)),
                    );
                }
            }
        }
        report.holds_unless_said();
    },
};

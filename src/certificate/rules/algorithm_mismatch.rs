//! The algorithm is named twice.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "cert.algorithm_mismatch",
    title: "The signature's algorithm is named differently inside and outside",
    about: "A certificate names its signature algorithm twice: once in what is signed, once beside the signature. \
            Both must be the same, so that nobody can swap the unprotected one for something weaker.",
    reference: "RFC 5280, section 4.1.1.2",
    part: Part::Signatures,
    webpki: Webpki::Same,
    check: |case, report| {
        for (node, certificate) in case.below_anchor() {
            if certificate.tbs_algorithm.raw != certificate.algorithm.raw {
                report.fails(
                    node,
                    Some(certificate.algorithm.range()),
                    format!("{}: the algorithm inside is not the one beside the signature", case.call(node)),
                );
            }
        }
        report.holds_unless_said();
    },
};

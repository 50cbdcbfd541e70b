//! The algorithm is named twice.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "cert.algorithm_mismatch",
    title: "Signature algorithms of a certificate differ",
    about: "A certificate names its signature algorithm twice: inside the signed part, and beside the \
            signature. Both must be the same, so that nobody can replace the unprotected one with a weaker \
            algorithm.",
    reference: "RFC 5280, section 4.1.1.2",
    part: Part::Signatures,
    webpki: Webpki::Same,
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            if certificate.tbs_algorithm.raw != certificate.algorithm.raw {
                out.fails(
                    node,
                    Some(certificate.algorithm.range()),
                    format!(
                        "{}: the signed signature algorithm differs from the one beside the signature",
                        chain.call(node)
                    ),
                );
            }
        }
        out.holds_unless_said();
    },
};

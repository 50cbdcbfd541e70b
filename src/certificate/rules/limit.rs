//! Bounds on what is looked at.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "chain.limit",
    title: "The chain is larger than is looked at",
    about: "A chain can be built so that examining it takes hours: a hundred certificates that sign each other, ten thousand names, \
            constraints upon constraints. Work is bounded, and what lies beyond the bounds was not looked at. \
            No ordinary chain comes near them.",
    reference: "RFC 5280, section 8",
    part: Part::Other,
    webpki: Webpki::Differs(
        "webpki has bounds of its own: six intermediates, a hundred signatures, 64 KiB a certificate",
    ),
    check: |case, report| {
        let limits = &case.question.limits;
        let sent = case.sent.certificates.len();
        if sent > limits.chain {
            report.fails_whole(format!(
                "{sent} certificates were sent; the first {} were looked at",
                limits.chain
            ));
        }
        if case.graph.exhausted() {
            report.fails_whole(format!(
                "the search for a path was ended after {} steps or {} signatures",
                limits.path_steps, limits.signatures
            ));
        }
        for &node in &case.judged {
            let Some(certificate) = case.graph.certificate(node) else { continue };
            if certificate.alt_names_cut {
                let range = certificate.extension_range(crate::wire::x509::oid::SUBJECT_ALT_NAME);
                report.fails(
                    node,
                    range,
                    format!("{} has more than {} names", case.call(node), limits.names),
                );
            }
        }
    },
};

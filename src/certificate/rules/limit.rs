//! Bounds on what is looked at.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "chain.limit",
    title: "Chain too large to examine completely",
    about: "A chain can be built so that examining it takes hours: a hundred certificates that sign each \
            other, ten thousand names, constraints upon constraints. The work is therefore limited, and \
            whatever exceeds the limits was not examined. No ordinary chain comes near them.",
    reference: "RFC 5280, section 8",
    part: Part::Other,
    webpki: Webpki::Differs(
        "webpki has its own limits: six intermediates, a hundred signatures, 64 KiB per certificate",
    ),
    check: |chain, out| {
        let limits = &chain.question.limits;
        let sent = chain.sent.certificates.len();
        if sent > limits.chain {
            out.fails_whole(format!(
                "{sent} certificates were sent; only the first {} were examined",
                limits.chain
            ));
        }
        if chain.graph.exhausted() {
            out.fails_whole(format!(
                "the search for a path was stopped after {} steps or {} signatures",
                limits.path_steps, limits.signatures
            ));
        }
        for &node in &chain.judged {
            let Some(certificate) = chain.graph.certificate(node) else { continue };
            if certificate.extensions.alt_names_cut {
                let range = certificate.extension_range(crate::wire::asn1::oid::SUBJECT_ALT_NAME);
                out.fails(node, range, format!("{} has more than {} names", chain.call(node), limits.names));
            }
            if certificate.extensions.cut {
                let range = certificate.extensions_field.map(|field| field.range());
                out.fails(
                    node,
                    range,
                    format!("{} has more than {} extensions", chain.call(node), limits.extensions),
                );
            }
        }
    },
};

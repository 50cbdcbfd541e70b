//! Bounds on what is looked at.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
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
    check: |chain, out| {
        let limits = &chain.question.limits;
        let sent = chain.sent.certificates.len();
        if sent > limits.chain {
            out.fails_whole(format!(
                "{sent} certificates were sent; the first {} were looked at",
                limits.chain
            ));
        }
        if chain.graph.exhausted() {
            out.fails_whole(format!(
                "the search for a path was ended after {} steps or {} signatures",
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

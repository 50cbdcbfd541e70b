//! The same certificate twice.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "chain.duplicate",
    title: "Certificate sent twice",
    about: "The list contains the same certificate more than once. That costs bytes in every handshake and \
            has no benefit; often the leaf is both in the certificate file and in the chain file.",
    reference: "RFC 8446, section 4.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("it changes nothing about the path"),
    check: |chain, out| {
        let sent = &chain.sent.certificates;
        let looked_at = chain.graph.nodes.iter().filter(|node| node.sent().is_some()).count();
        for (place, der) in sent.iter().enumerate().take(looked_at) {
            if let Some(first) = sent.iter().take(place).position(|earlier| earlier == der) {
                out.remark(
                    place,
                    None,
                    format!("certificate {} is the same as certificate {}", place + 1, first + 1),
                );
            }
        }
        if sent.len() > 1 && !out.said() {
            out.holds_flaw();
        }
    },
};

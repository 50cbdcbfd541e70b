//! The order of the list as sent.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "chain.order",
    title: "Certificates not sent in order",
    about: "The leaf comes first, and each following certificate has signed the one before it. TLS 1.2 \
            requires this order; TLS 1.3 recommends it and expects clients to handle any other. Most \
            clients sort the list themselves, but simple ones fail. Concatenate the files in the order \
            leaf, intermediates.",
    reference: "RFC 5246, section 7.4.2; RFC 8446, section 4.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("webpki takes the certificates behind the leaf as a set"),
    check: |chain, out| {
        let sent: Vec<usize> = chain
            .judged
            .iter()
            .copied()
            .filter_map(|node| {
                let place = chain.graph.element_of(node);
                chain.graph.node(place)?.sent().map(|_| place)
            })
            .collect();
        if chain.sent.certificates.len() < 2 {
            return;
        }
        match sent.windows(2).find(|pair| matches!(pair, [one, two] if two < one)) {
            Some(&[one, two]) => out.flaw(
                two,
                None,
                format!("{} was sent before {}, which it signed", chain.call(two), chain.call(one)),
            ),
            _ => out.holds_flaw(),
        }
    },
};

//! The order of the list as sent.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "chain.order",
    title: "The certificates were not sent in order",
    about: "The leaf comes first, and each following certificate vouches for the one before it. TLS 1.2 demands it; TLS 1.3 asks for it \
            and expects clients to cope. Most sort the list by themselves, but simple ones fail. \
            Concatenate the files in the order leaf, intermediates.",
    reference: "RFC 5246, section 7.4.2; RFC 8446, section 4.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("webpki takes the certificates behind the leaf as a set"),
    check: |case, report| {
        let sent: Vec<usize> = case
            .judged
            .iter()
            .copied()
            .filter_map(|node| {
                let place = case.element_of(node);
                case.graph.node(place)?.sent().map(|_| place)
            })
            .collect();
        if case.sent.certificates.len() < 2 {
            return;
        }
        match sent.windows(2).find(|pair| matches!(pair, [one, two] if two < one)) {
            Some(&[one, two]) => report.flaw(
                two,
                None,
                format!("{} was sent before {}, for which it vouches", case.call(two), case.call(one)),
            ),
            _ => report.holds_flaw(),
        }
    },
};

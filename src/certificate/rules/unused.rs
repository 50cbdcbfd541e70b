//! Certificates that nobody needs.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "chain.unused",
    title: "A certificate was sent that is on no path",
    about: "Certificates that do not lie on the way from the leaf to the root cost bytes in every handshake. \
            Some are left over from a former issuer, which is often the trace of a mistake; \
            others are cross-signs for clients with another root.",
    reference: "RFC 8446, section 4.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("it changes nothing about the path"),
    check: |chain, out| {
        if chain.path.is_none() {
            return;
        }
        let used: Vec<usize> = chain.judged.iter().map(|node| chain.graph.element_of(*node)).collect();
        for (place, node) in chain.graph.nodes.iter().enumerate().filter(|(_, node)| node.sent().is_some()) {
            // Roots and duplicates have rules of their own.
            let duplicate = chain.sent.certificates.iter().take(place).any(|earlier| *earlier == node.der);
            let root = node.certificate.as_ref().is_some_and(|it| it.self_issued());
            if used.contains(&place) || duplicate || root || place == 0 {
                continue;
            }
            let issues = used.iter().any(|child| chain.graph.names_match(*child, place));
            let what = if node.unreadable.is_some() {
                "is no certificate"
            } else if issues {
                "is another certificate of an authority on the path (a cross-sign)"
            } else {
                "has nothing to do with the path"
            };
            out.remark(place, None, format!("certificate {} ({}) {what}", place + 1, chain.call(place)));
        }
        if chain.sent.certificates.len() > 1 && !out.said() {
            out.holds_flaw();
        }
    },
};

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
        // Each certificate that is repeated is told once, however often it comes.
        let mut repeated: Vec<(usize, Vec<usize>)> = Vec::new();
        for (place, der) in sent.iter().enumerate().take(looked_at) {
            let Some(first) = sent.iter().take(place).position(|earlier| earlier == der) else { continue };
            match repeated.iter_mut().find(|(of, _)| *of == first) {
                Some((_, places)) => places.push(place),
                None => repeated.push((first, vec![place])),
            }
        }
        for (first, places) in repeated {
            let [place, more @ ..] = &places[..] else { continue };
            let words = match more {
                [] => format!("certificate {} is the same as certificate {}", place + 1, first + 1),
                more => format!(
                    "certificate {} and {} more are the same as certificate {}",
                    place + 1,
                    more.len(),
                    first + 1
                ),
            };
            out.remark(*place, None, words);
        }
        if sent.len() > 1 && !out.said() {
            out.holds_flaw();
        }
    },
};

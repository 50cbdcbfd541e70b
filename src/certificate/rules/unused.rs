//! Certificates that nobody needs.

use super::leaf_not_first::leaf_elsewhere;
use super::{ChainRule, Part, Webpki};
use crate::certificate::graph::Node;
use crate::certificate::validation::Validation;
use crate::wire::asn1::{Certificate, time};

pub const RULE: ChainRule = ChainRule {
    id: "chain.unused",
    title: "Unneeded certificate sent",
    about: "Certificates that are not part of the path from the leaf to the root cost bytes in every \
            handshake. Some are left over from a former issuer, which often points to a mistake; others \
            are cross-signs for clients with another root.",
    reference: "RFC 8446, section 4.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("it changes nothing about the path"),
    check: |chain, out| {
        // Where the leaf is not the first, the path is not the one that is meant.
        if chain.path.is_none() || leaf_elsewhere(chain).is_some() {
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
            let who = format!("certificate {} ({})", place + 1, chain.call(place));
            let issues = used.iter().any(|child| chain.graph.names_match(*child, place));
            match &node.certificate {
                None => out.remark(place, None, format!("{who} is not a certificate")),
                Some(_) if !issues => out.remark(place, None, format!("{who} is not part of the path")),
                Some(it) => match it.not_after.filter(|until| chain.question.at > until.unix) {
                    None => out.remark(place, None, format!("{who} {}", spare(chain, it))),
                    Some(until) => out.flaw(
                        place,
                        Some(it.validity.clone()),
                        format!(
                            "{who} {}, and expired on {}: a client that tries only one path may use it",
                            spare(chain, it),
                            time::date_time(until.unix)
                        ),
                    ),
                },
            }
        }
        if chain.sent.certificates.len() > 1 && !out.said() {
            out.holds_flaw();
        }
    },
};

/// What a certificate is whose subject is a CA on the path, compared with that CA there.
fn spare(chain: &Validation<'_, '_>, certificate: &Certificate<'_>) -> &'static str {
    let on_path = || chain.judged.iter().filter_map(|node| chain.graph.node(*node));
    let same_name = || on_path().filter(|node| node.subject.same(&certificate.subject));
    // Of an anchor the name and the key may be all that is known: it is its own issuer.
    let issuer = |node: &Node<'_>| {
        node.certificate.as_ref().map_or(node.subject, |it| it.issuer).same(&certificate.issuer)
    };
    match same_name().find(|node| node.spki == certificate.spki.raw) {
        Some(node) if issuer(node) => "is another version of a CA certificate on the path",
        Some(_) => "is a CA certificate on the path signed by another issuer (a cross-sign)",
        None if same_name().next().is_none() => "is a CA certificate that the path does not need",
        None => "has the name of a CA on the path, but another key",
    }
}

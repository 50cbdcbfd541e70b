//! A root in the list as sent.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "chain.root_sent",
    title: "Root certificate sent",
    about: "A client trusts a root because it is in its trust store; the copy that the server sends proves \
            nothing. Leaving it out saves about a kilobyte in every handshake.",
    reference: "RFC 8446, section 4.4.2; RFC 5246, section 7.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("it changes nothing about the path"),
    check: |chain, out| {
        for (place, node) in
            chain.graph.nodes.iter().enumerate().filter(|(place, node)| *place > 0 && node.sent().is_some())
        {
            let duplicate = chain.sent.certificates.iter().take(place).any(|earlier| *earlier == node.der);
            if !duplicate
                && node.certificate.as_ref().is_some_and(|it| it.is_ca() && it.self_issued())
                && chain.self_signed(place)
            {
                out.remark(
                    place,
                    None,
                    format!(
                        "{} is a root, which need not be sent ({} bytes)",
                        chain.call(place),
                        node.der.len()
                    ),
                );
            }
        }
        if chain.sent.certificates.len() > 1 && !out.said() {
            out.holds_flaw();
        }
    },
};

//! A root in the list as sent.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "chain.root_sent",
    title: "The root was sent along",
    about: "A client relies on a root because it has it already; the one that the server sends proves nothing. \
            It may be left out, and saves a kilobyte in every handshake.",
    reference: "RFC 8446, section 4.4.2; RFC 5246, section 7.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("it changes nothing about the path"),
    check: |case, report| {
        for (place, node) in
            case.graph.nodes.iter().enumerate().filter(|(place, node)| *place > 0 && node.sent().is_some())
        {
            let duplicate = case.sent.certificates.iter().take(place).any(|earlier| *earlier == node.der);
            if !duplicate
                && node.certificate.as_ref().is_some_and(|it| it.is_ca() && it.self_issued())
                && case.self_signed(place)
            {
                report.remark(
                    place,
                    None,
                    format!(
                        "{} is a root, which need not be sent ({} bytes)",
                        case.call(place),
                        node.der.len()
                    ),
                );
            }
        }
        if case.sent.certificates.len() > 1 && !report.said() {
            report.holds_flaw();
        }
    },
};

//! DER and the ASN.1 of certificates.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "cert.malformed",
    title: "A certificate is not well formed",
    about: "A certificate is a tree of DER elements whose order, tags and lengths are fixed. \
            Bytes that leave that form can be read in different ways by different programs, so clients refuse them. \
            Whoever made the certificate, or the tool that copied it, is at fault; have it issued anew.",
    reference: "RFC 5280, section 4.1; X.690",
    part: Part::Other,
    webpki: Webpki::Differs("webpki reads lazily: a field that it does not need is not looked at"),
    check: |case, report| {
        // Without a path, what could not be read may be what is missing from it.
        let sent =
            (0..case.graph.nodes.len()).filter(|node| case.path.is_none() && !case.judged.contains(node));
        let unreadable = sent.filter(|node| case.graph.node(*node).is_some_and(|it| it.unreadable.is_some()));
        for node in case.judged.iter().copied().chain(unreadable) {
            let Some(it) = case.graph.node(node).filter(|it| it.anchor.is_none()) else { continue };
            if let Some(problem) = it.unreadable {
                report.fails(
                    node,
                    Some(problem.at..it.der.len()),
                    format!("{} is no certificate: {problem}", case.call(node)),
                );
            }
            for problem in it.certificate.iter().flat_map(|certificate| &certificate.problems) {
                report.fails(
                    node,
                    Some(problem.at..problem.at + 1),
                    format!("{}: {problem}", case.call(node)),
                );
            }
        }
        report.holds_unless_said();
    },
};

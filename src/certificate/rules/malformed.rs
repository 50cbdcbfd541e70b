//! DER and the ASN.1 of certificates.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.malformed",
    title: "Malformed certificate",
    about: "A certificate is a tree of DER elements whose order, tags and lengths are fixed. Bytes that \
            deviate from it can be read in different ways by different programs, so clients reject them. \
            The fault is with the issuer, or with a tool that damaged the file; have the certificate \
            reissued.",
    reference: "RFC 5280, section 4.1; X.690",
    part: Part::Other,
    webpki: Webpki::Differs("webpki reads lazily: a field that it does not need is not looked at"),
    check: |chain, out| {
        // Without a path, what could not be read may be what is missing from it.
        let sent =
            (0..chain.graph.nodes.len()).filter(|node| chain.path.is_none() && !chain.judged.contains(node));
        let unreadable =
            sent.filter(|node| chain.graph.node(*node).is_some_and(|it| it.unreadable.is_some()));
        for node in chain.judged.iter().copied().chain(unreadable) {
            let Some(it) = chain.graph.node(node).filter(|it| it.anchor.is_none()) else { continue };
            if let Some(problem) = it.unreadable {
                out.fails(
                    node,
                    Some(problem.offset..it.der.len()),
                    format!("{} is not a certificate: {problem}", chain.call(node)),
                );
            }
            // What is wrong inside a list of SCTs is for ct.scts to say.
            let scts = it.certificate.as_ref().and_then(|it| it.extension_range(oid::SCT_LIST));
            let elsewhere = |offset: usize| scts.as_ref().is_none_or(|range| !range.contains(&offset));
            for problem in it.problems.iter().filter(|problem| elsewhere(problem.offset)) {
                out.fails(
                    node,
                    Some(problem.offset..problem.offset + 1),
                    format!("{}: {problem}", chain.call(node)),
                );
            }
        }
        out.holds_unless_said();
    },
};

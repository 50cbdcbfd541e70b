//! The validity of the anchor itself.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::time;

pub const RULE: ChainRule = ChainRule {
    id: "cert.anchor_expired",
    title: "Trusted root expired",
    about: "A trust anchor is a name and a key; its dates are not part of RFC 5280's path validation. \
            OpenSSL and GnuTLS check them nevertheless and reject an expired root, as happened with \
            AddTrust in 2020 and DST Root CA X3 in 2021. Update the trust store, or send a chain that \
            leads to another root.",
    reference: "RFC 5280, section 6.1.1 (d)",
    part: Part::Dates,
    webpki: Webpki::Absent("for webpki an anchor is a name and a key; it has no dates"),
    check: |chain, out| {
        if chain.leaf_is_anchor() {
            return;
        }
        let Some((node, anchor)) = chain.anchor() else { return };
        // The store may have the key only; then a root that was sent tells.
        let shown = chain.graph.element_of(node);
        let certificate = anchor.certificate.as_ref().or_else(|| chain.graph.certificate(shown));
        let Some(certificate) = certificate else {
            return out.not_asked(Some(node), "the store has only the anchor's name and key, no dates");
        };
        let at = chain.question.at;
        match (certificate.not_before, certificate.not_after) {
            (_, Some(until)) if at > until.unix => {
                out.fails(
                    node,
                    None,
                    format!(
                        "{} expired on {}; OpenSSL and GnuTLS reject it, rustls does not check",
                        chain.call(node),
                        time::date_time(until.unix)
                    ),
                );
            }
            (Some(from), _) if at < from.unix => {
                out.fails(
                    node,
                    None,
                    format!("{} is not valid before {}", chain.call(node), time::date_time(from.unix)),
                );
            }
            (Some(_), Some(_)) => out.holds(),
            _ => out.not_asked(Some(node), "the anchor's dates can't be read"),
        }
    },
};

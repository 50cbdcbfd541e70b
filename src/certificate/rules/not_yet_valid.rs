//! notBefore.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::time;

pub const RULE: ChainRule = ChainRule {
    id: "cert.not_yet_valid",
    title: "Certificate not yet valid",
    about: "Every certificate states from when it is valid (notBefore). If that is in the future, a clock \
            is usually wrong: this machine's, or that of the machine that issued the certificate. Many CAs \
            backdate the start by an hour for this reason.",
    reference: "RFC 5280, section 4.1.2.5 and 6.1.3 (a)(2)",
    part: Part::Dates,
    webpki: Webpki::Same,
    check: |chain, out| {
        let at = chain.question.at;
        for (node, certificate) in chain.below_anchor() {
            let Some(from) = certificate.not_before else {
                out.unknown(Some(node), format!("notBefore of {} can't be read", chain.call(node)));
                continue;
            };
            let range = Some(certificate.validity.clone());
            if certificate.not_after.is_some_and(|until| until.unix < from.unix) {
                out.fails(node, range, format!("{} ends before it begins", chain.call(node)));
            } else if at < from.unix {
                out.fails(
                    node,
                    range,
                    format!("{} is not valid before {}", chain.call(node), time::date_time(from.unix)),
                );
            }
        }
        out.holds_unless_said();
    },
};

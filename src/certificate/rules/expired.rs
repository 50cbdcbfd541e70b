//! notAfter of the leaf.

use super::{ChainRule, Part, Results, Webpki};
use crate::certificate::validation::Validation;
use crate::wire::asn1::{Certificate, time};

pub const RULE: ChainRule = ChainRule {
    id: "cert.expired",
    title: "Certificate expired",
    about: "Every certificate states until when it is valid (notAfter); after that its CA no longer stands \
            behind it, and no longer publishes its revocation. Renew it and install it on the server, \
            which often has to be reloaded to use the new one.",
    reference: "RFC 5280, section 4.1.2.5 and 6.1.3 (a)(2)",
    part: Part::Dates,
    webpki: Webpki::Same,
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor().take(1) {
            not_after(chain, out, node, certificate);
        }
        out.holds_unless_said();
    },
};

/// Says when a certificate expired, if it has.
pub(super) fn not_after(
    chain: &Validation<'_, '_>,
    out: &mut Results<'_>,
    node: usize,
    certificate: &Certificate<'_>,
) {
    let at = chain.question.at;
    let Some(until) = certificate.not_after else {
        return out.unknown(Some(node), format!("notAfter of {} can't be read", chain.call(node)));
    };
    if at > until.unix {
        let days = time::days_between(until.unix, at);
        out.fails(
            node,
            Some(certificate.validity.clone()),
            format!("{} expired on {}, {}", chain.call(node), time::date_time(until.unix), days_ago(days)),
        );
    }
}

fn days_ago(days: i64) -> String {
    match days {
        0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        _ => format!("{days} days ago"),
    }
}

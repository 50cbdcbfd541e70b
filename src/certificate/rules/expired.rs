//! notAfter.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::time;

pub const RULE: ChainRule = ChainRule {
    id: "cert.expired",
    title: "A certificate has expired",
    about: "Every certificate says until when it is valid; later its issuer answers for nothing any more, not even for revoking it. \
            Renew it and load it into the server, which often has to be told to read it again. \
            An expired intermediate is replaced at the server too: the authority publishes the current one.",
    reference: "RFC 5280, section 4.1.2.5 and 6.1.3 (a)(2)",
    part: Part::Dates,
    webpki: Webpki::Same,
    check: |chain, out| {
        let at = chain.question.at;
        for (node, certificate) in chain.below_anchor() {
            let Some(until) = certificate.not_after else {
                out.unknown(Some(node), format!("notAfter of {} can't be read", chain.call(node)));
                continue;
            };
            if at > until.unix {
                let days = time::days_between(until.unix, at);
                out.fails(
                    node,
                    Some(certificate.validity.clone()),
                    format!(
                        "{} expired on {}, {}",
                        chain.call(node),
                        time::date_time(until.unix),
                        days_ago(days)
                    ),
                );
            }
        }
        out.holds_unless_said();
    },
};

fn days_ago(days: i64) -> String {
    match days {
        0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        _ => format!("{days} days ago"),
    }
}

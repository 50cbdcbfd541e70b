//! notAfter.

use super::{Part, Rule, Webpki};
use crate::wire::x509::time;

pub const RULE: Rule = Rule {
    id: "cert.expired",
    title: "A certificate has expired",
    about: "Every certificate says until when it is valid; later its issuer answers for nothing any more, not even for revoking it. \
            Renew it and load it into the server, which often has to be told to read it again. \
            An expired intermediate is replaced at the server too: the authority publishes the current one.",
    reference: "RFC 5280, section 4.1.2.5 and 6.1.3 (a)(2)",
    part: Part::Dates,
    webpki: Webpki::Same,
    check: |case, report| {
        let at = case.question.at;
        for (node, certificate) in case.below_anchor() {
            let Ok(until) = certificate.not_after else {
                report.unknown(Some(node), format!("notAfter of {} can't be read", case.call(node)));
                continue;
            };
            if at > until.unix {
                let days = time::days_between(until.unix, at);
                report.fails(
                    node,
                    Some(certificate.validity.clone()),
                    format!(
                        "{} expired on {}, {}",
                        case.call(node),
                        time::date_time(until.unix),
                        days_ago(days)
                    ),
                );
            }
        }
        report.holds_unless_said();
    },
};

fn days_ago(days: i64) -> String {
    match days {
        0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        _ => format!("{days} days ago"),
    }
}

//! notBefore.

use super::{Part, Rule, Webpki};
use crate::wire::x509::time;

pub const RULE: Rule = Rule {
    id: "cert.not_yet_valid",
    title: "A certificate is not valid yet",
    about: "Every certificate says from when on it is valid. If that lies ahead, most often a clock is wrong: \
            the one here, or the one of the machine that issued the certificate. \
            Authorities set the start back by an hour for this reason.",
    reference: "RFC 5280, section 4.1.2.5 and 6.1.3 (a)(2)",
    part: Part::Dates,
    webpki: Webpki::Same,
    check: |case, report| {
        let at = case.question.at;
        for (node, certificate) in case.below_anchor() {
            let Ok(from) = certificate.not_before else {
                report.unknown(Some(node), format!("notBefore of {} can't be read", case.call(node)));
                continue;
            };
            let range = Some(certificate.validity.clone());
            if certificate.not_after.is_ok_and(|until| until.unix < from.unix) {
                report.fails(node, range, format!("{} ends before it begins", case.call(node)));
            } else if at < from.unix {
                report.fails(
                    node,
                    range,
                    format!("{} is valid from {} on only", case.call(node), time::date_time(from.unix)),
                );
            }
        }
        report.holds_unless_said();
    },
};

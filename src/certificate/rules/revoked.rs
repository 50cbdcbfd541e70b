//! OCSP and CRLs.

use super::{Part, Rule, Webpki};
use crate::trace::State;

pub const RULE: Rule = Rule {
    id: "cert.revoked",
    title: "A certificate is revoked",
    about: "The issuer has withdrawn the certificate before its end, for example because its private key got lost or it was issued to the wrong one. \
            It says so in OCSP responses and in revocation lists. Whoever uses it now may not be who he says. \
            Have a new certificate issued, with a new key.",
    reference: "RFC 5280, section 5 and 6.3; RFC 6960, section 2.2",
    part: Part::Other,
    webpki: Webpki::Absent("a rustls client looks at CRLs only when it was given some, and at OCSP never"),
    check: |case, report| {
        for answer in case.revocation() {
            let source = answer.source.name();
            match &answer.good {
                State::Fails(why) => {
                    report.fails(answer.of, None, format!("{} is {why} (by {source})", case.call(answer.of)))
                }
                State::NotEvaluated(why) => report.not_asked(Some(answer.of), format!("{source}: {why}")),
                State::Holds => {}
            }
        }
        if report.said() {
            return;
        }
        if case.sent.ocsp.is_empty() && case.sent.answers.is_empty() && case.question.crls.is_empty() {
            report.not_asked(
                None,
                if case.sent.staple_asked { "nothing stapled" } else { "nothing at hand that says" },
            );
        } else if case.revocation().is_empty() {
            report.not_asked(None, "what is at hand is about other certificates");
        } else {
            report.holds();
        }
    },
};

//! OCSP and CRLs.

use super::{ChainRule, Part, Webpki};
use crate::trace::State;

pub const RULE: ChainRule = ChainRule {
    id: "cert.revoked",
    title: "A certificate is revoked",
    about: "The issuer has withdrawn the certificate before its end, for example because its private key got lost or it was issued to the wrong one. \
            It says so in OCSP responses and in revocation lists. Whoever uses it now may not be who he says. \
            Have a new certificate issued, with a new key.",
    reference: "RFC 5280, section 5 and 6.3; RFC 6960, section 2.2",
    part: Part::Other,
    webpki: Webpki::Absent("a rustls client looks at CRLs only when it was given some, and at OCSP never"),
    check: |chain, out| {
        for answer in chain.revocation() {
            let source = answer.source.name();
            match &answer.good {
                State::Fails(why) => {
                    out.fails(answer.of, None, format!("{} is {why} (by {source})", chain.call(answer.of)))
                }
                State::NotEvaluated(why) => out.not_asked(Some(answer.of), format!("{source}: {why}")),
                State::Holds => {}
            }
        }
        if out.said() {
            return;
        }
        let crls = chain.question.crls.len() + chain.sent.crls.len();
        if chain.sent.ocsp.is_empty() && chain.sent.answers.is_empty() && crls == 0 {
            out.not_asked(
                None,
                if chain.sent.staple_asked { "nothing stapled" } else { "nothing at hand that says" },
            );
        } else if chain.revocation().is_empty() {
            out.not_asked(None, "what is at hand is about other certificates");
        } else {
            out.holds();
        }
    },
};

//! OCSP and CRLs.

use super::{ChainRule, Part, Webpki};
use crate::trace::State;

pub const RULE: ChainRule = ChainRule {
    id: "cert.revoked",
    title: "Certificate revoked",
    about: "The issuer has revoked the certificate before its expiry, for example because its private key \
            was compromised or because it was issued to the wrong party. It publishes this in OCSP \
            responses and in CRLs. Whoever uses the certificate now may be an impostor. Have a new \
            certificate issued, with a new key.",
    reference: "RFC 5280, section 5 and 6.3; RFC 6960, section 2.2",
    part: Part::Other,
    webpki: Webpki::Absent("a rustls client checks CRLs only if it was given some, and never uses OCSP"),
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
                if chain.sent.staple_asked {
                    "nothing stapled"
                } else {
                    "no OCSP response or CRL is \
                                                                         available"
                },
            );
        } else if chain.revocation().is_empty() {
            out.not_asked(
                None,
                match chain.judged.len() {
                    0 | 1 => "the issuer is missing, so no OCSP response or CRL can be verified",
                    _ => "the available OCSP responses and CRLs are about other certificates",
                },
            );
        } else {
            out.holds();
        }
    },
};

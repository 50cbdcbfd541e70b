//! A stapled or fetched OCSP response.

use super::{ChainRule, Part, Webpki};
use crate::certificate::revocation::Source;
use crate::trace::State;

pub const RULE: ChainRule = ChainRule {
    id: "ocsp.staple",
    title: "Unusable OCSP response",
    about: "A server can send (\"staple\") an OCSP response, in which the issuer confirms that the \
            certificate is not revoked. It is only usable if it is about this certificate, is signed by \
            the issuer or by a responder that the issuer authorised (OCSPSigning), and is fresh. Most \
            often the server sends an outdated one, because it can no longer reach its responder.",
    reference: "RFC 6960, section 3.2 and 4.2.2; RFC 6066, section 8",
    part: Part::Other,
    webpki: Webpki::Absent("rustls passes OCSP responses on and evaluates none"),
    check: |chain, out| {
        for answer in chain.revocation().iter().filter(|answer| answer.source != Source::Crl) {
            match &answer.usable {
                State::Fails(why) => {
                    out.flaw(answer.of, None, format!("OCSP response for {}: {why}", chain.call(answer.of)))
                }
                State::NotEvaluated(why) => out.not_asked(Some(answer.of), why.clone()),
                State::Holds => out.holds_flaw(),
            }
        }
    },
};

//! A stapled or fetched OCSP response.

use super::{ChainRule, Part, Webpki};
use crate::certificate::revocation::Source;
use crate::trace::State;

pub const RULE: ChainRule = ChainRule {
    id: "ocsp.staple",
    title: "The OCSP response is of no use",
    about: "A server can send an OCSP response along (\"staple\"), in which the issuer confirms that the certificate is not revoked. \
            It counts only if it is about this certificate, is signed by the issuer or by a responder that the issuer appointed (OCSPSigning), \
            and is fresh. Most often the server serves an old one, because it can't reach its responder any more.",
    reference: "RFC 6960, section 3.2 and 4.2.2; RFC 6066, section 8",
    part: Part::Other,
    webpki: Webpki::Absent("rustls hands OCSP responses through and evaluates none"),
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

//! UTCTime or GeneralizedTime.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "cert.time_encoding",
    title: "Date in the wrong encoding",
    about: "Dates up to 2049 must be encoded as UTCTime, with a two-digit year, and later ones as \
            GeneralizedTime. The other form is readable, but some clients reject it.",
    reference: "RFC 5280, section 4.1.2.5",
    part: Part::Other,
    webpki: Webpki::Absent("webpki reads both forms for any year"),
    check: |chain, out| {
        /// 2050-01-01
        const LIMIT: i64 = 2_524_608_000;
        for (node, certificate) in chain.below_anchor() {
            let times = [certificate.not_before, certificate.not_after];
            if times.iter().flatten().any(|time| time.generalized && time.unix < LIMIT) {
                out.flaw(
                    node,
                    Some(certificate.validity.clone()),
                    format!("{} has a date before 2050 as GeneralizedTime", chain.call(node)),
                );
            }
        }
        out.holds_flaw_unless_said();
    },
};

//! `--min-days`.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::time::days_between;

pub const RULE: ChainRule = ChainRule {
    id: "cert.days_left",
    title: "Certificate expires too soon (--min-days)",
    about: "With `--min-days FAIL` or `--min-days WARN:FAIL` every certificate of the path, including \
            intermediates and root, must be valid for at least that many more days. This says nothing \
            about trust: the chain may be valid today.",
    reference: "--min-days",
    part: Part::Days,
    webpki: Webpki::Absent("it is the user's requirement, not a rule of validation"),
    check: |chain, out| {
        let asked = chain.question.min_days;
        if asked.fail.is_none() && asked.warn.is_none() {
            return;
        }
        let at = chain.question.at;
        for &node in &chain.judged {
            let place = chain.graph.element_of(node);
            let Some(until) =
                chain.graph.certificate(place).or(chain.graph.certificate(node)).and_then(|it| it.not_after)
            else {
                out.not_asked(Some(node), format!("{} has no dates", chain.call(node)));
                continue;
            };
            let days = days_between(at, until.unix);
            let fewer = |than: &i64| until.unix.saturating_sub(at) < than.saturating_mul(86_400);
            if let Some(fail) = asked.fail.filter(fewer) {
                out.fails(
                    node,
                    None,
                    format!("{} has {days} days left, fewer than {fail}", chain.call(node)),
                );
            } else if let Some(warn) = asked.warn.filter(fewer) {
                out.remark(
                    node,
                    None,
                    format!("{} has {days} days left, fewer than {warn}", chain.call(node)),
                );
            }
        }
        out.holds_unless_said();
    },
};

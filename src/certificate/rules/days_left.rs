//! `--min-days`.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "cert.days_left",
    title: "A certificate expires sooner than was asked for",
    about: "With `--min-days FAIL` or `--min-days WARN:FAIL` every certificate of the path must be valid for at least so many days more, \
            the intermediates and the root as well as the leaf. It says nothing about trust: the chain may be in order today.",
    reference: "--min-days",
    part: Part::Days,
    webpki: Webpki::Absent("it is a wish of the user, not a rule of validation"),
    check: |case, report| {
        let asked = case.question.min_days;
        if asked.fail.is_none() && asked.warn.is_none() {
            return;
        }
        let at = case.question.at;
        for &node in &case.judged {
            let place = case.element_of(node);
            let Some(until) = case
                .graph
                .certificate(place)
                .or(case.graph.certificate(node))
                .and_then(|it| it.not_after.ok())
            else {
                report.not_asked(Some(node), format!("{} has no dates", case.call(node)));
                continue;
            };
            let days = crate::wire::x509::time::days_between(at, until.unix);
            if let Some(fail) = asked.fail.filter(|fail| days < *fail) {
                report.fails(
                    node,
                    None,
                    format!("{} has {days} days left, fewer than {fail}", case.call(node)),
                );
            } else if let Some(warn) = asked.warn.filter(|warn| days < *warn) {
                report.remark(
                    node,
                    None,
                    format!("{} has {days} days left, fewer than {warn}", case.call(node)),
                );
            }
        }
        report.holds_unless_said();
    },
};

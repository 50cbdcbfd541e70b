//! How long a public certificate may be valid.

use super::{Part, Rule, Webpki};
use crate::wire::x509::time::{date, days_since_1970};

pub const RULE: Rule = Rule {
    id: "cert.validity_too_long",
    title: "The leaf is valid for longer than public authorities may issue",
    about: "Public authorities may issue for 398 days at most since September 2020, for 200 days since 15 March 2026, \
            for 100 since 15 March 2027, for 47 since 15 March 2029. Browsers refuse longer ones under public roots. \
            What counts is the day of issue. Private authorities are not bound by it.",
    reference: "CA/Browser Forum BR, section 6.3.2 (ballot SC-081v3)",
    part: Part::Dates,
    webpki: Webpki::Absent("rustls applies no policy of the CA/Browser Forum; browsers do"),
    check: |case, report| {
        let Some(leaf) = case.leaf() else { return };
        let (Ok(from), Ok(until)) = (leaf.not_before, leaf.not_after) else { return };
        if !case.public() {
            return report.not_asked(Some(0), "the rule is for public authorities only");
        }
        let Some(limit) = longest(from.unix) else {
            return report.not_asked(Some(0), "issued before any such limit");
        };
        // Both ends count: BR, section 1.6.1, Validity Period.
        let seconds = until.unix - from.unix + 1;
        if seconds > limit * 86_400 {
            let days = (seconds + 86_399) / 86_400;
            let why = format!(
                "the leaf is valid for {days} days; issued on {}, it may be for {limit}: browsers refuse it",
                date(from.unix)
            );
            report.flaw(0, Some(leaf.validity.clone()), why);
        } else {
            report.holds_flaw();
        }
    },
};

/// The most days for a certificate issued then.
fn longest(issued: i64) -> Option<i64> {
    const TABLE: [((i64, i64, i64), i64); 5] = [
        ((2029, 3, 15), 47),
        ((2027, 3, 15), 100),
        ((2026, 3, 15), 200),
        ((2020, 9, 1), 398),
        ((2018, 3, 1), 825),
    ];
    TABLE
        .iter()
        .find(|((year, month, day), _)| issued >= days_since_1970(*year, *month, *day) * 86_400)
        .map(|(_, days)| *days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_day_of_issue() {
        let at = |year, month, day| longest(days_since_1970(year, month, day) * 86_400);
        assert_eq!(at(2026, 3, 14), Some(398));
        assert_eq!(at(2026, 3, 15), Some(200));
        assert_eq!(at(2027, 3, 15), Some(100));
        assert_eq!(at(2030, 1, 1), Some(47));
        assert_eq!(at(2017, 1, 1), None);
    }
}

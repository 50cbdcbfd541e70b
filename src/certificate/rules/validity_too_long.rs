//! How long a public certificate may be valid.

use ::time::{Date, macros::date};

use super::{ChainRule, Part, Webpki};
use crate::certificate::Usage;
use crate::wire::asn1::time;

pub const RULE: ChainRule = ChainRule {
    id: "cert.validity_too_long",
    title: "Validity period too long for a public CA",
    about: "Public CAs may issue certificates for at most 398 days since September 2020, 200 days since 15 \
            March 2026, 100 days from 15 March 2027 and 47 days from 15 March 2029. The date of issue \
            decides. Private CAs are not bound by this, but by Apple's rule for its platforms: a server \
            certificate issued since July 2019 is valid for at most 825 days, whoever issued it.",
    reference: "CA/Browser Forum BR, section 6.3.2 (ballot SC-081v3); Apple, Requirements for trusted certificates (HT210176)",
    part: Part::Dates,
    webpki: Webpki::Absent("rustls applies no policy of the CA/Browser Forum"),
    check: |chain, out| {
        let Some(leaf) = chain.leaf() else { return };
        let (Some(from), Some(until)) = (leaf.not_before, leaf.not_after) else { return };
        // Both ends count: BR, section 1.6.1, Validity Period.
        let seconds = until.unix.saturating_sub(from.unix).saturating_add(1);
        let days = seconds.saturating_add(86_399) / 86_400;
        if !chain.public() {
            let apple = from.unix >= APPLE.midnight().as_utc().unix_timestamp();
            return if days > 825 && apple && !leaf.is_ca() && chain.question.usage == Usage::ServerAuth {
                let why = format!(
                    "the leaf is valid for {days} days; Apple allows 825 on its platforms, also to private CAs"
                );
                out.remark(0, Some(leaf.validity.clone()), why);
            } else {
                out.not_asked(Some(0), "the rule applies to public CAs only");
            };
        }
        let Some(limit) = longest(from.unix) else {
            return out.not_asked(Some(0), "issued before there was such a limit");
        };
        if seconds > limit * 86_400 {
            let why = format!(
                "the leaf is valid for {days} days; issued on {}, it may be valid for {limit}",
                time::date(from.unix)
            );
            out.flaw(0, Some(leaf.validity.clone()), why);
        } else {
            out.holds_flaw();
        }
    },
};

/// From when on Apple's rule counts.
const APPLE: Date = date!(2019 - 07 - 01);

/// The most days for a certificate issued then.
fn longest(issued: i64) -> Option<i64> {
    const TABLE: [(Date, i64); 5] = [
        (date!(2029 - 03 - 15), 47),
        (date!(2027 - 03 - 15), 100),
        (date!(2026 - 03 - 15), 200),
        (date!(2020 - 09 - 01), 398),
        (date!(2018 - 03 - 01), 825),
    ];
    TABLE.iter().find(|(from, _)| issued >= from.midnight().as_utc().unix_timestamp()).map(|(_, days)| *days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_day_of_issue() {
        let at = |day: Date| longest(day.midnight().as_utc().unix_timestamp());
        assert_eq!(at(date!(2026 - 03 - 14)), Some(398));
        assert_eq!(at(date!(2026 - 03 - 15)), Some(200));
        assert_eq!(at(date!(2027 - 03 - 15)), Some(100));
        assert_eq!(at(date!(2030 - 01 - 01)), Some(47));
        assert_eq!(at(date!(2017 - 01 - 01)), None);
    }
}

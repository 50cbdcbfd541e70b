//! Texts for formats that know nothing of terminals: one line each, in which nothing steers or hides.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::wire::text::{escape_again, is_hostile};

/// A text of the report in one line, with everything escaped that steers a terminal or hides. Peers' backslashes are
/// escaped already; names as they were typed keep theirs.
pub(super) fn safe(text: &str) -> Cow<'_, str> {
    match text.chars().any(is_hostile) {
        true => Cow::Owned(escape_again(text)),
        false => Cow::Borrowed(text),
    }
}

/// Markup in which nothing steers, reorders or hides, whoever wrote it.
pub(super) fn steady(markup: &str) -> Cow<'_, str> {
    let hostile = |c: char| c != '\n' && is_hostile(c);
    if !markup.contains(hostile) {
        return Cow::Borrowed(markup);
    }
    let mut out = String::with_capacity(markup.len());
    for c in markup.chars() {
        match hostile(c) {
            true => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A text in ASCII, for a locale that has no more.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '→' => out.push_str("->"),
            '←' => out.push_str("<-"),
            '●' => out.push('*'),
            '·' | '–' | '─' => out.push('-'),
            '×' => out.push('x'),
            '…' => out.push_str("..."),
            '≥' => out.push_str(">="),
            'µ' => out.push('u'),
            '✓' => out.push_str("ok"),
            '✗' => out.push_str("FAIL"),
            c if c.is_ascii() => out.push(c),
            c => out.extend(c.escape_unicode()),
        }
    }
    out
}

/// RFC 3339, in UTC, to the millisecond: some readers take no more.
pub(super) fn moment(at: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from(at).format(format).unwrap_or_default()
}

/// The same of seconds since 1970; none where no calendar has the year.
pub(super) fn at_seconds(at: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at).ok()?.format(&Rfc3339).ok()
}

/// Seconds, to the microsecond.
pub(super) fn seconds(time: Duration) -> String {
    format!("{}.{:06}", time.as_secs(), time.subsec_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_and_steers_nothing() {
        assert_eq!(safe("a\nb\u{1b}[2J\u{202e}"), "a\\nb\\u{1b}[2J\\u{202e}");
        // What is escaped stays as it is.
        assert_eq!(safe("a\\nb"), "a\\nb");
        assert_eq!(steady("<b>\u{202e}\n\u{7}"), "<b>\\u{202e}\n\\u{7}");
        assert_eq!(ascii("TLS 1.3 · ü…"), "TLS 1.3 - \\u{fc}...");
        assert_eq!(seconds(Duration::from_micros(1_000_042)), "1.000042");
    }
}

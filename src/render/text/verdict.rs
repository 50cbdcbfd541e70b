//! The verdict block, and the last line.

use std::borrow::Cow;

use super::messages::place;
use super::screen::{Screen, Style, width};
use crate::finding::{Case, Certainty, Finding, Outcome, Severity, Verdict};
use crate::report::Report;
use crate::wire::Direction;
use crate::wire::text::is_hostile;

/// Column of the values in the verdict block.
const VALUE: usize = 12;

/// The verdict that counts, with all that is known about it.
pub(super) fn write(screen: &mut Screen<'_>, report: &Report) {
    let (Some(index), Some(verdict)) = (report.decisive(), report.verdict()) else { return };
    line(screen, verdict);
    if let Some(case) = report.cases().nth(index) {
        block(screen, &case, verdict);
    }
}

/// `-q`: the last line alone.
pub(super) fn last_line(screen: &mut Screen<'_>, report: &Report) {
    if let Some(verdict) = report.verdict() {
        let style = style(verdict);
        let word = screen.paint(style, verdict.word());
        screen.line(&format!("{word} · {} [exit {}]", verdict.summary, verdict.exit_code));
    }
}

/// `FAILED · the server requires a client certificate   [exit 4]`
pub(super) fn line(screen: &mut Screen<'_>, verdict: &Verdict) {
    let style = style(verdict);
    let exit = format!("[exit {}]", verdict.exit_code);
    let word = verdict.word();
    let rest = format!(" · {}", verdict.summary);
    let used = width(word) + width(&rest) + 1 + exit.len();
    if used <= screen.width() {
        let fill = screen.width() - used + 1;
        let line = format!("{}{rest}{:fill$}{exit}", screen.paint(style, word), "");
        screen.line(&line);
        return;
    }
    let lead = format!("{} · ", screen.paint(style, word));
    let end = screen.width().saturating_sub(exit.len() + 1);
    let lines = super::screen::wrap(&verdict.summary, end.saturating_sub(width(word) + 3).max(16));
    for (i, text) in lines.iter().enumerate() {
        let lead = if i == 0 { lead.clone() } else { "  ".into() };
        if i + 1 < lines.len() {
            screen.line(&format!("{lead}{text}"));
        } else {
            let used = if i == 0 { width(word) + 3 } else { 2 } + width(text) + exit.len();
            let fill = screen.width().saturating_sub(used);
            screen.line(&format!("{lead}{text}{:fill$}{exit}", ""));
        }
    }
}

fn style(verdict: &Verdict) -> Style {
    match verdict.outcome {
        Outcome::Ok => Style::Good,
        _ => Style::Bad,
    }
}

fn block(screen: &mut Screen<'_>, case: &Case<'_>, verdict: &Verdict) {
    let Some(failure) = &verdict.failure else { return };
    row(screen, "id", &failure.id);
    if !failure.stage.is_empty() {
        row(screen, "stage", &failure.stage);
    }
    if let Some(who) = &failure.who {
        row(screen, "who", who);
    }
    let flows = &case.trace().flows;
    if case.connected() {
        let bytes = |direction: Direction| flows[direction.index()].bytes;
        row(
            screen,
            "seen",
            &format!("{} B sent, {} B received", bytes(Direction::Client), bytes(Direction::Server)),
        );
    }
    if let Some(seen) = &failure.seen {
        row(screen, if case.connected() { "" } else { "seen" }, seen);
    }
    let places: Vec<_> = failure.evidence.iter().filter_map(|evidence| place(case, evidence)).collect();
    if !places.is_empty() {
        row(screen, "evidence", &places.join(", "));
    }
    if failure.phase != "certificate"
        && let Some(judgement) = &case.connection.judgement
    {
        let mark = screen.mark(&judgement.trusted);
        let words = if judgement.trusted.holds() {
            "its own certificate is trusted; it is not the cause"
        } else {
            "its own certificate is not trusted, but that did not end the handshake"
        };
        let lead = format!("  {:<10}{} ", "server", mark.trim_end());
        screen.wrapped(&lead, VALUE + 2, Style::Plain, words);
    }
    for (i, also) in failure.also.iter().enumerate() {
        row(screen, if i == 0 { "also" } else { "" }, also);
    }
    for (i, cause) in failure.causes.iter().enumerate() {
        let certainty = match cause.certainty {
            Certainty::Certain => "certain: ",
            Certainty::Likely => "likely: ",
            Certainty::Possible => "possible: ",
        };
        row(screen, if i == 0 { "cause" } else { "" }, &format!("{certainty}{}", cause.text));
    }
    if let Some(need) = &failure.remedy.text {
        row(screen, "need", need);
    }
    if !verdict.next.is_empty() {
        row(screen, "try", &command(&verdict.next));
    }
}

fn row(screen: &mut Screen<'_>, name: &str, value: &str) {
    let lead = format!("  {}", screen.paint(Style::Dim, &format!("{name:<10}")));
    screen.wrapped(&lead, VALUE, Style::Plain, value);
}

/// Words as a shell takes them. They may be those of somebody else, who saved the trace.
fn command(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if !word.contains(is_hostile) {
        return shlex::try_quote(word).map_or_else(|_| "?".into(), Cow::into_owned);
    }
    let escaped = word.chars().map(|c| match c {
        '\'' | '\\' => format!("\\{c}"),
        c if is_hostile(c) => format!("\\U{:08x}", u32::from(c)),
        c => c.into(),
    });
    format!("$'{}'", escaped.collect::<String>())
}

/// What is worth telling besides the verdict.
pub(super) fn findings(screen: &mut Screen<'_>, findings: &[Finding], verdict: &Verdict) {
    // Errors of the certificate stand in the chain and in the verdict already.
    let told = |finding: &&Finding| finding.severity < Severity::Error || verdict.failure.is_none();
    let findings: Vec<_> = findings.iter().filter(told).collect();
    if findings.is_empty() {
        return;
    }
    screen.gap();
    for finding in findings {
        let (word, style) = match finding.severity {
            Severity::Error => ("error", Style::Bad),
            Severity::Warning => ("warning", Style::Warn),
            Severity::Info => ("note", Style::Dim),
        };
        let lead = format!("{}{:fill$}", screen.paint(style, word), "", fill = 9 - word.len());
        screen.wrapped(&lead, 9, Style::Plain, &format!("{} ({})", finding.what, finding.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_none_steers_the_terminal() {
        assert_eq!(quoted("a.example"), "a.example");
        assert_eq!(quoted("two words"), "'two words'");
        assert_eq!(quoted("it's \u{1b}[2J\u{202e}"), "$'it\\'s \\U0000001b[2J\\U0000202e'");
    }
}

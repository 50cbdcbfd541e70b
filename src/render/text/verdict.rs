//! The verdict block, and the last line.

use super::screen::{Screen, Style, width, wrap};
use crate::finding::{Finding, Outcome, Verdict};
use crate::report::rows::Line;
use crate::report::{self, Report};

/// Column of the values in the verdict block.
const VALUE: usize = 12;

/// The verdict that counts, with all that is known about it.
pub(super) fn write(screen: &mut Screen<'_>, report: &Report) {
    let Some(judged) = report.decisive() else { return };
    line(screen, &judged.verdict);
    for line in report::verdict::rows(&judged.case(&report.question), &judged.verdict) {
        row(screen, &line);
    }
}

fn row(screen: &mut Screen<'_>, line: &Line) {
    let name = line.label.unwrap_or_default();
    let lead = format!("  {}", screen.paint(Style::Dim, &format!("{name:<10}")));
    match line.mark {
        Some(mark) => {
            let lead = format!("{lead}{} ", screen.bare_mark(mark));
            screen.wrapped(&lead, VALUE + 1 + width(screen.sign(mark)), Style::Plain, &line.text);
        }
        None => screen.wrapped(&lead, VALUE, Style::Plain, &line.text),
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
    let lines = wrap(&verdict.summary, end.saturating_sub(width(word) + 3).max(16));
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

/// What is worth telling besides the verdict.
pub(super) fn findings(screen: &mut Screen<'_>, findings: &[Finding], verdict: &Verdict) {
    let lines = report::verdict::findings(findings, verdict);
    if !lines.is_empty() {
        screen.gap();
    }
    for line in lines {
        let word = line.label.unwrap_or_default();
        let lead = format!("{}{:fill$}", screen.paint(line.tone.into(), word), "", fill = 9 - word.len());
        screen.wrapped(&lead, 9, Style::Plain, &line.text);
    }
}

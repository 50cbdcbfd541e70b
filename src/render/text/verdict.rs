//! The verdict block, and the last line.

use super::screen::{Screen, Style, width, wrap_behind};
use super::{detail, explained};
use crate::finding::{Case, Finding, Outcome, Verdict};
use crate::judged::Expectation;
use crate::policy::Adherence;
use crate::report::diagnosis::Diagnosis;
use crate::report::notes::Notes;
use crate::report::rows::{Line, Mark};
use crate::report::{self, Report};

/// Column of the values in the verdict block.
const VALUE: usize = 12;

/// The verdict that counts, with all that is known about it.
pub(super) fn write(
    screen: &mut Screen<'_>,
    report: &Report,
    diagnosis: Option<&Diagnosis>,
    notes: &mut Notes,
) {
    let Some(judged) = report.decisive() else { return };
    let case = judged.case(&report.question);
    line(screen, &case, &judged.verdict, report.exit_code());
    for line in report::verdict::rows(&case, &judged.verdict, diagnosis) {
        row(screen, &line);
        if let Some(id) = &line.explain {
            explained(screen, VALUE, id, notes);
        }
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
        screen.line(&format!("{word} · {} [exit {}]", verdict.summary, report.exit_code()));
    }
}

/// `FAILED · the server requires a client certificate   [exit 4]`: the exit code stands on the line of the verdict,
/// however long that is.
pub(super) fn line(screen: &mut Screen<'_>, case: &Case<'_>, verdict: &Verdict, exit_code: u8) {
    let word = verdict.word();
    let exit = match case.capture.role.counts() {
        true => format!("[exit {exit_code}]"),
        false => "[not counted]".to_owned(),
    };
    let room = screen.width().saturating_sub(width(word) + 3 + exit.len() + 1);
    let headlines = report::verdict::headlines(case, verdict);
    let headlines: Vec<_> = headlines.iter().map(|headline| screen.shown(headline)).collect();
    let fitting = headlines.iter().find(|headline| width(headline) <= room).or(headlines.last());
    // The lines below the first have all the width.
    let below = screen.width() - 2;
    let lines = wrap_behind(fitting.map_or("", |fitting| fitting), below - room, below);
    for (i, text) in lines.iter().enumerate() {
        if i > 0 {
            screen.line(&format!("  {text}"));
            continue;
        }
        let lead = format!("{} · ", screen.paint(style(verdict), word));
        let fill = room - width(text) + 1;
        screen.line(&format!("{lead}{text}{:fill$}{exit}", ""));
    }
}

fn style(verdict: &Verdict) -> Style {
    match verdict.outcome {
        Outcome::Ok => Style::Good,
        Outcome::Unevaluated => Style::Warn,
        _ => Style::Bad,
    }
}

/// What was expected.
pub(super) fn expectations(screen: &mut Screen<'_>, expectations: &[Expectation]) {
    let lines = report::expectations::rows(expectations);
    if !lines.is_empty() {
        screen.gap();
    }
    for line in lines {
        let mark = line.mark.unwrap_or(Mark::NotEvaluated);
        let (word, sign) = (line.label.unwrap_or_default(), screen.bare_mark(mark));
        let indent = 10 + width(screen.sign(mark));
        screen.wrapped(&format!("{word:<9}{sign} "), indent, line.tone.into(), &line.text);
    }
}

/// Whether the policies are adhered to.
pub(super) fn policies(screen: &mut Screen<'_>, policies: &[Adherence]) {
    let detail = detail(screen.settings);
    for adherence in policies {
        screen.gap();
        let name = screen.paint(Style::Bold, "policy");
        screen.wrapped(&format!("{name} "), 7, Style::Plain, &report::policies::head(adherence));
        for line in report::policies::rows(adherence).iter().filter(|line| line.detail <= detail) {
            match line.mark {
                Some(mark) => {
                    let sign = screen.bare_mark(mark);
                    let indent = 3 + width(screen.sign(mark));
                    screen.wrapped(&format!("  {sign} "), indent, line.tone.into(), &line.text);
                }
                None => screen.wrapped("    ", 4, line.tone.into(), &line.text),
            }
        }
    }
}

/// What is worth telling besides the verdict.
pub(super) fn findings(screen: &mut Screen<'_>, findings: &[Finding], verdict: &Verdict, notes: &mut Notes) {
    let lines = report::verdict::findings(findings, verdict, screen.settings.min_severity);
    if !lines.is_empty() {
        screen.gap();
    }
    for line in lines {
        let word = line.label.unwrap_or_default();
        let lead = format!("{}{:fill$}", screen.paint(line.tone.into(), word), "", fill = 9 - word.len());
        screen.wrapped(&lead, 9, Style::Plain, &line.text);
        if let Some(id) = &line.explain {
            explained(screen, 9, id, notes);
        }
    }
}

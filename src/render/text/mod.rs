//! The report as a person reads it.

mod canvas;
mod chain;
mod comparison;
mod diagnosis;
mod diagram;
mod fields;
mod post_quantum;
pub(super) mod screen;
mod secrets;
mod timeline;
mod verdict;

use std::io::{self, Write};

use super::{Each, Format, Settings, Several};
use crate::capture::Purpose;
use crate::report::comparison::Comparison;
use crate::report::diagnosis::Diagnosis;
use crate::report::many::Untraced;
use crate::report::notes::Notes;
use crate::report::rows::Detail;
use crate::report::{self, Report};
use screen::{Screen, Style};

/// `--format text`
pub const FORMAT: Format = Format {
    name: "text",
    about: "for a person (the default)",
    suffix: "txt",
    several: Several::Lines,
    begin: || Box::new(Each { report: write, untraced }),
};

fn untraced(target: &Untraced, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    super::many::row(&target.row(), settings, out)
}

fn write(report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(settings, out);
    everything(&mut screen, report);
    screen.finish()
}

/// The same in pieces that are shown one after the other (`--step`): one for each step and message, then the rest.
///
/// # Errors
/// None that is known: memory is written to.
pub fn steps(report: &Report, settings: &Settings) -> io::Result<Vec<String>> {
    let mut out = Vec::new();
    let mut screen = Screen::new(settings, &mut out);
    everything(&mut screen, report);
    let ends = screen.finish_in_steps()?;
    let text = String::from_utf8_lossy(&out);
    let mut from = 0;
    let mut pieces = Vec::new();
    for end in ends.into_iter().chain([text.len()]) {
        pieces.extend(text.get(from..end).filter(|piece| !piece.trim().is_empty()).map(str::to_owned));
        from = end;
    }
    Ok(pieces)
}

fn everything(screen: &mut Screen<'_>, report: &Report) {
    let settings = screen.settings;
    if settings.quiet {
        return verdict::last_line(screen, report);
    }
    let diagnosis = Diagnosis::of(report);
    let explains = matches!(report.purpose, Purpose::Diagnosis | Purpose::Likeness);
    let several = report.count > 1 && !explains;
    let compared = Comparison::of(report);
    let mut first = true;
    let mut notes = Notes::default();
    // When connections are compared, one of them is shown whole; with -v all are.
    for (index, number, judged) in report.shown(settings.verbosity > 0) {
        let case = judged.case(&report.question);
        if !std::mem::take(&mut first) {
            screen.gap();
        }
        if settings.diagram {
            diagram::write(screen, &case, &judged.verdict, number, &mut notes);
        } else if !case.offline() {
            timeline::write(screen, &case, number, &mut notes);
        }
        screen.step();
        chain::write(screen, &case, &mut notes);
        chain::client_auth(screen, &case);
        secrets::write(screen, &case);
        verdict::expectations(screen, &judged.expectations);
        verdict::policies(screen, &judged.adherence);
        verdict::findings(screen, &judged.findings, &judged.verdict, &mut notes);
        // The verdict that counts stands at the very end.
        if several && report.decisive_place() != Some(index) {
            screen.gap();
            verdict::line(screen, &case, &judged.verdict, judged.verdict.exit_code);
        }
    }
    comparison::resumption(screen, report);
    if let Some(compared) = &compared {
        comparison::table(screen, compared);
        let together: Vec<_> =
            report::comparison::findings(report).into_iter().map(|(_, finding)| finding).collect();
        if let Some(verdict) = report.verdict() {
            verdict::findings(screen, &together, verdict, &mut notes);
        }
    }
    if settings.verbosity > 0
        && let Some(known) = report::post_quantum::of(report)
    {
        post_quantum::block(screen, &known);
    }
    if let Some(diagnosis) = &diagnosis {
        diagnosis::table(screen, diagnosis);
    }
    screen.gap();
    verdict::write(screen, report, diagnosis.as_ref(), &mut notes);
}

/// What an id means, where that is asked for (`--annotate`) and was not said yet.
fn explained(screen: &mut Screen<'_>, indent: usize, id: &str, notes: &mut Notes) {
    if let Some(note) = Some(id).filter(|_| screen.settings.annotate).and_then(|id| notes.of(id)) {
        screen.wrapped(&" ".repeat(indent), indent, Style::Dim, &note.text);
    }
}

/// How much of a report this is.
fn detail(settings: &Settings) -> Detail {
    if settings.verbosity > 0 { Detail::Full } else { Detail::Brief }
}

//! The report as a person reads it.

mod chain;
mod comparison;
mod diagnosis;
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
    if settings.quiet {
        verdict::last_line(&mut screen, report);
        return screen.finish();
    }
    let diagnosis = Diagnosis::of(report);
    let explains = matches!(report.purpose, Purpose::Diagnosis | Purpose::Likeness);
    let several = report.count > 1 && !explains;
    // When connections are compared, one of them is shown whole; with -v all are.
    let compared = Comparison::of(report);
    let shown =
        |index: usize| compared.is_none() || settings.verbosity > 0 || report.decisive_place() == Some(index);
    let mut first = true;
    let mut notes = Notes::default();
    for (index, judged) in report
        .connections
        .iter()
        .enumerate()
        .filter(|(index, judged)| shown(*index) && !(explains && judged.capture.role.is_experiment()))
    {
        let case = judged.case(&report.question);
        if !std::mem::take(&mut first) {
            screen.gap();
        }
        if !case.offline() {
            let number = report.numbers.get(index).copied();
            timeline::write(&mut screen, &case, number.filter(|_| several), &mut notes);
        }
        chain::write(&mut screen, &case, &mut notes);
        chain::client_auth(&mut screen, &case);
        secrets::write(&mut screen, &case);
        verdict::expectations(&mut screen, &judged.expectations);
        verdict::policies(&mut screen, &judged.adherence);
        verdict::findings(&mut screen, &judged.findings, &judged.verdict, &mut notes);
        // The verdict that counts stands at the very end.
        if several && report.decisive_place() != Some(index) {
            screen.gap();
            verdict::line(&mut screen, &case, &judged.verdict, judged.verdict.exit_code);
        }
    }
    comparison::resumption(&mut screen, report);
    if let Some(compared) = &compared {
        comparison::table(&mut screen, compared);
        let together: Vec<_> =
            report::comparison::findings(report).into_iter().map(|(_, finding)| finding).collect();
        if let Some(verdict) = report.verdict() {
            verdict::findings(&mut screen, &together, verdict, &mut notes);
        }
    }
    if settings.verbosity > 0
        && let Some(known) = report::post_quantum::of(report)
    {
        post_quantum::block(&mut screen, &known);
    }
    if let Some(diagnosis) = &diagnosis {
        diagnosis::table(&mut screen, diagnosis);
    }
    screen.gap();
    verdict::write(&mut screen, report, diagnosis.as_ref(), &mut notes);
    screen.finish()
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

//! Which reports are written, where, and how much they say.

use std::path::{Path, PathBuf};

use crate::cli::args;
use crate::cli::exit::ExitCodes;
use crate::finding::Severity;
use crate::render::{self, Format, html, json, jsonl, nagios};

/// How the report is written.
#[derive(Debug, Clone)]
pub struct OutputOptions {
    /// One at least.
    pub reports: Vec<ReportTo>,
    pub exit: ExitCodes,
    /// How much of the field trees JSON and pages have; none: as each has it by itself.
    pub fields: Option<json::Choice>,
    pub min_severity: Severity,
    pub redact: bool,
    pub verbosity: u8,
    pub quiet: bool,
    /// Nothing goes to standard output or, save what is wrong, to standard error.
    pub silent: bool,
    pub annotate: bool,
    /// A sequence diagram is drawn in the place of the timeline.
    pub diagram: bool,
    /// Each step waits for a key.
    pub step: bool,
    /// Application data is shown.
    pub data: bool,
    pub show_secrets: bool,
    pub color: args::ColorChoice,
    pub width: Option<usize>,
}

impl OutputOptions {
    /// What was said of reports; `many`: of each of many targets.
    pub(super) fn of(flags: &args::Output, reports: Vec<ReportTo>, many: bool) -> OutputOptions {
        OutputOptions {
            exit: flags.exit.unwrap_or(match &*reports {
                [alone] if alone.format.is(&nagios::FORMAT) => ExitCodes::Nagios,
                _ => ExitCodes::Own,
            }),
            reports,
            // Of thousands of targets nobody wants every message's fields unasked.
            fields: match flags.redact {
                true => Some(json::Choice::None),
                false => flags.fields.or(many.then_some(json::Choice::None)),
            },
            redact: flags.redact,
            min_severity: flags.min_severity.unwrap_or(Severity::Note),
            verbosity: flags.verbose,
            quiet: flags.quiet > 0,
            silent: flags.quiet > 1,
            annotate: flags.annotate || flags.step,
            diagram: flags.diagram,
            step: flags.step,
            data: flags.data,
            show_secrets: flags.show_secrets,
            color: flags.color,
            width: flags.width.map(usize::from),
        }
    }

    /// Whether a report goes to this file.
    pub fn to(&self, file: &Path) -> bool {
        self.reports.iter().any(|report| report.file.as_ref().is_some_and(|(_, path)| path == file))
    }
}

/// A format, and where the report goes in it.
#[derive(Debug, Clone)]
pub struct ReportTo {
    pub format: &'static Format,
    /// With the flag that names it; none: standard output.
    pub file: Option<(&'static str, PathBuf)>,
}

/// The reports that were asked for. One goes to standard output or where `-o` says, the others to files of their own.
pub(super) fn reports(output: &args::Output) -> Result<Vec<ReportTo>, String> {
    let json = output.json.then_some(&json::FORMAT);
    let unnamed = output.format.iter().filter(|chosen| chosen.file.is_none()).map(|chosen| chosen.format);
    let mut unnamed = json.into_iter().chain(unnamed);
    let file = output.output.as_deref().filter(|file| *file != Path::new("-"));
    let first = match (unnamed.next(), unnamed.next()) {
        (Some(one), Some(other)) => {
            return Err(format!(
                "--format {} and --format {} would be written to the same place: name a file for one of them, \
                 --format {}=FILE",
                one.name, other.name, other.name
            ));
        }
        (Some(one), None) => one,
        (None, _) => by_suffix(file)?,
    };
    let named = output.format.iter().filter_map(|chosen| Some((chosen.format, chosen.file.clone()?)));
    let named = named.map(|(format, file)| ReportTo { format, file: Some(("--format", file)) });
    let main = ReportTo { format: first, file: file.map(|file| ("--output", file.to_owned())) };
    let reports: Vec<_> = std::iter::once(main).chain(named).collect();
    if let Some(empty) = reports.iter().find(|to| to.file.iter().any(|(_, file)| file.as_os_str().is_empty()))
    {
        return Err(format!("--format {}= needs the name of a file", empty.format.name));
    }
    let with_fields = [&json::FORMAT, &jsonl::FORMAT, &html::FORMAT];
    let has_fields = |to: &ReportTo| with_fields.iter().any(|format| to.format.is(format));
    if output.fields.is_some() && !reports.iter().any(has_fields) {
        return Err(format!("--fields is about reports in JSON and HTML; this report is {}", first.name));
    }
    if output.diagram && !reports.iter().any(|to| to.format.is(&render::text::FORMAT)) {
        return Err(format!("--diagram is about the text report; this report is {}", first.name));
    }
    Ok(reports)
}

/// The format that the file's suffix says.
fn by_suffix(file: Option<&Path>) -> Result<&'static Format, String> {
    let file = file.and_then(Path::to_str).unwrap_or_default();
    if render::find(file).is_some() {
        return Err(format!(
            "-o takes a file, and {file} is a format: --format {file}, or -o FILE.{file} \
             (for a file of that very name: -o ./{file})"
        ));
    }
    let fits = |format: &&Format| {
        !format.suffix.is_empty() && file.strip_suffix(format.suffix).is_some_and(|name| name.ends_with('.'))
    };
    // The longest: bill.cdx.json is no report in JSON.
    let longest = render::FORMATS.iter().filter(fits).max_by_key(|format| format.suffix.len());
    Ok(longest.unwrap_or(&render::text::FORMAT))
}

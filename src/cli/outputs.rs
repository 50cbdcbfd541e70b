//! The reports of a run, each in its format and to its place.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::files::Out;
use super::options::Options;
use super::settings;
use super::step::Steps;
use crate::render::{Document, Format, Settings, Several, text};
use crate::report::Report;
use crate::report::many::Untraced;
use crate::report::redaction::{Redaction, Replacing};

/// What an output wants of one target among many.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// A row for a person.
    Row(Settings),
    /// The whole, in a piece of its own.
    Line(&'static Format, Settings),
    /// The whole report, to add it to a document.
    Whole,
}

/// What is known of one target among many.
#[derive(Debug)]
pub(super) enum Whole {
    Report(Box<Report>),
    Untraced(Box<Untraced>),
}

impl Part {
    /// The same, of a report that must not say something.
    pub(super) fn replacing(&self, replacing: &Arc<Replacing>) -> Part {
        let with = |settings: &Settings| Settings { replacing: Some(replacing.clone()), ..settings.clone() };
        match self {
            Part::Row(settings) => Part::Row(with(settings)),
            Part::Line(format, settings) => Part::Line(format, with(settings)),
            Part::Whole => Part::Whole,
        }
    }
}

/// All of them, opened before anything is done.
pub(super) struct Outputs {
    all: Vec<Output>,
    /// Of what is written names and addresses are taken out.
    redaction: Option<Redaction>,
    /// The first that could not be written. It must not cost the others, so it is told at the end.
    failure: Option<String>,
    /// `--step`
    steps: Option<Steps>,
}

struct Output {
    format: &'static Format,
    document: Box<dyn Document>,
    out: Out,
    settings: Settings,
}

/// Adds a report to a document.
fn add(
    document: &mut dyn Document,
    report: &Report,
    settings: &Settings,
    redaction: Option<&Redaction>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(redaction) = redaction else { return document.add(report, settings, out) };
    let replacing = Arc::new(redaction.of(report));
    let settings = Settings { replacing: Some(replacing.clone()), ..settings.clone() };
    redacted(&replacing, out, |made| document.add(report, &settings, made))
}

/// Lets nothing out but what `replacing` makes of it.
pub(super) fn redacted(
    replacing: &Replacing,
    out: &mut dyn Write,
    make: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut made = Vec::new();
    make(&mut made)?;
    out.write_all(replacing.apply(&String::from_utf8_lossy(&made)).as_bytes())
}

impl Outputs {
    /// Opens the files.
    pub(super) fn open(options: &Options) -> Result<Outputs, String> {
        Outputs::open_but(options, |_| Ok(None))
    }

    /// The same, but for files that `own` opens.
    pub(super) fn open_but(
        options: &Options,
        own: impl Fn(&Path) -> Result<Option<File>, String>,
    ) -> Result<Outputs, String> {
        let wanted = &options.output;
        let steps = wanted.step.then(|| Steps::open(wanted)).transpose()?;
        let mut all = Vec::new();
        for report in &wanted.reports {
            let format = report.format;
            let out = match &report.file {
                Some((_, path)) => match own(path)? {
                    Some(file) => Out::appending(file, path),
                    None => Out::open(path, wanted.show_secrets, format.several != Several::Lines)?,
                },
                // With --pipe standard output is the server's.
                None if options.pipe => Out::Stderr,
                None => Out::Stdout,
            };
            if !wanted.silent || out.is_file() {
                let settings = settings(wanted, &out);
                all.push(Output { format, document: (format.begin)(), out, settings });
            }
        }
        let redaction = wanted.redact.then(Redaction::default);
        Ok(Outputs { all, redaction, failure: None, steps })
    }

    /// What takes names and addresses out, if that is wanted.
    pub(super) fn redaction(&self) -> Option<Redaction> {
        self.redaction.clone()
    }

    /// Whether only a person reads them.
    pub(super) fn are_text(&self) -> bool {
        self.all.iter().all(|output| output.format.is(&text::FORMAT))
    }

    /// Whether a person reads one of them.
    pub(super) fn have_text(&self) -> bool {
        self.all.iter().any(|output| output.format.is(&text::FORMAT))
    }

    /// Whether some are reports with all connections of a run.
    pub(super) fn merge(&self) -> bool {
        self.all.iter().any(|output| output.format.several == Several::Merged)
    }

    /// The exit code, if whoever was shown them one after the other pressed Ctrl-C.
    pub(super) fn stopped(&self) -> Option<u8> {
        self.steps.as_ref().and_then(Steps::stopped)
    }

    /// Nothing is said on standard error.
    pub(super) fn leave_stderr(&mut self) {
        self.all.retain(|output| !matches!(output.out, Out::Stderr));
    }

    /// Adds a report to each.
    pub(super) fn add(&mut self, report: &Report) {
        self.add_to(report, |_| true);
    }

    /// Adds a report to those that have one for each connection.
    pub(super) fn add_single(&mut self, report: &Report) {
        self.add_to(report, |format| format.several != Several::Merged);
    }

    /// Adds a report with all connections to those that have no other.
    pub(super) fn add_merged(&mut self, report: &Report) {
        self.add_to(report, |format| format.several == Several::Merged);
    }

    fn add_to(&mut self, report: &Report, wanted: impl Fn(&Format) -> bool) {
        for output in self.all.iter_mut().filter(|output| wanted(output.format)) {
            let Output { format, document, out, settings } = output;
            let redaction = self.redaction.as_ref();
            let written = match &mut self.steps {
                Some(steps) if format.is(&text::FORMAT) && matches!(out, Out::Stdout) => {
                    let replacing = redaction.map(|redaction| Arc::new(redaction.of(report)));
                    steps.show(report, &Settings { replacing, ..settings.clone() }, out)
                }
                _ => out.write(|out| add(document.as_mut(), report, settings, redaction, out)),
            };
            self.failure = self.failure.take().or(written.err());
        }
    }

    /// What each of them wants of one target among many.
    pub(super) fn parts(&self) -> Vec<Part> {
        let part = |output: &Output| match output.format.several {
            Several::Lines if output.format.is(&text::FORMAT) => Part::Row(output.settings.clone()),
            // Thousands of pictures are none.
            Several::Lines => {
                Part::Line(output.format, Settings { pictures: false, ..output.settings.clone() })
            }
            Several::Document | Several::Merged => Part::Whole,
        };
        self.all.iter().map(part).collect()
    }

    /// Adds a target: what was made of it for each output, or the whole. Whether anybody still reads; fails if one can't be
    /// written, since the next one could not be either.
    pub(super) fn add_made(&mut self, made: &[Vec<u8>], whole: Option<&Whole>) -> Result<bool, String> {
        let mut read = false;
        for (output, made) in self.all.iter_mut().zip(made) {
            let Output { format, document, out, settings } = output;
            let mut closed = false;
            out.write(|out| {
                let whole = whole.filter(|_| format.several != Several::Lines);
                let redaction = self.redaction.as_ref();
                let written = match whole {
                    Some(Whole::Report(report)) => add(document.as_mut(), report, settings, redaction, out),
                    Some(Whole::Untraced(target)) => match redaction {
                        None => document.untraced(target, settings, out),
                        Some(redaction) => redacted(&redaction.of_intent(&target.intent), out, |made| {
                            document.untraced(target, settings, made)
                        }),
                    },
                    None => out.write_all(made),
                };
                let written = written.and_then(|()| out.flush());
                closed = written.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe);
                written
            })?;
            read |= !closed;
        }
        Ok(read || self.all.is_empty())
    }

    /// Writes something to those in text alone, as it is: whoever has names in it takes them out.
    pub(super) fn say(&mut self, make: impl Fn(&Settings, &mut dyn Write) -> io::Result<()>) {
        for output in self.all.iter_mut().filter(|output| output.format.is(&text::FORMAT)) {
            let written = output.out.write(|out| make(&output.settings, out));
            self.failure = self.failure.take().or(written.err());
        }
    }

    /// Writes to each what is no report; `make` knows the formats.
    pub(super) fn write(&mut self, make: impl Fn(&Format, &Settings, &mut dyn Write) -> io::Result<()>) {
        for Output { format, out, settings, .. } in &mut self.all {
            let written = out.write(|out| make(format, settings, out));
            self.failure = self.failure.take().or(written.err());
        }
    }

    /// Completes them, and says what could not be written.
    pub(super) fn end(mut self) -> Result<(), String> {
        let replacing = self.redaction.as_ref().map(Redaction::of_all);
        for Output { document, out, settings, .. } in &mut self.all {
            let written = match &replacing {
                None => out.write(|out| document.end(settings, out)),
                Some(replacing) => {
                    out.write(|out| redacted(replacing, out, |made| document.end(settings, made)))
                }
            };
            let written = written.and_then(|()| out.complete());
            self.failure = self.failure.take().or(written.err());
        }
        self.failure.map_or(Ok(()), Err)
    }
}

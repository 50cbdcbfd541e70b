//! The reports of a run, each in its format and to its place.

use std::io::{self, Write};

use super::files::Out;
use super::options::Options;
use super::settings;
use crate::render::{Document, Format, Settings, Several, text};
use crate::report::Report;

/// All of them, opened before anything is done.
pub(super) struct Outputs {
    all: Vec<Output>,
    /// The first that could not be written. It must not cost the others, so it is told at the end.
    failure: Option<String>,
}

struct Output {
    format: &'static Format,
    document: Box<dyn Document>,
    out: Out,
    settings: Settings,
}

impl Outputs {
    /// Opens the files.
    pub(super) fn open(options: &Options) -> Result<Outputs, String> {
        let wanted = &options.output;
        let mut all = Vec::new();
        for report in &wanted.reports {
            let format = report.format;
            let out = match &report.file {
                Some((_, path)) => Out::open(path, wanted.show_secrets, format.several != Several::Lines)?,
                // With --pipe standard output is the server's.
                None if options.pipe => Out::Stderr,
                None => Out::Stdout,
            };
            if !wanted.silent || out.is_file() {
                let settings = settings(wanted, &out);
                all.push(Output { format, document: (format.begin)(), out, settings });
            }
        }
        Ok(Outputs { all, failure: None })
    }

    /// Whether only a person reads them.
    pub(super) fn are_text(&self) -> bool {
        self.all.iter().all(|output| output.format.is(&text::FORMAT))
    }

    /// Whether some are reports with all connections of a run.
    pub(super) fn merge(&self) -> bool {
        self.all.iter().any(|output| output.format.several == Several::Merged)
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
            let Output { document, out, settings, .. } = output;
            let written = out.write(|out| document.add(report, settings, out));
            self.failure = self.failure.take().or(written.err());
        }
    }

    /// Writes something to those in text alone.
    pub(super) fn say(&mut self, make: impl Fn(&Settings, &mut dyn Write) -> io::Result<()>) {
        for output in self.all.iter_mut().filter(|output| output.format.is(&text::FORMAT)) {
            let written = output.out.write(|out| make(&output.settings, out));
            self.failure = self.failure.take().or(written.err());
        }
    }

    /// Completes them, and says what could not be written.
    pub(super) fn end(mut self) -> Result<(), String> {
        for Output { document, out, settings, .. } in &mut self.all {
            let written = out.write(|out| document.end(settings, out)).and_then(|()| out.complete());
            self.failure = self.failure.take().or(written.err());
        }
        self.failure.map_or(Ok(()), Err)
    }
}

//! Renderers: pure functions from a report to text, one file a format.

pub mod csv;
pub mod cyclonedx;
pub mod diff;
pub mod explain;
pub mod github;
pub mod html;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod many;
pub mod markdown;
pub mod mermaid;
pub mod nagios;
pub mod openmetrics;
mod plain;
pub mod sarif;
pub mod svg;
pub mod table;
pub mod text;
pub mod watch;

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use crate::finding::Severity;
use crate::report::Report;
use crate::report::many::Untraced;
use crate::report::redaction::Replacing;

/// What a renderer needs to know besides the report. It looks at no terminal and no environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Columns.
    pub width: usize,
    pub color: bool,
    /// Whether the locale takes more than ASCII.
    pub unicode: bool,
    /// 0: the timeline; 1: every field; 2: beside its bytes; 3: all of the bytes.
    pub verbosity: u8,
    /// The last line alone.
    pub quiet: bool,
    /// Explain each step in place.
    pub annotate: bool,
    /// Draw a sequence diagram in the place of the timeline.
    pub diagram: bool,
    /// Formats that can have pictures have them.
    pub pictures: bool,
    /// Show secrets and the key schedule.
    pub show_secrets: bool,
    /// How much of the field trees JSON and pages have; none: as each has it by itself.
    pub fields: Option<json::Choice>,
    /// Findings below it are left out; what the verdict is about never is.
    pub min_severity: Severity,
    /// What the report must not say, and what it says instead.
    pub replacing: Option<Arc<Replacing>>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            width: 80,
            color: false,
            unicode: true,
            verbosity: 0,
            quiet: false,
            annotate: false,
            diagram: false,
            pictures: true,
            show_secrets: false,
            fields: None,
            min_severity: Severity::Note,
            replacing: None,
        }
    }
}

impl Settings {
    /// `text` without what this report must not say; before it is laid out, so that no name is cut in two.
    fn told<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.replacing.as_ref().map_or(Cow::Borrowed(text), |replacing| replacing.apply(text))
    }
}

/// A row of the table of formats.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    pub name: &'static str,
    pub about: &'static str,
    /// Of a file that is in this format, without the dot; empty if none says so.
    pub suffix: &'static str,
    pub several: Several,
    /// Begins an output.
    pub begin: fn() -> Box<dyn Document>,
}

/// What an output is that several reports are in: the connections of a capture, several targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Several {
    /// Each stands for itself, and can be read before the next one comes.
    Lines,
    /// They are added to one document, which is of use as a whole only.
    Document,
    /// Connections become those of one report.
    Merged,
}

/// An output of a run, while it is made. Reports are added to it as they come.
pub trait Document: Send {
    /// Adds a report.
    ///
    /// # Errors
    /// It can't be written.
    fn add(&mut self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()>;

    /// Adds a target of which there is no report. Nothing that was asked for is left out.
    ///
    /// # Errors
    /// It can't be written.
    fn untraced(&mut self, target: &Untraced, settings: &Settings, out: &mut dyn Write) -> io::Result<()>;

    /// Behind the last one.
    ///
    /// # Errors
    /// It can't be written.
    fn end(&mut self, settings: &Settings, out: &mut dyn Write) -> io::Result<()>;
}

/// A document whose reports know nothing of each other.
struct Each {
    report: fn(&Report, &Settings, &mut dyn Write) -> io::Result<()>,
    untraced: fn(&Untraced, &Settings, &mut dyn Write) -> io::Result<()>,
}

impl Document for Each {
    fn add(&mut self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        (self.report)(report, settings, out)
    }

    fn untraced(&mut self, target: &Untraced, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        (self.untraced)(target, settings, out)
    }

    fn end(&mut self, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

impl Format {
    /// The output with one report.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write(&self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let mut document = (self.begin)();
        document.add(report, settings, out)?;
        document.end(settings, out)
    }

    /// The same of a target without a report.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write_untraced(
        &self,
        target: &Untraced,
        settings: &Settings,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut document = (self.begin)();
        document.untraced(target, settings, out)?;
        document.end(settings, out)
    }

    /// Whether it is this one.
    pub fn is(&self, other: &Format) -> bool {
        self.name == other.name
    }
}

/// The formats, the default first.
pub const FORMATS: &[Format] = &[
    text::FORMAT,
    json::FORMAT,
    jsonl::FORMAT,
    junit::FORMAT,
    sarif::FORMAT,
    github::FORMAT,
    markdown::FORMAT,
    html::FORMAT,
    svg::FORMAT,
    mermaid::SEQUENCE,
    mermaid::FLOW,
    nagios::FORMAT,
    openmetrics::FORMAT,
    csv::FORMAT,
    cyclonedx::FORMAT,
];

/// The format called `name`.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

//! Renderers: pure functions from a report to text, one file a format.

pub mod explain;
pub mod json;
pub mod jsonl;
pub mod table;
pub mod text;

use std::io::{self, Write};

use clap::builder::PossibleValuesParser;

use crate::finding::Severity;
use crate::report::Report;

/// What a renderer needs to know besides the report. It looks at no terminal and no environment.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Show secrets and the key schedule.
    pub show_secrets: bool,
    /// How much of the field trees JSON has.
    pub fields: json::Choice,
    /// Findings below it are left out; what the verdict is about never is.
    pub min_severity: Severity,
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
            show_secrets: false,
            fields: json::Choice::Summary,
            min_severity: Severity::Note,
        }
    }
}

/// A row of the table of formats.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    pub name: &'static str,
    pub about: &'static str,
    /// Of a file that is in this format, without the dot.
    pub suffix: &'static str,
    pub write: fn(&Report, &Settings, &mut dyn Write) -> io::Result<()>,
}

/// The formats, the default first.
pub const FORMATS: &[Format] = &[text::FORMAT, json::FORMAT, jsonl::FORMAT];

/// The format called `name`.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Their names, for clap.
pub fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        FORMATS.iter().map(|format| clap::builder::PossibleValue::new(format.name).help(format.about)),
    )
}

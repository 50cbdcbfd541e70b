//! JSON Lines: the document of `--format json` in one line, of many connections one each.

use std::io::{self, Write};

use super::{Each, Format, Settings, Several, json};
use crate::report::Report;

/// `--format jsonl`
pub const FORMAT: Format = Format {
    name: "jsonl",
    about: "the same document in one line; of a capture a line for each connection, of many targets for each",
    suffix: "jsonl",
    several: Several::Lines,
    begin: || Box::new(Each { report: write, untraced: json::untraced }),
};

fn write(report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    json::FORMAT.write(report, &Settings { quiet: true, ..settings.clone() }, out)
}

//! The report as a person reads it.

mod chain;
mod fields;
mod messages;
mod screen;
mod timeline;
mod verdict;

use std::io::{self, Write};

use super::{Format, Settings};
use crate::report::Report;
use screen::Screen;

/// `--format text`
pub const FORMAT: Format = Format { name: "text", about: "for a person (the default)", write };

fn write(report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(settings);
    if settings.quiet {
        verdict::last_line(&mut screen, report);
        return out.write_all(screen.finish().as_bytes());
    }
    let several = report.connections.len() > 1;
    for (index, case) in report.cases().enumerate() {
        if index > 0 {
            screen.gap();
        }
        timeline::write(&mut screen, &case, several.then_some(index + 1));
        chain::write(&mut screen, &case);
        verdict::findings(&mut screen, &report.findings[index]);
        // The verdict that counts stands at the very end.
        if several && report.decisive() != Some(index) {
            screen.gap();
            verdict::line(&mut screen, &report.verdicts[index]);
        }
    }
    screen.gap();
    verdict::write(&mut screen, report);
    out.write_all(screen.finish().as_bytes())
}

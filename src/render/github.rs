//! Annotations of GitHub Actions: workflow commands, one a line, for each finding and verdict.

use std::io::{self, Write};

use super::plain::safe;
use super::{Each, Format, Settings, Several};
use crate::finding::Severity;
use crate::report::many::Untraced;
use crate::report::{Report, connection, told};

/// `--format github`
pub const FORMAT: Format = Format {
    name: "github",
    about: "annotations of GitHub Actions (workflow commands)",
    suffix: "",
    several: Several::Lines,
    begin: || Box::new(Each { report: write, untraced }),
};

fn write(report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for told in told::of(report, settings.min_severity) {
        let title = format!("{}: {}", connection::name(report, told.connection), told.title);
        let lines = told.lines().into_iter().map(|(what, text)| match what {
            "what" => text,
            what => format!("{what}: {text}"),
        });
        // The log shows no titles.
        let mut lines: Vec<_> = std::iter::once(told.title.clone()).chain(lines).collect();
        lines.push(format!("more: tls-trace explain {}", told.id));
        command(out, told.severity, &title, &lines)?;
    }
    // A connection without a finding of its own has a verdict all the same.
    for (place, judged) in connection::counting(report) {
        let verdict = &judged.verdict;
        if verdict.exit_code == 0 {
            let title = connection::name(report, place);
            command(out, Severity::Note, &title, &[format!("{} · {}", verdict.word(), verdict.summary)])?;
        }
    }
    let bad = connection::others(report).filter(|row| row.exit_code != 0);
    let bad: Vec<_> = bad.map(|row| format!("{} {}", row.label, row.values.join(", "))).collect();
    if !bad.is_empty() {
        let title = format!("{}: {} more connections", connection::target(report), bad.len());
        command(out, Severity::Error, &title, &bad[..bad.len().min(10)])?;
    }
    Ok(())
}

fn untraced(target: &Untraced, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let line = format!("{} · {}", target.outcome.word(), target.why);
    command(out, Severity::Error, &target.name(), &[line])
}

/// `::error title=…::…`
fn command(out: &mut dyn Write, severity: Severity, title: &str, lines: &[String]) -> io::Result<()> {
    let name = match severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let lines: Vec<_> = lines.iter().map(|line| data(line)).collect();
    // A line's end in the message.
    writeln!(out, "::{name} title={}::{}", property(title), lines.join("%0A"))
}

/// As `escapeData` of @actions/core has it; no text has a line's end here.
fn data(text: &str) -> String {
    safe(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As `escapeProperty` has it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_begins_a_command_of_its_own() {
        let mut out = Vec::new();
        let title = "a,b::c%0A\n::set-env name=x::y";
        command(&mut out, Severity::Error, title, &["one\n::warning::two".into(), "three".into()]).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out,
            "::error title=a%2Cb%3A%3Ac%250A\\n%3A%3Aset-env name=x%3A%3Ay::one\\n::warning::two%0Athree\n"
        );
    }
}

//! CSV (RFC 4180): a header, and a row for each connection with the flat facts that expressions know.

use std::io::{self, Write};
use std::time::Duration;

use csv::WriterBuilder;
use serde_json::Value;

use super::plain::{moment, safe, seconds};
use super::{Document, Format, Settings, Several};
use crate::expect::fields::FIELDS;
use crate::judged::{Facts, Judged};
use crate::report::connection::{self, Times};
use crate::report::many::Untraced;
use crate::report::{Report, comparison};

/// `--format csv`
pub const FORMAT: Format = Format {
    name: "csv",
    about: "a row for each connection, for a spreadsheet or a database",
    suffix: "csv",
    several: Several::Document,
    begin: || Box::new(Rows { begun: false }),
};

/// What stands before the facts.
const COLUMNS: &[&str] = &[
    "connection",
    "started_at",
    "address",
    "verdict",
    "exit_code",
    "id",
    "summary",
    "dns_seconds",
    "tcp_seconds",
    "handshake_seconds",
    "total_seconds",
];

struct Rows {
    begun: bool,
}

impl Rows {
    /// With the header in it.
    fn begun<'a>(&mut self, out: &'a mut dyn Write) -> io::Result<csv::Writer<&'a mut dyn Write>> {
        let mut to = WriterBuilder::new().from_writer(out);
        if !std::mem::replace(&mut self.begun, true) {
            to.write_record(header())?;
        }
        Ok(to)
    }
}

impl Document for Rows {
    fn add(&mut self, report: &Report, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let mut to = self.begun(out)?;
        for (place, judged) in connection::counting(report) {
            to.write_record(row(report, place, judged))?;
        }
        for other in connection::others(report) {
            to.write_record(brief(report, other))?;
        }
        to.flush()
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let mut to = self.begun(out)?;
        to.write_record(sparse(&[
            ("connection", cell(&target.name())),
            ("verdict", target.outcome.name().to_owned()),
            ("exit_code", target.exit_code().to_string()),
            ("summary", cell(&target.why)),
        ]))?;
        to.flush()
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.begun(out)?.flush()
    }
}

fn header() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().copied().chain(FIELDS.iter().map(|field| field.name))
}

fn row(report: &Report, place: usize, judged: &Judged) -> Vec<String> {
    let case = judged.case(&report.question);
    let (times, verdict) = (Times::of(&case), &judged.verdict);
    let mut row = vec![
        cell(&connection::name(report, place)),
        moment(judged.capture.began),
        connection::address(&case).map(|address| address.to_string()).unwrap_or_default(),
        verdict.outcome.name().to_owned(),
        verdict.exit_code.to_string(),
        cell(verdict.id.as_deref().unwrap_or_default()),
        cell(&verdict.summary),
        time(times.dns),
        time(times.tcp),
        time(times.handshake),
        seconds(times.total),
    ];
    let facts = serde_json::to_value(Facts::judged(judged, &report.question)).unwrap_or_default();
    row.extend(FIELDS.iter().map(|field| value(facts.get(field.name).unwrap_or(&Value::Null))));
    row
}

/// Of a connection that was not kept whole: what is left of it.
fn brief(report: &Report, row: &comparison::Row) -> Vec<String> {
    sparse(&[
        ("connection", cell(&connection::numbered(&connection::target(report), row.number))),
        ("exit_code", row.exit_code.to_string()),
        ("summary", cell(&row.values.join(", "))),
        ("dns_seconds", time(row.dns)),
        ("tcp_seconds", time(row.tcp)),
        ("handshake_seconds", time(row.handshake)),
    ])
}

/// A row with these cells alone.
fn sparse(known: &[(&str, String)]) -> Vec<String> {
    let value = |column: &str| known.iter().find(|(name, _)| *name == column).map(|(_, value)| value.clone());
    header().map(|column| value(column).unwrap_or_default()).collect()
}

fn time(time: Option<Duration>) -> String {
    time.map(seconds).unwrap_or_default()
}

/// Empty if it is not known; of several a blank between them.
fn value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
        Value::String(text) => cell(text),
        Value::Array(all) => cell(&all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        // A number is no formula, also a negative one.
        other => other.to_string(),
    }
}

/// A text. A spreadsheet takes one that begins like a formula for one, so a quote stands before it, which it takes for
/// the sign of a text (OWASP, "CSV Injection").
fn cell(text: &str) -> String {
    let text = safe(text);
    match text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
    {
        true => format!("'{text}"),
        false => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        for (text, shown) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-2+3", "'-2+3"),
            ("@SUM(1)", "'@SUM(1)"),
            ("  =1", "'  =1"),
            ("\t=1", "\\t=1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(cell(text), shown);
        }
        assert_eq!(value(&Value::from(-5)), "-5");
    }
}

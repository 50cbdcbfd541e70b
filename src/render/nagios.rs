//! One line for Nagios, Icinga and whatever runs their plugins: status, what was found, performance data
//! (Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Performance data").

use std::io::{self, Write};

use super::plain::{ascii, safe, seconds};
use super::{Document, Format, Settings, Several};
use crate::certificate::MinDays;
use crate::judged::Facts;
use crate::report::connection::{self, Times};
use crate::report::many::Untraced;
use crate::report::status::{Status, warnings};
use crate::report::{Report, comparison};
use crate::wire::text::cut;

/// `--format nagios`
pub const FORMAT: Format = Format {
    name: "nagios",
    about: "one line with performance data; alone it makes the exit code Nagios's",
    suffix: "",
    several: Several::Document,
    begin: || Box::new(Line::default()),
};

/// So many targets have performance data: what is longer is cut off by whoever reads it.
const SHOWN: usize = 20;

/// Columns of what is said of one target, and of all.
const ABOUT_ONE: usize = 300;
const ABOUT_ALL: usize = 1_500;

/// What the line will say.
#[derive(Debug, Default)]
struct Line {
    status: Option<Status>,
    targets: usize,
    /// Of them in the worst status.
    worst: usize,
    /// What is said of the worst ones.
    said: Vec<String>,
    /// Labels of each target, with what they say of it.
    data: Vec<(String, Vec<Datum>)>,
}

/// `label=value;warn;crit`, with unit.
type Datum = (&'static str, String);

impl Line {
    fn one_more(&mut self, status: Status, said: impl FnOnce() -> String) {
        self.targets += 1;
        if self.status.is_none_or(|worst| worst < status) {
            (self.status, self.worst) = (Some(status), 0);
            self.said.clear();
        }
        if self.status == Some(status) {
            self.worst += 1;
            if self.said.len() < SHOWN {
                self.said.push(said());
            }
        }
    }
}

impl Document for Line {
    fn add(&mut self, report: &Report, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        let status = Status::of(report);
        self.one_more(status, || said(report, status));
        if self.data.len() < SHOWN {
            self.data.push((connection::target(report), data(report)));
        }
        Ok(())
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        let words = format!("{}: {} · {}", target.name(), target.outcome.word(), target.why);
        self.one_more(Status::of_exit_code(target.exit_code()), || cut(&words, ABOUT_ONE, "…"));
        Ok(())
    }

    fn end(&mut self, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let status = self.status.unwrap_or(Status::Unknown);
        let told = match self.targets {
            0 => "nothing was traced".to_owned(),
            1 => self.said.concat(),
            targets if self.worst == targets => format!("all {targets}: {}", self.said.join("; ")),
            targets => format!("{} of {targets}: {}", self.worst, self.said.join("; ")),
        };
        let told = cut(&told, ABOUT_ALL, "…");
        let told = if settings.unicode { told } else { ascii(&safe(&told)) };
        let mut data = Vec::new();
        for (target, values) in &self.data {
            for (name, value) in values {
                let name = if self.data.len() > 1 { format!("{target}/{name}") } else { (*name).to_owned() };
                data.push(format!("{}={value}", label(&name)));
            }
        }
        out.write_all(line(status, &told).as_bytes())?;
        if !data.is_empty() {
            write!(out, " | {}", data.join(" "))?;
        }
        out.write_all(b"\n")
    }
}

/// `TLS OK - …`, without performance data.
pub fn line(status: Status, told: &str) -> String {
    format!("TLS {} - {}", status.word(), harmless(&safe(told)))
}

fn said(report: &Report, status: Status) -> String {
    let target = connection::target(report);
    let Some(judged) = report.decisive() else { return format!("{target}: nothing was traced") };
    let verdict = &judged.verdict;
    let mut words = format!("{} · {}", verdict.word(), verdict.summary);
    if status == Status::Warning {
        let warned = connection::counting(report).flat_map(|(_, judged)| warnings(judged));
        let mut warned: Vec<_> = warned.take(SHOWN).collect();
        warned.dedup();
        words = format!("{} · {words}", warned.join("; "));
    }
    if report.count > 1 {
        words = format!("{words} ({})", counted(report));
    }
    cut(&format!("{target}: {words}"), ABOUT_ONE, "…")
}

/// `2 of 50 connections`
fn counted(report: &Report) -> String {
    let kept = connection::counting(report).map(|(_, judged)| judged.verdict.exit_code);
    let codes: Vec<u8> = kept.chain(connection::others(report).map(|row| row.exit_code)).collect();
    let worst = report.verdict().map_or(0, |verdict| verdict.exit_code);
    let alike = codes.iter().filter(|code| **code == worst).count();
    format!("{alike} of {} connections", codes.len())
}

fn data(report: &Report) -> Vec<Datum> {
    let Some(judged) = report.decisive() else { return Vec::new() };
    let facts = Facts::judged(judged, &report.question);
    let times = Times::of(&judged.case(&report.question));
    let mut data = Vec::new();
    if let Some(days) = facts.days {
        let asked = report.question.min_days.as_deref().and_then(|text| MinDays::read(text).ok());
        // Fewer is what is warned of: a range is written by its lower end.
        let range = |days: Option<i64>| days.map(|days| format!("{days}:")).unwrap_or_default();
        let asked = asked.unwrap_or_default();
        data.push(("days", format!("{days};{};{}", range(asked.warn), range(asked.fail))));
    }
    if let Some(life) = facts.life {
        data.push(("life", format!("{life}%")));
    }
    let phases = [("dns", times.dns), ("tcp", times.tcp), ("handshake", times.handshake)];
    let phases = phases.into_iter().filter_map(|(name, time)| Some((name, time?)));
    data.extend(phases.map(|(name, time)| (name, format!("{}s", seconds(time)))));
    data.push(("total", format!("{}s", seconds(times.total))));
    if report.count > 1 {
        let compared = comparison::Comparison::of(report);
        let spread =
            compared.iter().flat_map(|all| &all.spreads).find(|spread| spread.what == "TLS handshake");
        data.extend(spread.map(|spread| ("handshake_p95", format!("{}s", seconds(spread.p95)))));
        data.push(("connections", report.count.to_string()));
    }
    data
}

/// In quotes where it has a blank; a quote is doubled, and there is no equals sign in it.
fn label(name: &str) -> String {
    let name = ascii(&safe(name)).replace(['=', '|'], "_");
    match name.contains([' ', '\'']) {
        true => format!("'{}'", name.replace('\'', "''")),
        false => name,
    }
}

/// Without what ends the text and begins the performance data, and without what Nagios takes out of macros, lest a
/// notification's shell or a page sees it (`illegal_macro_output_chars`); but comparisons stay legible.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' => {}
            '<' | '>' if chars.peek().is_some_and(|next| *next == '=' || next.is_ascii_digit()) => {
                out.push(c)
            }
            '|' | '`' | '~' | '$' | '&' | '<' | '>' => out.push('_'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_text_nor_label_ends_early() {
        assert_eq!(harmless("a|b=1 `id` $(id) \"x\""), "a_b=1 _id_ _(id) x");
        assert_eq!(harmless("<b>x</b> days>=9, life<3"), "_b_x_/b_ days>=9, life<3");
        assert_eq!(label("days"), "days");
        assert_eq!(label("a'b=c|d days"), "'a''b_c_d days'");
    }
}

//! The connections of a page: a row each, from which the script makes a table that filters.

use maud::{Markup, html};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::DETAILED;
use super::verdict::class;
use crate::report::comparison::Row;
use crate::report::many::Untraced;
use crate::report::{self, Report, connection};

/// A row.
pub(super) struct Entry {
    name: String,
    class: &'static str,
    word: String,
    headline: String,
    exit_code: u8,
    /// Version, cipher suite, group, ALPN, time of the handshake.
    values: [String; 5],
    /// The page has all of it.
    detailed: bool,
    /// It has not, for want of room.
    left_out: bool,
    /// Its verdict counts for the exit code: experiments and attempts that another one took the place of do not.
    counts: bool,
}

/// What of the negotiated values is in a row.
const VALUES: [&str; 5] = ["version", "cipher suite", "group", "ALPN", "handshake"];

impl Entry {
    /// Of the connection at this place.
    pub(super) fn of(report: &Report, place: usize, detailed: bool) -> Entry {
        let Some(judged) = report.connections.get(place) else { return Entry::empty() };
        let case = judged.case(&report.question);
        let headlines = report::verdict::headlines(&case, &judged.verdict);
        let negotiated = connection::negotiated(report, judged);
        let value =
            |name: &str| negotiated.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        Entry {
            name: connection::name(report, place),
            class: class(&judged.verdict),
            word: judged.verdict.word().to_owned(),
            headline: headlines.last().cloned().unwrap_or_default(),
            exit_code: judged.verdict.exit_code,
            values: VALUES.map(|name| value(name).unwrap_or_default()),
            detailed,
            left_out: !detailed,
            counts: judged.counts(),
        }
    }

    /// Of one of which no more was kept.
    pub(super) fn of_row(report: &Report, row: &Row) -> Entry {
        let value =
            |place: usize| row.values.get(place).filter(|value| *value != "-").cloned().unwrap_or_default();
        let handshake = row.handshake.map(|time| format!("{:.1} ms", time.as_secs_f64() * 1000.0));
        Entry {
            name: connection::numbered(&connection::target(report), row.number),
            class: if row.exit_code == 0 { "good" } else { "bad" },
            word: value(0),
            exit_code: row.exit_code,
            values: [value(1), value(2), value(3), value(4), handshake.unwrap_or_default()],
            ..Entry::empty()
        }
    }

    /// Of a target that there is no report of.
    pub(super) fn of_untraced(target: &Untraced) -> Entry {
        Entry {
            name: target.name(),
            word: target.outcome.word().to_owned(),
            headline: target.why.clone(),
            exit_code: target.exit_code(),
            ..Entry::empty()
        }
    }

    fn empty() -> Entry {
        Entry {
            name: String::new(),
            class: "bad",
            word: String::new(),
            headline: String::new(),
            exit_code: 0,
            values: Default::default(),
            detailed: false,
            left_out: false,
            counts: true,
        }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for text in [self.name.as_str(), self.class, &self.word, &self.headline] {
            seq.serialize_element(text)?;
        }
        seq.serialize_element(&self.exit_code)?;
        seq.serialize_element(&u8::from(self.detailed))?;
        for value in &self.values {
            seq.serialize_element(value)?;
        }
        seq.end()
    }
}

fn counted_rows(n: usize) -> String {
    if n == 1 { "1 connection is a row".to_owned() } else { format!("{n} connections are rows") }
}

/// The table, which the script fills.
pub(super) fn table(entries: &[Entry], exit_code: u8) -> Markup {
    let counted = || entries.iter().filter(|entry| entry.counts);
    let good = counted().filter(|entry| entry.exit_code == 0).count();
    let (bad, others) = (counted().count() - good, entries.len() - counted().count());
    let left_out = entries.iter().filter(|entry| entry.left_out).count();
    html! {
        section .connections aria-label="Connections" {
            p .tally {
                (entries.len()) " connections: " (good) " good, " (bad) " not good"
                @if others > 0 { ", " (others) " not counted" }
                " · exit code " (exit_code)
            }
            @if left_out > 0 {
                p .partial {
                    "So that the page stays small, " (counted_rows(left_out)) " only. Whole are, as long as there is room, the first "
                    (DETAILED) " and those that are not good. One has a page of its own with "
                    code { "tls-trace TARGET --format html -o FILE" } ", or of a capture "
                    code { "tls-trace read CAPTURE --stream N --format html -o FILE" } "."
                }
            }
            form .filter hidden role="search" {
                label { "Filter " input type="search" name="text" placeholder="name, suite, finding …"; }
                label {
                    "Result "
                    select name="result" {
                        option value="" { "all" }
                        option value="good" { "good" }
                        option value="bad" { "not good" }
                    }
                }
                span .count role="status" {}
            }
            div .scroll tabindex="0" role="region" aria-label="Table of connections" {
                table #list {
                    thead {
                        tr {
                            @for name in ["connection", "result"].iter().chain(&VALUES) { th scope="col" { (name) } }
                        }
                    }
                    tbody {}
                }
            }
            p { button type="button" .next hidden data-do="more" { "Show more rows" } }
        }
    }
}

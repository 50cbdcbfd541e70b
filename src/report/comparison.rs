//! What differs between the connections of a session (`--each-address`, `--repeat`, `--resume`).

use std::collections::HashMap;
use std::time::Duration;

use crate::capture::{EarlyData, Purpose, StepKind, Tcp};
use crate::finding::across::{self, Session};
use crate::finding::{Case, Finding, Verdict, ech, summary};

use super::{Report, connection};

/// The connections side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What all have in common.
    pub common: Vec<String>,
    /// Addresses each by itself; of a repetition those that came to the same.
    pub groups: Vec<Group>,
    /// Names of what not all agree in.
    pub differing: Vec<&'static str>,
    /// Of more than one connection.
    pub spreads: Vec<Spread>,
}

/// Connections that came to the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The address, or `50 ×`.
    pub label: String,
    pub count: usize,
    pub exit_code: u8,
    /// What is not common to all.
    pub values: Vec<String>,
    /// The median, if there are several.
    pub handshake: Option<Duration>,
}

/// One connection: what is kept of it when the whole is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number in the run, from 1.
    pub number: usize,
    /// The address, or the number of the connection.
    pub label: String,
    pub exit_code: u8,
    /// As many as there are columns; `-` if unknown.
    pub values: Vec<String>,
    pub dns: Option<Duration>,
    pub tcp: Option<Duration>,
    pub handshake: Option<Duration>,
    /// Whether a session was resumed that was to be.
    pub session: Option<Session>,
}

/// Stands for a value that is not known.
const UNKNOWN: &str = "-";
/// Names of the values.
const COLUMNS: [&str; 8] =
    ["verdict", "version", "cipher suite", "group", "ALPN", "leaf", "resumption", "ECH"];

impl Row {
    /// Of the connection with this number.
    pub fn of(case: &Case<'_>, verdict: &Verdict, purpose: Purpose, number: usize) -> Row {
        let known = case.trace().current().map(|handshake| handshake.facts).unwrap_or_default();
        let leaf = case.judgement.and_then(|judgement| judgement.elements.first());
        let leaf = leaf.and_then(|leaf| {
            Some(format!("leaf {}, {} days", leaf.sha256.as_ref()?.get(..8)?, leaf.days_left?))
        });
        let word = || verdict.word().to_lowercase();
        let session = Session::of(case).filter(|_| purpose == Purpose::EachAddress);
        let values = [
            Some(verdict.id.as_ref().map_or_else(word, |id| id.to_string())),
            known.version.map(|code| code.to_string()),
            known.cipher_suite.map(|code| code.to_string()),
            known.group.map(|code| code.to_string()),
            summary::alpn(case.trace(), &known),
            leaf,
            session.map(|session| session.text().to_owned()),
            ech::became(case).map(str::to_owned),
        ];
        let address = match purpose {
            Purpose::EachAddress => connection::address(case).map(|address| address.ip().to_string()),
            _ => None,
        };
        Row {
            number,
            label: address.unwrap_or_else(|| format!("#{number}")),
            exit_code: verdict.exit_code,
            values: values.into_iter().map(|value| value.unwrap_or_else(|| UNKNOWN.into())).collect(),
            dns: step_time(case, false),
            tcp: step_time(case, true),
            handshake: handshake_time(case),
            session,
        }
    }
}

/// How a time spreads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    pub what: &'static str,
    pub least: Duration,
    pub median: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
    pub most: Duration,
    /// Those that lie far off, the worst first: the connection, and its time.
    pub outliers: Vec<(String, Duration)>,
}

type Time = fn(&Row) -> Option<Duration>;
const TIMES: [(&str, Time); 3] = [
    ("name resolution", |row| row.dns),
    ("TCP connect", |row| row.tcp),
    ("TLS handshake", |row| row.handshake),
];

impl Comparison {
    /// Of a run whose purpose is to compare.
    pub fn of(report: &Report) -> Option<Comparison> {
        let rows = &report.rows;
        let first = rows.first()?;
        let columns = || 0..COLUMNS.len();
        // Who has no value, because it failed before, agrees with nobody and differs from nobody.
        let differs = |column: &usize| {
            let mut known = rows.iter().map(|row| &row.values[*column]).filter(|value| *value != UNKNOWN);
            let first = known.next();
            known.any(|value| Some(value) != first)
        };
        let same = |column: &usize| rows.iter().all(|row| row.values[*column] == first.values[*column]);
        // Of one connection the verdict is no common property.
        let shared = |column: &usize| *column > 0 && rows.len() > 1 && same(column);
        let common = columns().filter(shared).map(|column| first.values[column].clone());
        let own = |row: &Row| {
            let values = columns().filter(|column| !shared(column)).map(|column| row.values[column].clone());
            values.filter(|value| value != UNKNOWN).collect::<Vec<_>>()
        };
        let groups = match report.purpose {
            Purpose::EachAddress => rows.iter().map(|row| Group::of(&row.label, &[row], own(row))).collect(),
            _ => grouped(rows).into_iter().map(|alike| Group::of("", &alike, own(alike[0]))).collect(),
        };
        Some(Comparison {
            common: common.filter(|value| value != UNKNOWN).collect(),
            groups,
            differing: columns().filter(differs).map(|column| COLUMNS[column]).collect(),
            spreads: TIMES.iter().filter_map(|(what, time)| Spread::of(what, rows, *time)).collect(),
        })
    }
}

/// What the connections show together: each finding with the number of the connection that it is about, from 0.
pub fn findings(report: &Report) -> Vec<(usize, Finding)> {
    if report.purpose != Purpose::EachAddress {
        return Vec::new();
    }
    let sessions: Vec<_> = report.rows.iter().map(|row| (row.label.as_str(), row.session)).collect();
    across::not_shared(&sessions).into_iter().collect()
}

/// Rows that agree in everything, in the order of the first of each.
fn grouped(rows: &[Row]) -> Vec<Vec<&Row>> {
    let mut places: HashMap<(u8, &[String]), usize> = HashMap::new();
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        let place = *places.entry((row.exit_code, &row.values)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

impl Group {
    fn of(label: &str, rows: &[&Row], values: Vec<String>) -> Group {
        let mut times: Vec<_> = rows.iter().filter_map(|row| row.handshake).collect();
        times.sort_unstable();
        let label = if label.is_empty() { format!("{} ×", rows.len()) } else { label.to_owned() };
        let exit_code = rows.first().map_or(0, |row| row.exit_code);
        Group { label, count: rows.len(), exit_code, values, handshake: rank(&times, 50) }
    }
}

impl Spread {
    /// Nothing of fewer than two: one sample has no spread.
    fn of(what: &'static str, rows: &[Row], time: Time) -> Option<Spread> {
        const SHOWN: usize = 5;
        let mut times: Vec<_> = rows.iter().filter_map(time).collect();
        if times.len() < 2 {
            return None;
        }
        times.sort_unstable();
        let (low, high) = (rank(&times, 25)?, rank(&times, 75)?);
        // Tukey's outer fence; a tenth of a millisecond more is never worth a word.
        let fence = high + (high - low) * 3 + Duration::from_micros(100);
        let far = rows.iter().filter_map(|row| Some((row.label.clone(), time(row)?)));
        let mut outliers: Vec<_> = far.filter(|(_, time)| *time > fence).collect();
        outliers.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        outliers.truncate(SHOWN);
        Some(Spread {
            what,
            least: *times.first()?,
            median: rank(&times, 50)?,
            p95: rank(&times, 95)?,
            most: *times.last()?,
            outliers,
        })
    }
}

/// The time that `percent` of 100 do not exceed (nearest rank).
fn rank(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied()
}

/// From the first byte of the ClientHello to the last Finished.
pub fn handshake_time(case: &Case<'_>) -> Option<Duration> {
    let handshake = case.handshake()?;
    let first = case.trace().messages.get(handshake.first_message)?.first_at;
    Some(handshake.complete_at?.saturating_sub(first))
}

fn step_time(case: &Case<'_>, tcp: bool) -> Option<Duration> {
    let found = case.capture.steps.iter().find(|step| match &step.what {
        StepKind::Dns { .. } => !tcp,
        StepKind::Https { .. } => false,
        StepKind::Tcp { outcome, .. } => tcp && matches!(outcome, Tcp::Connected { .. }),
        StepKind::Unix { .. } | StepKind::Quic(_) | StepKind::Preamble { .. } | StepKind::Said(_) => false,
    });
    found.map(|step| step.took)
}

/// What resuming came to, in words: whether the ticket was accepted, early data, what it saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumption {
    pub accepted: Option<bool>,
    /// Offered, and whether it was taken.
    pub early_data: Option<bool>,
    pub words: Vec<String>,
}

impl Resumption {
    /// Of a session in which it was tried.
    pub fn of(report: &Report) -> Option<Resumption> {
        if report.purpose != Purpose::Resumption {
            return None;
        }
        let cases: Vec<_> = report.cases().collect();
        let first = cases.first()?;
        let Some(second) = cases.get(1) else {
            let words = vec!["not tried: the first connection did not complete its handshake".to_owned()];
            return Some(Resumption { accepted: None, early_data: None, words });
        };
        let offered = second.handshake()?.facts.client.is_some_and(|client| {
            client.psk_identities.is_some() || client.session_ticket.is_some_and(|ticket| !ticket.is_empty())
        });
        let accepted = summary::resumed(second.trace());
        let facts = second.handshake()?.facts;
        let early_data = facts.client.filter(|client| client.early_data).map(|_| facts.early_data_accepted);
        let wanted = second.capture.engine.as_ref().and_then(|engine| engine.early_data);
        let mut words = Vec::new();
        // Anybody can claim it; the session's key proves it.
        let proven = summary::resumption_proven(second);
        words.push(match (offered || accepted, accepted) {
            (_, true) if !proven => {
                "the server says that it resumes the session; that it has the session's key is not proven"
                    .to_owned()
            }
            (_, true) => "the session was resumed: no certificate was sent or verified again".to_owned(),
            (true, false) => "the ticket was offered, but the server performed a full handshake".to_owned(),
            (false, _) => "the first connection left no ticket, so there was nothing to offer".to_owned(),
        });
        match early_data {
            Some(true) => words.push(
                "early data was accepted: the server received it before the handshake was complete".into(),
            ),
            Some(false) => words.push("early data was rejected: it must be sent again".into()),
            None if wanted == Some(EarlyData::NotSent) => words.push(if accepted {
                "early data was not sent: the server's ticket allows none".into()
            } else {
                "early data was not sent: there was no ticket that allows it".into()
            }),
            None => {}
        }
        if accepted {
            let received = |case: &Case<'_>| case.trace().flows[1].bytes;
            let time = |case: &Case<'_>| handshake_time(case).map(|time| case.when(time));
            if let (Some(before), Some(after)) = (time(first), time(second)) {
                words.push(format!(
                    "handshake {before} → {after}, received {} B → {} B",
                    received(first),
                    received(second)
                ));
            }
        }
        Some(Resumption {
            accepted: Some(accepted).filter(|accepted| proven || !accepted),
            early_data,
            words,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize, handshake: u64) -> Row {
        Row {
            number,
            label: format!("#{number}"),
            exit_code: 0,
            values: COLUMNS.map(str::to_owned).to_vec(),
            dns: None,
            tcp: None,
            handshake: Some(Duration::from_millis(handshake)),
            session: None,
        }
    }

    #[test]
    fn equal_rows_are_one_and_those_far_off_are_named() {
        let rows: Vec<Row> = (1..=20).map(|n| row(n, if n == 7 { 90 } else { 10 + n as u64 % 3 })).collect();
        let comparison = Comparison::of(&Report { rows, ..Report::new(Purpose::Repeat) }).unwrap();
        let [group] = &comparison.groups[..] else { panic!("{comparison:#?}") };
        assert_eq!((group.label.as_str(), group.count), ("20 ×", 20));
        let [spread] = &comparison.spreads[..] else { panic!("{comparison:#?}") };
        let ms = Duration::from_millis;
        assert_eq!((spread.least, spread.median, spread.p95, spread.most), (ms(10), ms(11), ms(12), ms(90)));
        assert_eq!(spread.outliers, [("#7".to_owned(), ms(90))]);
    }

    #[test]
    fn one_sample_has_no_statistics() {
        let comparison = Comparison::of(&Report { rows: vec![row(1, 5)], ..Report::new(Purpose::Repeat) });
        assert_eq!(comparison.unwrap().spreads, []);
    }
}

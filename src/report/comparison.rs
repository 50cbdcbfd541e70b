//! What differs between the connections of a session (`--each-address`, `--repeat`, `--resume`).

use std::time::Duration;

use crate::capture::{EarlyData, Purpose, StepKind, Tcp};
use crate::finding::{Case, Verdict, summary};

use super::Report;

/// The connections side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Names of the columns of values.
    pub columns: Vec<&'static str>,
    pub rows: Vec<Row>,
    /// The columns in which not all rows agree.
    pub differing: Vec<&'static str>,
    pub spreads: Vec<Spread>,
}

/// One connection: what is kept of it when the whole is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The address, or the number of the connection.
    pub label: String,
    pub exit_code: u8,
    /// As many as there are columns; `-` if unknown.
    pub values: Vec<String>,
    pub dns: Option<Duration>,
    pub tcp: Option<Duration>,
    pub handshake: Option<Duration>,
}

/// Names of the columns of values.
pub const COLUMNS: [&str; 6] = ["verdict", "version", "cipher suite", "group", "ALPN", "leaf"];

impl Row {
    /// Of the connection with this number.
    pub fn of(case: &Case<'_>, verdict: &Verdict, purpose: Purpose, number: usize) -> Row {
        let known = case.handshake().map(|handshake| handshake.facts).unwrap_or_default();
        let leaf = case.judgement.and_then(|judgement| judgement.elements.first());
        let leaf = leaf
            .and_then(|leaf| Some(format!("{}, {} days", leaf.sha256.as_ref()?.get(..8)?, leaf.days_left?)));
        let word = || verdict.word().to_lowercase();
        let values = [
            Some(verdict.id.as_ref().map_or_else(word, |id| id.to_string())),
            known.version.map(|code| code.to_string()),
            known.cipher_suite.map(|code| code.to_string()),
            known.group.map(|code| code.to_string()),
            summary::alpn(case.trace(), &known),
            leaf,
        ];
        let address = match purpose {
            Purpose::EachAddress => address(case),
            _ => None,
        };
        Row {
            label: address.unwrap_or_else(|| number.to_string()),
            exit_code: verdict.exit_code,
            values: values.into_iter().map(|value| value.unwrap_or_else(|| "-".into())).collect(),
            dns: step_time(case, false),
            tcp: step_time(case, true),
            handshake: handshake_time(case),
        }
    }
}

/// How a time spreads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    pub what: &'static str,
    pub count: usize,
    pub least: Duration,
    pub median: Duration,
    pub most: Duration,
}

impl Comparison {
    /// Of a run whose purpose is to compare.
    pub fn of(report: &Report) -> Option<Comparison> {
        let rows = &report.rows;
        if rows.is_empty() {
            return None;
        }
        let differs =
            |column: usize| rows.windows(2).any(|pair| pair[0].values[column] != pair[1].values[column]);
        let differing =
            COLUMNS.iter().enumerate().filter(|(at, _)| differs(*at)).map(|(_, name)| *name).collect();
        type Time = fn(&Row) -> Option<Duration>;
        let times: [(&str, Time); 3] = [
            ("name resolution", |row| row.dns),
            ("TCP connect", |row| row.tcp),
            ("TLS handshake", |row| row.handshake),
        ];
        let spreads = times
            .into_iter()
            .filter_map(|(what, time)| Spread::of(what, rows.iter().filter_map(time).collect()));
        Some(Comparison {
            columns: COLUMNS.to_vec(),
            differing,
            spreads: spreads.collect(),
            rows: rows.clone(),
        })
    }
}

impl Spread {
    fn of(what: &'static str, mut times: Vec<Duration>) -> Option<Spread> {
        times.sort();
        let (least, most) = (*times.first()?, *times.last()?);
        Some(Spread { what, count: times.len(), least, median: times[times.len() / 2], most })
    }
}

/// The address that the connection went to, or should have.
fn address(case: &Case<'_>) -> Option<String> {
    let attempts: Vec<_> = case.attempts().collect();
    let connected = attempts.iter().find(|(_, _, outcome)| matches!(outcome, Tcp::Connected { .. }));
    connected.or(attempts.first()).map(|(_, address, _)| address.ip().to_string())
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
        StepKind::Tcp { outcome, .. } => tcp && matches!(outcome, Tcp::Connected { .. }),
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
            let words =
                vec!["not tried: the first connection did not come to a complete handshake".to_owned()];
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
        words.push(match (offered || accepted, accepted) {
            (_, true) => "the session was resumed: no certificate was sent or verified again".to_owned(),
            (true, false) => {
                "the ticket was offered, and the server did a full handshake all the same".to_owned()
            }
            (false, _) => "the first connection left no ticket, so there was nothing to offer".to_owned(),
        });
        match early_data {
            Some(true) => words
                .push("early data was accepted: the server had it before the handshake was complete".into()),
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
        Some(Resumption { accepted: Some(accepted), early_data, words })
    }
}

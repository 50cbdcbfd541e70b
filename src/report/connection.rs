//! What formats that list connections call them, and how long they took.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use super::Report;
use super::comparison::{Row, handshake_time};
use crate::capture::{Dns, Intent, Origin, Purpose, StepKind, Tcp};
use crate::finding::Case;
use crate::judged::{Facts, Judged};
use crate::wire::text::escape_again;

/// How long the parts of a connection took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// Resolving the name.
    pub dns: Option<Duration>,
    /// Connecting to the address that answered.
    pub tcp: Option<Duration>,
    /// The dialogue before TLS.
    pub preamble: Option<Duration>,
    /// From the ClientHello to the last Finished.
    pub handshake: Option<Duration>,
    /// Listening on after it.
    pub settle: Option<Duration>,
    pub total: Duration,
}

impl Times {
    /// Of one connection.
    pub fn of(case: &Case<'_>) -> Times {
        let dns = case.capture.steps.iter().find_map(|step| match &step.what {
            StepKind::Dns { outcome: Dns::Addresses(_), .. } => Some(step.took),
            _ => None,
        });
        let connected = case.attempts().find(|(_, _, outcome)| matches!(outcome, Tcp::Connected { .. }));
        let settle = case.capture.engine.as_ref().and_then(|engine| engine.settle_from);
        let preamble = case.capture.steps.iter().find_map(|step| match &step.what {
            StepKind::Preamble { .. } => Some(step.took),
            _ => None,
        });
        Times {
            dns,
            preamble,
            tcp: connected.map(|(step, ..)| step.took),
            handshake: handshake_time(case),
            settle: settle.map(|from| case.capture.total.saturating_sub(from)),
            total: case.capture.total,
        }
    }
}

/// The connections of a run that its exit code is about, each with its place in [`Report::connections`].
pub fn counting(report: &Report) -> impl Iterator<Item = (usize, &Judged)> {
    report.connections.iter().enumerate().filter(|(_, judged)| judged.counts())
}

/// The connections that were not kept whole.
pub fn others(report: &Report) -> impl Iterator<Item = &Row> {
    let kept: HashSet<usize> = report.numbers.iter().copied().collect();
    report.rows.iter().filter(move |row| !kept.contains(&row.number))
}

/// What was negotiated, each with its name: what there is of it.
pub fn negotiated(report: &Report, judged: &Judged) -> Vec<(&'static str, String)> {
    let facts = Facts::judged(judged, &report.question);
    let case = judged.case(&report.question);
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let version = |version: String| match version.starts_with("SSL") {
        true => version,
        false => format!("TLS {version}"),
    };
    let rows = [
        ("address", address(&case).map(|address| address.to_string())),
        ("version", facts.tls.map(version)),
        ("cipher suite", facts.cipher),
        ("group", facts.group),
        ("signature", facts.sigalg),
        ("ALPN", facts.alpn),
        ("handshake", Times::of(&case).handshake.map(ms)),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// What the run was about: `example.com:443`, the files, or the connection of a capture. Safe to show.
pub fn target(report: &Report) -> String {
    match report.decisive().or(report.connections.first()) {
        Some(judged) => target_of(&judged.case(&report.question)),
        None => "nothing".to_owned(),
    }
}

/// The same of one connection, told apart from the others of its run.
pub fn name(report: &Report, place: usize) -> String {
    let Some(judged) = report.connections.get(place) else { return target(report) };
    let case = judged.case(&report.question);
    let target = target_of(&case);
    let number = report.numbers.get(place).copied().unwrap_or(place + 1);
    match (report.purpose, address(&case)) {
        (Purpose::EachAddress, Some(address)) => format!("{target} at {}", address.ip()),
        _ if report.count > 1 => numbered(&target, number),
        _ => target,
    }
}

/// The same of one that was not kept whole.
pub fn numbered(target: &str, number: usize) -> String {
    format!("{target} #{number}")
}

/// What a connection was about. Safe to show.
pub fn target_of(case: &Case<'_>) -> String {
    of_intent(&case.capture.intent, address(case))
}

/// The target, and where it has no name its address.
pub(super) fn of_intent(intent: &Intent, address: Option<SocketAddr>) -> String {
    let host = match (intent.host.as_str(), &intent.sni) {
        ("", Some(name)) => name.clone(),
        ("", None) => address.map(|address| address.ip().to_string()).unwrap_or_default(),
        (host, _) => host.to_owned(),
    };
    let named = match (host.as_str(), intent.port) {
        ("", _) => intent.input.clone(),
        (_, 0) => host,
        (host, port) if host.contains(':') && !host.starts_with('[') => format!("[{host}]:{port}"),
        (host, port) => format!("{host}:{port}"),
    };
    let named = escape_again(&named);
    match (intent.origin, intent.stream) {
        (Origin::Packets, Some(stream)) => format!("{named} stream {stream}"),
        _ => named,
    }
}

/// The address that was connected to, or should have been.
pub fn address(case: &Case<'_>) -> Option<SocketAddr> {
    let attempts: Vec<_> = case.attempts().collect();
    let connected = attempts.iter().find(|(_, _, outcome)| matches!(outcome, Tcp::Connected { .. }));
    connected.or(attempts.first()).map(|(_, address, _)| **address)
}

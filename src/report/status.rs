//! A run as a monitoring plugin states it (Monitoring Plugins Development Guidelines, "Plugin Return Codes").

use super::{Report, connection};
use crate::finding::expectation;
use crate::judged::Judged;
use crate::judged::expectations::Weight;
use crate::trace::State;

/// In the order in which several come to one: the last counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Ok,
    /// It could not be found out.
    Unknown,
    /// What `--warn` or the first number of `--min-days` asks for is not so.
    Warning,
    Critical,
}

impl Status {
    /// Of a run: the worst of its connections.
    pub fn of(report: &Report) -> Status {
        let kept = connection::counting(report).map(|(_, judged)| Status::of_connection(judged));
        let others = connection::others(report).map(|row| Status::of_exit_code(row.exit_code));
        let interrupted = report.interrupted.map(|_| Status::Unknown);
        kept.chain(others).chain(interrupted).max().unwrap_or(Status::Unknown)
    }

    /// Of one connection.
    pub fn of_connection(judged: &Judged) -> Status {
        let plain = Status::of_exit_code(judged.verdict.exit_code);
        let warns = judged.expectations.iter().filter(|one| one.weight == Weight::Warn);
        let open = warns.filter(|one| matches!(one.state, State::NotEvaluated(_))).map(|_| Status::Unknown);
        let warned = warnings(judged).next().map(|_| Status::Warning);
        [plain].into_iter().chain(open).chain(warned).max().unwrap_or(plain)
    }

    /// Of a connection, or a target, of which nothing more is known.
    pub fn of_exit_code(code: u8) -> Status {
        match code {
            0 => Status::Ok,
            // Not trusted or unmet, not reached, failed, timed out: the service is not as it should be.
            1 | 3 | 4 | 5 => Status::Critical,
            _ => Status::Unknown,
        }
    }

    /// The exit code of a plugin.
    pub fn code(self) -> u8 {
        match self {
            Status::Ok => 0,
            Status::Warning => 1,
            Status::Critical => 2,
            Status::Unknown => 3,
        }
    }

    /// As a plugin's line begins.
    pub fn word(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::Warning => "WARNING",
            Status::Critical => "CRITICAL",
            Status::Unknown => "UNKNOWN",
        }
    }
}

/// What warnings say, each in a sentence.
pub fn warnings(judged: &Judged) -> impl Iterator<Item = String> {
    /// `--min-days WARN:FAIL`
    const DAYS: &str = "cert.days_left";
    let asked = |id: &str| id == expectation::WARNING.id || id == DAYS;
    let about = judged.verdict.id.as_deref();
    let findings = judged.findings.iter();
    let findings = findings.filter(move |finding| asked(&finding.id) && about != Some(&finding.id));
    findings.map(|finding| format!("{}: {}", finding.title, finding.what))
}

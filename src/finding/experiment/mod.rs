//! Finding out by experiment what one handshake can't show: the ClientHello that failed is sent again with something
//! changed, until a smallest set of changes with which the server goes on is known.
//!
//! All of this is pure. What to send next is computed from what came of the experiments so far, so a saved trace leads to
//! the same conclusion. Performing them is for others.

mod base;
mod conclusion;
mod difference;
pub mod like;
mod plan;
mod rows;
#[cfg(test)]
mod tests;
mod topics;

pub use base::{Base, Depth};
pub use conclusion::Conclusion;
pub use plan::{Step, next};
pub use rows::abouts as about;
pub use topics::topics;

use std::fmt;
use std::time::Duration;

use crate::capture::{Change, Event, How, Role, Stopped};
use crate::trace::TailKind;
use crate::wire::Direction;
use crate::wire::codepoints::{AlertDescription, CipherSuite, NamedGroup, ProtocolVersion};
use crate::wire::facts::Retry;

use super::Case;

/// How many connections are opened at most, if nothing else was said.
pub const MOST: usize = 24;

/// What is to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// `again`, or the ids of its changes with `+` between them.
    pub id: String,
    /// None: the same once more.
    pub changes: Vec<Change>,
}

/// An experiment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub id: String,
    pub changes: Vec<Change>,
    pub outcome: Outcome,
    /// From the ClientHello to whatever ended it.
    pub took: Duration,
}

impl Done {
    /// What a connection that was an experiment came to; None if it was none, or was interrupted, which shows nothing.
    pub fn of(case: &Case<'_>, depth: Depth) -> Option<Self> {
        let Role::Experiment(id) = &case.capture.role else { return None };
        if interrupted(case) {
            return None;
        }
        Some(Done {
            id: id.clone(),
            changes: case.capture.intent.changes.clone(),
            outcome: Outcome::of(case, depth),
            took: took(case),
        })
    }

    /// One that could not be made.
    pub fn impossible(experiment: Experiment) -> Self {
        Done {
            id: experiment.id,
            changes: experiment.changes,
            outcome: Outcome::NotMade,
            took: Duration::ZERO,
        }
    }
}

fn interrupted(case: &Case<'_>) -> bool {
    case.capture.stopped.and_then(Stopped::exit_code).is_some()
}

/// From the ClientHello to whatever ended the connection.
fn took(case: &Case<'_>) -> Duration {
    let hello = case.trace().messages.first().map_or(Duration::ZERO, |message| message.at);
    let answer = case.capture.events.iter().rfind(|event| match event {
        Event::Bytes { direction, .. } | Event::End { direction, .. } | Event::Gap { direction, .. } => {
            *direction == Direction::Server
        }
    });
    let over = match case.capture.stopped {
        None => answer.map_or(case.capture.total, Event::at),
        Some(_) => case.capture.total,
    };
    over.saturating_sub(hello)
}

/// What came of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server goes on with the handshake.
    WentOn(Answer),
    Alert(AlertDescription),
    Closed,
    Reset,
    /// Nothing came in time.
    Silent,
    NotTls,
    /// There was no connection.
    Unreachable,
    /// It can't be made: what it would send can't be built.
    NotMade,
    /// The server answers, but with something that no handshake can go on with.
    Unusable,
}

/// What the server chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answer {
    pub version: Option<ProtocolVersion>,
    pub suite: Option<CipherSuite>,
    pub group: Option<NamedGroup>,
    /// By a HelloRetryRequest.
    pub retry: bool,
}

impl Outcome {
    /// What a connection came to, as far as `depth` asks.
    pub fn of(case: &Case<'_>, depth: Depth) -> Self {
        let end = case.capture.engine.as_ref();
        let went_on = match depth {
            Depth::FirstFlight => {
                case.capture.stopped.is_none()
                    && end.is_some_and(|end| end.saw_first_flight() || end.complete)
            }
            Depth::Whole => case.complete(),
        };
        if went_on {
            return Outcome::WentOn(Answer::of(case));
        }
        if !case.connected() {
            return Outcome::Unreachable;
        }
        if let Some((_, _, alert)) = case.server_alert() {
            return Outcome::Alert(alert);
        }
        let flow = &case.trace().flows[Direction::Server.index()];
        if flow.tail.as_ref().is_some_and(|tail| tail.kind == TailKind::NotTls) {
            return Outcome::NotTls;
        }
        match case.end(Direction::Server) {
            Some((_, How::Reset | How::Error(_))) => Outcome::Reset,
            Some((_, How::Fin)) => Outcome::Closed,
            _ if case.capture.stopped == Some(Stopped::MaxTime) => Outcome::Silent,
            _ => Outcome::Unusable,
        }
    }

    /// Whether the server went on.
    pub fn went_on(&self) -> bool {
        matches!(self, Outcome::WentOn(_))
    }

    /// As in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::WentOn(_) => "went_on",
            Outcome::Alert(_) => "alert",
            Outcome::Closed => "closed",
            Outcome::Reset => "reset",
            Outcome::Silent => "silent",
            Outcome::NotTls => "not_tls",
            Outcome::Unreachable => "unreachable",
            Outcome::Unusable => "unusable",
            Outcome::NotMade => "not_made",
        }
    }
}

impl Answer {
    fn of(case: &Case<'_>) -> Self {
        let Some(handshake) = case.handshake() else { return Answer::default() };
        let facts = &handshake.facts;
        Answer {
            version: facts.version,
            suite: facts.cipher_suite,
            group: facts.group.or(facts.retry.and_then(|Retry { group, .. }| group)),
            retry: facts.retry.is_some(),
        }
    }
}

/// For the table: `TLS 1.2, TLS_RSA_WITH_AES_128_CBC_SHA`, `alert handshake_failure`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::WentOn(answer) => {
                let retry = answer.retry.then(|| "HelloRetryRequest".to_owned());
                let parts = [
                    retry,
                    answer.version.map(|version| version.to_string()),
                    answer.suite.map(|suite| suite.to_string()),
                    answer.group.map(|group| group.to_string()),
                ];
                let parts: Vec<String> = parts.into_iter().flatten().collect();
                f.write_str(&if parts.is_empty() { "goes on".to_owned() } else { parts.join(", ") })
            }
            Outcome::Alert(alert) => write!(f, "alert {alert}"),
            Outcome::Closed => f.write_str("closed"),
            Outcome::Reset => f.write_str("reset"),
            Outcome::Silent => f.write_str("no answer in time"),
            Outcome::NotTls => f.write_str("not TLS"),
            Outcome::Unreachable => f.write_str("no connection"),
            Outcome::Unusable => f.write_str("an answer that can't be used"),
            Outcome::NotMade => f.write_str("can't be made"),
        }
    }
}

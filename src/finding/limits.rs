//! Limits of ours that were reached.

use super::expectation::Row;
use super::{Case, Finding, Severity};

/// What `explain` says of them.
pub const LIMIT: Row = Row {
    id: "limit",
    title: "limit of tls-trace reached",
    about: "Whatever a peer sends is kept in memory only up to a limit, so that nobody can exhaust it: bytes and reads of \
            a connection, and what is derived from them, such as messages, records and keys. What lies beyond the limit was \
            not recorded, or not examined, and the report says nothing about it. Ordinary handshakes are far below every \
            limit.",
};

/// One finding for each limit.
pub fn of(case: &Case<'_>) -> Vec<Finding> {
    let finding = |what: &String| Finding::new(LIMIT.id, Severity::Warning, LIMIT.title, words(what));
    case.trace().limits_reached.iter().map(finding).collect()
}

/// The recorder names its limits as they are called; the fold says its own in words.
fn words(limit: &str) -> String {
    let limits = crate::capture::Limits::DEFAULT;
    match limit {
        "recorded_bytes" => {
            format!(
                "more than {} bytes were sent in one direction: the rest was not recorded",
                limits.recorded_bytes
            )
        }
        "events" => format!("more than {} reads and writes: the rest was not recorded", limits.events),
        other => other.to_owned(),
    }
}

//! Limits of ours that were reached.

use super::{Case, Finding, Severity};

/// One finding for each limit.
pub fn of(case: &Case<'_>) -> Vec<Finding> {
    let title = "limit of tls-trace reached";
    let finding = |what: &String| Finding::new("limit", Severity::Warning, title, words(what));
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

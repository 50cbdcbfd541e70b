//! Limits of ours that were reached.

use super::{Case, Finding, Severity};

/// One finding for each limit.
pub fn of(case: &Case<'_>) -> Vec<Finding> {
    let finding = |what: &String| Finding {
        id: "limit".into(),
        severity: Severity::Warning,
        what: what.clone(),
        evidence: Vec::new(),
        causes: Vec::new(),
        remedy: None,
    };
    case.trace().limits_reached.iter().map(finding).collect()
}

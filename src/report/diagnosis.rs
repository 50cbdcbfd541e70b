//! What experiments showed of a failure.

use std::time::Duration;

use super::Report;
use crate::finding::experiment::{self, Conclusion, Outcome, Step};

/// The experiments of a run, and what they come to.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    pub rows: Vec<Row>,
    pub conclusion: Conclusion,
    /// The command that shows it, as words; empty if there is none.
    pub next: Vec<String>,
}

/// One experiment.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: String,
    /// What was changed, a change each; nothing if it was the same once more.
    pub about: Vec<String>,
    pub outcome: Outcome,
    /// From the ClientHello to whatever ended it.
    pub took: Duration,
}

impl Diagnosis {
    /// None if no experiment was made.
    pub fn of(report: &Report) -> Option<Self> {
        let base = report.failed.as_ref()?;
        let done = report.experiments.clone();
        if done.is_empty() {
            return None;
        }
        // What is still to be tried was not allowed, or there was no time for it.
        let Step::Conclude(conclusion) = experiment::next(base, &done, done.len()) else { return None };
        let command = conclusion.remedy.command.as_ref();
        let next = command.and_then(|command| command.of(&report.question.arguments)).unwrap_or_default();
        let rows = done.into_iter().map(|done| Row {
            about: experiment::about(&done.id, &done.changes),
            id: done.id,
            outcome: done.outcome,
            took: done.took,
        });
        Some(Self { rows: rows.collect(), conclusion, next })
    }
}

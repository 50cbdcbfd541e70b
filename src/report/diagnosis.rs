//! What experiments showed of a failure.

use std::time::Duration;

use super::Report;
use crate::capture::Argument;
use crate::finding::experiment::like::{self, Likeness};
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
        if let Some(likeness) = &report.likeness {
            return Self::of_likeness(report, likeness);
        }
        let base = report.failed.as_ref()?;
        let done = report.experiments.clone();
        if done.is_empty() {
            return None;
        }
        // What is still to be tried was not allowed, or there was no time for it.
        let Step::Conclude(conclusion) = experiment::next(base, &done, done.len()) else { return None };
        let next = next(report, &conclusion);
        let rows = done.into_iter().map(|done| Row {
            about: experiment::about(&done.id, &done.changes),
            id: done.id,
            outcome: done.outcome,
            took: done.took,
        });
        Some(Self { rows: rows.collect(), conclusion, next })
    }

    /// Of `--like`.
    fn of_likeness(report: &Report, likeness: &Likeness) -> Option<Self> {
        let done = report.experiments.clone();
        let Step::Conclude(conclusion) = likeness.next(&done, done.len()) else { return None };
        let flag = |argument: &&Argument| argument.is("--like");
        let other = report.question.arguments.iter().find(flag).and_then(|argument| argument.value.clone());
        let first = Row {
            id: like::HELLO.to_owned(),
            about: vec![format!("like {}", other.unwrap_or_else(|| "the other".into()))],
            outcome: likeness.theirs(),
            took: likeness.took(),
        };
        let rows = done.into_iter().map(|done| Row {
            about: likeness.about(&done),
            id: done.id,
            outcome: done.outcome,
            took: done.took,
        });
        let rows = [first].into_iter().chain(rows).collect();
        Some(Self { rows, next: next(report, &conclusion), conclusion })
    }
}

fn next(report: &Report, conclusion: &Conclusion) -> Vec<String> {
    let command = conclusion.remedy.command.as_ref();
    command.and_then(|command| command.of(&report.question.arguments)).unwrap_or_default()
}

//! How the run's connection stands up to a quantum computer, with what experiments showed of it.

use super::Report;
use super::diagnosis::Diagnosis;
use crate::capture::Purpose;
use crate::finding::post_quantum::{Found, PostQuantum};

/// Of the connection whose verdict counts; None if it sent no ClientHello.
pub fn of(report: &Report) -> Option<PostQuantum> {
    let judged = report.decisive()?;
    let diagnosis = Diagnosis::of(report).filter(|_| report.purpose == Purpose::Diagnosis);
    let found = report.failed.as_ref().zip(diagnosis.as_ref()).map(|(base, diagnosis)| Found {
        base,
        done: &report.experiments,
        conclusion: &diagnosis.conclusion,
    });
    PostQuantum::of(&judged.case(&report.question), found)
}

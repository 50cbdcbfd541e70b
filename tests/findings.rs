//! What is said of a connection or a chain: the verdict, its causes and what to run next.
//!
//! Asserted are ids, states, certainties and flags; wording only where a word makes the difference.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod certificate_support;
mod common;
#[allow(dead_code, reason = "shared with the invariants, which use all of it")]
#[path = "invariants/golden.rs"]
mod golden;

#[path = "findings/chain.rs"]
mod chain;
#[path = "findings/connection.rs"]
mod connection;
#[path = "findings/network.rs"]
mod network;

use std::time::{Duration, SystemTime};

use tls_trace::capture::{Argument, Capture, Intent, Question};
use tls_trace::finding::{Failure, Finding};
use tls_trace::judged::{Judge, Judged};

/// A connection of which nothing is known yet.
fn blank() -> Capture {
    let intent =
        Intent { input: "example.com".into(), host: "example.com".into(), port: 443, ..Intent::default() };
    let began = SystemTime::UNIX_EPOCH + Duration::from_secs(certificate_support::NOW as u64);
    Capture { total: Duration::from_secs(1), ..Capture::new(intent, began) }
}

fn judged(capture: Capture, question: &Question) -> Judged {
    Judge::new(question.clone()).unwrap().judge(capture, None)
}

/// The verdict block, which there has to be.
fn failure(judged: &Judged) -> &Failure {
    judged.verdict.failure.as_ref().unwrap_or_else(|| panic!("{:#?}", judged.verdict))
}

fn id(judged: &Judged) -> &str {
    judged.verdict.id.as_deref().unwrap_or("none")
}

fn finding<'j>(judged: &'j Judged, id: &str) -> Option<&'j Finding> {
    judged.findings.iter().find(|finding| finding.id == id)
}

/// A command of flags without values.
fn typed(flags: &[&str]) -> Vec<Argument> {
    flags.iter().map(|flag| Argument::flag(flag, None)).collect()
}

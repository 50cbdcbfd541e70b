//! Hostile servers, one file each: what the server does, and what has to be said of it, with which exit code, in bounded
//! time and memory. The files are in `tests/scenarios/hostile`; `src/demo/script` performs them.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

#[path = "scenarios/alerts.rs"]
mod alerts;
#[path = "scenarios/any_server.rs"]
mod any_server;
#[path = "scenarios/memory.rs"]
mod memory;
#[path = "scenarios/run.rs"]
mod run;

use std::path::PathBuf;

use serde::Deserialize;
use tls_trace::demo::script::Script;
use tls_trace::finding::Severity;
use tls_trace::report::diagnosis::Diagnosis;
use tls_trace::report::{Report, verdict};

use run::perform;

/// What a file expects. What is not given is not looked at, but for the exit code and the bounds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    exit: u8,
    /// The verdict's id; without it there is none.
    id: Option<String>,
    /// Part of the verdict's stage.
    stage: Option<String>,
    /// `certain`, `likely`, `possible`: of the verdict's first cause.
    certainty: Option<String>,
    /// Part of a cause's text, or of what the verdict says.
    says: Option<String>,
    /// Ids of findings that have to be there.
    #[serde(default)]
    findings: Vec<String>,
    diagnosis: Option<Found>,
    /// The program itself is run, and its memory is measured.
    #[serde(default)]
    memory: bool,
}

/// What the experiments have to come to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    id: String,
    certainty: String,
    /// The smallest set of changes, in any order.
    changed: Option<Vec<String>>,
    /// Part of the conclusion.
    says: Option<String>,
}

/// Name, script and expectation of each file.
fn all() -> Vec<(String, Script, Expected)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/hostile");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let script = Script::read(&std::fs::read_to_string(&path).unwrap());
        let script = script.unwrap_or_else(|e| panic!("{name}: {e}"));
        let expected = script.expect.clone().try_into().unwrap_or_else(|e| panic!("{name}: {e}"));
        (name, script, expected)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_hostile_server_is_seen_through() {
    let all = all();
    assert!(all.len() >= 80, "{} scenarios", all.len());
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let wanted: Vec<_> = all.into_iter().filter(|(name, ..)| name.contains(&only)).collect();
    common::for_each(
        &wanted,
        |(name, ..)| name.clone(),
        |(name, script, expected)| {
            let began = std::time::Instant::now();
            let report = perform(script);
            if std::env::var_os("SCENARIO").is_some() {
                eprintln!("{name}: {:?}", began.elapsed());
            }
            check(name, expected, &report);
        },
    );
}

fn check(name: &str, expected: &Expected, report: &Report) {
    let verdict = report.verdict().unwrap();
    let failure = verdict.failure.as_ref();
    let causes = failure.map(|failure| failure.causes.as_slice()).unwrap_or_default();
    let judged = report.decisive().unwrap();
    let shown = format!(
        "{name}: exit {} id {:?} stage {:?} causes {causes:#?}\nsummary {:?}\ndetail {:?}\nfindings {:?}\nengine {:?}",
        verdict.exit_code,
        verdict.id,
        verdict.stage,
        verdict.summary,
        verdict.detail,
        judged.findings.iter().map(|finding| &finding.id).collect::<Vec<_>>(),
        judged.capture.engine,
    );
    assert_eq!(verdict.exit_code, expected.exit, "{shown}");
    if expected.id.is_some() || expected.diagnosis.is_none() {
        assert_eq!(verdict.id.as_deref(), expected.id.as_deref(), "{shown}");
    }
    if let Some(stage) = &expected.stage {
        assert!(verdict.stage.as_ref().is_some_and(|it| it.contains(stage)), "{stage:?}: {shown}");
    }
    if let Some(certainty) = &expected.certainty {
        assert_eq!(causes.first().map(|cause| cause.certainty.name()), Some(certainty.as_str()), "{shown}");
    }
    if let Some(says) = &expected.says {
        let detail = verdict.detail.iter().chain([&verdict.summary]);
        let mut texts = causes.iter().map(|cause| &cause.text).chain(detail);
        assert!(texts.any(|text| text.contains(says)), "{says:?}: {shown}");
    }
    for id in &expected.findings {
        assert!(judged.findings.iter().any(|finding| finding.id == id.as_str()), "{id}: {shown}");
        // And a reader sees it, beside whatever else there is.
        let told = verdict::findings(&judged.findings, verdict, Severity::Note);
        let headline = format!("({id})");
        assert!(told.iter().any(|line| line.text.ends_with(&headline)), "{id} is not shown: {shown}");
    }
    let Some(expected) = &expected.diagnosis else { return };
    let diagnosis = Diagnosis::of(report).unwrap_or_else(|| panic!("no diagnosis: {shown}"));
    let conclusion = &diagnosis.conclusion;
    let table: Vec<String> =
        diagnosis.rows.iter().map(|row| format!("{}: {}", row.id, row.outcome)).collect();
    let shown = format!("{name}: {conclusion:#?}\n{table:#?}");
    assert!(diagnosis.rows.len() <= tls_trace::finding::experiment::MOST, "{shown}");
    assert_eq!(conclusion.id, expected.id, "{shown}");
    assert_eq!(conclusion.cause.certainty.name(), expected.certainty, "{shown}");
    if let Some(changed) = &expected.changed {
        let mut found = conclusion.smallest.clone();
        found.sort();
        assert_eq!(&found, changed, "{shown}");
    }
    if let Some(says) = &expected.says {
        assert!(conclusion.cause.text.contains(says), "{says:?}: {shown}");
    }
}

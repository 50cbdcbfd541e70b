//! `demo SCENARIO --recorded`: the same output each time. `UPDATE_RECORDINGS=1` makes the recordings anew.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use common::{command, file, finish, for_each, run, scratch, text};
use flate2::Compression;
use flate2::write::GzEncoder;
use tls_trace::capture::saved;
use tls_trace::demo::{SCENARIOS, Scenario, recordings};
use tls_trace::finding::explain::topic;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/recorded")
}

/// A recording with nothing in it of where it was made.
fn record(scenario: &Scenario) {
    let directory = scratch();
    let path = file(&directory, "saved.json");
    run(["demo", scenario.name, "-qq", "--secrets", "all", "--save", text(&path)]);
    let mut session = saved::parse(&fs::read(&path).unwrap()).unwrap();
    session.question.arguments.retain(|argument| argument.flag.is_none());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let mut bytes = Vec::new();
    saved::write(&session, &mut bytes).unwrap();
    encoder.write_all(&bytes).unwrap();
    fs::write(folder().join(format!("{}.json.gz", scenario.name)), encoder.finish().unwrap()).unwrap();
}

/// Every scenario but those that would be too large; nothing else lies in the folder; and all of it is small.
#[test]
fn every_scenario_has_a_recording() {
    let names: BTreeSet<&str> = recordings::names().collect();
    if std::env::var_os("UPDATE_RECORDINGS").is_some() {
        let made: Vec<&Scenario> = SCENARIOS
            .iter()
            .filter(|scenario| !recordings::TOO_LARGE.contains(&scenario.name))
            .filter(|scenario| !scenario.name.starts_with("ech"))
            .collect();
        for_each(&made, |scenario| scenario.name.to_owned(), |scenario| record(scenario));
    }
    for scenario in SCENARIOS {
        assert_ne!(
            names.contains(scenario.name),
            recordings::TOO_LARGE.contains(&scenario.name),
            "{}",
            scenario.name
        );
    }
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap());
    let (mut lying, mut bytes) = (BTreeSet::new(), 0);
    for file in files {
        let name = file.file_name().into_string().unwrap();
        lying.insert(name.split('.').next().unwrap().to_owned());
        bytes += file.metadata().unwrap().len();
    }
    assert_eq!(lying, names.iter().map(|name| (*name).to_owned()).collect());
    assert!(bytes < 600_000, "{bytes} bytes of recordings");
}

/// Whatever the time, the zone, the machine's name for its language, and the order of runs.
#[test]
fn a_recording_is_shown_alike_each_time() {
    let recorded: Vec<&Scenario> =
        SCENARIOS.iter().filter(|scenario| !recordings::TOO_LARGE.contains(&scenario.name)).collect();
    for_each(
        &recorded,
        |scenario| scenario.name.to_owned(),
        |scenario| {
            for form in
                [&[][..], &["-vv", "--annotate"], &["--json"], &["--format", "mermaid"], &["--diagram"]]
            {
                let words = [&["demo", scenario.name, "--recorded"], form].concat();
                let first = run(&words);
                assert_eq!(first.code, i32::from(scenario.exit_code), "{first:#?}");
                let mut elsewhere = command(&words);
                elsewhere.env("TZ", "Asia/Tokyo").env("LANG", "de_DE.UTF-8").env("LC_TIME", "ja_JP.UTF-8");
                assert_eq!(finish(elsewhere.output().unwrap()), first, "{words:?}");
            }
        },
    );
    // It is judged at the time when it was made.
    let json = run(["demo", "expired", "--recorded", "--json"]).json();
    assert_eq!(json["started_at"].as_str().unwrap()[..19], json["judged_at"].as_str().unwrap()[..19]);
}

#[test]
fn what_has_no_recording_says_so() {
    for name in recordings::TOO_LARGE {
        let run = run(["demo", name, "--recorded"]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("no recording"), "{run:?}");
    }
    let capture = run(["demo", "capture", "--recorded"]);
    assert!(capture.code == 2 && capture.err.contains("no recording"), "{capture:?}");
    // A flag about the connection would change nothing.
    let sni = run(["demo", "tls13", "--recorded", "--sni", "a.example"]);
    assert!(sni.code == 2 && sni.err.contains("--sni would change nothing"), "{sni:?}");
    let list = run(["demo", "--list"]).out;
    assert!(list.contains("--recorded") && list.contains(recordings::TOO_LARGE[0]), "{list}");
}

/// Without a terminal nobody could press a key: that is told before anything is done.
#[test]
fn step_needs_a_terminal() {
    for (words, why) in [
        (&["demo", "--step"][..], "standard output is none"),
        (&["demo", "--recorded", "--step"], "standard output is none"),
        (&["demo", "--step", "--json"], "this report goes elsewhere"),
        (&["demo", "--step", "-q"], "can't be used together"),
        (&["example.com", "--step", "--pipe"], "can't be used together"),
        (&["a.example", "b.example", "--step"], "can't be used together"),
    ] {
        let shown = run(words);
        assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{words:?}: {shown:?}");
        assert!(shown.err.contains(why), "{words:?}: {shown:?}");
    }
}

/// Of every check that a report lists, `explain` says what is checked.
#[test]
fn every_check_is_explained() {
    let names: Vec<&str> = recordings::names().collect();
    for_each(
        &names,
        |name| (*name).to_owned(),
        |name| {
            let report = run(["demo", name, "--recorded", "--format", "json"]).out;
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            for connection in report["connections"].as_array().unwrap() {
                for check in connection["checks"].as_array().into_iter().flatten() {
                    let id = check["id"].as_str().unwrap();
                    assert!(topic(id).is_some_and(|topic| topic.id == id), "{name}: {id}");
                }
            }
        },
    );
}

//! `--format NAME=FILE`: beside the report, and as a whole or not at all.

use std::fs;

use serde_json::Value;

use crate::common::{file, run, scratch, text, tls_trace};

#[test]
fn each_report_goes_to_its_place() {
    let directory = scratch();
    let [json, lines] = ["a.json", "b.jsonl"].map(|name| file(&directory, name));
    let to = |format: &str, path| format!("--format={format}={}", text(path));
    let alone = run(["demo", "expired"]);
    let shown = run(["demo", "expired", &to("json", &json), &to("jsonl", &lines)]);
    assert_eq!(shown.code, 1, "{shown:?}");
    assert_eq!(shown.last_line(), alone.last_line(), "the text is on standard output as ever");
    let read = |path| fs::read_to_string(path).unwrap();
    let [json, lines] = [read(&json), read(&lines)];
    let documents = [&json, &lines].map(|text| serde_json::from_str::<Value>(text).unwrap());
    assert_eq!(documents[0], documents[1]);
    assert_eq!(documents[0]["verdict"]["id"], "cert.expired");
    assert_eq!((lines.lines().count(), json.lines().count() > 100), (1, true));
    // Nothing else is left behind.
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn the_report_goes_where_o_says_and_the_others_beside_it() {
    let directory = scratch();
    let [report, json] = ["report.txt", "a.json"].map(|name| file(&directory, name));
    let other = format!("json={}", text(&json));
    let shown = run(["demo", "-q", "-o", text(&report), "--format", &other]);
    assert_eq!((shown.code, shown.out.as_str()), (0, ""), "{shown:?}");
    assert!(fs::read_to_string(&report).unwrap().starts_with("TRUSTED"));
    assert!(fs::read_to_string(&json).unwrap().contains("\"tls-trace/1\""));
    // With -qq nothing goes to standard output, and files are written all the same.
    fs::remove_file(&json).unwrap();
    let silent = run(["demo", "-qq", "--format", &other]);
    assert_eq!((silent.code, silent.out.as_str()), (0, ""), "{silent:?}");
    assert!(json.exists());
}

#[test]
fn what_can_not_be_is_told_before_a_connection_is_made() {
    for (line, needles) in [
        ("demo --format json --format jsonl", &["--format jsonl=FILE", "same place"][..]),
        ("demo --json --format text", &["--format text=FILE"]),
        ("demo --format yaml=x.yaml", &["yaml", "text", "jsonl"]),
        ("demo --format json=", &["--format json=", "file"]),
        ("demo --format json=/nowhere/x.json", &["/nowhere/x.json", "can't write"]),
        ("demo --format json=/tmp/same.json --save /tmp/same.json", &["same file"]),
        ("demo --pipe --format json", &["--pipe", "-o FILE"]),
        ("demo --fields all --format text", &["--fields", "JSON", "HTML"]),
    ] {
        let refused = tls_trace(line);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{line}: {refused:?}");
        for needle in needles {
            assert!(refused.err.contains(needle), "{line}: no {needle:?} in {refused:?}");
        }
    }
}

#[test]
fn a_report_that_can_not_be_written_costs_no_other() {
    let directory = scratch();
    let json = file(&directory, "a.json");
    let shown =
        run(["demo", "-q", "--format", "jsonl=/dev/full", "--format", &format!("json={}", text(&json))]);
    assert_eq!(shown.code, 2, "{shown:?}");
    assert!(shown.out.starts_with("TRUSTED") && shown.err.contains("/dev/full"), "{shown:?}");
    assert!(fs::read_to_string(&json).unwrap().contains("\"tls-trace/1\""));
}

#[test]
fn a_saved_trace_is_read_in_any_of_them() {
    let directory = scratch();
    let [saved, json, again] = ["saved.json", "a.json", "b.json"].map(|name| file(&directory, name));
    let live = run(["demo", "--save", text(&saved), "--format", &format!("json={}", text(&json))]);
    assert_eq!(live.code, 0, "{live:?}");
    let read = run(["read", text(&saved), "--format", &format!("json={}", text(&again))]);
    assert_eq!((read.code, read.out), (0, live.out));
    assert_eq!(fs::read_to_string(&again).unwrap(), fs::read_to_string(&json).unwrap());
}

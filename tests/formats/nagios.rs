//! The exit codes of a monitoring plugin, and its line.

use std::fs;

use crate::common::{file, for_each, run, scratch, text, tls_trace};

#[test]
fn exit_codes_are_those_of_a_plugin() {
    const ROWS: &[(&str, i32, &str)] = &[
        ("demo --format nagios", 0, "TLS OK - "),
        ("demo --format nagios --warn days>=900", 1, "TLS WARNING - "),
        ("demo --format nagios --warn revocation=good", 3, "TLS UNKNOWN - "),
        ("demo --format nagios --min-days 900:10", 1, "TLS WARNING - "),
        ("demo --format nagios --min-days 900", 2, "TLS CRITICAL - "),
        ("demo --format nagios --expect tls<=1.2 --warn pq", 2, "TLS CRITICAL - "),
        ("demo expired --format nagios", 2, "TLS CRITICAL - "),
        ("demo expired --format nagios -k", 0, "TLS OK - "),
        ("demo plaintext --format nagios", 2, "TLS CRITICAL - "),
        ("demo silent --format nagios --max-time 0.5", 2, "TLS CRITICAL - "),
        ("127.0.0.1:1 --format nagios", 2, "TLS CRITICAL - "),
        ("demo --format nagios --no-such-flag", 3, "TLS UNKNOWN - "),
        ("demo --format nagios --cacert /no/such/file", 3, "TLS UNKNOWN - "),
    ];
    for_each(
        ROWS,
        |row| row.0.to_owned(),
        |(line, code, start)| {
            let shown = tls_trace(line);
            assert_eq!(shown.code, *code, "{shown:?}");
            assert!(shown.out.starts_with(start), "{shown:?}");
            assert_eq!(shown.out.lines().count(), 1, "{shown:?}");
        },
    );
}

#[test]
fn without_nagios_alone_the_codes_are_ours() {
    let directory = scratch();
    let to = format!("nagios={}", text(&file(&directory, "line")));
    let beside = run(["demo", "expired", "-q", "--format", &to]);
    assert_eq!((beside.code, beside.out.starts_with("NOT TRUSTED")), (1, true), "{beside:?}");
    let line = fs::read_to_string(file(&directory, "line")).unwrap();
    assert!(line.starts_with("TLS CRITICAL - "), "{line}");
    // Either can be asked for.
    assert_eq!(run(["demo", "expired", "-q", "--exit", "nagios"]).code, 2);
    assert_eq!(run(["demo", "expired", "--format", "nagios", "--exit", "own"]).code, 1);
    assert_eq!(run(["demo", "-q", "--exit", "nagios", "--warn", "days>=900"]).code, 1);
}

/// The values of a line's performance data by their labels.
fn data(line: &str) -> Vec<(String, String)> {
    let (_, data) = line.trim_end().split_once(" | ").unwrap();
    data.split(' ').map(|datum| datum.split_once('=').unwrap()).map(|(a, b)| (a.into(), b.into())).collect()
}

#[test]
fn performance_data_has_days_with_their_thresholds_and_times() {
    let shown = tls_trace("demo --format nagios --min-days 21:7");
    let data = data(&shown.out);
    let value = |name: &str| data.iter().find(|(label, _)| label == name).unwrap().1.clone();
    assert_eq!(value("days"), "90;21:;7:");
    assert!(value("life").ends_with('%') && value("handshake").ends_with('s'), "{shown:?}");
    let seconds: f64 = value("total").trim_end_matches('s').parse().unwrap();
    assert!(seconds > 0.0 && seconds < 9.0);
    let repeated = tls_trace("demo --format nagios --repeat 3");
    assert!(
        repeated.out.contains("(3 of 3 connections)") && repeated.out.contains(" connections=3"),
        "{repeated:?}"
    );
}

#[test]
fn the_line_is_ascii_where_the_locale_has_no_more() {
    let mut command = crate::common::command(["demo", "--format", "nagios"]);
    let shown = crate::common::finish(command.env("LC_ALL", "C").output().unwrap());
    assert!(shown.code == 0 && shown.out.is_ascii(), "{shown:?}");
}

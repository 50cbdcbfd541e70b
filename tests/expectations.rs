//! `--expect` and `--warn`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::run;
use serde::Deserialize;
use serde_json::json;
use tls_trace::capture::{Question, saved};
use tls_trace::expect::Expr;
use tls_trace::expect::fields::FIELDS;
use tls_trace::judged::{Judge, Judged};
use tls_trace::trace::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    trace: String,
    expect: String,
    is: String,
    exit: u8,
}

#[derive(Deserialize)]
struct Rows {
    row: Vec<Row>,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string("tests/scenarios/expectations.toml").unwrap();
    toml::from_str::<Rows>(&text).unwrap().row
}

fn golden(name: &str) -> String {
    format!("tests/goldens/{name}.json")
}

fn judged(trace: &str, ask: impl FnOnce(&mut Question)) -> Judged {
    let session = saved::parse(&fs::read(golden(trace)).unwrap()).unwrap();
    let mut question = session.question;
    ask(&mut question);
    Judge::new(question).unwrap().judge(session.captures.into_iter().next().unwrap(), None)
}

#[test]
fn what_is_expected_is_found_or_not() {
    let mut wrong = Vec::new();
    for Row { trace, expect, is, exit } in rows() {
        let judged = judged(&trace, |question| question.expect = vec![expect.clone()]);
        let state = match judged.expectations[0].state {
            State::Holds => "holds",
            State::Fails(_) => "fails",
            State::NotEvaluated(_) => "open",
        };
        if (state, judged.verdict.exit_code) != (&*is, exit) {
            wrong.push(format!("{trace} {expect}: {state}, exit {}", judged.verdict.exit_code));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The scenarios leave out no field and no operator.
#[test]
fn every_field_and_every_operator_has_a_scenario() {
    let rows = rows();
    let asked: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| {
            let expr = Expr::parse(&row.expect, FIELDS).unwrap_or_else(|wrong| panic!("{wrong}"));
            expr.fields().into_iter().map(|field| field.name.clone()).collect::<Vec<_>>()
        })
        .collect();
    for field in FIELDS {
        assert!(asked.contains(field.name), "{}", field.name);
    }
    for operator in ["!=", "<=", ">=", "=", "~", "<", ">", " and ", " or ", "not "] {
        assert!(rows.iter().any(|row| row.expect.contains(operator)), "{operator}");
    }
}

/// What is not met is listed with what was found and where; the first is the verdict, the others stand beside it.
#[test]
fn each_unmet_one_shows_what_was_found() {
    let judged = judged("tls12", |question| {
        question.expect = vec!["tls>=1.3".into(), "days>=21".into(), "key=rsa".into()];
    });
    let failure = judged.verdict.failure.as_ref().unwrap();
    assert_eq!((&*failure.id, judged.verdict.outcome.name()), ("expect.unmet", "unmet"));
    assert_eq!(judged.verdict.summary, "tls>=1.3 is not met: tls is 1.2");
    assert_eq!(failure.also, ["key=rsa is not met: key is ec"]);
    let message = failure.evidence[0].message.unwrap();
    assert_eq!(judged.trace.messages[message].name, "ServerHello");
    assert_eq!(judged.expectations[2].evidence[0].certificate, Some(0));
    let text = run(["read", &golden("tls12"), "--expect", "tls>=1.3", "--expect", "days>=21"]);
    assert_eq!(text.code, 1);
    for row in
        ["expect   ✗ tls>=1.3 · tls is 1.2", "expect   ✓ days>=21 · days is 90", "ServerHello in record 2"]
    {
        assert!(text.out.contains(row), "{row}\n{}", text.out);
    }
}

/// A warning is reported and changes no exit code.
#[test]
fn a_warning_does_not_change_the_exit_code() {
    let judged = judged("tls13", |question| {
        question.warn = vec!["life>=99%".into(), "pq".into(), "revocation=good".into()];
    });
    assert_eq!((judged.verdict.exit_code, judged.unexpected.is_some()), (0, false));
    let told: Vec<_> = judged.findings.iter().map(|one| (&*one.id, &*one.title, &*one.what)).collect();
    assert_eq!(
        told,
        [
            ("expect.warning", "life>=99% is not met", "life is 98%"),
            ("expect.not_evaluated", "revocation=good could not be evaluated", "revocation is not known"),
        ]
    );
}

/// What could not be evaluated says what would show it, and can be allowed.
#[test]
fn what_could_not_be_evaluated() {
    let trace = golden("tls13");
    let shown = run(["read", &trace, "--expect", "revocation=good", "--format", "json"]);
    assert_eq!(shown.code, 7);
    let verdict = &shown.json()["verdict"];
    assert_eq!(verdict["id"], "expect.not_evaluated");
    assert!(verdict["try"].as_array().unwrap().contains(&json!("--revocation")), "{verdict}");
    let allowed = ["--allow-unevaluated=expect.not_evaluated", "-q"];
    let words = [&["read", &trace, "--expect", "revocation=good"][..], &allowed].concat();
    assert_eq!(run(words).code, 0);
}

/// An expectation that is met and contradicts a default is no failure; the facts say what was seen all the same.
#[test]
fn a_refusal_that_was_asked_for() {
    let shown =
        run(["read", &golden("alpn-mismatch"), "--expect", "alert=no_application_protocol", "--json"]);
    assert_eq!(shown.code, 0);
    let document = shown.json();
    assert_eq!(
        (&document["verdict"]["outcome"], &document["facts"]["outcome"]),
        (&json!("ok"), &json!("failed"))
    );
    assert_eq!(document["connections"][0]["expectations"][0]["state"], "holds");
    let last = run(["read", &golden("alpn-mismatch"), "--expect", "alert=no_application_protocol", "-q"]);
    assert!(last.out.starts_with("EXPECTED · "), "{}", last.out);
    // It replaces what it is about, not the other expectations.
    let more = ["--expect", "alert=no_application_protocol", "--expect", "tls=1.2", "-q"];
    assert_eq!(run([&["read", &golden("alpn-mismatch")][..], &more].concat()).code, 4);
}

/// A saved trace keeps what was expected of it; what is expected now takes its place.
#[test]
fn a_saved_trace_keeps_what_was_expected() {
    let directory = common::scratch();
    let path = common::file(&directory, "trace.json");
    let path = common::text(&path);
    let made = run(["demo", "tls12", "--expect", "tls>=1.3", "--save", path, "-q"]);
    assert_eq!(made.code, 1, "{}", made.err);
    assert_eq!(run(["read", path, "-q"]).out, made.out);
    assert_eq!(run(["read", path, "--expect", "tls=1.2", "-q"]).code, 0);
}

/// A wrong expression is refused before anything is done, with its place.
#[test]
fn a_wrong_expression_is_pointed_at() {
    for (expression, at, word) in [
        ("tls", 3, "quote"),
        ("tls>=1.3 and tsl=1", 13, "there is no field \"tsl\""),
        ("days>=soon", 6, "a number"),
        ("tls>=1.3 or", 11, "a field"),
        ("cipher>TLS", 7, "no order"),
        // What does not exist is never found: it would always hold.
        ("finding!=chain.unusd", 9, "there is no finding \"chain.unusd\"; similar: chain.unused"),
        ("alert=handshake_failur", 6, "there is no alert \"handshake_failur\""),
    ] {
        for flag in ["--expect", "--warn"] {
            let shown = run(["example.com", flag, expression]);
            assert_eq!((shown.code, &*shown.out), (2, ""), "{expression}");
            assert!(shown.err.contains(flag) && shown.err.contains(word), "{expression}: {}", shown.err);
            let lines: Vec<&str> = shown.err.lines().collect();
            let place = lines.iter().position(|line| line.trim() == expression).unwrap();
            assert_eq!(lines[place + 1].find('^'), Some(at + 2), "{}", shown.err);
        }
    }
}

/// The page lists the fields as they are.
#[test]
fn the_page_lists_the_fields() {
    let page = fs::read_to_string("docs/json.md").unwrap();
    let (_, page) = page.split_once("## Expectations").unwrap();
    for field in FIELDS {
        let row = format!("| `{}` | ", field.name);
        let row =
            page.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("{}", field.name));
        assert!(row.ends_with(&format!(" | {} |", field.about)), "{row}");
    }
}

//! What a peer or a file says must neither steer the terminal nor the verdict.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use common::{Run, file, run, scratch, text};
use serde_json::{Value, json};

/// A golden, changed, as `read` takes it.
fn read(golden: &str, flags: &[&str], change: impl FnOnce(&mut Value)) -> Run {
    let path = format!("{}/tests/goldens/{golden}.json", env!("CARGO_MANIFEST_DIR"));
    let mut saved: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut saved["session"]);
    let directory = scratch();
    let path = file(&directory, "changed.json");
    std::fs::write(&path, saved.to_string()).unwrap();
    run([&["read", text(&path)], flags].concat())
}

/// ESC, C1, bidi and line separators, which JSON itself may leave as they are.
const STEERING: &str = "a\u{1b}[31mb\u{9b}31mc\u{202e}d\u{2028}e";

fn assert_tame(shown: &str) {
    let steers = |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{2028}');
    assert_eq!(shown.chars().find(steers), None, "{shown}");
}

#[test]
fn nothing_in_a_saved_trace_steers_the_terminal_or_a_log() {
    for flags in [&["--format", "json"][..], &["-v"], &[]] {
        let shown = read("tls13", flags, |session| {
            let intent = &mut session["captures"][0]["intent"];
            for key in ["host", "input", "verify_name", "sni"] {
                intent[key] = json!(STEERING);
            }
            session["question"]["arguments"] = json!([{"flag": null, "value": null, "words": [STEERING]}]);
            session["question"]["stores"][0]["name"] = json!(STEERING);
        });
        assert!(!shown.out.is_empty(), "{shown:?}");
        assert_tame(&shown.out);
    }
    // An error that quotes the file.
    let wrong = read("tls13", &[], |session| session["purpose"] = json!(STEERING));
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("purpose") || wrong.err.contains("unknown variant"), "{wrong:?}");
    assert_tame(&wrong.err);
}

#[test]
fn a_text_of_a_megabyte_is_cut() {
    let long = "x".repeat(1 << 20);
    let shown = read("untrusted", &[], |session| {
        session["captures"][0]["intent"]["verify_name"] = json!(long);
    });
    assert!(shown.out.len() < 200_000 && shown.out.contains("B more"), "{} bytes", shown.out.len());
}

#[test]
fn an_alert_after_our_own_refusal_is_not_the_cause() {
    let verdict = |refused: bool| {
        let shown = read("alpn-mismatch", &["--format", "json"], |session| {
            let engine = &mut session["captures"][0]["engine"];
            engine["refused"] = json!(refused);
            engine["error"] = json!("a message of its own");
        });
        shown.json()["verdict"]["id"].clone()
    };
    assert_eq!(verdict(false), "alert.no_application_protocol");
    assert_eq!(verdict(true), "engine.refused");
}

#[test]
fn a_warning_before_tls_1_3_ends_nothing() {
    let directory = scratch();
    let path = file(&directory, "saved.json");
    assert_eq!(run(["demo", "version-mismatch", "-q", "--save", text(&path)]).code, 4);
    let saved = std::fs::read_to_string(&path).unwrap();
    // level fatal, protocol_version → level warning
    assert!(saved.contains("15030300020246"), "{saved}");
    std::fs::write(&path, saved.replace("15030300020246", "15030300020146")).unwrap();
    let id = run(["read", text(&path), "--format", "json"]).json()["verdict"]["id"].clone();
    assert!(id.as_str().unwrap().starts_with("closed."), "{id}");
}

#[test]
fn insecure_does_not_say_trusted() {
    let shown = run(["demo", "expired", "-k", "-q"]);
    assert_eq!(shown.code, 0);
    assert!(!shown.out.contains("TRUSTED") && shown.out.contains("accepted by -k"), "{shown:?}");
}

#[test]
fn read_refuses_flags_that_it_would_pass_over() {
    for flags in [&["--enforce"][..], &["--revocation"], &["--sni", "a.example"], &["--save", "x.json"]] {
        let shown = read("tls13", flags, |_| {});
        assert_eq!(shown.code, 2, "{shown:?}");
        assert!(shown.err.contains("can't be used together"), "{shown:?}");
    }
}

#[test]
fn cert_wants_files_and_knows_no_host() {
    let directory = scratch();
    let shown = run(["cert", text(directory.path())]);
    assert_eq!(shown.code, 2);
    assert!(shown.err.contains("is a folder"), "{shown:?}");
    let path = file(&directory, "chain.pem");
    assert_eq!(run(["demo", "tls13", "-q", "--certs", text(&path)]).code, 0);
    let document = run(["cert", text(&path), "--trust", "none", "--format", "json"]).json();
    assert_eq!((&document["target"]["host"], &document["target"]["port"]), (&Value::Null, &Value::Null));
}

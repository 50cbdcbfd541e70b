//! A saved trace is verified again, and shows its application data when that is asked for.

use serde_json::json;

use crate::common::{Run, file, for_each, run, scratch, text};

/// A scenario's saved trace, read with these flags.
fn read(scenario: &str, flags: &[&str]) -> Run {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    run(["demo", scenario, "--save", text(&saved), "--secrets", "all"]);
    run([&["read", text(&saved)], flags].concat())
}

/// What was recorded, the flags that are given now, the exit code then, and what is said.
const AGAIN: &[(&str, &[&str], i32, &str)] = &[
    ("tls13", &["--at", "2000-01-01"], 1, "NOT TRUSTED · certificate not yet valid"),
    ("tls13", &["--trust", "mozilla"], 1, "NOT TRUSTED · unknown CA \"tls-trace demo Root\""),
    ("tls13", &["--verify-name", "a.example"], 1, "NOT TRUSTED · hostname mismatch: not for a.example"),
    ("wrong-name", &["--verify-name", "other.tls-trace.test"], 0, "TRUSTED · TLS 1.3"),
    ("tls13", &["--min-days", "5000"], 1, "NOT MET · certificate expires too soon (--min-days)"),
    (
        "tls13",
        &["--pinnedpubkey", "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
        1,
        "NOT TRUSTED · pinned public key not in the chain",
    ),
    ("expired", &["-k"], 0, "COMPLETE · certificate expired 7 days ago (accepted by -k)"),
];

#[test]
fn a_saved_trace_is_verified_again() {
    for_each(
        AGAIN,
        |row| format!("{} {:?}", row.0, row.1),
        |(scenario, flags, code, words)| {
            let shown = read(scenario, &[*flags, &["--width", "120"]].concat());
            assert!(shown.code == *code && shown.out.contains(words), "{shown:#?}");
            let says = format!("\nsaved trace, verified again with {}\n", flags.join(" "));
            assert!(shown.out.contains(&says), "{says}: {}", shown.out);
            let document = read(scenario, &[*flags, &["--json"]].concat()).json();
            assert_eq!(document["verified_again"], json!(flags));
            assert_eq!(document["verdict"]["exit_code"], json!(code));
        },
    );
    // Without any of them it is what it was.
    let shown = read("tls13", &[]);
    assert!(shown.code == 0 && !shown.out.contains("verified again"), "{shown:#?}");
}

/// An expired certificate was good on its last day.
#[test]
fn a_saved_trace_is_verified_for_another_day() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    run(["demo", "expired", "--save", text(&saved)]);
    let document = run(["read", text(&saved), "--json"]).json();
    assert_eq!(document["verdict"]["id"], "cert.expired");
    let ends = document["connections"][0]["chain"][0]["not_after"].as_str().unwrap();
    let then = run(["read", text(&saved), "--at", ends, "--json"]);
    assert_eq!((then.code, &then.json()["verdict"]["id"]), (0, &json!(null)), "{then:#?}");
    assert_eq!(then.json()["judged_at"], json!(ends));
}

/// `--cacert` replaces the anchors that were recorded.
#[test]
fn a_saved_trace_is_verified_with_another_ca() {
    let directory = scratch();
    let (saved, leaf) = (file(&directory, "saved.json"), file(&directory, "leaf.pem"));
    let live = run(["demo", "self-signed", "--save", text(&saved), "--certs", text(&leaf)]);
    assert_eq!(live.code, 1);
    let again = run(["read", text(&saved), "--cacert", text(&leaf)]);
    assert!(again.code == 0 && again.out.contains("leaf.pem, 1 anchor"), "{again:#?}");
    let missing = run(["read", text(&saved), "--cacert", "/no/such.pem"]);
    assert!(missing.code == 2 && missing.err.contains("/no/such.pem"), "{missing:#?}");
}

/// Nothing is sent or fetched for a saved trace.
#[test]
fn what_needs_a_connection_is_refused() {
    for flag in ["--enforce", "--revocation", "--fetch-aia", "--no-alpn", "--resume"] {
        let refused = run(["read", "saved.json", flag]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:#?}");
        assert!(refused.err.contains(&format!("read and {flag} can't be used together")), "{refused:#?}");
    }
}

/// Both directions, escaped, and only where it is asked for.
#[test]
fn application_data_is_shown_when_asked_for() {
    const REQUEST: &str = r"GET / HTTP/1.1\r\n";
    let hidden = read("resumption", &["-vvv"]);
    assert!(!hidden.out.contains(REQUEST) && hidden.out.contains("early data"), "{}", hidden.out);
    let shown = read("resumption", &["--data"]);
    assert!(
        shown.out.contains(REQUEST) && shown.out.contains(r"Host: demo.tls-trace.test\r\n"),
        "{}",
        shown.out
    );
    assert!(!shown.out.contains('\r'));
    let live = run(["demo", "resumption", "--data"]);
    assert!(live.out.contains(REQUEST), "{}", live.out);
    let data = |flags: &[&str]| -> Vec<String> {
        let document = read("resumption", flags).json();
        let connections = document["connections"].as_array().unwrap().iter();
        let messages = connections.flat_map(|connection| connection["messages"].as_array().unwrap());
        messages.filter_map(|message| message["data"].as_str().map(str::to_owned)).collect()
    };
    assert!(data(&["--json"]).is_empty());
    let sent = data(&["--json", "--data"]);
    assert!(sent.iter().any(|hex| hex.starts_with(&hex::encode("GET / HTTP/1.1\r\n"))), "{sent:?}");
}

/// Messages, certificates and evidence are numbered alike in the timeline, in sentences and in JSON.
#[test]
fn records_have_one_number_everywhere() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    let shown = run(["demo", "client-cert-missing", "--save", text(&saved)]).out;
    let document = run(["read", text(&saved), "--json"]).json();
    let messages = document["connections"][0]["messages"].as_array().unwrap();
    let alert =
        messages.iter().find(|message| message["type"] == "Alert" && message["direction"] == "server");
    let number = &alert.unwrap()["records"][0];
    let row =
        shown.lines().find(|line| line.contains("certificate_required (116)") && line.contains("Alert"));
    assert!(row.unwrap().ends_with(&format!("#{number}")), "{row:?}");
    let who = document["verdict"]["who"].as_str().unwrap();
    assert!(who.contains(&format!("in record {number}")), "{who}");
    let full = run(["read", text(&saved), "-v"]).out;
    assert!(full.contains(&format!("record {number}: ")), "{full}");
}

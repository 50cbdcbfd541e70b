//! `explain` understands what people have in front of them.

use crate::common::{for_each, run};

/// A question, and what the answer has.
const ROWS: &[(&str, &[&str])] = &[
    ("alert.unknown_ca", &["unknown_ca  48", "alerts"]),
    ("unknown_ca", &["unknown_ca  48"]),
    ("116", &["certificate_required", "0x74"]),
    ("0x1301", &["TLS_AES_128_GCM_SHA256", "4865"]),
    ("TLS_AES_128_GCM_SHA256", &["4865 (0x1301)"]),
    ("ECDHE-RSA-AES128-GCM-SHA256", &["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]),
    ("Client Hello", &["ClientHello  1 (0x01)", "handshake messages"]),
    ("client_hello", &["ClientHello"]),
    ("server_name", &["server_name", "extensions"]),
    ("x25519", &["x25519  29 (0x001d)"]),
    ("cert.expired", &["cert.expired"]),
    ("key_mismatch", &["does not belong to the first certificate"]),
    ("client_cert.required", &["mutual TLS", "verdicts"]),
    ("timeout.silent", &["verdicts"]),
    ("closed.reset", &["RST"]),
    ("0-rtt", &["early data"]),
];

#[test]
fn ids_names_and_numbers() {
    for_each(
        ROWS,
        |row| row.0.to_owned(),
        |(question, needles)| {
            let answer = run(["explain", question]);
            assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{answer:#?}");
            assert!(needles.iter().all(|needle| answer.out.contains(needle)), "{answer:#?}");
        },
    );
}

#[test]
fn a_near_miss_names_what_is_near() {
    for (question, near) in [
        ("unkown_ca", "tls-trace explain alert.unknown_ca"),
        ("ClientHelo", "tls-trace explain message.ClientHello"),
        ("cert.expird", "tls-trace explain cert.expired"),
    ] {
        let answer = run(["explain", question]);
        assert_eq!(answer.code, 2, "{answer:#?}");
        assert!(answer.out.contains(near) || answer.err.contains(near), "{answer:#?}");
        // It can be run.
        assert_eq!(run(["explain", near.rsplit(' ').next().unwrap()]).code, 0);
    }
    let hostile = run(["explain", "\u{1b}[31m\u{202e}x"]);
    assert!(!hostile.out.contains('\u{1b}') && !hostile.out.contains('\u{202e}'), "{hostile:?}");
}

/// Whatever ends a run of the demo can be asked about.
#[test]
fn every_verdict_of_the_demo_is_explained() {
    for_each(
        tls_trace::demo::SCENARIOS,
        |scenario| scenario.name.to_owned(),
        |scenario| {
            if scenario.exit_code == 0 {
                return;
            }
            let verdict = run(["demo", scenario.name, "--format", "json"]).json()["verdict"].clone();
            let id = verdict["id"].as_str().unwrap();
            assert_eq!(run(["explain", id]).code, 0, "{id}");
        },
    );
}

#[test]
fn the_list_can_be_asked_about() {
    let list = run(["explain"]);
    assert_eq!(list.code, 0);
    for id in
        ["  alert.close_notify (0)", "  cert.expired", "  concept.finished", "  extension.server_name (0)"]
    {
        assert!(list.out.lines().any(|line| line == id), "no {id:?}");
    }
}

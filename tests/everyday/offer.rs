//! What the flags make of the ClientHello, and flags that contradict each other.

use serde_json::{Value, json};

use crate::common::{for_each, run, tls_trace};

/// The names (or texts) of all fields that are called so, in the first ClientHello.
fn offered(document: &Value, field: &str) -> Vec<String> {
    fn walk(fields: &Value, field: &str, found: &mut Vec<String>) {
        for each in fields.as_array().unwrap() {
            let value = &each["value"];
            let name = value["name"].as_str().or(value["text"].as_str());
            if let Some(name) = name.filter(|_| each["name"] == field) {
                found.push(name.to_owned());
            }
            walk(&each["children"], field, found);
        }
    }
    let mut found = Vec::new();
    walk(&document["connections"][0]["messages"][0]["fields"], field, &mut found);
    found
}

/// Of the demo with these flags.
fn document(scenario: &str, flags: &[&str]) -> Value {
    let shown = run([&["demo", scenario, "--json", "--fields", "all"], flags].concat());
    assert_eq!(shown.code, 0, "{shown:#?}");
    shown.json()
}

#[test]
fn versions() {
    let document = document("tls12", &["--tls-max", "1.2"]);
    assert_eq!(document["facts"]["tls"], "1.2");
    assert_eq!(offered(&document, "version"), ["TLS 1.2"]);
    assert!(!offered(&document, "extension_type").contains(&"key_share".to_owned()));
    let document = self::document("tls13", &["--tls-min", "TLSv1.3"]);
    assert_eq!(offered(&document, "version"), ["TLS 1.3"]);
}

#[test]
fn cipher_suites_by_either_name() {
    let document = document("tls12", &["--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256"]);
    let mut names = offered(&document, "cipher_suite");
    names.retain(|name| !name.ends_with("_SCSV"));
    assert_eq!(names, ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"]);
    assert_eq!(document["facts"]["cipher"], "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
}

#[test]
fn groups_and_the_first_ones_share() {
    let document = document("tls13", &["--groups", "P-384,x25519"]);
    assert_eq!(offered(&document, "named_group"), ["secp384r1", "x25519"]);
    assert_eq!(offered(&document, "group"), ["secp384r1"]);
    assert_eq!(
        (&document["facts"]["group"], &document["facts"]["retry"]),
        (&json!("secp384r1"), &json!(false))
    );
}

#[test]
fn signature_schemes() {
    let document = document("tls13", &["--sigalgs", "ed25519:ECDSA+SHA256"]);
    assert_eq!(offered(&document, "signature_scheme"), ["ed25519", "ecdsa_secp256r1_sha256"]);
    assert_eq!(document["facts"]["sigalg"], "ecdsa_secp256r1_sha256");
}

#[test]
fn application_protocols() {
    let with = document("tls13", &["--alpn", "http/1.1,spdy"]);
    assert_eq!(offered(&with, "ProtocolName"), ["http/1.1", "spdy"]);
    assert_eq!(with["facts"]["alpn"], "http/1.1");
    let without = document("tls13", &["--no-alpn"]);
    assert_eq!((offered(&without, "ProtocolName").len(), &without["facts"]["alpn"]), (0, &Value::Null));
}

#[test]
fn no_tickets() {
    let tickets = |document: &Value| {
        let messages = document["connections"][0]["messages"].as_array().unwrap();
        messages.iter().filter(|message| message["type"] == "NewSessionTicket").count()
    };
    let with = document("tls12", &[]);
    assert!(offered(&with, "extension_type").contains(&"session_ticket".to_owned()) && tickets(&with) == 1);
    let without = document("tls12", &["--no-tickets"]);
    assert!(!offered(&without, "extension_type").contains(&"session_ticket".to_owned()));
    assert_eq!(tickets(&without), 0);
}

#[test]
fn reserved_values() {
    let document = document("tls13", &["--grease"]);
    for field in ["cipher_suite", "named_group"] {
        assert!(offered(&document, field).contains(&"GREASE".to_owned()), "{field}");
    }
    assert!(!offered(&self::document("tls13", &[]), "cipher_suite").contains(&"GREASE".to_owned()));
}

#[test]
fn names() {
    let flags = ["--verify-name", "demo.tls-trace.test"];
    assert_eq!(offered(&document("tls13", &[]), "host_name"), ["demo.tls-trace.test"]);
    let other = document("tls13", &[&["--servername", "other.test"], &flags[..]].concat());
    assert_eq!(offered(&other, "host_name"), ["other.test"]);
    let none = document("tls13", &["--no-sni"]);
    assert!(offered(&none, "host_name").is_empty());
    assert_eq!(none["target"]["verify_name"], "demo.tls-trace.test");
}

/// A name that can't be offered is answered with the nearest that can.
#[test]
fn what_cannot_be_offered_is_told_with_the_nearest() {
    const ROWS: &[(&str, &[&str])] = &[
        ("--ciphers TLS_AES_128_GCM_SHA265", &["not known", "TLS_AES_128_GCM_SHA256"]),
        ("--ciphers DHE-DSS-AES128-SHA", &["TLS_DHE_DSS_WITH_AES_128_CBC_SHA is not performed"]),
        ("--groups P-255", &["P-255", "not known", "similar"]),
        ("--groups sect163k1", &["sect163k1 is not performed"]),
        ("--sigalgs ecdsa_secp256r1_sha265", &["ecdsa_secp256r1_sha256"]),
        ("--ciphers ,", &["--ciphers is empty"]),
        ("--alpn ,", &["--no-alpn"]),
        ("--tls-max 3.0", &["--ssl3"]),
        ("--tls-max 1.4", &["not a version"]),
        ("--psk me", &["IDENTITY:env:NAME"]),
        ("--psk me:env:NO_SUCH_VARIABLE", &["NO_SUCH_VARIABLE"]),
        ("--engine lab --pipe", &["--allow-weak"]),
    ];
    for_each(
        ROWS,
        |row| row.0.to_owned(),
        |(flags, needles)| {
            let shown = tls_trace(&format!("demo {flags}"));
            assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{shown:#?}");
            assert!(needles.iter().all(|needle| shown.err.contains(needle)), "{shown:#?}");
        },
    );
}

/// Both flags are named, and nothing is done.
#[test]
fn contradicting_flags_are_named() {
    const ROWS: &[(&str, [&str; 2])] = &[
        ("a.test --pipe --each-address", ["--pipe", "--each-address"]),
        ("a.test --pipe --repeat 2", ["--pipe", "--repeat"]),
        ("a.test --pipe --resume", ["--pipe", "--resume"]),
        ("a.test --pipe --early-data f", ["--pipe", "--early-data"]),
        ("a.test --pipe --format json", ["--pipe", "-o FILE"]),
        ("a.test --each-address --repeat 2", ["--each-address", "--repeat"]),
        ("a.test --each-address --early-data Cargo.toml", ["--each-address", "--early-data"]),
        ("a.test --each-address --connect b.test:1", ["--each-address", "--connect"]),
        ("a.test --repeat 2 --resume", ["--repeat", "--resume"]),
        ("a.test --resume --no-tickets", ["--resume", "--no-tickets"]),
        ("a.test --early-data f --no-tickets", ["--early-data", "--no-tickets"]),
        ("a.test --keylog f --secrets none", ["--keylog", "--secrets none"]),
        ("a.test --tls-min 1.3 --tls-max 1.2", ["--tls-min", "--tls-max"]),
        ("a.test --key f", ["--key", "--cert"]),
        ("a.test --repeat 0", ["--repeat", "0"]),
        ("read f --keylog g", ["read", "--keylog"]),
        ("read f --save g", ["read", "--save"]),
        ("read f --pipe", ["read", "--pipe"]),
        ("read f --resume", ["read", "--resume"]),
        ("cert f --repeat 3", ["cert", "--repeat"]),
        ("cert f --save g", ["cert", "--save"]),
    ];
    for_each(
        ROWS,
        |row| row.0.to_owned(),
        |(line, flags)| {
            let shown = tls_trace(line);
            assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{shown:#?}");
            assert!(flags.iter().all(|flag| shown.err.contains(flag)), "{shown:#?}");
        },
    );
}

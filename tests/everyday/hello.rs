//! `--hello`: a given ClientHello, to the end of the handshake or as far as the server's first flight.

use serde_json::{Value, json};

use crate::common::{file, run, scratch, text};

fn document(scenario: &str, hello: &str, flags: &[&str]) -> Value {
    run([&["demo", scenario, "--hello", hello, "--format", "json"], flags].concat()).json()
}

fn types(document: &Value) -> Vec<&str> {
    let messages = document["connections"][0]["messages"].as_array().unwrap();
    messages.iter().map(|message| message["type"].as_str().unwrap()).collect()
}

#[test]
fn a_handshake_is_completed_where_the_algorithms_are_there() {
    for (scenario, version) in [("tls13", "1.3"), ("tls12", "1.2"), ("retry", "1.3")] {
        for hello in ["chrome", "firefox", "openssl-3"] {
            let document = document(scenario, hello, &[]);
            assert_eq!(document["verdict"]["outcome"], "ok", "{scenario} {hello}: {}", document["verdict"]);
            assert_eq!(document["facts"]["tls"], version);
            assert_eq!(
                (&document["facts"]["complete"], &document["facts"]["verified"]),
                (&json!(true), &json!(true))
            );
        }
    }
    assert_eq!(run(["demo", "untrusted", "--hello", "chrome", "-q"]).code, 1);
}

#[test]
fn a_first_flight_is_shown_and_called_neither_trusted_nor_failed() {
    for (scenario, version) in [("tls13", "1.3"), ("tls12", "1.2")] {
        let document = document(scenario, "java-17", &[]);
        let verdict = &document["verdict"];
        assert_eq!(
            (&verdict["outcome"], &verdict["exit_code"], &verdict["id"]),
            (&json!("unevaluated"), &json!(7), &json!("first_flight"))
        );
        assert_eq!(document["facts"]["tls"], version);
        assert_eq!(document["facts"]["complete"], false);
        assert_eq!(document["facts"]["verified"], Value::Null);
        assert_eq!(verdict["try"], json!(["tls-trace", "demo", scenario, "--format", "json"]));
    }
    let flight =
        ["ClientHello", "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone", "Alert"];
    assert_eq!(types(&document("tls12", "java-17", &[])), flight);
    let text = run(["demo", "tls12", "--hello", "openssl-1.0"]).out;
    assert!(
        text.contains("NOT EVALUATED · first flight only: TLS 1.2") && !text.contains("\nTRUSTED"),
        "{text}"
    );
}

#[test]
fn a_retry_is_named() {
    let shown = run(["demo", "retry", "--hello", "java-17", "-q"]);
    assert_eq!(shown.out, "NOT EVALUATED · only HelloRetryRequest for secp384r1 [exit 7]\n");
}

#[test]
fn what_is_known_to_be_bad_is_said() {
    // The certificate of TLS 1.2 comes in the clear.
    let wrong = run(["demo", "tls12", "--hello", "java-17", "--verify-name", "other.example", "-q"]);
    assert!(wrong.code == 1 && wrong.out.starts_with("NOT TRUSTED"), "{wrong:#?}");
    let accepted = run(["demo", "tls12", "--hello", "java-17", "--verify-name", "other.example", "-q", "-k"]);
    assert!(accepted.code == 7 && accepted.out.starts_with("NOT EVALUATED"), "{accepted:#?}");
    for (scenario, code) in [("reset", 4), ("plaintext", 4), ("silent", 5)] {
        for hello in ["chrome", "java-17"] {
            assert_eq!(run(["demo", scenario, "--hello", hello, "-q"]).code, code, "{scenario} {hello}");
        }
    }
}

#[test]
fn the_fingerprint_is_the_originals() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens/tls12.json");
    let original = run(["read", golden, "--format", "json"]).json();
    let sent = document("tls12", golden, &[]);
    for name in ["ja3", "ja4"] {
        assert_eq!(sent["facts"][name], original["facts"][name]);
    }
    // The order of Chrome's extensions changes, and with it JA3.
    let [one, other] = [(); 2].map(|()| document("tls13", "chrome", &[])["facts"].clone());
    assert!(one["ja4"] == other["ja4"] && one["ja3"] != other["ja3"], "{one}");
}

#[test]
fn names_are_sent_as_asked() {
    let sni = |hello: &str, flags: &[&str]| document("tls13", hello, flags)["target"]["sni"].clone();
    assert_eq!(sni("openssl-3", &["--sni", "other.example"]), "other.example");
    assert_eq!(sni("openssl-3", &["--no-sni"]), Value::Null);
    let directory = scratch();
    let bare = file(&directory, "bare.hex");
    // A hello of TLS 1.2 without extensions: no name, unless it is asked for.
    let hello = format!("010000290303{}000002c02f0100", "00".repeat(32));
    std::fs::write(&bare, hello).unwrap();
    assert_eq!(sni(text(&bare), &[]), Value::Null);
    assert_eq!(sni(text(&bare), &["--sni", "other.example"]), "other.example");
}

#[test]
fn what_is_wrong_with_it_is_said() {
    let why = |arguments: &[&str]| {
        let run = run([&["demo", "--hello"], arguments].concat());
        assert_eq!(run.code, 2, "{run:#?}");
        run.err
    };
    assert!(why(&["safari"]).contains("there is no profile \"safari\""));
    assert!(why(&["./no-such-file"]).contains("no-such-file"));
    let directory = scratch();
    let odd = file(&directory, "odd.hex");
    std::fs::write(&odd, "16030100").unwrap();
    assert!(why(&[text(&odd)]).contains("not a ClientHello"));
    for flag in
        [&["--ciphers", "TLS_AES_128_GCM_SHA256"][..], &["--pipe"], &["--resume"], &["--engine", "rustls"]]
    {
        assert!(why(&[&["chrome"], flag].concat()).contains("--hello and --"), "{flag:?}");
    }
    for flag in [&["--enforce"][..], &["--engine", "lab"]] {
        let why = why(&[&["java-17"], flag].concat());
        assert!(why.contains("the lab engine does not support TLS_DHE_DSS_"), "{why}");
    }
}

#[test]
fn it_is_saved_and_shown_again() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    for scenario in ["tls13", "tls12", "retry"] {
        for (hello, code) in [("opera", 0), ("java-17", 7)] {
            let live = run(["demo", scenario, "--hello", hello, "--save", text(&saved)]);
            let again = run(["read", text(&saved)]);
            assert_eq!((live.code, &live.out), (again.code, &again.out), "{scenario} {hello}");
            // And sent again.
            assert_eq!(
                run(["demo", scenario, "--hello", text(&saved), "-q"]).code,
                code,
                "{scenario} {hello}"
            );
        }
    }
}

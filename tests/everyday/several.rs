//! More than one connection: resumption, early data, repetition.

use serde_json::{Value, json};

use crate::common::{run, text};
use crate::lab::{Lab, states};
use crate::server::Setup;

fn early(lab: &Lab) -> std::path::PathBuf {
    let path = lab.file("early");
    std::fs::write(&path, "GET / HTTP/1.0\r\n\r\n").unwrap();
    path
}

fn connections(document: &Value) -> &Vec<Value> {
    document["connections"].as_array().unwrap()
}

#[test]
fn a_session_is_resumed() {
    let lab = Lab::new();
    for (flags, tls) in [(&[][..], "1.3"), (&["--tls-max", "1.2"], "1.2")] {
        let address = lab.server(Setup::default());
        let shown = run(lab.words(address, &[&["--resume", "--format", "json"], flags].concat()));
        let document = shown.json();
        assert_eq!(shown.code, 0, "{:#}", document["verdict"]);
        assert_eq!((&document["facts"]["tls"], &document["facts"]["resumed"]), (&json!(tls), &json!(true)));
        assert_eq!(connections(&document).len(), 2);
        // Of the second, too.
        assert_eq!(states(&document, "finished.client"), ["holds", "holds"]);
        assert_eq!(connections(&document)[1]["chain_inherited"], true);
        let text = run(lab.words(address, &[&["--resume"], flags].concat())).out;
        assert!(text.contains("✓ the session was resumed") && text.contains("original handshake"), "{text}");
    }
}

#[test]
fn a_server_without_tickets_does_not_resume() {
    let lab = Lab::new();
    let address = lab.server(Setup { tickets: 0, ..Setup::default() });
    let shown = run(lab.words(address, &["--resume", "--format", "json"]));
    let document = shown.json();
    assert_eq!((shown.code, &document["facts"]["resumed"]), (0, &json!(false)));
    assert_eq!(connections(&document).len(), 2);
}

#[test]
fn early_data_is_accepted() {
    let lab = Lab::new();
    let address = lab.server(Setup { early_data: 1024, ..Setup::default() });
    let early = early(&lab);
    let shown = run(lab.words(address, &["--early-data", text(&early), "--format", "json"]));
    let document = shown.json();
    assert_eq!(
        (shown.code, &document["facts"]["early_data"]),
        (0, &json!(true)),
        "{:#}",
        document["verdict"]
    );
    let types: Vec<_> = connections(&document)[1]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["type"].as_str().unwrap())
        .collect();
    assert!(types.contains(&"EndOfEarlyData"), "{types:?}");
    // What was said is application data: it is not shown unasked.
    assert!(!shown.out.contains(&hex::encode("GET / HTTP")) && !shown.out.contains("GET / HTTP"));
}

#[test]
fn early_data_that_the_server_does_not_want_is_not_sent() {
    let lab = Lab::new();
    let address = lab.server(Setup::default());
    let early = early(&lab);
    let shown = run(lab.words(address, &["--early-data", text(&early), "--format", "json"]));
    let document = shown.json();
    assert_eq!(
        (shown.code, &document["facts"]["early_data"]),
        (0, &json!(false)),
        "{:#}",
        document["verdict"]
    );
}

#[test]
fn early_data_is_not_sent_to_a_stranger() {
    let (lab, stranger) = (Lab::new(), Lab::stranger());
    let address = stranger.server(Setup { early_data: 1024, ..Setup::default() });
    let early = early(&lab);
    let words = lab.words(address, &["--early-data", text(&early), "--format", "json"]);
    let shown = run(&words);
    for needle in ["the early data was not sent: the server is not authenticated", "-k sends it anyway"] {
        assert!(shown.err.contains(needle), "{}", shown.err);
    }
    let document = shown.json();
    assert_eq!((shown.code, &document["facts"]["early_data"]), (1, &json!(false)));
    // Unless it is wanted all the same.
    let shown = run([words, vec!["-k".into()]].concat());
    let document = shown.json();
    assert_eq!(
        (shown.code, &document["facts"]["early_data"]),
        (0, &json!(true)),
        "{:#}",
        document["verdict"]
    );
}

/// A certificate that anybody can copy does not make a server: without its key nothing is sent, also with -k.
#[test]
fn early_data_is_not_sent_to_an_impostor() {
    let lab = Lab::new();
    let early = early(&lab);
    for flags in [&[][..], &["-k"]] {
        let address = lab.server(Setup { early_data: 1024, impostor: true, ..Setup::default() });
        let words =
            lab.words(address, &[&["--early-data", text(&early), "--format", "json"], flags].concat());
        let shown = run(&words);
        let needle =
            "the early data was not sent: the server is not authenticated: certificate_verify.server";
        assert!(shown.err.contains(needle) && !shown.err.contains("all the same"), "{}", shown.err);
        let document = shown.json();
        assert_eq!((shown.code, &document["facts"]["early_data"]), (4, &json!(false)), "{flags:?}");
    }
}

#[test]
fn a_file_for_early_data_must_be_there() {
    let lab = Lab::new();
    let address = lab.server(Setup::default());
    let shown = run(lab.words(address, &["--early-data", "/no/such/file"]));
    assert_eq!((shown.code, shown.out.as_str()), (2, ""));
    assert!(shown.err.contains("/no/such/file"), "{}", shown.err);
}

#[test]
fn repetition_shows_the_spread() {
    let lab = Lab::new();
    let address = lab.server(Setup::default());
    let document = run(lab.words(address, &["--repeat", "3", "--format", "json"])).json();
    assert_eq!(connections(&document).len(), 3);
    assert_eq!(states(&document, "finished.server"), ["holds"; 3]);
    // Each of them is a full handshake.
    assert!(connections(&document).iter().all(|connection| connection["chain_inherited"] == false));
    let shown = run(lab.words(address, &["--repeat", "3"]));
    assert_eq!(shown.code, 0);
    for needle in ["3 connections, all the same", "✓ 3 × ", "TCP connect", "TLS handshake", "median", "95 %"]
    {
        assert!(shown.out.contains(needle), "no {needle:?} in {}", shown.out);
    }
    // One sample has no statistics.
    let one = run(lab.words(address, &["--repeat", "1"])).out;
    assert!(one.contains("✓ 1 × ") && !one.contains("median"), "{one}");
}

#[test]
fn each_address_is_shown_with_its_whole_suite() {
    let lab = Lab::new();
    let address = lab.server(Setup::default());
    let shown = run(lab.words(address, &["--each-address", "--tls-max", "1.2"])).out;
    assert!(shown.contains("✓ 127.0.0.1 "), "{shown}");
    let table = &shown[shown.find("1 connection").unwrap()..];
    assert!(table.contains("TLS_ECDHE_") && !table.contains('…'), "{table}");
}

#[test]
fn early_data_that_was_not_sent_is_told() {
    let lab = Lab::new();
    // It gives tickets, but none that allows early data; or no tickets at all.
    for (tickets, why) in [(2, "the server's ticket allows none"), (0, "there was no ticket that allows it")]
    {
        let address = lab.server(Setup { tickets, early_data: 0, ..Setup::default() });
        let shown = run(lab.words(address, &["--early-data", text(&early(&lab))]));
        assert_eq!(shown.code, 0, "{shown:#?}");
        let words: Vec<_> = shown.out.split_whitespace().collect();
        assert!(words.join(" ").contains(&format!("early data was not sent: {why}")), "{}", shown.out);
    }
}

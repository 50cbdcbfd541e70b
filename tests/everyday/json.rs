//! The JSON document: what is in it, how much of it, and where it goes.

use serde_json::{Value, json};
use tls_trace::demo::SCENARIOS;

use crate::common::{file, for_each, run, scratch, text, tls_trace};
use crate::lab::Lab;
use crate::server::Setup;

#[test]
fn every_verdict_has_its_finding_with_causes_and_what_to_do() {
    for_each(
        SCENARIOS,
        |scenario| scenario.name.to_owned(),
        |scenario| {
            let document = run(["demo", scenario.name, "--json"]).json();
            let verdict = &document["verdict"];
            let findings = document["findings"].as_array().unwrap();
            let Some(id) = verdict["id"].as_str() else { return };
            let own: Vec<_> = findings.iter().filter(|finding| finding["id"] == id).collect();
            assert_eq!(own.len(), 1, "{id} among {findings:#?}");
            for (finding, in_verdict) in
                [("causes", "causes"), ("who", "who"), ("need", "need"), ("remedy", "try")]
            {
                assert_eq!(own[0][finding], verdict[in_verdict], "{id}: {finding}");
            }
            assert_eq!(own[0]["severity"], "error");
        },
    );
    let verdict = &tls_trace("demo client-cert-missing --json").json()["verdict"];
    assert!(verdict["who"].as_str().unwrap().contains("alert certificate_required (116)"), "{verdict}");
    assert!(verdict["need"].as_str().unwrap().contains("Client CA"), "{verdict}");
    assert_eq!(verdict["causes"][0]["certainty"], "certain");
    // Accepted, it is told all the same.
    let document = tls_trace("demo expired -k --json").json();
    assert_eq!(document["findings"][0]["id"], document["verdict"]["id"]);
    assert_eq!(document["verdict"]["exit_code"], 0);
}

#[test]
fn what_needs_the_whole_run_stands_last() {
    let text = tls_trace("demo --json").out;
    let place = |key: &str| text.find(&format!("\n  \"{key}\":")).unwrap();
    let keys = ["schema", "target", "connections", "findings", "facts", "verdict"];
    assert!(keys.map(place).is_sorted(), "{:?}", keys.map(place));
}

/// Every field, also of what is derived.
fn fields(value: &Value, work: &mut impl FnMut(&Value)) {
    for message in value["connections"][0]["messages"].as_array().unwrap() {
        let mut stack: Vec<_> = message["fields"].as_array().unwrap().iter().collect();
        while let Some(field) = stack.pop() {
            work(field);
            stack.extend(field["children"].as_array().unwrap());
        }
    }
}

#[test]
fn fields_are_none_a_summary_or_all() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    run(["demo", "tls12", "-q", "--save", text(&saved)]);
    let shown = |choice: &[&str]| run([&["read", text(&saved), "--json"], choice].concat());
    let count = |document: &Value| {
        let mut count = 0;
        fields(document, &mut |_| count += 1);
        count
    };
    let (all, summary) = (shown(&["--fields", "all"]), shown(&[]));
    assert_eq!(count(&shown(&["--fields", "none"]).json()), 0);
    assert_eq!(summary, shown(&["--fields", "summary"]));
    assert!(summary.out.len() * 3 < all.out.len(), "{} and {} bytes", summary.out.len(), all.out.len());
    // Of the offer nothing is left out, of a certificate everything.
    let mut named = Vec::new();
    fields(&summary.json(), &mut |field| named.push(field["name"].as_str().unwrap().to_owned()));
    for name in ["cipher_suite", "extension_type", "random"] {
        assert!(named.contains(&name.to_owned()), "no {name}");
    }
    assert!(!named.iter().any(|name| name == "length" || name == "tbsCertificate"));
    // All of it: leaf for leaf the message's bytes.
    let document = all.json();
    let hello = &document["connections"][0]["messages"][0];
    let mut covered = 0;
    fields(&json!({"connections": [{"messages": [hello]}]}), &mut |field| {
        if field["children"].as_array().unwrap().is_empty() {
            covered += field["length"].as_u64().unwrap();
        }
    });
    assert_eq!(covered, hello["length"].as_u64().unwrap());
    let text = run(["read", text(&saved), "--fields", "all"]);
    assert!(text.code == 2 && text.err.contains("--fields is about"), "{text:?}");
}

#[test]
fn the_suffix_of_the_file_says_the_format() {
    let directory = scratch();
    let (document, report) = (file(&directory, "r.json"), file(&directory, "r.txt"));
    run(["demo", "-o", text(&document)]);
    run(["demo", "-o", text(&report)]);
    let written: Value = serde_json::from_slice(&std::fs::read(&document).unwrap()).unwrap();
    assert_eq!(written["verdict"]["outcome"], "ok");
    assert!(std::fs::read_to_string(&report).unwrap().contains("TRUSTED · "));
    // What was said comes first.
    run(["demo", "-o", text(&document), "--format", "text"]);
    assert!(std::fs::read_to_string(&document).unwrap().contains("TRUSTED · "));
    let wrong = tls_trace("demo -o json");
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""));
    assert!(wrong.err.contains("--format json") && wrong.err.contains("-o FILE.json"), "{wrong:?}");
}

#[test]
fn records_and_certificates_have_the_numbers_that_the_text_shows() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    run(["demo", "missing-intermediate", "-q", "--save", text(&saved)]);
    let shown = run(["read", text(&saved)]).out;
    let document = run(["read", text(&saved), "--json"]).json();
    let connection = &document["connections"][0];
    for message in connection["messages"].as_array().unwrap() {
        let numbers = message["records"].as_array().unwrap();
        let line = shown.lines().find(|line| line.contains(message["type"].as_str().unwrap()));
        if let (Some(line), [one]) = (line, numbers.as_slice()) {
            let record = &connection["records"][one.as_u64().unwrap() as usize - 1];
            assert_eq!(record["number"], *one);
            assert!(line.contains('#'), "{line}");
        }
    }
    let hello = shown.lines().find(|line| line.contains("ServerHello")).unwrap();
    assert!(hello.ends_with(&format!("#{}", connection["messages"][1]["records"][0])), "{hello}");
    let finding =
        document["findings"].as_array().unwrap().iter().find(|f| !f["evidence"][0]["certificate"].is_null());
    let number = finding.unwrap()["evidence"][0]["certificate"].as_u64().unwrap() as usize;
    assert_eq!(connection["chain"][number - 1]["number"], number);
}

/// A server sends as many fields as fit: trees and documents are made while they are written, so that no view costs more
/// memory than another. The shell's limit is on address space; the program itself takes about 40 MB of it.
#[cfg(target_os = "linux")]
#[test]
fn a_flood_of_fields_costs_no_memory_in_any_view() {
    use tls_trace::capture::{Event, saved};
    use tls_trace::wire::Direction;
    let mut session = saved::parse(include_bytes!("../goldens/tls12.json")).unwrap();
    let capture = &mut session.captures[0];
    let extensions = [0x12, 0x34, 0, 0].repeat(16_000);
    let body = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2f, 0], &64_000_u16.to_be_bytes(), &extensions].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let message = [&[2], &length[1..], &body].concat();
    let stream: Vec<u8> = message.repeat(12);
    let records = stream.chunks(16_384).flat_map(|chunk| {
        let length = u16::try_from(chunk.len()).unwrap().to_be_bytes();
        [&[22, 3, 3], &length[..], chunk].concat()
    });
    let at = capture.events[0].at();
    capture.events.truncate(1);
    capture.events.push(Event::Bytes { direction: Direction::Server, at, bytes: records.collect() });
    let directory = scratch();
    let path = file(&directory, "flood.json");
    saved::write(&session, &mut std::fs::File::create(&path).unwrap()).unwrap();
    for view in ["-q", "", "-v", "-vv", "--json", "--json --fields all"] {
        let line = format!("ulimit -v 131072; exec \"$0\" read \"$1\" {view} >\"$2\"");
        let output = std::process::Command::new("sh")
            .args(["-c", &line, env!("CARGO_BIN_EXE_tls-trace"), text(&path)])
            .arg(file(&directory, "out"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(4), "{view}: {output:?}");
    }
}

/// What one handshake shows of post-quantum cryptography, and no more; `-v` says the same.
#[test]
fn post_quantum_is_said_as_far_as_it_was_seen() {
    let lab = Lab::new();
    let server = lab.server(Setup::default());
    let state = |flags: &[&str]| {
        let document = run(lab.words(server, &[&["--json"], flags].concat())).json();
        let half = |name: &str| document["post_quantum"][name]["state"].as_str().unwrap().to_owned();
        (half("key_exchange"), half("authentication"))
    };
    let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
    assert_eq!(state(&[]), pair("chosen", "unknown"));
    assert_eq!(state(&["--groups", "X25519"]), pair("unknown", "unknown"));
    assert_eq!(state(&["--tls-max", "1.2"]), pair("unknown", "unknown"));
    let shown = run(lab.words(server, &["-v"]));
    let words = shown.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("post-quantum key exchange offered and chosen: X25519MLKEM768"), "{words}");
    assert!(!run(lab.words(server, &[])).out.contains("\npost-quantum\n"));
    // Nobody was asked.
    assert!(run(["localhost:1", "--json"]).json()["post_quantum"].is_null());
}

//! `--redact`: no name, address or distinguished name is in any report, and each is replaced alike everywhere.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{file, run, scratch, text, tls_trace};
use serde_json::Value;
use tls_trace::render::FORMATS;

/// Every text in a document that must not be in a redacted one.
fn identifying(document: &Value) -> BTreeSet<String> {
    fn texts(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => {
                found.insert(text.clone());
            }
            Value::Array(list) => list.iter().for_each(|value| texts(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for field in ["host", "sni", "verify_name"] {
        texts(&document["target"][field], &mut found);
    }
    for field in ["subject", "issuer", "san"] {
        texts(&document["facts"][field], &mut found);
    }
    for connection in document["connections"].as_array().unwrap() {
        for attempt in connection["attempts"].as_array().into_iter().flatten() {
            let address = attempt["address"].as_str().unwrap();
            found.insert(address.rsplit_once(':').unwrap().0.to_owned());
        }
        for element in connection["chain"].as_array().into_iter().flatten() {
            for field in ["subject", "issuer", "sans", "sha256", "spki_pin", "serial"] {
                texts(&element[field], &mut found);
            }
        }
    }
    // Of distinguished names each value.
    let values: Vec<String> = found
        .iter()
        .flat_map(|name| name.split(", "))
        .filter_map(|part| Some(part.split_once('=')?.1.to_owned()))
        .collect();
    // `SHA-256/…=` is no name.
    found.retain(|name| !name.contains("=") || name.len() == 44);
    found.extend(values.into_iter().filter(|value| value.len() > 3));
    found
}

fn recordings() -> Vec<PathBuf> {
    let goldens = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let files = fs::read_dir(goldens).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| {
            path.extension().is_some_and(|suffix| suffix == "json") && !text(path).ends_with(".report.json")
        })
        .collect()
}

#[test]
fn no_name_is_in_any_format() {
    let directory = scratch();
    let mut wrong = Vec::new();
    for recording in recordings() {
        let names = identifying(&run(["read", text(&recording), "--json"]).json());
        assert!(names.len() > 1, "{recording:?}: {names:?}");
        let formats: Vec<_> = FORMATS
            .iter()
            .map(|format| (format.name, file(&directory, &format!("report.{}", format.name))))
            .collect();
        let mut arguments = vec!["read".to_owned(), text(&recording).to_owned(), "--redact".to_owned()];
        arguments.extend(formats.iter().map(|(name, path)| format!("--format={name}={}", text(path))));
        let shown = run(arguments);
        assert!(shown.code < 6 && shown.code != 2, "{shown:?}");
        for (format, path) in formats {
            let report = fs::read_to_string(&path).unwrap().to_lowercase();
            for name in &names {
                for spelled in [name.clone(), hex::encode(name), STANDARD.encode(name)] {
                    if report.contains(&spelled.to_lowercase()) {
                        wrong.push(format!(
                            "{format} of {}: {name}",
                            recording.file_stem().unwrap().display()
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_word_is_replaced_alike_everywhere_and_documents_stay_documents() {
    let recording = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/tls13.json");
    let shown = run(["read", text(&recording), "--redact", "--json"]).json();
    let host = shown["target"]["host"].as_str().unwrap();
    assert!(host.starts_with("host-") && host.ends_with(".invalid"), "{host}");
    assert_eq!(shown["facts"]["sni"], host);
    assert_eq!(shown["connections"][0]["chain"][0]["sans"][0], host);
    let address = shown["connections"][0]["attempts"][0]["address"].as_str().unwrap();
    assert!(address.starts_with("192.0.2."), "{address}");
    let pin = shown["connections"][0]["chain"][0]["spki_pin"].as_str().unwrap();
    assert_eq!(STANDARD.decode(pin).unwrap().len(), 32);
    assert_eq!(shown["connections"][0]["chain"][0]["sha256"].as_str().unwrap().len(), 64);
    // The text says the same words, and still has its columns.
    let shown = run(["read", text(&recording), "--redact"]);
    assert!(shown.out.contains(&format!("SNI {host}")), "{}", shown.out);
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
}

#[test]
fn what_a_server_says_before_tls_is_redacted_as_well() {
    let shown = tls_trace("demo starttls-smtp --redact");
    assert_eq!(shown.code, 0, "{shown:?}");
    for name in ["tls-trace.test", "127.0.0.1"] {
        assert!(!shown.out.contains(name), "{}", shown.out);
    }
    assert!(shown.out.contains("250-host-"), "the reply keeps its code: {}", shown.out);
}

#[test]
fn names_with_the_formats_own_characters_are_found_in_each_of_them() {
    let directory = scratch();
    let mut parameters = rcgen::CertificateParams::new(vec!["www.corp.example".to_owned()]).unwrap();
    let organisation = "B&W \"Labs\", <Inc.> | 'x' *y* C:\\z";
    parameters.distinguished_name.push(rcgen::DnType::OrganizationName, organisation);
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "www.corp.example");
    let key = rcgen::KeyPair::generate().unwrap();
    let chain = file(&directory, "chain.pem");
    fs::write(&chain, parameters.self_signed(&key).unwrap().pem()).unwrap();
    let as_it_is = run(["cert", text(&chain), "--verify-name", "www.corp.example", "--json"]);
    assert!(as_it_is.out.contains("Labs"), "{as_it_is:?}");
    for format in FORMATS {
        let shown = run([
            "cert",
            text(&chain),
            "--verify-name",
            "www.corp.example",
            "--redact",
            "--format",
            format.name,
        ]);
        for word in ["Labs", "corp", "B&W", "chain.pem"] {
            assert!(!shown.out.contains(word), "{}: {word}\n{}", format.name, shown.out);
        }
    }
}

#[test]
fn of_many_targets_none_is_named() {
    let stage = tls_trace::demo::start(tls_trace::demo::find("tls13").unwrap()).unwrap();
    let at = format!("127.0.0.1:{}", stage.address.port());
    let resolve = |name: &str| format!("{name} --connect {at}");
    let directory = scratch();
    let list = file(&directory, "list");
    fs::write(&list, format!("{}\n{}\n", resolve("one.corp.example"), resolve("two.corp.example"))).unwrap();
    for format in ["text", "jsonl", "junit", "csv", "sarif"] {
        let shown = run(["--targets", text(&list), "--redact", "--format", format]);
        assert_eq!(shown.code, 1, "{shown:?}");
        assert!(!shown.out.contains("corp.example"), "{format}: {}", shown.out);
        assert!(shown.out.contains("host-1.invalid"), "{format}: {}", shown.out);
    }
}

#[test]
fn what_would_tell_all_the_same_is_refused() {
    for (line, why) in [
        ("demo --redact -v", "names stand in a message's bytes"),
        ("demo --redact --json --fields all", "names stand in a message's bytes"),
        ("demo --redact --save /nowhere/t.json", "the file would have all names in it"),
        ("demo --redact --show-secrets", "secrets open a recording"),
    ] {
        let shown = tls_trace(line);
        assert_eq!(shown.code, 2, "{line}: {shown:?}");
        assert!(shown.err.contains(why), "{line}: {}", shown.err);
    }
}

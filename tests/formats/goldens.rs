//! Recordings in each format, as they are expected. `UPDATE_GOLDENS=1` accepts what there is.

use std::fs;
use std::path::PathBuf;

use tls_trace::capture::saved;
use tls_trace::render::{FORMATS, Settings};
use tls_trace::report::Report;

/// A trusted server, one that is not, and one without TLS.
const NAMES: &[&str] = &["tls13", "expired", "plaintext"];

#[test]
fn recordings_are_rendered_as_expected_in_each_format() {
    let goldens = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let mut wrong = Vec::new();
    for name in NAMES {
        let recording = fs::read(goldens.join(format!("{name}.json"))).unwrap();
        let report = Report::of(saved::parse(&recording).unwrap()).unwrap();
        // Those three have their own; of a page it is looked at what is in it (tests/formats/page.rs).
        const OTHERS: [&str; 4] = ["text", "json", "jsonl", "html"];
        for format in FORMATS.iter().filter(|format| !OTHERS.contains(&format.name)) {
            let mut shown = Vec::new();
            format.write(&report, &Settings::default(), &mut shown).unwrap();
            let file = goldens.join("formats").join(format!("{name}.{}", format.name));
            if std::env::var_os("UPDATE_GOLDENS").is_some() {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, &shown).unwrap();
            }
            if fs::read(&file).unwrap_or_default() != shown {
                wrong.push(file.display().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "UPDATE_GOLDENS=1 accepts these:\n{}", wrong.join("\n"));
}

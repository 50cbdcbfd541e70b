//! The cipher suites against IANA's registry, as its CSV file has it.

#![cfg(feature = "interop")]
#![allow(
    clippy::expect_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

use std::collections::BTreeMap;
use std::path::Path;

use tls_trace::wire::codepoints::cipher_suite::{self, SuiteInfo};
use tls_trace::wire::codepoints::{Recommended, is_grease};

/// Suites whose reference we give otherwise than the snapshot, and ours.
const REFERENCES: [(&str, &str); 3] = [
    // The status change made single DES and IDEA historic; the reference that says what a suite is comes first.
    ("RFC5469, status-change-tls-des-idea-ciphers-to-historic", "RFC5469"),
    // An action of the IESG settled the recommendation, not the suite.
    ("RFC8446, IESG Action 2018-08-16", "RFC8446"),
    // Published since.
    ("RFC-smyshlyaev-tls13-gost-suites-08", "RFC9367"),
];

/// In use, or once in use, but never in the registry.
const UNREGISTERED: [&str; 5] = [
    "draft-ietf-tls-56-bit-ciphersuites",
    "draft-chudov-cryptopro-cptls",
    "draft-cragie-tls-ecjpake",
    "draft-agl-tls-chacha20poly1305",
    "Netscape",
];

#[test]
fn every_registered_suite_is_there_as_the_registry_has_it() {
    let mut ours: BTreeMap<u16, &SuiteInfo> =
        cipher_suite::all().iter().map(|suite| (suite.code, suite)).collect();
    let mut compared = 0;
    let mut differences = Vec::new();
    for row in rows() {
        let [value, description, _dtls_ok, recommended, reference] = row.as_slice() else {
            panic!("not five columns: {row:?}");
        };
        // Ranges are reserved or unassigned as a whole.
        let Some(code) = code(value) else {
            assert!(is_open(description), "a range of suites: {row:?}");
            continue;
        };
        if is_open(description) {
            let unknown = cipher_suite::find(code).is_none();
            assert!(unknown || is_grease(code, 2), "{value} is {description}, but has a name here");
            continue;
        }
        compared += 1;
        let Some(suite) = ours.remove(&code) else {
            differences.push(format!("{value} {description}: missing"));
            continue;
        };
        let mut differs = |what: &str, here: &str, there: &str| {
            if here != there {
                differences.push(format!("{value} {description}: {what} is {here}, in the registry {there}"));
            }
        };
        differs("name", suite.name, description);
        let recommends = match suite.recommended {
            Recommended::Yes => "Y",
            Recommended::No => "N",
            Recommended::Discouraged => "D",
            Recommended::Unstated => "",
        };
        differs("recommended", recommends, recommended);
        let reference = reference.trim_matches(['[', ']']).replace("][", ", ");
        let newer = REFERENCES.iter().find(|(there, _)| *there == reference).map(|(_, here)| *here);
        differs("reference", &suite.reference.replace("RFC ", "RFC"), newer.unwrap_or(&reference));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(compared > 340, "only {compared} suites in the registry");
    for suite in ours.values() {
        let reference = suite.reference;
        assert!(UNREGISTERED.contains(&reference), "{:#06x} {} of {reference}", suite.code, suite.name);
    }
}

/// What a name says and what we say that it means.
#[test]
fn parts_agree_with_the_names() {
    for row in rows() {
        let Some(suite) = code(&row[0]).and_then(cipher_suite::find) else { continue };
        let name = suite.name;
        assert_eq!(suite.export, name.contains("EXPORT"), "{name}");
        let bits: Option<u16> = ["128", "192", "256"]
            .iter()
            .find(|bits| name.contains(&format!("_{bits}_")) || name.ends_with(&format!("_{bits}")))
            .and_then(|bits| bits.parse().ok());
        // GOST names count bits of the hash, the AEGIS names have theirs behind an L or X.
        if let Some(bits) = bits.filter(|_| !name.contains("GOST")) {
            assert_eq!(suite.key_bits, bits, "{name}");
        }
        let forward = ["_DHE_", "_ECDHE_", "TLS_DH_anon", "TLS_ECDH_anon"];
        let says = forward.iter().any(|part| name.contains(part)) || suite.is_tls13();
        assert_eq!(suite.forward_secret(), says, "{name}");
        let aead = ["GCM", "CCM", "POLY1305", "MGM", "AEGIS"].iter().any(|part| name.contains(part));
        assert_eq!(suite.is_aead(), aead, "{name}");
    }
}

/// The rows behind the heading.
fn rows() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/iana/tls-cipher-suites.csv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let rows = csv(&text);
    assert_eq!(rows[0].join(","), "Value,Description,DTLS-OK,Recommended,Reference");
    rows.into_iter().skip(1).collect()
}

/// `0x13,0x01`
fn code(value: &str) -> Option<u16> {
    let (high, low) = value.split_once(',')?;
    let byte = |text: &str| u8::from_str_radix(text.strip_prefix("0x")?, 16).ok();
    Some(u16::from_be_bytes([byte(high)?, byte(low)?]))
}

fn is_open(description: &str) -> bool {
    description == "Unassigned" || description.starts_with("Reserved")
}

/// RFC 4180: fields may be quoted, and lines may be broken in quotes.
fn csv(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    for character in text.chars() {
        match (character, quoted) {
            ('"', _) => quoted = !quoted,
            (',', false) => rows.last_mut().expect("a row").push(String::new()),
            ('\n', false) => rows.push(vec![String::new()]),
            ('\r', false) => {}
            _ => rows.last_mut().and_then(|row| row.last_mut()).expect("a field").push(character),
        }
    }
    rows.retain(|row| row.len() > 1);
    rows
}

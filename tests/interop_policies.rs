//! The built-in policies beside the guidelines as others published them for machines.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tls_trace::expect::fields::FIELDS;
use tls_trace::policy::{Asks, Policy, built_in};

const DATA: &str = "../shared/data";

/// What a rule allows.
fn allowed(policy: &str, rule: &str) -> BTreeSet<String> {
    let read = Policy::read(policy, built_in(policy).unwrap(), FIELDS).unwrap();
    let rule = read.rules.into_iter().find(|known| known.id == rule).unwrap();
    let Asks::Allowed { values, .. } = rule.asks else { return BTreeSet::new() };
    values.into_iter().collect()
}

#[test]
fn mozillas_levels_are_mozillas() {
    for (policy, version, level) in [
        ("mozilla-modern", "6.0", "modern"),
        ("mozilla-intermediate", "6.0", "intermediate"),
        ("mozilla-old", "5.8", "old"),
    ] {
        let text = fs::read_to_string(format!("{DATA}/mozilla/{version}.json")).unwrap();
        let level = &serde_json::from_str::<Value>(&text).unwrap()["configurations"][level];
        let names = |value: &Value| -> BTreeSet<String> {
            value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let suites = &names(&level["ciphersuites"]) | &names(&level["ciphers"]["iana"]);
        assert_eq!(allowed(policy, "suite"), suites, "{policy}");
        assert_eq!(
            allowed(policy, "certificate_signature"),
            names(&level["certificate_signatures"]),
            "{policy}"
        );
        assert_eq!(allowed(policy, "group").len(), names(&level["tls_curves"]).len(), "{policy}");
    }
}

#[test]
fn the_suites_of_bsi_and_nist_are_theirs() {
    for (policy, file, version, rule) in [
        ("bsi-tr-02102-2", "bsi", "TLS12", "suite_tls12"),
        ("bsi-tr-02102-2", "bsi", "TLS13", "suite_tls13"),
        ("nist-800-52r2", "nist", "TLS12", "suite_tls12"),
        ("nist-800-52r2", "nist", "TLS13", "suite_tls13"),
    ] {
        let text = fs::read_to_string(format!("{DATA}/guidelines/{file}.xml")).unwrap();
        let version = format!("<versions>{version}</versions>");
        let checks = text.split("<cipherSuiteGuidelineCheck>").skip(1);
        let check = checks.map(|rest| rest.split("</cipherSuiteGuidelineCheck>").next().unwrap());
        let check = check.into_iter().find(|check| check.contains(&version)).unwrap();
        let names = check.split("<recommendedCipherSuites>").skip(1);
        let theirs: BTreeSet<String> = names.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
        assert_eq!(allowed(policy, rule), theirs, "{policy} {rule}");
    }
}

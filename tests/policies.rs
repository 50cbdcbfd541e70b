//! `--policy`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::run;
use serde::Deserialize;
use tls_trace::expect::Values;
use tls_trace::expect::fields::FIELDS;
use tls_trace::policy::{Asks, BUILT_IN, Outcome, Policy, Rule};
use tls_trace::trace::State;

/// Some day in 2026.
const AT: i64 = 1_790_000_000;

#[derive(Deserialize)]
struct Fixture {
    good: BTreeMap<String, String>,
    bad: BTreeMap<String, String>,
}

fn values(facts: &BTreeMap<String, String>) -> Values {
    let mut values = Values::default();
    for (name, value) in facts {
        let field = FIELDS.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("{name}"));
        values.set(field.name, [value]);
    }
    values
}

fn policies() -> impl Iterator<Item = Policy> {
    BUILT_IN
        .iter()
        .map(|(name, text)| Policy::read(name, text, FIELDS).unwrap_or_else(|e| panic!("{name}: {e}")))
}

fn outcome(policy: &Policy, rule: &Rule, values: &Values) -> Option<Outcome> {
    policy.judge(values, AT).rules.into_iter().find(|outcome| outcome.id == rule.id)
}

#[test]
fn every_rule_holds_for_the_good_and_fails_for_the_bad() {
    let text = fs::read_to_string("tests/scenarios/policies.toml").unwrap();
    let fixtures: BTreeMap<String, BTreeMap<String, Fixture>> = toml::from_str(&text).unwrap();
    for policy in policies() {
        for rule in policy.rules.iter().filter(|rule| matches!(rule.asks, Asks::Expression(..))) {
            let name = format!("{}.{}", policy.name, rule.id);
            let fixture = fixtures.get(&policy.name).and_then(|of| of.get(&rule.id));
            let fixture = fixture.unwrap_or_else(|| panic!("{name} has no fixture"));
            let state =
                |facts| outcome(&policy, rule, &values(facts)).unwrap_or_else(|| panic!("{name}")).state;
            assert_eq!(state(&fixture.good), State::Holds, "{name}");
            assert!(state(&fixture.bad).fails(), "{name}: {:?}", state(&fixture.bad));
        }
    }
    for (policy, rules) in &fixtures {
        let of = policies().find(|known| known.name == *policy).unwrap_or_else(|| panic!("{policy}"));
        for rule in rules.keys() {
            assert!(of.rules.iter().any(|known| known.id == *rule), "{policy}.{rule} is no rule");
        }
    }
}

/// A list of allowed values has names that occur, and nothing else is allowed.
#[test]
fn every_allowed_value_holds_and_another_fails() {
    for policy in policies() {
        for rule in &policy.rules {
            let Asks::Allowed { field, values } = &rule.asks else { continue };
            let name = FIELDS.iter().find(|known| known.name == *field).unwrap().name;
            let mut policy = policy.clone();
            // Its condition is another matter.
            policy.rules.iter_mut().for_each(|rule| rule.when = None);
            let state = |value: &str| {
                let mut facts = Values::default();
                facts.set(name, [value]);
                outcome(&policy, rule, &facts).unwrap().state
            };
            for value in values {
                assert_eq!(state(value), State::Holds, "{}.{}: {value}", policy.name, rule.id);
                known(name, value);
            }
            assert!(state("something else").fails(), "{}.{}", policy.name, rule.id);
        }
    }
}

/// A name is one that a connection can have.
fn known(field: &str, value: &str) {
    use tls_trace::wire::codepoints::{CIPHER_SUITES, SIGNATURE_SCHEMES, SUPPORTED_GROUPS};
    let registry = match field {
        "cipher" => &CIPHER_SUITES,
        "group" => &SUPPORTED_GROUPS,
        "sigalg" => &SIGNATURE_SCHEMES,
        _ => return,
    };
    assert!((registry.all)().iter().any(|entry| entry.name == value), "{field}: {value}");
}

fn golden(name: &str) -> String {
    format!("tests/goldens/{name}.json")
}

/// Name, trace, exit code, and a rule with its state.
#[test]
fn recorded_connections_are_judged() {
    for (policy, trace, exit, rule, state) in [
        ("mozilla-intermediate", "tls13", 0, "suite", "holds"),
        ("mozilla-intermediate", "tls13", 0, "certificate_curve", "holds"),
        ("mozilla-intermediate", "tls12", 0, "suite", "holds"),
        ("mozilla-modern", "tls12", 1, "version", "fails"),
        ("mozilla-modern", "tls13", 1, "older_versions", "not_evaluated"),
        ("mozilla-modern", "tls13", 1, "certificate_span", "fails"),
        ("strict", "tls13", 0, "post_quantum", "holds"),
        ("strict", "untrusted", 1, "verified", "fails"),
        ("cnsa2", "tls13", 1, "group", "fails"),
        ("cnsa2-transition", "tls13", 1, "certificate_key", "fails"),
        ("rfc9325", "tls12", 0, "extended_master_secret", "holds"),
        ("bsi-tr-02102-2", "tls13", 1, "group", "fails"),
        ("nist-800-52r2", "tls12", 1, "tls13", "fails"),
        // What failed by itself comes first.
        ("strict", "alpn-mismatch", 4, "version", "holds"),
        ("strict", "silent", 5, "version", "not_evaluated"),
    ] {
        let shown = run(["read", &golden(trace), "--policy", policy, "--json"]);
        let document = shown.json();
        let connection = &document["connections"][0];
        let rules = connection["policies"][0]["rules"].as_array().unwrap();
        let found =
            rules.iter().find(|known| known["id"] == rule).unwrap_or_else(|| panic!("{policy}.{rule}"));
        assert_eq!(found["state"], state, "{policy}.{rule} of {trace}: {found}");
        assert_eq!(shown.code, exit, "{policy} of {trace}: {}", document["verdict"]);
    }
}

#[test]
fn what_is_violated_stands_with_its_need() {
    let shown = run(["read", &golden("tls12"), "--policy", "mozilla-modern"]);
    assert_eq!(shown.code, 1);
    for row in [
        "policy Mozilla Server Side TLS 6.0, modern · ",
        "✗ version · the version is 1.3 or later: tls is 1.2",
        "needed: TLS 1.3 alone",
        "– older_versions · nothing older is supported: not evaluated: ",
        "NOT MET · mozilla-modern, version: tls is 1.2",
        "policy.violated",
    ] {
        assert!(shown.out.contains(row), "{row}\n{}", shown.out);
    }
    assert!(!shown.out.contains("✓ certificate_curve"), "what holds is for -v\n{}", shown.out);
    assert!(
        run(["read", &golden("tls12"), "--policy", "mozilla-modern", "-v"])
            .out
            .contains("✓ certificate_curve")
    );
}

/// A file extends a policy: other rules, other weights, exceptions with an end.
#[test]
fn a_file_extends_a_policy() {
    let directory = common::scratch();
    let path = common::file(&directory, "ours.toml");
    let ask = |text: &str| {
        fs::write(&path, text).unwrap();
        run(["read", &golden("tls12"), "--policy", common::text(&path), "--json"])
    };
    let rule = |shown: &common::Run, id: &str| {
        let document = shown.json();
        let rules = document["connections"][0]["policies"][0]["rules"].as_array().unwrap().clone();
        rules.into_iter().find(|rule| rule["id"] == id)
    };
    let head = "name = \"ours\"\nextends = \"mozilla-modern\"\n";
    // The demo's certificate is for 92 days.
    let suite = "[[rule]]\nid = \"suite\"\nseverity = \"warning\"\n\
                 [[rule]]\nid = \"certificate_span\"\nseverity = \"note\"\n";
    let other =
        ask(&format!("{head}warn = ['sct>=2']\n[[rule]]\nid = \"version\"\nrequire = 'tls>=1.2'\n{suite}"));
    assert_eq!(other.code, 0, "{}", other.out);
    assert_eq!(rule(&other, "version").unwrap()["state"], "holds");
    assert_eq!(rule(&other, "suite").unwrap()["severity"], "warning");
    assert_eq!(rule(&other, "sct>=2").unwrap()["state"], "fails");
    let findings = other.json()["findings"].to_string();
    assert!(findings.contains("policy.warning") && findings.contains("ours, sct>=2"), "{findings}");

    let off = ask(&format!("{head}[[rule]]\nid = \"version\"\nseverity = \"off\"\n{suite}"));
    assert_eq!((off.code, rule(&off, "version")), (0, None));

    let until = |day: &str| {
        let exception = format!("[[exception]]\nrule = \"version\"\nreason = \"the till\"\nuntil = {day}\n");
        ask(&format!("{head}{suite}{exception}"))
    };
    let excepted = until("2030-01-01");
    assert_eq!(excepted.code, 0, "{}", excepted.out);
    assert_eq!(rule(&excepted, "version").unwrap()["exception"]["applies"], true);
    let ended = until("2026-01-01");
    assert_eq!(ended.code, 1);
    assert_eq!(rule(&ended, "version").unwrap()["exception"]["applies"], false);
}

/// What is wrong with a file is said before a connection is made.
#[test]
fn a_wrong_policy_is_refused() {
    let directory = common::scratch();
    let path = common::file(&directory, "wrong.toml");
    for (text, word) in [
        ("[[rule]]\nid = \"a\"\nrequire = \"tsl>=1.2\"", "no field \"tsl\""),
        ("[[rule]]\nid = \"a\"\nrequire = \"tls>=\"", "a value is expected"),
        ("[[rule]]\nid = \"a\"", "asks for nothing"),
        ("[[rule]]\nid = \"a\"\nseverity = \"fatal\"\nrequire = \"pq\"", "error, warning, note or off"),
        ("extends = \"mozilla\"", "built in are mozilla-modern"),
        ("[[exception]]\nrule = \"x\"\nreason = \"\"\nuntil = 2026-01-01", "no rule \"x\""),
        ("rules = 1", "unknown field"),
        (&"[[rule]]\nid = \"a\"\nrequire = \"pq\"\n".repeat(2), "\"a\" is there twice"),
        (&format!("expect = [{}]", "'pq',".repeat(1_001)), "more than 1000 rules"),
        (&format!("expect = ['{}pq']", "pq and ".repeat(9_000)), "more than 256 comparisons"),
        (&"#".repeat(2 << 20), "more than 1048576 bytes"),
        ("\u{1b}[2J", "TOML"),
    ] {
        fs::write(&path, text).unwrap();
        let shown = run(["example.com", "--policy", common::text(&path)]);
        assert_eq!((shown.code, &*shown.out), (2, ""), "{text}");
        assert!(shown.err.contains(word) && !shown.err.contains('\u{1b}'), "{text}: {}", shown.err);
    }
    let shown = run(["example.com", "--policy", "mozilla"]);
    assert!(shown.code == 2 && shown.err.contains("the nearest is mozilla-old"), "{}", shown.err);
}

/// A saved trace keeps the policy, whatever becomes of the file.
#[test]
fn a_saved_trace_keeps_the_policy() {
    let directory = common::scratch();
    let (policy, trace) = (common::file(&directory, "ours.toml"), common::file(&directory, "trace.json"));
    fs::write(&policy, "expect = ['tls<1.3']").unwrap();
    let made =
        run(["demo", "tls13", "--policy", common::text(&policy), "--save", common::text(&trace), "-q"]);
    assert_eq!(made.code, 1, "{}", made.out);
    fs::remove_file(&policy).unwrap();
    assert_eq!(run(["read", common::text(&trace), "-q"]).out, made.out);
}

#[test]
fn a_policy_is_explained() {
    let shown = run(["explain", "policy.strict"]);
    assert_eq!(shown.code, 0);
    for word in ["TLS 1.3, post-quantum", "certificate_span", "span<=100"] {
        assert!(shown.out.contains(word), "{word}\n{}", shown.out);
    }
}

/// The page's example is a policy, and the page names those that are built in.
#[test]
fn the_page_is_right() {
    let page = fs::read_to_string("docs/policies.md").unwrap();
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let policy = Policy::read("example", example, FIELDS).unwrap();
    assert_eq!((&*policy.name, policy.exceptions.len()), ("shop", 1));
    for (name, _) in BUILT_IN {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

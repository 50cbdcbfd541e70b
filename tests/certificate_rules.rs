//! Every file in tests/scenarios/certificate/: a chain's recipe and what the judge has to say of it.
//!
//! `fails` is the complete list of rules that fail, of whatever weight, each once, in the order of the table.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a scenario that cannot be read has to fail the test")]

mod certificate_support;

use std::collections::BTreeSet;
use std::path::Path;

use certificate_support::{NOW, Workshop, seconds};
use serde_json::Value;
use tls_trace::certificate::{Judgement, Question, Sent, Usage, judge, rules};
use tls_trace::trust::{Anchors, Loaded};

fn run(scenario: &Value) -> Judgement {
    let recipes = scenario["certificates"].as_object().unwrap();
    let shop = Workshop::make(recipes);
    let named = |field: &str| -> Vec<Vec<u8>> {
        let names = scenario[field].as_array().unwrap_or_else(|| panic!("no list {field}")).iter();
        names
            .map(|name| {
                shop.certificates.get(name.as_str().unwrap()).unwrap_or_else(|| panic!("{name}?")).clone()
            })
            .collect()
    };
    let sent = named("send");
    let mut anchors = Anchors::none();
    match &scenario["stores"] {
        Value::Object(stores) => {
            for (store, names) in stores {
                let names = names.as_array().unwrap().iter();
                let ders = names.map(|name| shop.certificates[name.as_str().unwrap()].clone());
                anchors.push(Loaded::certificates(store, ders));
            }
        }
        _ => {
            anchors.push(Loaded::certificates("ca.pem", named("trust")));
        }
    }
    let stores = anchors.candidates(&sent);
    let pins: Vec<String> = scenario["pins"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|pin| pin.as_str().unwrap().to_owned())
        .collect();
    let mut question = Question::server(None, NOW, &stores);
    question.verify_name = match &scenario["name"] {
        Value::Null => Some("example.com"),
        Value::Bool(_) => None,
        name => Some(name.as_str().unwrap()),
    };
    if let Some(at) = scenario["at"].as_str() {
        question.at = seconds(at);
    }
    question.pins = &pins;
    if scenario["usage"] == "clientAuth" {
        question.usage = Usage::ClientAuth;
    }
    if let Some(days) = scenario["min_days"].as_str() {
        question.min_days = tls_trace::certificate::MinDays::read(days).unwrap();
    }
    let mut sent = Sent::chain(&sent);
    sent.staple_asked = scenario["staple_asked"] == true;
    judge(&sent, &question)
}

fn fails(judgement: &Judgement) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> =
        judgement.rules.iter().filter(|result| result.state.fails()).map(|result| result.id).collect();
    ids.dedup();
    ids
}

fn scenarios() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/certificate");
    let mut out = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let list: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let base = list["certificates"].as_object().cloned().unwrap_or_default();
        for scenario in list["scenarios"].as_array().unwrap() {
            let mut scenario = scenario.clone();
            // Certificates that all scenarios of a file share; each may replace fields of them.
            let mut certificates = base.clone();
            for (name, recipe) in scenario["certificates"].as_object().cloned().unwrap_or_default() {
                let fields = certificates.entry(name).or_insert_with(|| serde_json::json!({}));
                for (field, value) in recipe.as_object().unwrap() {
                    fields[field] = value.clone();
                }
            }
            scenario["certificates"] = Value::Object(certificates);
            for field in ["send", "trust"] {
                if scenario[field].is_null() {
                    scenario[field] = list[field].clone();
                }
            }
            out.push((
                format!(
                    "{}: {}",
                    file.file_name().unwrap().to_string_lossy(),
                    scenario["about"].as_str().unwrap()
                ),
                scenario,
            ));
        }
    }
    out
}

#[test]
fn scenarios_come_out_as_expected() {
    let mut wrong = Vec::new();
    for (name, scenario) in scenarios() {
        let judgement = run(&scenario);
        let expect = &scenario["expect"];
        let expected: Vec<&str> =
            expect["fails"].as_array().into_iter().flatten().map(|id| id.as_str().unwrap()).collect();
        let trusted =
            expect["trusted"].as_str().unwrap_or(if expected.is_empty() { "holds" } else { "fails" });
        let actual = fails(&judgement);
        if actual != expected || judgement.trusted.name() != trusted {
            let results: Vec<String> = judgement
                .rules
                .iter()
                .filter(|r| !r.state.holds())
                .map(|r| format!("    {} {:?} {:?}", r.id, r.weight, r.state))
                .collect();
            wrong.push(format!(
                "{name}\n  expected {trusted} {expected:?}\n  actual   {} {actual:?}\n{}",
                judgement.trusted.name(),
                results.join("\n")
            ));
        }
        if let Some(second) = expect["second"].as_str() {
            let actual = judgement.second.verdict.clone().err().unwrap_or_else(|| "ok".to_owned());
            if !actual.starts_with(second) {
                wrong.push(format!("{name}\n  webpki expected {second}\n  actual {actual}"));
            }
        }
        for (field, state) in [
            ("name", &judgement.name),
            ("dates", &judgement.dates),
            ("signatures", &judgement.signatures),
            ("usage", &judgement.usage),
            ("chain", &judgement.chain),
        ] {
            if let Some(expected) = expect[field].as_str()
                && state.name() != expected
            {
                wrong.push(format!("{name}\n  {field} expected {expected}\n  actual {state:?}"));
            }
        }
        if let Some(text) = expect["says"].as_str()
            && !judgement
                .rules
                .iter()
                .any(|result| result.state.reason().is_some_and(|why| why.contains(text)))
        {
            let all: Vec<_> = judgement.rules.iter().filter_map(|result| result.state.reason()).collect();
            wrong.push(format!("{name}\n  nothing says \"{text}\": {all:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_scenario_in_which_it_fails_and_one_in_which_it_does_not() {
    let (mut broken, mut kept) = (BTreeSet::new(), BTreeSet::new());
    for (_, scenario) in scenarios() {
        let judgement = run(&scenario);
        let fails = fails(&judgement);
        broken.extend(fails.iter().copied());
        kept.extend(rules::RULES.iter().map(|rule| rule.id).filter(|id| !fails.contains(id)));
    }
    // Made in tests of their own, because they need bytes beside the chain, or very many of them.
    let elsewhere = ["chain.limit", "ocsp.staple", "cert.revoked"];
    for rule in rules::RULES.iter().filter(|rule| !elsewhere.contains(&rule.id)) {
        assert!(broken.contains(rule.id), "no scenario breaks {}", rule.id);
        assert!(kept.contains(rule.id), "every scenario breaks {}", rule.id);
    }
}

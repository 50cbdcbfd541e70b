//! What a judgement says beside its verdict: which certificate is which, each store's own word, other paths, evidence.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot make its chain has to fail")]

mod certificate_support;

use certificate_support::{NOW, Workshop, sha256};
use serde_json::{Value, json};
use tls_trace::capture::Limits;
use tls_trace::certificate::{Judgement, MinDays, Question, RuleResult, Sent, Weight, judge};
use tls_trace::trace::State;
use tls_trace::trust::{Anchors, Loaded};

/// A root, an issuing CA and a leaf for example.com, with `more` beside them or in place of them.
fn shop(more: Value) -> Workshop {
    let mut recipes = json!({"root": {"ca": true}, "issuing": {"ca": true, "issuer": "root"}, "leaf": {"issuer": "issuing"}});
    for (name, recipe) in more.as_object().unwrap() {
        recipes[name] = recipe.clone();
    }
    Workshop::make(recipes.as_object().unwrap())
}

fn judged(
    shop: &Workshop,
    send: &[&str],
    stores: &[(&str, &[&str])],
    ask: impl Fn(&mut Question<'_>),
) -> Judgement {
    let ders = |names: &[&str]| -> Vec<Vec<u8>> {
        names.iter().map(|name| shop.certificates[*name].clone()).collect()
    };
    let sent = ders(send);
    let mut anchors = Anchors::none();
    for (store, names) in stores {
        anchors.push(Loaded::certificates(store, ders(names)));
    }
    let stores = anchors.candidates(&sent);
    let mut question = Question::server(Some("example.com"), NOW, &stores);
    ask(&mut question);
    judge(&Sent::chain(&sent), &question)
}

fn rule<'j>(judgement: &'j Judgement, id: &str) -> &'j RuleResult {
    judgement.rules.iter().find(|result| result.id == id).unwrap_or_else(|| panic!("{id} says nothing"))
}

#[test]
fn a_root_of_the_stores_name_with_another_key_is_no_anchor() {
    let shop = shop(json!({"impostor": {"ca": true, "subject": "root"}}));
    let judgement = judged(&shop, &["leaf", "issuing", "impostor"], &[("ca.pem", &["root"])], |_| {});
    let anchors: Vec<bool> = judgement.elements.iter().map(|element| element.anchor).collect();
    assert_eq!(anchors, [false, false, false, true]);
    assert_eq!(judgement.path, Some(vec![0, 1, 3]));
    let judgement = judged(&shop, &["leaf", "issuing", "root"], &[("ca.pem", &["root"])], |_| {});
    assert_eq!(judgement.path, Some(vec![0, 1, 2]), "the root that was sent is the store's");
    assert!(judgement.elements[2].anchor);
    assert_eq!(judgement.alternatives, [], "and it is not its own issuer");
}

#[test]
fn a_root_that_rolled_over_to_a_new_key_of_the_same_name() {
    let shop = shop(json!({
        "rollover": {"ca": true, "issuer": "root", "subject": "root"},
        "issuing": {"ca": true, "issuer": "rollover"},
    }));
    let judgement = judged(&shop, &["leaf", "issuing", "rollover"], &[("ca.pem", &["root"])], |_| {});
    assert_eq!(judgement.trusted, State::Holds);
    assert_eq!(judgement.path, Some(vec![0, 1, 2, 3]));
}

#[test]
fn each_store_has_its_own_verdict_and_each_other_path_its_own_failures() {
    let shop =
        shop(json!({"old": {"ca": true, "subject": "root", "same_key_as": "root", "to": "2026-01-01"}}));
    let judgement = judged(&shop, &["leaf", "issuing"], &[("one", &["root"]), ("two", &["old"])], |_| {});
    let verdicts: Vec<&str> = judgement.stores.iter().map(|store| store.trusted.name()).collect();
    assert_eq!(verdicts, ["holds", "fails"]);
    assert_eq!(judgement.alternatives.len(), 1);
    assert_eq!(judgement.alternatives[0].fails, ["cert.anchor_expired"]);
    assert_eq!(
        (judgement.alternatives[0].elements.as_slice(), judgement.alternatives[0].anchor.as_str()),
        (&[0, 1][..], "root")
    );
    assert_eq!((judgement.store, judgement.alternatives[0].store), (Some(0), 1));
    // The better path is taken, whichever was found first.
    let judgement = judged(&shop, &["leaf", "issuing"], &[("two", &["old"]), ("one", &["root"])], |_| {});
    assert_eq!((judgement.store, judgement.trusted), (Some(1), State::Holds));
    let other = &judgement.alternatives[0];
    assert_eq!(
        (other.elements.as_slice(), other.fails.as_slice()),
        (&[0, 1][..], &["cert.anchor_expired"][..])
    );
}

#[test]
fn a_part_with_nothing_but_remarks_holds() {
    let ask = |days: &'static str| {
        move |question: &mut Question<'_>| question.min_days = MinDays::read(days).unwrap()
    };
    let stores: [(&str, &[&str]); 1] = [("ca.pem", &["root"])];
    // 55 days are left.
    let judgement = judged(&shop(json!({})), &["leaf", "issuing"], &stores, ask("60:30"));
    assert_eq!(judgement.days, State::Holds);
    assert_eq!(rule(&judgement, "cert.days_left").weight, Weight::Remark);
    let judgement = judged(&shop(json!({})), &["leaf", "issuing"], &stores, ask("60"));
    assert!(judgement.days.fails() && judgement.trusted.holds());
    let judgement = judged(&shop(json!({})), &["leaf", "issuing"], &stores, |_| {});
    assert!(matches!(judgement.days, State::NotEvaluated(_)));
}

#[test]
fn days_are_counted_one_way() {
    // An hour after its end: no whole day, but fewer than any number that is asked for.
    let stores: [(&str, &[&str]); 1] = [("ca.pem", &["root"])];
    let ask = |question: &mut Question<'_>| question.min_days = MinDays::read("0").unwrap();
    let shop =
        shop(json!({"leaf": {"issuer": "issuing", "from": "2020-01-01", "to": "2026-11-20T23:00:00Z"}}));
    let judgement = judged(&shop, &["leaf", "issuing"], &stores, ask);
    assert_eq!(judgement.elements[0].days_left, Some(0));
    assert!(judgement.days.fails());
    let judgement =
        judged(&shop, &["leaf", "issuing"], &stores, |question| question.at = NOW + 2_154 * 86_400 + 43_200);
    assert_eq!(judgement.elements[0].days_left, Some(-2_154));
    assert!(rule(&judgement, "cert.expired").state.reason().unwrap().ends_with("2154 days ago"));
}

#[test]
fn a_search_that_was_cut_off_is_told() {
    let stores: [(&str, &[&str]); 1] = [("ca.pem", &["root"])];
    let judgement = judged(&shop(json!({})), &["leaf", "issuing"], &stores, |question| {
        question.limits = Limits { path_steps: 1, ..Limits::DEFAULT };
    });
    assert!(rule(&judgement, "chain.limit").state.reason().unwrap().contains("stopped after 1 steps"));
}

#[test]
fn evidence_points_at_the_bytes() {
    let bytes = |shop: &Workshop, name: &str, result: &RuleResult| {
        shop.certificates[name][result.evidence.range.clone().unwrap()].to_vec()
    };
    // An issuer that is not there: its name in the certificate.
    let shop = shop(json!({"other": {"ca": true}}));
    let judgement = judged(&shop, &["leaf"], &[("ca.pem", &["other"])], |_| {});
    let missing = rule(&judgement, "cert.missing_intermediate");
    assert_eq!(bytes(&shop, "leaf", missing), certificate_support::common_name("issuing"));
    let judgement = judged(&shop, &["leaf", "issuing"], &[("ca.pem", &["other"])], |_| {});
    let unknown = rule(&judgement, "cert.untrusted_root");
    assert_eq!(unknown.evidence.certificate, Some(1));
    assert_eq!(bytes(&shop, "issuing", unknown), certificate_support::common_name("root"));
    // Nothing between its brackets.
    let shop = self::shop(json!({"leaf": {"issuer": "issuing", "subject": ""}}));
    let judgement = judged(&shop, &["leaf", "issuing"], &[("ca.pem", &["root"])], |_| {});
    let empty = rule(&judgement, "cert.empty_name");
    assert_eq!(bytes(&shop, "leaf", empty), [0x30, 0]);
    assert!(empty.evidence.range.as_ref().unwrap().start > 20);
}

#[test]
fn evidence_of_what_is_malformed_starts_at_the_field() {
    // KeyUsage as an INTEGER.
    let extension = json!([{"oid": "551d0f", "critical": true, "value": "020107"}]);
    let shop = shop(json!({"leaf": {"issuer": "issuing", "ku": false, "extensions": extension}}));
    let judgement = judged(&shop, &["leaf", "issuing"], &[("ca.pem", &["root"])], |_| {});
    let malformed = rule(&judgement, "cert.malformed");
    let range = malformed.evidence.range.clone().unwrap();
    assert_eq!(shop.certificates["leaf"][range.start..][..3], [2, 1, 7]);
    assert_eq!(range.len(), 1);
    assert!(malformed.state.reason().unwrap().contains("BIT STRING expected, INTEGER found"));
}

/// What was permitted is told, as far as a line takes it.
#[test]
fn long_lists_are_cut() {
    let stores: [(&str, &[&str]); 1] = [("ca.pem", &["root"])];
    let says = |more: Value, id: &str| {
        let judgement = judged(&shop(more), &["leaf", "issuing"], &stores, |_| {});
        rule(&judgement, id).state.reason().unwrap().to_owned()
    };
    let permitted = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("DNS:{n}.test")).collect();
        let issuing = json!({"ca": true, "issuer": "root", "nc": {"permitted": names}});
        says(json!({"issuing": issuing}), "cert.name_constraints")
    };
    assert!(permitted(4).ends_with("3.test") && permitted(5).ends_with("and 1 more"), "{}", permitted(5));
    let names = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("DNS:{n}.test")).collect();
        says(json!({"leaf": {"issuer": "issuing", "san": names}}), "cert.name_mismatch")
    };
    assert!(names(3).ends_with("2.test") && names(4).ends_with("and 1 more"), "{}", names(4));
}

/// Where webpki says something else there is a reason; where it says the same for its own reason there is none.
#[test]
fn differences_have_their_reason() {
    let rows: [(Value, &[&str]); 9] = [
        (json!({}), &[]),
        (json!({"leaf": {"issuer": "issuing", "eku": ["any"]}}), &["webpki.any_key_purpose"]),
        (json!({"leaf": {"issuer": "issuing", "issuer_name": "ISSUING"}}), &["webpki.name_comparison"]),
        // pathLenConstraint 300
        (
            json!({"issuing": {"ca": true, "issuer": "root", "bc": false,
                "extensions": [{"oid": "551d13", "critical": true, "value": "30070101ff0202012c"}]}}),
            &["webpki.path_length_number"],
        ),
        (
            json!({"leaf": {"issuer": "issuing",
                "extensions": [{"oid": "883701", "value": "00".repeat(0x1_0000)}]}}),
            &["webpki.size"],
        ),
        // The rule's own reason: webpki does not look at a leaf's keyUsage.
        (json!({"leaf": {"issuer": "issuing", "ku": ["cRLSign"]}}), &["cert.key_usage"]),
        (
            json!({"issuing": {"ca": true, "issuer": "root", "nc": {"permitted": ["email:example.org", "dir:leaf"]}}}),
            &["webpki.name_constraint_kinds"],
        ),
        // Both refuse, in their own words.
        (json!({"leaf": {"issuer": "issuing", "key": "x25519"}}), &[]),
        (json!({"leaf": {"issuer": "issuing", "to": "2026-11-20"}}), &[]),
    ];
    for (recipes, expected) in rows {
        let shown = recipes.to_string().chars().take(100).collect::<String>();
        let judgement = judged(&shop(recipes), &["leaf", "issuing"], &[("ca.pem", &["root"])], |_| {});
        let ids: Vec<&str> = judgement.differences.iter().map(|difference| difference.id).collect();
        assert_eq!(ids, expected, "{shown}: {:?}", judgement.second);
        let told = |reason: &str| !reason.is_empty() && !reason.contains("another path");
        assert!(judgement.differences.iter().all(|difference| told(difference.reason)), "{shown}");
    }
}

#[test]
fn more_intermediates_than_webpki_follows() {
    let differences = |intermediates: usize| {
        let mut recipes = json!({"ca0": {"ca": true, "issuer": "root"}});
        let mut send = vec!["leaf".to_owned()];
        for n in 1..intermediates {
            recipes[format!("ca{n}")] = json!({"ca": true, "issuer": format!("ca{}", n - 1)});
        }
        recipes["leaf"] = json!({"issuer": format!("ca{}", intermediates - 1)});
        send.extend((0..intermediates).rev().map(|n| format!("ca{n}")));
        let send: Vec<&str> = send.iter().map(String::as_str).collect();
        let judgement = judged(&shop(recipes), &send, &[("ca.pem", &["root"])], |_| {});
        assert_eq!(judgement.trusted, State::Holds, "{intermediates}");
        judgement.differences.iter().map(|difference| difference.id).collect::<Vec<_>>()
    };
    assert_eq!(differences(6), [""; 0]);
    assert_eq!(differences(7), ["webpki.path_depth"]);
}

/// What OpenSSL would decide, and for what; nothing where its versions differ among themselves.
#[test]
fn what_openssl_would_decide() {
    let usual: &[&str] = &["leaf", "issuing"];
    let leaf = |mut recipe: Value| {
        recipe["issuer"] = json!("issuing");
        json!({"leaf": recipe})
    };
    type Row<'a> = (Value, &'a [&'a str], &'a [&'a str], Option<bool>, &'a [&'a str]);
    let rows: [Row<'_>; 12] = [
        (json!({}), usual, &["root"], Some(true), &[]),
        (leaf(json!({"to": "2026-11-20"})), usual, &["root"], Some(false), &["cert.expired"]),
        (leaf(json!({"san": ["DNS:other.test"]})), usual, &["root"], Some(false), &["cert.name_mismatch"]),
        // A common name counts there.
        (leaf(json!({"san": false})), usual, &["root"], None, &["cert.name_mismatch"]),
        // A remark is nobody's business.
        (
            json!({"spare": {"ca": true, "issuer": "root"}}),
            &["leaf", "issuing", "spare"],
            &["root"],
            Some(true),
            &[],
        ),
        (leaf(json!({"key": "rsa", "ku": ["keyEncipherment"]})), usual, &["root"], None, &["cert.key_usage"]),
        // An open question stays one, but what is refused is refused.
        (leaf(json!({"key": "unknown"})), usual, &["root"], None, &[]),
        (leaf(json!({"key": "ml-dsa-65"})), usual, &["root"], None, &[]),
        (leaf(json!({"eku": ["any"]})), usual, &["root"], None, &[]),
        (leaf(json!({"to": "2026-11-21"})), usual, &["root"], None, &[]),
        (json!({}), usual, &["issuing"], None, &[]),
        (
            json!({"twin": {"ca": true, "issuer": "root", "subject": "issuing"}}),
            &["leaf", "issuing", "twin"],
            &["root"],
            None,
            &[],
        ),
    ];
    for (recipes, send, trust, accepts, because) in rows {
        let shown = recipes.to_string();
        let judgement = judged(&shop(recipes), send, &[("ca.pem", trust)], |_| {});
        let openssl = judgement.clients.iter().find(|client| client.name == "openssl").unwrap();
        assert_eq!((openssl.accepts, openssl.because.as_slice()), (accepts, because), "{shown}");
    }
}

/// The rules of the profile: days that the user wants are not among them, nor is what is only worth knowing.
#[test]
fn what_conforms() {
    let stores: [(&str, &[&str]); 1] = [("ca.pem", &["root"])];
    let conforms = |more: Value, send: &[&str], days: &'static str| {
        judged(&shop(more), send, &stores, |question| question.min_days = MinDays::read(days).unwrap())
            .conforms
    };
    assert_eq!(conforms(json!({}), &["leaf", "issuing"], "0"), State::Holds);
    assert_eq!(conforms(json!({}), &["leaf", "issuing"], "60"), State::Holds);
    let spare = json!({"spare": {"ca": true, "issuer": "root"}});
    assert_eq!(conforms(spare, &["leaf", "issuing", "spare"], "0"), State::Holds);
    let odd = json!({"leaf": {"issuer": "issuing", "key": "rsa", "ku": ["keyEncipherment"]}});
    assert!(conforms(odd, &["leaf", "issuing"], "0").fails());
}

#[test]
fn a_pin_counts_for_the_leaf_and_for_a_path_that_is_proven() {
    use base64::Engine as _;
    let shop = shop(json!({
        "impostor": {"ca": true, "subject": "issuing"},
        "forged": {"issuer": "issuing", "spoil_signature": true},
    }));
    let pin = |name: &str| base64::engine::general_purpose::STANDARD.encode(sha256(&shop.keys[name].spki()));
    let state = |send: &[&str], trust: &[&str], name: &str| {
        let pins = [pin(name)];
        let ders = |names: &[&str]| -> Vec<Vec<u8>> {
            names.iter().map(|name| shop.certificates[*name].clone()).collect()
        };
        let sent = ders(send);
        let mut anchors = Anchors::none();
        anchors.push(Loaded::certificates("ca.pem", ders(trust)));
        let stores = anchors.candidates(&sent);
        let mut question = Question::server(None, NOW, &stores);
        question.pins = &pins;
        judge(&Sent::chain(&sent), &question).pins()
    };
    assert_eq!(state(&["leaf", "issuing"], &["root"], "leaf"), State::Holds);
    assert_eq!(state(&["leaf", "issuing"], &["root"], "root"), State::Holds);
    // Anybody can append a certificate: to a leaf that it did not sign, or in front of no anchor at all.
    assert!(state(&["forged", "issuing"], &["root"], "issuing").fails());
    assert!(state(&["leaf", "issuing"], &["impostor"], "issuing").fails());
    assert_eq!(state(&["leaf", "issuing"], &["impostor"], "leaf"), State::Holds);
}

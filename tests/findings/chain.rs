//! Chains from files: what is said to be the cause, and what to do.

use serde_json::{Value, json};
use tls_trace::capture::{Argument, Candidates, Capture, KeyFit, Question, StoreName};
use tls_trace::finding::certificate::second_opinion;
use tls_trace::finding::{Certainty, Outcome};
use tls_trace::judged::Judged;
use tls_trace::trust::{Anchors, Loaded};

use crate::certificate_support::Workshop;
use crate::{blank, failure, finding, id, judged};

/// A root, an issuing CA and a leaf for example.com, with `more` beside them or in place of them.
fn shop(more: Value) -> Workshop {
    let mut recipes = json!({"root": {"ca": true}, "issuing": {"ca": true, "issuer": "root"}, "leaf": {"issuer": "issuing"}});
    for (name, recipe) in more.as_object().unwrap() {
        recipes[name] = recipe.clone();
    }
    Workshop::make(recipes.as_object().unwrap())
}

fn given(shop: &Workshop, send: &[&str], trust: &[&str]) -> (Capture, Question) {
    let ders = |names: &[&str]| names.iter().map(|name| shop.certificates[*name].clone()).collect::<Vec<_>>();
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("ca.pem", ders(trust)));
    let mut capture = blank();
    capture.given = ders(send);
    capture.intent.verify_name = Some("example.com".into());
    let stores = anchors.candidates(&capture.given).into_iter().enumerate();
    capture.candidates = stores.map(|(store, it)| Candidates { store, anchors: it.candidates }).collect();
    let stores = vec![StoreName { name: "ca.pem".into(), version: None, size: trust.len() }];
    (capture, Question { stores, ..Question::default() })
}

fn offline(more: Value, send: &[&str], trust: &[&str]) -> Judged {
    let (capture, question) = given(&shop(more), send, trust);
    judged(capture, &question)
}

/// Of each reason: how sure its cause is, and whether there is a command to run next.
#[test]
fn each_reason_has_its_cause_and_remedy() {
    use Certainty::{Certain, Likely};
    let usual: &[&str] = &["leaf", "issuing"];
    let leaf = |mut recipe: Value| {
        recipe["issuer"] = json!("issuing");
        json!({"leaf": recipe})
    };
    let old = "2026-11-20";
    /// The id, what is made, sent and trusted; certainty and flag.
    type Row<'a> = (&'a str, Value, &'a [&'a str], &'a [&'a str], Certainty, Option<&'a str>);
    let rows: [Row<'_>; 12] = [
        ("cert.expired", leaf(json!({"to": old})), usual, &["root"], Likely, None),
        ("cert.not_yet_valid", leaf(json!({"from": "2026-11-22"})), usual, &["root"], Likely, None),
        ("cert.name_mismatch", leaf(json!({"san": ["DNS:other.test"]})), usual, &["root"], Certain, None),
        ("cert.name_mismatch", leaf(json!({"san": false})), usual, &["root"], Certain, None),
        ("cert.missing_intermediate", json!({}), &["leaf"], &["root"], Likely, None),
        (
            "cert.missing_intermediate",
            leaf(json!({"aia": "http://ca.test/issuing.der"})),
            &["leaf"],
            &["root"],
            Likely,
            Some("--fetch-aia"),
        ),
        (
            "cert.untrusted_root",
            json!({"other": {"ca": true}}),
            &["leaf", "issuing", "root"],
            &["other"],
            Likely,
            Some("--cacert"),
        ),
        ("cert.extended_key_usage", leaf(json!({"eku": ["clientAuth"]})), usual, &["root"], Likely, None),
        (
            "cert.self_signed",
            json!({"leaf": {}, "other": {"ca": true}}),
            &["leaf"],
            &["other"],
            Likely,
            Some("--cacert"),
        ),
        ("chain.leaf_not_first", json!({}), &["issuing", "leaf"], &["root"], Certain, None),
        (
            "cert.ca_expired",
            json!({"issuing": {"ca": true, "issuer": "root", "to": old}}),
            usual,
            &["root"],
            Likely,
            None,
        ),
        ("cert.anchor_expired", json!({"root": {"ca": true, "to": old}}), usual, &["root"], Likely, None),
    ];
    for (expected, recipes, send, trust, certainty, flag) in rows {
        let judged = offline(recipes, send, trust);
        assert_eq!((id(&judged), judged.verdict.exit_code), (expected, 1), "{:#?}", judged.verdict);
        assert_eq!(judged.verdict.certainty, Some(certainty), "{expected}");
        // There is something to do about each, in words at least.
        let remedy = &failure(&judged).remedy;
        assert_eq!(
            remedy.text.is_some(),
            !matches!(expected, "cert.not_yet_valid" | "cert.name_mismatch" | "cert.extended_key_usage"),
            "{expected}: {remedy:?}"
        );
        match flag {
            Some(flag) => assert!(
                judged.verdict.next.contains(&flag.to_owned()),
                "{expected}: {:?}",
                judged.verdict.next
            ),
            None => assert!(judged.verdict.next.is_empty(), "{expected}: {:?}", judged.verdict.next),
        }
        assert!(finding(&judged, expected).is_some(), "{expected} is a finding too");
    }
}

/// The CA that expired issued the leaf: its successor is missing. One above it: the client's store is old.
#[test]
fn an_expired_cross_sign_is_about_the_clients_store() {
    let intermediate = offline(
        json!({"issuing": {"ca": true, "issuer": "root", "to": "2026-11-20"}}),
        &["leaf", "issuing"],
        &["root"],
    );
    let cross_sign = offline(
        json!({"old": {"ca": true}, "root": {"ca": true, "issuer": "old", "to": "2026-11-20"}}),
        &["leaf", "issuing", "root"],
        &["old"],
    );
    for (judged, store) in [(&intermediate, false), (&cross_sign, true)] {
        assert_eq!(id(judged), "cert.ca_expired");
        let remedy = failure(judged).remedy.text.as_deref().unwrap();
        assert_eq!(remedy.contains("store"), store, "{remedy}");
    }
}

/// The reason says which certificate it is about, unless that is the leaf.
#[test]
fn which_certificate_is_meant() {
    let summary = |more: Value| offline(more, &["leaf", "issuing"], &["root"]).verdict.detail.unwrap();
    let of_ca = summary(json!({"issuing": {"ca": true, "issuer": "root", "ku": ["digitalSignature"]}}));
    assert!(of_ca.contains("issuing"), "{of_ca}");
    assert_eq!(of_ca.matches("issuing").count(), 1, "{of_ca}");
    let extension = json!([{"oid": "883701", "critical": true, "value": "0500"}]);
    let unnamed = summary(json!({"issuing": {"ca": true, "issuer": "root", "extensions": extension}}));
    assert!(unnamed.contains("issuing"), "{unnamed}");
    let of_leaf = summary(json!({"leaf": {"issuer": "issuing", "eku": ["clientAuth"]}}));
    assert!(!of_leaf.contains("leaf:"), "{of_leaf}");
}

/// All that fails is said, the first in the table's order as the verdict.
#[test]
fn what_else_fails_is_said_too() {
    let judged = offline(
        json!({"leaf": {"issuer": "issuing", "to": "2026-11-20", "san": ["DNS:other.test"]}}),
        &["leaf", "issuing"],
        &["root"],
    );
    let failure = failure(&judged);
    assert_eq!((failure.also.len(), failure.evidence.len()), (1, 2), "{failure:#?}");
}

/// `-k` waives chain, name and dates; pins never, and what it waives does not hide them.
#[test]
fn insecure_waives_no_pins() {
    let shop = shop(json!({"leaf": {"issuer": "issuing", "to": "2026-11-20"}}));
    let (capture, mut question) = given(&shop, &["leaf", "issuing"], &["root"]);
    question.insecure = true;
    let waived = judged(capture.clone(), &question);
    assert_eq!((id(&waived), waived.verdict.exit_code), ("cert.expired", 0));
    assert_eq!(waived.verdict.word(), "COMPLETE");
    question.pins = vec!["AAAA".into()];
    let pinned = judged(capture, &question);
    assert_eq!((id(&pinned), pinned.verdict.exit_code), ("cert.pin_mismatch", 1));
}

#[test]
fn whose_key_it_is() {
    let rows = [
        (KeyFit::First, None),
        (KeyFit::Behind(1), Some(("key_mismatch", 1))),
        (KeyFit::None("RSA, EC".into()), Some(("key_mismatch", 1))),
        (KeyFit::NotCompared("a kind unknown".into()), Some(("key_not_compared", 7))),
    ];
    for (fit, expected) in rows {
        let (mut capture, question) = given(&shop(json!({})), &["leaf", "issuing"], &["root"]);
        capture.intent.key = Some(fit.clone());
        let judged = judged(capture, &question);
        match expected {
            None => assert_eq!(judged.verdict.outcome, Outcome::Ok, "{fit:?}"),
            Some(expected) => assert_eq!((id(&judged), judged.verdict.exit_code), expected, "{fit:?}"),
        }
    }
}

/// Nothing to trust is a wish that can't be met; a chain that can't be verified is an open question.
#[test]
fn what_cannot_be_verified_is_not_called_untrusted() {
    let open = json!({"issuing": {"ca": true, "issuer": "root", "key": "ed448"}});
    let judged = offline(open, &["leaf", "issuing"], &["root"]);
    assert_eq!((id(&judged), judged.verdict.exit_code), ("cert.not_evaluated", 7));
}

#[test]
fn days_that_were_asked_for() {
    let (capture, mut question) = given(&shop(json!({})), &["leaf", "issuing"], &["root"]);
    // 55 days are left.
    for (days, expected) in [("55", "none"), ("56", "days"), ("90:55", "none")] {
        question.min_days = Some(days.into());
        let judged = judged(capture.clone(), &question);
        assert_eq!(id(&judged), expected, "{days}");
        assert_eq!(judged.verdict.exit_code, u8::from(expected == "days"), "{days}");
    }
}

/// What a rustls client would say is told where it is the opposite.
#[test]
fn a_second_opinion_only_where_it_differs() {
    let opinion = |more: Value| {
        let judged = offline(more, &["leaf", "issuing"], &["root"]);
        let trusted = judged.judgement.as_ref().unwrap().trusted.holds();
        second_opinion(judged.judgement.as_ref().unwrap()).map(|text| (trusted, text))
    };
    assert_eq!(opinion(json!({})), None);
    assert_eq!(opinion(json!({"leaf": {"issuer": "issuing", "to": "2026-11-20"}})), None);
    // anyExtendedKeyUsage stands for every purpose, but not for webpki.
    let (trusted, text) = opinion(json!({"leaf": {"issuer": "issuing", "eku": ["any"]}})).unwrap();
    assert!(trusted && text.contains("reject"), "{text}");
    // A keyUsage that is for no signature is refused here and not there.
    let (trusted, text) = opinion(json!({"leaf": {"issuer": "issuing", "ku": ["cRLSign"]}})).unwrap();
    assert!(!trusted && text.contains("accept"), "{text}");
}

/// Why a status is not known: the certificate names nobody, or only somebody who can't be asked.
#[test]
fn a_status_that_nobody_tells() {
    for (names, nobody) in [
        (json!({}), true),
        (json!({"ocsp": "ldap://ca.test"}), false),
        (json!({"crl": "ldap://ca.test/crl"}), false),
    ] {
        let mut leaf = names.clone();
        leaf["issuer"] = json!("issuing");
        let (capture, mut question) = given(&shop(json!({"leaf": leaf})), &["leaf", "issuing"], &["root"]);
        question.revocation = true;
        let judged = judged(capture, &question);
        assert_eq!((id(&judged), judged.verdict.exit_code), ("revocation.not_evaluated", 7));
        // The leaf and the CA that issued it; the anchor is trusted as it is.
        assert_eq!(
            judged.findings.iter().filter(|finding| finding.id == "revocation.not_evaluated").count(),
            2
        );
        let why = judged.verdict.detail.as_deref().unwrap();
        assert_eq!(why.contains("neither"), nobody, "{names}: {why}");
    }
}

/// What to run next repeats the command as typed, with the flag in place of the one that it replaces.
#[test]
fn a_remedy_edits_the_command() {
    let (capture, mut question) =
        given(&shop(json!({"other": {"ca": true}})), &["leaf", "issuing", "root"], &["other"]);
    let flag = |name: &str, value: &str| Argument::flag(name, Some(value));
    question.arguments = vec![flag("--trust", "mozilla"), flag("--format", "json")];
    let judged = judged(capture, &question);
    let next = judged.verdict.next.join(" ");
    assert!(next.contains("--cacert") && next.contains("--format") && !next.contains("--trust"), "{next}");
}

//! Hostile chains: time and memory stay bounded, and what is beyond a limit is said.

#![allow(clippy::unwrap_used, reason = "a chain that cannot be made has to fail the test")]

mod certificate_support;

use std::time::{Duration, Instant};

use certificate_support::*;
use tls_trace::certificate::{Judgement, Question, Sent, judge};
use tls_trace::trust::{Anchors, Loaded};
use tls_trace::wire::asn1::{der, oid};

const DAY: i64 = 86_400;
/// Generous, since tests run unoptimized and beside others.
const PATIENCE: Duration = Duration::from_secs(10);

fn ca(subject: &str, issuer: &str, key: &Key, signer: &Key) -> Vec<u8> {
    let mut recipe = Recipe::new(&common_name(subject), &common_name(issuer), NOW - DAY, NOW + DAY);
    recipe.extensions = vec![extension(oid::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[1, 1, 0xff]))];
    recipe.sign(&key.spki(), signer)
}

fn leaf(issuer: &str, signer: &Key, extensions: Vec<Vec<u8>>) -> Vec<u8> {
    let mut recipe = Recipe::new(&common_name("leaf"), &common_name(issuer), NOW - DAY, NOW + DAY);
    recipe.extensions = extensions;
    recipe.sign(&signer.spki(), signer)
}

fn names(list: &[&str]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = list.iter().map(|name| general_name(name)).collect();
    extension(oid::SUBJECT_ALT_NAME, false, &element(SEQUENCE, &names.concat()))
}

fn judged(sent: &[Vec<u8>], root: &[u8]) -> Judgement {
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("ca.pem", [root.to_vec()]));
    let stores = anchors.candidates(sent);
    let began = Instant::now();
    let judgement = judge(&Sent::chain(sent), &Question::server(Some("example.com"), NOW, &stores));
    let took = began.elapsed();
    println!("{} certificates, {} bytes: {took:?}", sent.len(), sent.iter().map(Vec::len).sum::<usize>());
    assert!(took < PATIENCE, "{took:?}");
    judgement
}

fn fails(judgement: &Judgement, id: &str) -> bool {
    judgement.rules.iter().any(|result| result.id == id && result.state.fails())
}

#[test]
fn a_hundred_certificates_of_one_name_that_all_signed_each_other() {
    let key = Key::make("p256");
    let keys: Vec<Key> = (0..100).map(|_| Key::make("p256")).collect();
    // Same name, other keys, all signed by one key: each looks like an issuer of each.
    let mut sent = vec![leaf("hub", &key, vec![names(&["DNS:example.com"])])];
    sent.extend(keys.iter().map(|own| ca("hub", "hub", own, &key)));
    let judgement = judged(&sent, &ca("elsewhere", "elsewhere", &key, &key));
    assert!(judgement.trusted.fails());
    assert!(fails(&judgement, "chain.limit"));
    assert!(!judgement.second.asked);
}

#[test]
fn loops_of_cross_signs() {
    let keys: Vec<Key> = (0..30).map(|_| Key::make("p256")).collect();
    let mut sent = vec![leaf("0", &keys[0], vec![names(&["DNS:example.com"])])];
    for from in 0..30usize {
        for step in [1usize, 7, 11] {
            let to = (from + step) % 30;
            sent.push(ca(&from.to_string(), &to.to_string(), &keys[from], &keys[to]));
        }
    }
    let judgement = judged(&sent, &ca("elsewhere", "elsewhere", &keys[0], &keys[0]));
    assert!(judgement.trusted.fails());
}

#[test]
fn more_certificates_than_are_looked_at() {
    let key = Key::make("p256");
    let root = ca("root", "root", &key, &key);
    let mut sent = vec![leaf("root", &key, vec![names(&["DNS:example.com"])])];
    sent.extend((0..500).map(|number| ca(&format!("stray {number}"), "root", &key, &key)));
    let judgement = judged(&sent, &root);
    assert!(fails(&judgement, "chain.limit"));
    assert!(judgement.path.is_some() && judgement.elements.len() <= 101);
}

#[test]
fn ten_thousand_names_and_more() {
    let key = Key::make("p256");
    let root = ca("root", "root", &key, &key);
    let many: Vec<String> = (0..10_000).map(|number| format!("DNS:host-{number}.example.net")).collect();
    let mut list: Vec<&str> = many.iter().map(String::as_str).collect();
    *list.last_mut().unwrap() = "DNS:example.com";
    let judgement = judged(&[leaf("root", &key, vec![names(&list)])], &root);
    assert!(judgement.name.holds() && judgement.trusted.holds(), "{:?}", judgement.trusted);
    list.extend(["DNS:a.example", "DNS:b.example"]);
    let judgement = judged(&[leaf("root", &key, vec![names(&list)])], &root);
    assert!(fails(&judgement, "chain.limit"));
}

#[test]
fn deep_and_wide_name_constraints() {
    let key = Key::make("p256");
    let root = ca("root", "root", &key, &key);
    let subtrees: Vec<u8> = (0..5_000)
        .flat_map(|number| {
            element(SEQUENCE, &general_name(&format!("DNS:{}.example.org", "x.".repeat(number % 100) + "y")))
        })
        .collect();
    let constraints =
        extension(oid::NAME_CONSTRAINTS, true, &element(SEQUENCE, &element(der::constructed(1), &subtrees)));
    let mut issuing = Recipe::new(&common_name("issuing"), &common_name("root"), NOW - DAY, NOW + DAY);
    issuing.extensions =
        vec![extension(oid::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[1, 1, 0xff])), constraints];
    let issuing = issuing.sign(&key.spki(), &key);
    let many: Vec<String> = (0..1_000).map(|number| format!("DNS:host-{number}.example.net")).collect();
    let mut list: Vec<&str> = many.iter().map(String::as_str).collect();
    list.push("DNS:example.com");
    let judgement = judged(&[leaf("issuing", &key, vec![names(&list)]), issuing], &root);
    assert!(judgement.rules.iter().any(|result| result.id == "cert.name_constraints"
        && result.state.reason().is_some_and(|why| why.contains("more than"))));
}

#[test]
fn extensions_of_a_megabyte() {
    let key = Key::make("p256");
    let root = ca("root", "root", &key, &key);
    let huge = extension(&[0x2a, 3, 4], false, &vec![0x30; 1 << 20]);
    let judgement = judged(&[leaf("root", &key, vec![names(&["DNS:example.com"]), huge])], &root);
    assert!(judgement.trusted.holds());
    // webpki reads no certificate of that size; the difference has its row.
    assert!(judgement.second.verdict.is_err());
    assert_eq!(judgement.differences[0].id, "webpki.size");
    let many: Vec<Vec<u8>> = (0..20_000u32)
        .map(|number| extension(&[0x2a, 3, (number >> 7) as u8 & 0x7f, number as u8 & 0x7f], false, &[5, 0]))
        .collect();
    let judgement = judged(&[leaf("root", &key, many)], &root);
    assert!(fails(&judgement, "chain.limit"));
}

#[test]
fn every_prefix_and_every_changed_byte_of_a_chain_is_survived() {
    let key = Key::make("p256");
    let root = ca("root", "root", &key, &key);
    let constraints = extension(
        oid::NAME_CONSTRAINTS,
        true,
        &element(
            SEQUENCE,
            &element(der::constructed(0), &element(SEQUENCE, &general_name("DNS:example.com"))),
        ),
    );
    let good = leaf(
        "root",
        &key,
        vec![
            names(&["DNS:example.com", "IP:192.0.2.1", "dir:x", "other:y"]),
            constraints,
            extension(oid::KEY_USAGE, true, &[3, 2, 7, 0x80]),
        ],
    );
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("ca.pem", [root]));
    let stores = anchors.candidates(&[&good]);
    let question = Question::server(Some("example.com"), NOW, &stores);
    assert!(judge(&Sent::chain(std::slice::from_ref(&good)), &question).trusted.holds());
    for len in 0..good.len() {
        assert!(!judge(&Sent::chain(&[&good[..len]]), &question).trusted.holds(), "{len}");
    }
    for place in 0..good.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[place] ^= change;
            // ECDSA signatures can be malleable in their encoding only in ways that DER forbids, so nothing may pass.
            let judgement = judge(&Sent::chain(std::slice::from_ref(&bad)), &question);
            assert!(!judgement.trusted.holds(), "byte {place} ^ {change:02x}: {:?}", judgement.trusted);
        }
    }
}

/// Measured, not asserted: `cargo test --release --test certificate_bounds -- ordinary --nocapture`.
#[test]
fn an_ordinary_chain_takes_little_time() {
    for (root_key, ca_key, leaf_key) in
        [("rsa", "rsa", "p256"), ("p384", "p256", "p256"), ("rsa", "rsa", "rsa")]
    {
        let (root_key, ca_key, leaf_key) = (Key::make(root_key), Key::make(ca_key), Key::make(leaf_key));
        let root = ca("root", "root", &root_key, &root_key);
        let issuing = ca("issuing", "root", &ca_key, &root_key);
        let mut recipe = Recipe::new(&common_name("leaf"), &common_name("issuing"), NOW - DAY, NOW + DAY);
        recipe.extensions = vec![names(&["DNS:example.com", "DNS:www.example.com"])];
        let sent = [recipe.sign(&leaf_key.spki(), &ca_key), issuing];
        let mut anchors = Anchors::none();
        anchors.push(Loaded::certificates("ca.pem", [root]));
        let stores = anchors.candidates(&sent);
        let question = Question::server(Some("example.com"), NOW, &stores);
        let mut times: Vec<Duration> = (0..50)
            .map(|_| {
                let began = Instant::now();
                assert!(judge(&Sent::chain(&sent), &question).trusted.holds());
                began.elapsed()
            })
            .collect();
        times.sort();
        println!("median {:?}, least {:?}", times[25], times[0]);
    }
}

//! The judge on ordinary chains, made with rcgen.

#![allow(clippy::unwrap_used, reason = "a test that cannot make its chain has to fail")]

mod authority;

use authority::{Authority, self_signed};
use rcgen::{CertificateParams, KeyUsagePurpose, date_time_ymd};
use tls_trace::certificate::{Question, Sent, judge};
use tls_trace::trust::{Anchors, Loaded};

/// 2026-11-21
const NOW: i64 = 1_795_219_200;

struct Chain {
    root: Vec<u8>,
    intermediate: Vec<u8>,
    leaf: Vec<u8>,
}

fn chain() -> Chain {
    let root = Authority::called("Example Root");
    let intermediate = root.intermediate("Example Issuing CA");
    let mut leaf = CertificateParams::new(["example.com".to_owned(), "*.example.org".to_owned()]).unwrap();
    leaf.not_before = date_time_ymd(2026, 10, 1);
    leaf.not_after = date_time_ymd(2026, 12, 31);
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    let (leaf, _) = intermediate.issue_as(leaf);
    Chain { root: root.der().to_vec(), intermediate: intermediate.der().to_vec(), leaf: leaf.to_vec() }
}

fn anchors(root: &[u8]) -> Anchors {
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("ca.pem", [root.to_vec()]));
    anchors
}

#[test]
fn an_ordinary_chain_is_trusted() {
    let chain = chain();
    let sent = [chain.leaf.clone(), chain.intermediate.clone()];
    let stores = anchors(&chain.root).candidates(&sent);
    let judgement = judge(&Sent::chain(&sent), &Question::server(Some("example.com"), NOW, &stores));
    for result in &judgement.rules {
        assert!(!result.state.fails() || !result.decides(), "{result:?}");
    }
    assert!(judgement.trusted.holds());
    assert_eq!(judgement.second.verdict, Ok(()));
    assert_eq!(judgement.path, Some(vec![0, 1, 2]));
    let leaf = &judgement.elements[0];
    assert_eq!((leaf.subject.as_str(), leaf.days_left), ("rcgen self signed cert", Some(40)));
    assert_eq!(leaf.sans, ["example.com", "*.example.org"]);
    assert_eq!(judgement.elements[2].source.name(), "store");
}

#[test]
fn a_root_that_was_sent_is_the_anchor() {
    let chain = chain();
    let sent = [chain.leaf.clone(), chain.root.clone(), chain.intermediate.clone()];
    let stores = anchors(&chain.root).candidates(&sent);
    let judgement = judge(&Sent::chain(&sent), &Question::server(Some("a.example.org"), NOW, &stores));
    assert!(judgement.trusted.holds(), "{:?}", judgement.trusted);
    assert_eq!(judgement.path, Some(vec![0, 2, 1]));
    assert_eq!(judgement.elements.len(), 3);
}

fn failing(sent: &[Vec<u8>], root: &[u8], name: &str, at: i64) -> Vec<&'static str> {
    let stores = anchors(root).candidates(sent);
    let judgement = judge(&Sent::chain(sent), &Question::server(Some(name), at, &stores));
    judgement
        .rules
        .iter()
        .filter(|result| result.state.fails() && result.decides())
        .map(|result| result.id)
        .collect()
}

#[test]
fn what_is_wrong_is_named() {
    let chain = chain();
    let other = self::chain();
    let both = [chain.leaf.clone(), chain.intermediate.clone()];
    assert_eq!(failing(&both, &chain.root, "other.example", NOW), ["cert.name_mismatch"]);
    assert_eq!(failing(&both, &chain.root, "example.com", NOW + 86_400 * 60), ["cert.expired"]);
    assert_eq!(failing(&both, &chain.root, "example.com", NOW - 86_400 * 90), ["cert.not_yet_valid"]);
    // The other root has the same name: it is the signature that is wrong.
    assert_eq!(failing(&both, &other.root, "example.com", NOW), ["cert.signature"]);
    assert_eq!(failing(&both[..1], &chain.root, "example.com", NOW), ["cert.missing_intermediate"]);
    let with_root = [both[0].clone(), both[1].clone(), chain.root.clone()];
    let unrelated = self_signed("x");
    assert_eq!(failing(&with_root, &unrelated, "example.com", NOW), ["cert.untrusted_root"]);
    assert_eq!(failing(&[b"garbage".to_vec()], &chain.root, "example.com", NOW), ["cert.malformed"]);
}

#[test]
fn a_leaf_that_is_the_given_anchor() {
    let leaf = self_signed("example.com");
    let sent = [leaf.clone()];
    let stores = anchors(&leaf).candidates(&sent);
    let judgement = judge(&Sent::chain(&sent), &Question::server(Some("example.com"), NOW, &stores));
    assert!(judgement.trusted.holds(), "{:#?}", judgement.rules);
    assert_eq!(judgement.path, Some(vec![0]));
    let other = self_signed("y");
    assert_eq!(failing(&sent, &other, "example.com", NOW), ["cert.self_signed"]);
}

#[test]
fn without_stores_or_certificates_nothing_is_claimed() {
    let chain = chain();
    let sent = [chain.leaf.clone(), chain.intermediate.clone()];
    let judgement = judge(&Sent::chain(&sent), &Question::server(Some("example.com"), NOW, &[]));
    assert_eq!(judgement.trusted.name(), "not_evaluated");
    let judgement = judge(&Sent::default(), &Question::server(Some("example.com"), NOW, &[]));
    assert_eq!(judgement.trusted.name(), "not_evaluated");
}

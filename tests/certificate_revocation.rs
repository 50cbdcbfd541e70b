//! OCSP responses, CRLs and SCTs, good and bad.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be made has to fail the test")]

mod certificate_support;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certificate_support::revocation::{Answer, DAY, SERIAL, crl, key_hash};
use certificate_support::*;
use tls_trace::capture::{Limits, Store};
use tls_trace::certificate::ocsp::{self, Issuer};
use tls_trace::certificate::{Judgement, Question, Sent, judge};
use tls_trace::trace::State;
use tls_trace::trust::ct::Logs;
use tls_trace::trust::{Anchors, Loaded};
use tls_trace::wire::asn1::crl::Crl;
use tls_trace::wire::asn1::name::Name;
use tls_trace::wire::asn1::ocsp::Status;
use tls_trace::wire::asn1::{Certificate, der, oid};

struct World {
    root_key: Key,
    leaf_key: Key,
    root: Vec<u8>,
    leaf: Vec<u8>,
    stores: Vec<Store>,
}

fn leaf_recipe(extra: Vec<Vec<u8>>) -> Recipe {
    let mut leaf = Recipe::new(&common_name("leaf"), &common_name("Root"), NOW - DAY, NOW + 60 * DAY);
    let names = element(SEQUENCE, &general_name("DNS:example.com"));
    leaf.extensions = vec![extension(oid::SUBJECT_ALT_NAME, false, &names)];
    leaf.extensions.extend(extra);
    leaf
}

fn world() -> World {
    let (root_key, leaf_key) = (Key::make("p256"), Key::make("p256"));
    let mut root = Recipe::new(&common_name("Root"), &common_name("Root"), NOW - 500 * DAY, NOW + 500 * DAY);
    root.extensions = vec![extension(oid::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[1, 1, 0xff]))];
    let root = root.sign(&root_key.spki(), &root_key);
    let leaf = leaf_recipe(Vec::new()).sign(&leaf_key.spki(), &root_key);
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("ca.pem", [root.clone()]));
    let stores = anchors.candidates(&[&leaf]);
    World { root_key, leaf_key, root, leaf, stores }
}

impl World {
    fn good(&self) -> Answer<'_> {
        Answer::good("Root", &self.root_key)
    }

    fn judge_staple(&self, staple: &[u8]) -> Judgement {
        let mut sent = Sent::chain(std::slice::from_ref(&self.leaf));
        sent.ocsp = vec![(0, staple)];
        sent.staple_asked = true;
        judge(&sent, &Question::server(Some("example.com"), NOW, &self.stores))
    }

    fn says(&self, answer: &Answer<'_>) -> String {
        let judgement = self.judge_staple(&answer.response());
        let staple = &judgement.revocation[0];
        match (staple.good.reason(), staple.usable.reason()) {
            (None, None) => "good".to_owned(),
            (Some(why), _) | (None, Some(why)) => why.to_owned(),
        }
    }
}

#[test]
fn staples() {
    let world = world();
    assert_eq!(world.says(&world.good()), "good");
    assert!(world.judge_staple(&world.good().response()).trusted.holds());

    let answer = Answer::revoked("Root", &world.root_key);
    assert_eq!(world.says(&answer), "revoked on 2026-11-20 00:00:00 UTC (keyCompromise)");
    let judgement = world.judge_staple(&answer.response());
    assert!(judgement.trusted.fails());
    assert_eq!(judgement.revocation[0].status, Some(Status::Revoked { at: NOW - DAY, reason: Some(1) }));

    let unknown = Answer { status: element(der::context(2), &[]), ..world.good() };
    assert!(world.says(&unknown).contains("does not know"));
    let old = Answer { from: NOW - 9 * DAY, to: Some(NOW - DAY), ..world.good() };
    assert!(world.says(&old).contains("out of date: nextUpdate was 2026-11-20"));
    // A revocation is seldom undone.
    let old = Answer { from: NOW - 9 * DAY, to: Some(NOW - DAY), ..answer };
    let why = world.says(&old);
    assert!(why.contains("out of date") && why.contains("was revoked on 2026-11-20"), "{why}");
    let early = Answer { from: NOW + DAY, ..world.good() };
    assert!(world.says(&early).contains("not yet valid"));
    let timeless = Answer { from: NOW - 2 * DAY, to: None, ..world.good() };
    assert!(world.says(&timeless).contains("no nextUpdate"));
    let other = Answer { serial: vec![9], ..world.good() };
    assert!(world.says(&other).contains("another certificate"));
    // Clocks may differ by five minutes, both ways.
    for (skew, usable) in [(300, true), (301, false)] {
        let ahead = Answer { from: NOW + skew, ..world.good() };
        assert_eq!(world.says(&ahead) == "good", usable, "{skew}");
        let behind = Answer { to: Some(NOW - skew), ..world.good() };
        assert_eq!(world.says(&behind) == "good", usable, "{skew}");
    }
    // The same serial number of another issuer, by name or by key.
    for other in [
        Answer { issuer: "Other", ..world.good() },
        Answer { issuer_key: &world.leaf_key, signer: &world.root_key, ..world.good() },
    ] {
        assert!(world.says(&other).contains("another certificate"), "{}", world.says(&other));
    }
    let stranger = Answer { signer: &world.leaf_key, ..world.good() };
    assert!(world.says(&stranger).contains("neither the issuer nor a responder"));
    let mut broken = world.good().response();
    *broken.last_mut().unwrap() ^= 1;
    assert!(world.judge_staple(&broken).revocation[0].usable.reason().unwrap().contains("does not verify"));
    assert!(
        world.judge_staple(&[0x30, 3, 10, 1, 3]).revocation[0].usable.reason().unwrap().contains("tryLater")
    );
    let failing = world.judge_staple(b"garbage");
    assert!(failing.rules.iter().any(|result| result.id == "ocsp.staple" && result.state.fails()));
    // A staple of no use is no reason to refuse, for no client does.
    assert!(failing.trusted.holds());
}

#[test]
fn a_good_answer_leaves_nothing_open() {
    let world = world();
    let rule = |judgement: &Judgement| {
        judgement.rules.iter().find(|result| result.id == "cert.revoked").map(|result| result.state.clone())
    };
    assert_eq!(rule(&world.judge_staple(&world.good().response())), Some(State::Holds));
    let crls = [crl("Root", &world.root_key, NOW + DAY, &[&[7]], &[])];
    let mut question = Question::server(Some("example.com"), NOW, &world.stores);
    let sent = Sent::chain(std::slice::from_ref(&world.leaf));
    let reason = |state: Option<State>| state.and_then(|state| state.reason().map(str::to_owned));
    assert!(reason(rule(&judge(&sent, &question))).unwrap().contains("no OCSP response or CRL"));
    question.crls = &crls;
    assert_eq!(rule(&judge(&sent, &question)), Some(State::Holds));
}

#[test]
fn delegated_responders() {
    let world = world();
    let key = Key::make("p256");
    let delegate = |purpose: &str, signer: &Key| {
        let mut recipe = Recipe::new(&common_name("Responder"), &common_name("Root"), NOW - DAY, NOW + DAY);
        recipe.extensions =
            vec![extension(oid::EXTENDED_KEY_USAGE, false, &extended_key_usage(&[purpose.to_owned()]))];
        recipe.sign(&key.spki(), signer)
    };
    let says = |certificate: Vec<u8>| {
        world.says(&Answer { signer: &key, certificates: vec![certificate], ..world.good() })
    };
    assert_eq!(says(delegate("OCSPSigning", &world.root_key)), "good");
    assert!(says(delegate("serverAuth", &world.root_key)).contains("not for OCSPSigning"));
    assert!(says(delegate("OCSPSigning", &world.leaf_key)).contains("not from the issuer"));
}

#[test]
fn must_staple_is_satisfied_by_a_staple() {
    let mut world = world();
    let feature = extension(oid::TLS_FEATURE, false, &element(SEQUENCE, &[2, 1, 5]));
    world.leaf = leaf_recipe(vec![feature]).sign(&world.leaf_key.spki(), &world.root_key);
    let judgement = world.judge_staple(&world.good().response());
    assert!(judgement.rules.iter().any(|result| result.id == "cert.must_staple" && result.state.holds()));
}

#[test]
fn a_request_asks_for_this_certificate() {
    let world = world();
    let leaf = Certificate::read(&world.leaf, &Limits::DEFAULT.x509()).unwrap();
    let root = Certificate::read(&world.root, &Limits::DEFAULT.x509()).unwrap();
    let request = ocsp::request(&leaf, &Issuer { name: root.subject, key: root.key.unwrap() });
    // The form of RFC 6960: four SEQUENCEs deep stands the CertID with its serial number at the end.
    let inside = (0..4).fold(&request[..], |bytes, _| der::content(bytes, SEQUENCE).unwrap());
    let id = der::content(inside, SEQUENCE).unwrap();
    let parts: Vec<_> = der::elements(id).map(Result::unwrap).collect();
    assert_eq!(parts[0].tag, SEQUENCE);
    assert_eq!(parts[1].value, digest(&SHA1_FOR_LEGACY_USE_ONLY, &common_name("Root")).as_ref());
    assert_eq!(parts[2].value, key_hash(&world.root_key));
    assert_eq!(parts[3].value, leaf.serial.value);
}

#[test]
fn revocation_lists() {
    let world = world();
    let judge_with = |crl: Vec<u8>| {
        let crls = [crl];
        let mut question = Question::server(Some("example.com"), NOW, &world.stores);
        question.crls = &crls;
        let judgement = judge(&Sent::chain(std::slice::from_ref(&world.leaf)), &question);
        let good = judgement.revocation.first().map(|it| it.good.clone());
        (judgement.trusted.name(), good.and_then(|state| state.reason().map(str::to_owned)))
    };
    let key = &world.root_key;
    assert_eq!(judge_with(crl("Root", key, NOW + DAY, &[&[7], &[8]], &[])), ("holds", None));
    assert_eq!(judge_with(crl("Root", key, NOW + DAY, &[], &[])), ("holds", None));
    let (trusted, why) = judge_with(crl("Root", key, NOW + DAY, &[&[7], SERIAL], &[]));
    assert_eq!(
        (trusted, why.as_deref()),
        ("fails", Some("revoked on 2026-11-20 00:00:00 UTC (no reason given)"))
    );
    let (trusted, why) = judge_with(crl("Root", key, NOW - 60, &[SERIAL], &[]));
    assert!(trusted == "holds" && why.unwrap().contains("out of date"));
    let (trusted, why) = judge_with(crl("Root", &world.leaf_key, NOW + DAY, &[SERIAL], &[]));
    assert!(trusted == "holds" && why.unwrap().contains("not signed by the issuer"));
    // Another authority's list is none of our business.
    assert_eq!(judge_with(crl("Other", key, NOW + DAY, &[SERIAL], &[])), ("holds", None));
    let only_ca = extension(oid::ISSUING_DISTRIBUTION_POINT, true, &element(SEQUENCE, &[0x82, 1, 0xff]));
    assert!(judge_with(crl("Root", key, NOW + DAY, &[], &only_ca)).1.unwrap().contains("another type"));
    let unknown = extension(&[0x2a, 3, 4], true, &[5, 0]);
    assert!(judge_with(crl("Root", key, NOW + DAY, &[], &unknown)).1.unwrap().contains("not understood"));
}

/// Large CAs split their lists: a part that is for other certificates says nothing of this one.
#[test]
fn a_part_of_a_split_list_counts_for_its_own_certificates() {
    let mut world = world();
    let point = |url: &str| {
        let name = element(der::constructed(0), &element(der::context(6), url.as_bytes()));
        element(der::constructed(0), &name)
    };
    let points = element(SEQUENCE, &element(SEQUENCE, &point("http://ca.test/1.crl")));
    let named = extension(oid::CRL_DISTRIBUTION_POINTS, false, &points);
    world.leaf = leaf_recipe(vec![named]).sign(&world.leaf_key.spki(), &world.root_key);
    for (url, other) in [("http://ca.test/1.crl", false), ("http://ca.test/2.crl", true)] {
        let scope = extension(oid::ISSUING_DISTRIBUTION_POINT, true, &element(SEQUENCE, &point(url)));
        let crls = [crl("Root", &world.root_key, NOW + DAY, &[&[7]], &scope)];
        let mut question = Question::server(Some("example.com"), NOW, &world.stores);
        question.crls = &crls;
        let judgement = judge(&Sent::chain(std::slice::from_ref(&world.leaf)), &question);
        let why = judgement.revocation[0].good.reason().map(str::to_owned);
        assert_eq!(why.is_some_and(|why| why.contains("another distribution point")), other, "{url}");
    }
}

/// One SCT over `entry` (entry type and what follows it), by `log`.
fn sct(log: &Key, entry: &[u8]) -> Vec<u8> {
    let timestamp = (NOW as u64 * 1000).to_be_bytes();
    let signed = [&[0, 0][..], &timestamp, entry, &[0, 0]].concat();
    let signature = log.sign(&signed);
    let mut out = vec![0];
    out.extend(sha256(&log.spki()));
    out.extend(timestamp);
    out.extend([0, 0, 4, 3]);
    out.extend((signature.len() as u16).to_be_bytes());
    out.extend(signature);
    out
}

fn sct_list(scts: &[Vec<u8>]) -> Vec<u8> {
    let inner: Vec<u8> =
        scts.iter().flat_map(|sct| [&(sct.len() as u16).to_be_bytes()[..], sct].concat()).collect();
    [&(inner.len() as u16).to_be_bytes()[..], &inner].concat()
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat()
}

#[test]
fn timestamps() {
    let mut world = world();
    let log = Key::make("p256");
    let json = serde_json::json!({"operators": [{"name": "Logs Inc.", "logs": [{
        "description": "Log \u{1b}[1m2026", "log_id": STANDARD.encode(sha256(&log.spki())), "key": STANDARD.encode(log.spki()),
    }]}]});
    let logs = Logs::read(json.to_string().as_bytes()).unwrap();

    // In the certificate: signed over what the log saw, the certificate without the list.
    let without = leaf_recipe(Vec::new()).sign(&world.leaf_key.spki(), &world.root_key);
    let tbs = Certificate::read(&without, &Limits::DEFAULT.x509()).unwrap().tbs.raw.to_vec();
    let entry = [&[0, 1][..], &sha256(&world.root_key.spki()), &with_length(&tbs)].concat();
    let good = sct(&log, &entry);
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    let list = sct_list(&[good, bad]);
    let embedded = extension(oid::SCT_LIST, false, &element(der::OCTET_STRING, &list));
    world.leaf = leaf_recipe(vec![embedded]).sign(&world.leaf_key.spki(), &world.root_key);

    // In TLS: over the certificate as it is.
    let over_tls = sct_list(&[sct(&log, &[&[0, 0][..], &with_length(&world.leaf)].concat())]);
    let mut sent = Sent::chain(std::slice::from_ref(&world.leaf));
    sent.scts = vec![(0, &over_tls)];
    let mut question = Question::server(Some("example.com"), NOW, &world.stores);
    let judgement = judge(&sent, &question);
    assert_eq!(judgement.scts.len(), 3);
    assert!(
        judgement
            .scts
            .iter()
            .all(|sct| sct.verified.name() == "not_evaluated" && sct.timestamp_ms == NOW as u64 * 1000)
    );

    question.ct_logs = Some(&logs);
    let judgement = judge(&sent, &question);
    let states: Vec<&str> = judgement.scts.iter().map(|sct| sct.verified.name()).collect();
    assert_eq!(states, ["holds", "fails", "holds"]);
    assert_eq!(judgement.scts[0].log.as_deref(), Some("Log \\u{1b}[1m2026"));
    assert_eq!(judgement.scts[2].from.name(), "tls");

    // Two that are verified are enough, also of a public CA.
    let plain = leaf_recipe(Vec::new()).sign(&world.leaf_key.spki(), &world.root_key);
    let over_plain = sct(&log, &[&[0, 0][..], &with_length(&plain)].concat());
    let two_plain = sct_list(&[over_plain.clone(), over_plain]);
    let chain = [plain];
    let mut sent_plain = Sent::chain(&chain);
    sent_plain.scts = vec![(0, &two_plain)];
    let verdict = judge(&sent_plain, &question);
    let rule = verdict.rules.iter().find(|result| result.id == "ct.scts").unwrap();
    assert_eq!((&rule.state, verdict.scts.len()), (&State::Holds, 2));

    // In an OCSP response.
    let value = element(der::OCTET_STRING, &over_tls);
    let one = element(
        SEQUENCE,
        &[element(der::OID, oid::OCSP_SCT_LIST), element(der::OCTET_STRING, &value)].concat(),
    );
    let extensions = element(der::constructed(1), &element(SEQUENCE, &one));
    let staple = Answer { extensions, ..world.good() }.response();
    let mut sent = Sent::chain(std::slice::from_ref(&world.leaf));
    sent.ocsp = vec![(0, &staple)];
    let judgement = judge(&sent, &question);
    assert_eq!(
        judgement.scts.last().map(|sct| (sct.from.name(), sct.verified.holds())),
        Some(("ocsp", true))
    );

    // A list that is cut short.
    let mut sent = Sent::chain(std::slice::from_ref(&world.leaf));
    sent.scts = vec![(0, &over_tls[..50])];
    let judgement = judge(&sent, &question);
    let reason =
        judgement.rules.iter().find(|result| result.id == "ct.scts").and_then(|it| it.state.reason());
    assert!(reason.unwrap().starts_with("the list of SCTs is malformed: "), "{reason:?}");
}

#[test]
fn every_prefix_of_an_answer_is_survived() {
    let world = world();
    let response = world.good().response();
    let list = crl("Root", &world.root_key, NOW + DAY, &[&[7]], &[]);
    let leaf = Certificate::read(&world.leaf, &Limits::DEFAULT.x509()).unwrap();
    let root = Certificate::read(&world.root, &Limits::DEFAULT.x509()).unwrap();
    let issuer = Issuer { name: Name::new(root.subject.raw), key: root.key.unwrap() };
    for bytes in [&response, &list] {
        for len in 0..bytes.len() {
            assert!(!ocsp::evaluate(&bytes[..len], &leaf, &issuer, NOW, &Limits::DEFAULT).usable.holds());
            assert!(Crl::read(&bytes[..len]).is_err());
        }
    }
}

//! What was chosen must have been offered, and allowed by the version: changed recordings, each with one choice that
//! was not.

use tls_trace::capture::{Capture, Session};
use tls_trace::finding::Outcome;
use tls_trace::report::Report;
use tls_trace::trace::Trace;
use tls_trace::wire::Direction;

use super::golden::{capture, captures, change, place};
use super::independence::resealed_with;

/// The ids of the choices that fail.
fn failing(capture: &Capture) -> Vec<&'static str> {
    let trace = Trace::of(capture);
    let choices = trace.handshakes.iter().flat_map(|handshake| &handshake.choices);
    choices.filter(|choice| choice.state.fails()).map(|choice| choice.id).collect()
}

/// Replaces bytes of what a side sent, wherever they stand.
fn replace(capture: &mut Capture, side: Direction, from: &[u8], to: &[u8]) {
    let mut done = false;
    change(capture, side, |bytes| {
        if let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            done = true;
        }
    });
    assert!(done, "{from:02x?} is nowhere");
}

#[test]
fn what_was_recorded_was_offered() {
    for (name, capture) in captures() {
        assert!(failing(&capture).is_empty(), "{name}: {:?}", failing(&capture));
    }
}

#[test]
fn a_suite_or_version_that_was_not_offered() {
    let original = capture("tls12");
    let trace = Trace::of(&original);
    let suite = trace.handshakes[0].facts.cipher_suite.unwrap();
    let (_, hello) = place(&trace, "ServerHello");
    let at = hello + 4 + 2 + 32 + 1 + usize::from(trace.messages[1].bytes[38]);
    let with = |low: u8, high: u8| {
        let mut changed = original.clone();
        let mut from = 0;
        change(&mut changed, Direction::Server, |bytes| {
            if from == 0 {
                bytes[at..at + 2].copy_from_slice(&[high, low]);
            }
            from += bytes.len();
        });
        failing(&changed)
    };
    let [high, low] = suite.0.to_be_bytes();
    assert!(with(low, high).is_empty());
    // TLS_RSA_WITH_AES_128_CBC_SHA was not among them; TLS_AES_128_GCM_SHA256 was, but is none of TLS 1.2.
    assert_eq!(with(0x2f, 0), ["cipher_suite.offered"]);
    assert!(with(0x01, 0x13).contains(&"cipher_suite.legal"));
    let mut changed = original.clone();
    replace(&mut changed, Direction::Client, &[0, 43, 0, 5, 4, 3, 4, 3, 3], &[0, 43, 0, 5, 4, 3, 4, 3, 4]);
    assert!(failing(&changed).contains(&"version.offered"), "{:?}", failing(&changed));
}

/// The signature itself is as good as ever; the scheme was taken off the offer.
#[test]
fn a_scheme_that_was_not_offered_is_no_proof_of_identity() {
    let mut changed = capture("tls13");
    let scheme = Trace::of(&changed).handshakes[0].facts.certificate_verify[1].unwrap().scheme.unwrap();
    let list = Trace::of(&changed).handshakes[0].facts.client.unwrap().signature_algorithms.unwrap();
    let trace = Trace::of(&changed);
    let offered = trace.bytes(list).to_vec();
    let mut without = offered.clone();
    without.chunks_exact_mut(2).filter(|two| *two == scheme.0.to_be_bytes()).for_each(|two| two[1] = 0xff);
    replace(&mut changed, Direction::Client, &offered, &without);
    assert_eq!(failing(&changed), ["signature.server.offered"]);
    let report = Report::of(Session { captures: vec![changed], ..Session::default() }).unwrap();
    let verdict = &report.connections[0].verdict;
    assert_eq!(verdict.outcome, Outcome::Failed, "{verdict:#?}");
}

#[test]
fn a_protocol_and_an_extension_that_were_not_offered() {
    let mut changed = capture("tls12");
    replace(&mut changed, Direction::Client, b"\x02h2", b"\x02h3");
    assert_eq!(failing(&changed), ["alpn.offered"]);
    // The client's extended_master_secret, under another type.
    let mut changed = capture("tls12");
    replace(&mut changed, Direction::Client, &[0, 23, 0, 0], &[0xfa, 0x23, 0, 0]);
    assert_eq!(failing(&changed), ["extensions.offered"]);
}

/// What is offered in a list of the ClientHello, taken off it: each code becomes one that nobody knows.
fn without(capture: &Capture, list: &[u8], code: u16) -> Capture {
    let mut changed = capture.clone();
    let mut new = list.to_vec();
    new.chunks_exact_mut(2)
        .filter(|two| *two == code.to_be_bytes())
        .for_each(|two| two.copy_from_slice(&[0xfa, 0x77]));
    assert_ne!(new, list);
    replace(&mut changed, Direction::Client, list, &new);
    changed
}

#[test]
fn a_group_that_was_not_offered() {
    // TLS 1.3: a share was sent for it.
    let tls13 = capture("tls13");
    let trace = Trace::of(&tls13);
    let group = trace.handshakes[0].facts.group.unwrap().0.to_be_bytes();
    let shares = trace.bytes(trace.handshakes[0].facts.client.unwrap().key_shares.unwrap());
    assert_eq!(shares[..2], group);
    let mut changed = tls13.clone();
    let head = &shares[..6];
    replace(&mut changed, Direction::Client, head, &[&[0xfa, 0x77], &head[2..]].concat());
    assert_eq!(failing(&changed), ["group.offered"]);
    // TLS 1.2: it is among the supported groups.
    let tls12 = capture("tls12");
    let trace = Trace::of(&tls12);
    let facts = &trace.handshakes[0].facts;
    let groups = trace.bytes(facts.client.unwrap().supported_groups.unwrap());
    assert_eq!(failing(&without(&tls12, groups, facts.group.unwrap().0)), ["group.offered"]);
    // A request for another share.
    let retry = capture("retry");
    let trace = Trace::of(&retry);
    let wanted = trace.handshakes[0].facts.retry.unwrap().group.unwrap();
    let groups = trace.bytes(trace.handshakes[0].client_hellos[0].supported_groups.unwrap());
    let failed = failing(&without(&retry, groups, wanted.0));
    assert!(failed.contains(&"retry.group.offered"), "{failed:?}");
}

#[test]
fn a_key_and_a_compression_that_were_not_offered() {
    let (_, resumed) = captures().find(|(name, _)| name == "resumption 2").unwrap();
    let mut changed = resumed.clone();
    replace(&mut changed, Direction::Server, &[0, 41, 0, 2, 0, 0], &[0, 41, 0, 2, 0, 5]);
    assert_eq!(failing(&changed), ["psk.offered"]);
    // The server's compression_method, behind its session id and suite.
    let mut changed = capture("tls12");
    let trace = Trace::of(&changed);
    let hello = &trace.messages[1].bytes;
    let at = 4 + 2 + 32 + 1 + usize::from(hello[38]) + 2;
    let mut deflate = hello.clone();
    assert_eq!(std::mem::replace(&mut deflate[at], 1), 0);
    replace(&mut changed, Direction::Server, hello, &deflate);
    assert_eq!(failing(&changed), ["compression.offered"]);
}

#[test]
fn a_compression_of_certificates_that_was_not_offered() {
    let compressed = capture("compressed");
    let trace = Trace::of(&compressed);
    let facts = &trace.handshakes[0].facts;
    let (algorithm, _) = facts.certificate_compression[Direction::Server.index()].unwrap();
    let list = trace.bytes(facts.client.unwrap().certificate_compression.unwrap());
    // With its length and type, so that it is found where it is.
    let extension = [&[0, 27, 0, list.len() as u8 + 1, list.len() as u8], list].concat();
    let mut other = extension.clone();
    other[5..].chunks_exact_mut(2).filter(|two| *two == algorithm.to_be_bytes()).for_each(|two| two[1] = 9);
    let mut changed = compressed.clone();
    replace(&mut changed, Direction::Client, &extension, &other);
    assert_eq!(failing(&changed), ["certificate_compression.offered"]);
    // The client's, by the server's CertificateRequest.
    let client = capture("client-cert");
    assert!(
        Trace::of(&client).handshakes[0]
            .choices
            .iter()
            .any(|choice| { choice.id == "certificate_compression.client.offered" && choice.state.holds() })
    );
    let changed = resealed_with(&client, Direction::Client, "CompressedCertificate", |message| {
        assert_eq!(message[4], 0);
        message[5] = 3;
    });
    assert_eq!(failing(&changed), ["certificate_compression.client.offered"]);
}

//! The proofs come from our own computation over the recording: a recording with one byte changed disproves itself,
//! whatever the engine says.

use aws_lc_rs::aead::{self, LessSafeKey, Nonce, UnboundKey};
use tls_trace::capture::{Capture, Label};
use tls_trace::crypto::hkdf;
use tls_trace::crypto::suite::Suite;
use tls_trace::finding::authenticated::{self, Standard};
use tls_trace::report::Report;
use tls_trace::report::comparison::Resumption;
use tls_trace::trace::{Proven, State, Trace};
use tls_trace::wire::Direction;

use super::golden::{GOLDENS, Random, capture, captures, flip, place};

use Proven::{
    ClientCertificateVerify, ClientFinished, ServerCertificateVerify, ServerFinished, ServerKeyExchange,
};

/// How each proof stands, by name.
fn state(capture: &Capture, what: Proven) -> Option<State> {
    let trace = Trace::of(capture);
    let proofs = trace.handshakes.iter().flat_map(|handshake| &handshake.proofs);
    proofs.into_iter().find(|proof| proof.what == what).map(|proof| proof.state.clone())
}

fn holds(capture: &Capture, what: Proven) -> bool {
    state(capture, what).is_some_and(|state| state.holds())
}

fn fails(capture: &Capture, what: Proven) -> bool {
    state(capture, what).is_some_and(|state| state.fails())
}

/// The run does not end as if all were well.
fn assert_told(capture: &Capture) {
    let session = tls_trace::capture::Session { captures: vec![capture.clone()], ..Default::default() };
    assert_ne!(Report::of(session).unwrap().exit_code(), 0);
}

#[test]
fn everything_holds_in_recordings_of_complete_handshakes() {
    let mut proven = 0;
    for (name, capture) in captures() {
        let trace = Trace::of(&capture);
        for proof in trace.handshakes.iter().flat_map(|handshake| &handshake.proofs) {
            assert!(proof.state.holds(), "{name}: {proof:?}");
            proven += 1;
        }
        if trace.handshakes.first().is_some_and(|handshake| handshake.complete_at.is_some()) {
            assert!(holds(&capture, ServerFinished) && holds(&capture, ClientFinished), "{name}");
        }
    }
    assert!(proven >= 30, "{proven}");
}

#[test]
fn the_engine_has_no_say() {
    for (name, mut capture) in captures() {
        let before = format!("{:?}", Trace::of(&capture));
        capture.engine = None;
        assert_eq!(format!("{:?}", Trace::of(&capture)), before, "{name}");
    }
}

#[test]
fn a_changed_byte_before_it_disproves_a_finished() {
    for (name, message, offset) in [
        // legacy_session_id and its echo: they mean nothing, but they are part of the transcript.
        ("tls13", "ClientHello", 4 + 2 + 32 + 1),
        ("tls13", "ServerHello", 4 + 2 + 32 + 1),
        ("retry", "ClientHello", 4 + 2 + 32 + 1),
        ("retry", "HelloRetryRequest", 4 + 2 + 32 + 1),
        ("tls12", "ClientHello", 4 + 2 + 32 + 1),
        ("tls12", "ServerHelloDone", 3),
        ("tls12", "NewSessionTicket", 20),
    ] {
        let mut capture = capture(name);
        let trace = Trace::of(&capture);
        let (side, at) = place(&trace, message);
        if message == "ServerHelloDone" {
            // It has no content to change: what stands before it has (the certificate's last byte).
            let (side, at) = place(&trace, "ServerKeyExchange");
            flip(&mut capture, side, at - 1);
        } else {
            flip(&mut capture, side, at + offset);
        }
        assert!(fails(&capture, ServerFinished), "{name}, {message}: {:?}", state(&capture, ServerFinished));
        // The client's Finished of TLS 1.2 comes before the server's ticket.
        assert_eq!(fails(&capture, ClientFinished), message != "NewSessionTicket", "{name}, {message}");
        if name != "tls12" {
            assert!(fails(&capture, ServerCertificateVerify), "{name}, {message}");
        }
        assert_told(&capture);
    }
}

#[test]
fn a_changed_signature_of_tls12_is_no_signature() {
    let whole = capture("tls12");
    let trace = Trace::of(&whole);
    let (side, at) = place(&trace, "ServerKeyExchange");
    let message = trace.messages.iter().find(|message| message.name == "ServerKeyExchange").unwrap();
    for offset in [4 + 3 + 1 + 20, message.length - 1] {
        let mut capture = whole.clone();
        flip(&mut capture, side, at + offset);
        assert!(
            fails(&capture, ServerKeyExchange),
            "byte {offset}: {:?}",
            state(&capture, ServerKeyExchange)
        );
        assert!(fails(&capture, ServerFinished) && fails(&capture, ClientFinished));
        assert_told(&capture);
    }
}

#[test]
fn changed_encrypted_messages_disprove_themselves() {
    let whole = capture("client-cert");
    for (message, what, others) in [
        ("CertificateVerify", ServerCertificateVerify, &[ServerFinished, ClientFinished][..]),
        ("Finished", ServerFinished, &[ClientCertificateVerify, ClientFinished]),
        (
            "EncryptedExtensions",
            ServerCertificateVerify,
            &[ServerFinished, ClientFinished, ClientCertificateVerify],
        ),
        ("Certificate", ServerCertificateVerify, &[ServerFinished]),
    ] {
        let capture = resealed(&whole, Direction::Server, message);
        assert!(fails(&capture, what), "{message}: {:?}", state(&capture, what));
        for other in others {
            assert!(fails(&capture, *other), "{message}: {other:?} {:?}", state(&capture, *other));
        }
        assert_told(&capture);
    }
    let verify = resealed(&whole, Direction::Server, "Finished");
    assert!(holds(&verify, ServerCertificateVerify), "what comes before stays proven");
    let client = resealed(&whole, Direction::Client, "CertificateVerify");
    assert!(fails(&client, ClientCertificateVerify) && fails(&client, ClientFinished));
    assert!(holds(&client, ServerFinished));
    let client = resealed(&whole, Direction::Client, "Finished");
    assert!(fails(&client, ClientFinished) && holds(&client, ClientCertificateVerify));
}

/// The capture with the last byte of a message changed (of EncryptedExtensions, which ends with a structure: none is
/// changed but its length-neutral first extension's type), and the record that it is in encrypted again.
fn resealed(capture: &Capture, side: Direction, name: &str) -> Capture {
    resealed_with(capture, side, name, |message| {
        let last = message.len() - 1;
        match name {
            // The type of the extension, which is empty: 0 becomes 1.
            "EncryptedExtensions" => message[last - 2] ^= 1,
            // The last certificate's signature; behind it are the (empty) extensions of its entry.
            "Certificate" => message[last - 2] ^= 1,
            _ => message[last] ^= 1,
        }
    })
}

/// The capture with a message changed, and the record that it is in encrypted again.
pub fn resealed_with(
    capture: &Capture,
    side: Direction,
    name: &str,
    change: impl FnOnce(&mut [u8]),
) -> Capture {
    let mut change = Some(change);
    let trace = Trace::of(capture);
    let (index, _) =
        trace.messages.iter().enumerate().find(|(_, m)| m.name == name && m.direction == side).unwrap();
    let record = trace.messages[index].origin[0].record;
    let mut plaintext = Vec::new();
    for (at, message) in trace.messages.iter().enumerate() {
        if message.origin.first().is_some_and(|origin| origin.record == record) {
            assert_eq!(message.origin.len(), 1, "{name} spans records");
            let start = plaintext.len();
            plaintext.extend_from_slice(&message.bytes);
            if let Some(change) = change.take_if(|_| at == index) {
                change(&mut plaintext[start..]);
            }
        }
    }
    plaintext.push(22);
    let label = match side {
        Direction::Client => Label::ClientHandshakeTraffic,
        Direction::Server => Label::ServerHandshakeTraffic,
    };
    let suite = Suite::of(trace.handshakes[0].facts.cipher_suite.unwrap()).unwrap();
    let secret = &capture.secrets.0.iter().find(|secret| secret.label == label).unwrap().secret;
    let (key, iv) = hkdf::traffic_key(suite.hash, secret, suite.aead.key_len());
    // Its first record under these keys: sequence number 0.
    let first = trace.records.iter().position(|r| r.direction == side && r.content_type == 23).unwrap();
    assert_eq!(first, record, "{name} is not in the first encrypted record");
    let key = LessSafeKey::new(UnboundKey::new(&aead::AES_256_GCM, &key).unwrap());
    let head = [23, 3, 3, ((plaintext.len() + 16) >> 8) as u8, (plaintext.len() + 16) as u8];
    let nonce = Nonce::try_assume_unique_for_key(&iv).unwrap();
    key.seal_in_place_append_tag(nonce, aead::Aad::from(head), &mut plaintext).unwrap();
    let offset = usize::try_from(trace.records[record].offset).unwrap();
    let mut changed = capture.clone();
    let mut from = 0;
    super::golden::change(&mut changed, side, |bytes| {
        if let Some(at) = offset.checked_sub(from).filter(|at| *at < bytes.len()) {
            bytes[at + 5..at + 5 + plaintext.len()].copy_from_slice(&plaintext);
        }
        from += bytes.len();
    });
    // Encrypted rightly: it can still be read.
    assert!(
        Trace::of(&changed).messages.iter().any(|message| message.name == name && message.direction == side)
    );
    changed
}

#[test]
fn without_secrets_nothing_is_claimed() {
    for (name, mut capture) in captures() {
        let had = Trace::of(&capture).handshakes.iter().any(|handshake| !handshake.proofs.is_empty());
        capture.secrets.0.clear();
        let session = tls_trace::capture::Session { captures: vec![capture.clone()], ..Default::default() };
        let report = Report::of(session).unwrap();
        for check in report
            .connections
            .iter()
            .flat_map(|judged| &judged.checks)
            .filter(|check| check.id.starts_with("finished."))
        {
            assert_eq!(check.state.name(), "not_evaluated", "{name}: {check:?}");
            assert!(check.state.reason().is_some_and(|reason| !reason.is_empty()), "{name}");
        }
        if had {
            assert_ne!(report.exit_code(), 0, "{name}");
        }
    }
    // The signature of TLS 1.2 needs none.
    let mut capture = capture("tls12");
    capture.secrets.0.clear();
    assert!(holds(&capture, ServerKeyExchange));
}

#[test]
fn a_wrong_secret_proves_nothing() {
    for (name, mut capture) in captures() {
        let mut random = Random(3);
        for secret in &mut capture.secrets.0 {
            let at = random.below(secret.secret.len());
            secret.secret[at] ^= 0x40;
        }
        for what in [ServerFinished, ClientFinished, ServerCertificateVerify, ClientCertificateVerify] {
            assert!(!holds(&capture, what), "{name}: {what:?}");
        }
        // Nor does it make a liar of the server: what can't be opened has not failed.
        for proof in Trace::of(&capture).handshakes.iter().flat_map(|handshake| &handshake.proofs) {
            assert!(!proof.state.fails(), "{name}: {proof:?}");
        }
    }
}

/// The signature shows that the server has the key: a Finished that is wrong all the same is not about the key.
#[test]
fn a_wrong_finished_beside_a_signature_is_not_about_the_key() {
    let mut capture = capture("tls12");
    let (side, at) = place(&Trace::of(&capture), "NewSessionTicket");
    flip(&mut capture, side, at + 20);
    assert!(holds(&capture, ServerKeyExchange) && fails(&capture, ServerFinished));
    let session = tls_trace::capture::Session { captures: vec![capture], ..Default::default() };
    let report = Report::of(session).unwrap();
    let failure = report.verdict().unwrap().failure.as_ref().unwrap();
    assert_eq!(failure.id, "proof.finished");
    assert!(!failure.causes.iter().any(|cause| cause.text.contains("key")), "{:?}", failure.causes);
}

/// Anybody can answer that a session is resumed; the Finished under its key proves it.
#[test]
fn a_resumption_is_told_once_it_is_proven() {
    let golden = GOLDENS.iter().find(|golden| golden.name == "resumption").unwrap();
    let accepted = |session| Resumption::of(&Report::of(session).unwrap()).unwrap().accepted;
    assert_eq!(accepted(golden.session()), Some(true));
    let mut unproven = golden.session();
    unproven.captures[1].secrets.0.clear();
    assert_eq!(accepted(unproven.clone()), None);
    // Nor is the certificate of the first connection this peer's then.
    let report = Report::of(unproven).unwrap();
    let peer = |place: usize| {
        let case = report.connections[place].case(&report.question);
        authenticated::peer(&case, Standard::Full)
    };
    assert!(peer(0).holds());
    assert!(matches!(peer(1), State::NotEvaluated(_)), "{:?}", peer(1));
}

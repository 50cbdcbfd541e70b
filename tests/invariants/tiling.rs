//! Every byte of a message lies in exactly one leaf, whatever becomes of the message; and dissecting without a tree
//! finds the same facts.

use std::collections::BTreeSet;

use tls_trace::trace::{Kind, Message, Trace};
use tls_trace::wire::facts::Facts;
use tls_trace::wire::field::Field;
use tls_trace::wire::handshake::{self, Dissected};
use tls_trace::wire::{self, Direction};

use super::golden::{Random, captures};

/// Messages beyond this are changed at some of their bytes only: the time grows with the square.
const EVERY_BYTE: usize = 2_000;

#[test]
fn recorded_messages_are_tiled_and_sound() {
    let mut kinds = BTreeSet::new();
    for (name, capture) in captures() {
        for message in all(&Trace::of(&capture)) {
            if let Some(root) = message.tree() {
                assert_tiles(&root, message.bytes.len());
                // The fold dissected without a tree; what it found wrong is what the tree shows.
                let wrong = message.problem.is_some() || message.incomplete.is_some();
                assert!(wrong || root.problems().is_empty(), "{name}: {}", message.name);
            } else {
                assert!(message.bytes.is_empty(), "{name}: {} has bytes and no tree", message.name);
            }
            assert!(
                message.problem.is_none() || message.incomplete.is_some(),
                "{name}: {:?}",
                message.problem
            );
            kinds.insert(message.name.to_string());
        }
    }
    // What the goldens are to have in all: a recording that lost one of these would test less.
    for kind in [
        "ClientHello",
        "HelloRetryRequest",
        "ServerHello",
        "EncryptedExtensions",
        "CertificateRequest",
        "Certificate",
        "CompressedCertificate",
        "CertificateVerify",
        "Finished",
        "NewSessionTicket",
        "EndOfEarlyData",
        "ServerKeyExchange",
        "ServerHelloDone",
        "ClientKeyExchange",
        "ChangeCipherSpec",
        "Alert",
        "early data",
    ] {
        assert!(kinds.contains(kind), "no golden has {kind}: {kinds:?}");
    }
}

#[test]
fn prefixes_and_mutations_are_tiled_and_facts_need_no_tree() {
    let mut seen = BTreeSet::new();
    let work: Vec<_> = captures()
        .flat_map(|(name, capture)| {
            let trace = Trace::of(&capture);
            let facts = trace.handshakes.first().map(|handshake| handshake.facts).unwrap_or_default();
            all(&trace).into_iter().map(|message| (name.clone(), facts, message)).collect::<Vec<_>>()
        })
        // One message of a kind and size is enough of it.
        .filter(|(_, facts, message)| {
            seen.insert((message.name.clone(), message.direction.index(), message.length / 64, facts.version))
        })
        .collect();
    assert!(work.len() > 30, "only {} messages", work.len());
    std::thread::scope(|scope| {
        for half in work.chunks(work.len().div_ceil(2)) {
            scope.spawn(move || {
                for (name, facts, message) in half {
                    vary(message, *facts, name);
                }
            });
        }
    });
}

fn vary(message: &Message, facts: Facts, name: &str) {
    let bytes = &message.bytes;
    let step = bytes.len() / EVERY_BYTE + 1;
    let step = if step > 1 { step * 16 + 1 } else { 1 };
    for before in [facts, Facts::default()] {
        let check = |bytes: &[u8]| check(message, bytes, before, name);
        for end in (0..bytes.len()).step_by(step) {
            check(&bytes[..end]);
        }
        let mut random = Random(bytes.len() as u64);
        let mut mutated = bytes.clone();
        for at in (0..bytes.len()).step_by(step) {
            let byte = mutated[at];
            for other in [byte ^ 1, 0xff, random.byte()] {
                mutated[at] = other;
                check(&mutated);
            }
            mutated[at] = byte;
        }
    }
}

/// Dissects in both modes and compares them.
fn check(message: &Message, bytes: &[u8], before: Facts, name: &str) {
    let (mut with, mut without) = (before, before);
    let tree = dissect(message, bytes, &mut with, true);
    let facts = dissect(message, bytes, &mut without, false);
    assert!(with == without, "{name}: the facts of {} differ: {}", message.name, hex::encode(bytes));
    assert_eq!(tree.problem, facts.problem, "{name}");
    assert_eq!(tree.name, facts.name);
    assert!(facts.root.is_none());
    assert_tiles(&tree.root.unwrap(), bytes.len());
}

fn dissect(message: &Message, bytes: &[u8], facts: &mut Facts, tree: bool) -> Dissected {
    match message.kind {
        Kind::Handshake(_) if message.origin.is_empty() => {
            handshake::dissect_certificate_body(bytes, message.direction, facts, tree)
        }
        Kind::Handshake(_) => handshake::dissect(bytes, message.direction, facts, tree),
        Kind::Alert { .. } => wire::dissect_alert(bytes, tree),
        Kind::ChangeCipherSpec => wire::dissect_change_cipher_spec(bytes, tree),
        _ => wire::opaque("bytes", bytes, tree),
    }
}

/// The messages with those that are derived from them.
fn all(trace: &Trace) -> Vec<Message> {
    trace
        .messages
        .iter()
        .flat_map(|message| [vec![message.clone()], message.derived.clone()].concat())
        .collect()
}

/// See [`Field::untiled`].
pub fn assert_tiles(root: &Field, len: usize) {
    assert_eq!(root.untiled(len), None);
}

#[test]
fn any_bytes_are_tiled() {
    let mut random = Random(7);
    for _ in 0..2_000 {
        let mut bytes: Vec<u8> = (0..random.below(80)).map(|_| random.byte()).collect();
        if let [_, a, b, c, ..] = bytes.as_mut_slice() {
            // A length that may fit, or nearly.
            (*a, *b, *c) = (0, 0, *c % 80);
        }
        for direction in Direction::BOTH {
            let (mut with, mut without) = (Facts::default(), Facts::default());
            let tree = handshake::dissect(&bytes, direction, &mut with, true);
            handshake::dissect(&bytes, direction, &mut without, false);
            assert!(with == without, "{}", hex::encode(&bytes));
            assert_tiles(&tree.root.unwrap(), bytes.len());
        }
    }
}

//! The traces of RFC 8448: every record opened, every message dissected, every secret and proof as the RFC has it.
//!
//! `tests/vectors/` has the records and secrets. What was mistyped there would not survive: a record opens only if it
//! and its key are right to the bit, a Finished holds only over the right messages, and the secrets are derived here
//! once more from the extracted ones.

#![allow(
    clippy::expect_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use tls_trace::capture::{Capture, Event, Intent, Label, Limits, Secret, Secrets};
use tls_trace::crypto::hash::Hash;
use tls_trace::crypto::hkdf::expand_label;
use tls_trace::trace::schedule::Schedule;
use tls_trace::trace::{Epoch, Fold, Kind, Opened, Proven, State, Trace, Why};
use tls_trace::wire::Direction;
use tls_trace::wire::Direction::{Client, Server};
use tls_trace::wire::codepoints::{AlertDescription, AlertLevel, CipherSuite, NamedGroup, ProtocolVersion};

const SHA: Hash = Hash::Sha256;

/// A file of `tests/vectors/`.
struct Vectors {
    records: Vec<(Direction, Vec<u8>)>,
    /// In the order of the file.
    secrets: Vec<(Label, Vec<u8>)>,
    values: BTreeMap<String, Vec<u8>>,
}

impl Vectors {
    fn read(name: &str) -> Vectors {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once(':') {
                Some((name, hex)) => entries.push((name.to_owned(), hex.trim().to_owned())),
                None => entries.last_mut().expect("a name comes first").1.push_str(line.trim()),
            }
        }
        let mut vectors = Vectors { records: Vec::new(), secrets: Vec::new(), values: BTreeMap::new() };
        for (name, hex) in entries {
            let bytes = hex::decode(hex).unwrap_or_else(|e| panic!("{name}: {e}"));
            match name.split_once(' ') {
                Some(("record", "client")) => vectors.records.push((Client, bytes)),
                Some(("record", "server")) => vectors.records.push((Server, bytes)),
                Some(("secret", label)) => {
                    vectors.secrets.push((Label::parse(label).expect("a key log's label"), bytes));
                }
                _ => assert!(vectors.values.insert(name, bytes).is_none(), "a name twice"),
            }
        }
        vectors
    }

    fn value(&self, name: &str) -> &[u8] {
        self.values.get(name).unwrap_or_else(|| panic!("{name}"))
    }

    fn secret(&self, label: Label) -> &[u8] {
        &self.secrets.iter().find(|(of, _)| *of == label).unwrap_or_else(|| panic!("{label:?}")).1
    }

    fn events(&self) -> impl Iterator<Item = Event> {
        self.records.iter().enumerate().map(|(number, (direction, bytes))| Event::Bytes {
            direction: *direction,
            at: Duration::from_millis(number as u64),
            bytes: bytes.clone(),
        })
    }

    fn secrets(&self) -> Secrets {
        // record header, handshake header, legacy_version
        let random = self.records[0].1[5 + 4 + 2..][..32].to_vec();
        let secret = |(label, secret): &(Label, Vec<u8>)| Secret {
            label: *label,
            client_random: random.clone(),
            secret: secret.clone(),
        };
        Secrets(self.secrets.iter().map(secret).collect())
    }

    fn capture(&self) -> Capture {
        let mut capture = Capture::new(Intent::default(), UNIX_EPOCH);
        capture.events = self.events().collect();
        capture.secrets = self.secrets();
        capture
    }
}

/// What a trace has to come to.
struct Expected {
    file: &'static str,
    messages: &'static [(Direction, Epoch, &'static str)],
    /// The client proves something too.
    client_certificate: bool,
}

const HANDSHAKE: Epoch = Epoch::Handshake;
const APPLICATION: Epoch = Epoch::Application(0);

const TRACES: [Expected; 5] = [
    Expected {
        file: "rfc8448-3-simple-1-rtt.txt",
        messages: &[
            (Client, Epoch::Clear, "ClientHello"),
            (Server, Epoch::Clear, "ServerHello"),
            (Server, HANDSHAKE, "EncryptedExtensions"),
            (Server, HANDSHAKE, "Certificate"),
            (Server, HANDSHAKE, "CertificateVerify"),
            (Server, HANDSHAKE, "Finished"),
            (Client, HANDSHAKE, "Finished"),
            (Server, APPLICATION, "NewSessionTicket"),
            (Client, APPLICATION, "application data"),
            (Server, APPLICATION, "application data"),
            (Client, APPLICATION, "Alert"),
            (Server, APPLICATION, "Alert"),
        ],
        client_certificate: false,
    },
    Expected {
        file: "rfc8448-4-resumed-0-rtt.txt",
        messages: &[
            (Client, Epoch::Clear, "ClientHello"),
            (Client, Epoch::Early, "early data"),
            (Server, Epoch::Clear, "ServerHello"),
            (Server, HANDSHAKE, "EncryptedExtensions"),
            (Server, HANDSHAKE, "Finished"),
            (Client, Epoch::Early, "EndOfEarlyData"),
            (Client, HANDSHAKE, "Finished"),
            (Client, APPLICATION, "application data"),
            (Server, APPLICATION, "application data"),
            (Client, APPLICATION, "Alert"),
            (Server, APPLICATION, "Alert"),
        ],
        client_certificate: false,
    },
    Expected {
        file: "rfc8448-5-hello-retry-request.txt",
        messages: &[
            (Client, Epoch::Clear, "ClientHello"),
            (Server, Epoch::Clear, "HelloRetryRequest"),
            (Client, Epoch::Clear, "ClientHello"),
            (Server, Epoch::Clear, "ServerHello"),
            (Server, HANDSHAKE, "EncryptedExtensions"),
            (Server, HANDSHAKE, "Certificate"),
            (Server, HANDSHAKE, "CertificateVerify"),
            (Server, HANDSHAKE, "Finished"),
            (Client, HANDSHAKE, "Finished"),
            (Client, APPLICATION, "Alert"),
            (Server, APPLICATION, "Alert"),
        ],
        client_certificate: false,
    },
    Expected {
        file: "rfc8448-6-client-authentication.txt",
        messages: &[
            (Client, Epoch::Clear, "ClientHello"),
            (Server, Epoch::Clear, "ServerHello"),
            (Server, HANDSHAKE, "EncryptedExtensions"),
            (Server, HANDSHAKE, "CertificateRequest"),
            (Server, HANDSHAKE, "Certificate"),
            (Server, HANDSHAKE, "CertificateVerify"),
            (Server, HANDSHAKE, "Finished"),
            (Client, HANDSHAKE, "Certificate"),
            (Client, HANDSHAKE, "CertificateVerify"),
            (Client, HANDSHAKE, "Finished"),
            (Client, APPLICATION, "Alert"),
            (Server, APPLICATION, "Alert"),
        ],
        client_certificate: true,
        // The server's key is a P-256 one.
    },
    Expected {
        file: "rfc8448-7-compatibility-mode.txt",
        messages: &[
            (Client, Epoch::Clear, "ClientHello"),
            (Server, Epoch::Clear, "ServerHello"),
            (Server, Epoch::Clear, "ChangeCipherSpec"),
            (Server, HANDSHAKE, "EncryptedExtensions"),
            (Server, HANDSHAKE, "Certificate"),
            (Server, HANDSHAKE, "CertificateVerify"),
            (Server, HANDSHAKE, "Finished"),
            (Client, Epoch::Clear, "ChangeCipherSpec"),
            (Client, HANDSHAKE, "Finished"),
            (Client, APPLICATION, "Alert"),
            (Server, APPLICATION, "Alert"),
        ],
        client_certificate: false,
    },
];

#[test]
fn every_record_is_opened_and_every_message_dissected() {
    for expected in TRACES {
        let file = expected.file;
        let vectors = Vectors::read(file);
        let trace = Trace::of(&vectors.capture());
        assert_eq!(trace.records.len(), vectors.records.len(), "{file}");
        for (record, (direction, bytes)) in trace.records.iter().zip(&vectors.records) {
            assert_eq!((record.direction, record.length + 5), (*direction, bytes.len()), "{file}");
            match record.opened {
                Opened::Decrypted { padding, .. } => assert_eq!((bytes[0], padding), (23, 0), "{file}"),
                Opened::Clear => assert_ne!(bytes[0], 23, "{file}"),
                Opened::Sealed(why) => panic!("{file}: {}", why.text()),
            }
        }
        assert_eq!(names(&trace), expected.messages, "{file}");
        for message in &trace.messages {
            assert_eq!((message.problem, message.incomplete), (None, None), "{file}: {}", message.name);
            let Some(root) = message.tree() else {
                assert_eq!(message.kind, Kind::ApplicationData, "{file}: {}", message.name);
                continue;
            };
            assert!(root.problems().is_empty(), "{file}: {:?}", root.problems());
            let mut end = 0;
            for leaf in root.leaves() {
                assert_eq!(leaf.range.start, end, "{file}: {} in {}", leaf.name, message.name);
                end = leaf.range.end;
            }
            assert_eq!(end, message.bytes.len(), "{file}: {}", message.name);
        }
        for (_, alert, level, description) in trace.alerts() {
            assert_eq!(
                (level, description),
                (AlertLevel::warning, AlertDescription::close_notify),
                "{file}: {:?} closes",
                alert.direction
            );
        }
        assert_eq!(trace.handshakes.len(), 1, "{file}");
        assert!(trace.flows.iter().all(|flow| flow.tail.is_none()), "{file}");
        assert!(trace.limits_reached.is_empty(), "{file}");
    }
}

#[test]
fn what_the_handshakes_settle() {
    for expected in TRACES {
        let file = expected.file;
        let trace = Trace::of(&Vectors::read(file).capture());
        let facts = &trace.handshakes[0].facts;
        let resumed = file.contains("resumed");
        let retried = file.contains("retry");
        assert_eq!(facts.version, Some(ProtocolVersion::TLS_1_3), "{file}");
        assert_eq!(facts.cipher_suite, Some(CipherSuite::TLS_AES_128_GCM_SHA256), "{file}");
        assert_eq!(
            facts.group,
            Some(if retried { NamedGroup::secp256r1 } else { NamedGroup::x25519 }),
            "{file}"
        );
        let retry = facts.retry.map(|retry| (retry.message, retry.group));
        assert_eq!(retry, retried.then_some((1, Some(NamedGroup::secp256r1))), "{file}");
        assert_eq!(facts.psk, resumed.then_some(0), "{file}");
        assert_eq!(facts.early_data_accepted, resumed, "{file}");
        let client = facts.client.expect("a ClientHello");
        let name = trace.bytes(client.server_name.expect("server_name"));
        assert_eq!(name, b"server", "{file}");
        assert_eq!(client.session_id.len(), if file.contains("compatibility") { 32 } else { 0 }, "{file}");
        let chain = |sender| trace.chain(0, sender).len();
        assert_eq!(chain(Server), usize::from(!resumed), "{file}");
        assert_eq!(chain(Client), usize::from(expected.client_certificate), "{file}");
    }
}

#[test]
fn proofs_hold() {
    for expected in TRACES {
        let file = expected.file;
        let vectors = Vectors::read(file);
        let trace = Trace::of(&vectors.capture());
        let handshake = &trace.handshakes[0];
        let mut proven = Vec::new();
        for proof in &handshake.proofs {
            proven.push(proof.what);
            let what = proof.what.id();
            assert_eq!(proof.state, State::Holds, "{file}: {what}");
        }
        let wanted: &[Proven] = match (expected.client_certificate, file.contains("resumed")) {
            (true, _) => &[
                Proven::ServerCertificateVerify,
                Proven::ServerFinished,
                Proven::ClientCertificateVerify,
                Proven::ClientFinished,
            ],
            (false, true) => &[Proven::ServerFinished, Proven::ClientFinished],
            (false, false) => {
                &[Proven::ServerCertificateVerify, Proven::ServerFinished, Proven::ClientFinished]
            }
        };
        assert_eq!(proven, wanted, "{file}");
        assert_eq!(handshake.finished, [true, true], "{file}");
        assert!(handshake.complete_at.is_some(), "{file}");
        for (sender, name) in [(Client, "verify_data client"), (Server, "verify_data server")] {
            let sent = trace.bytes(handshake.facts.finished[sender.index()].expect("a Finished"));
            assert_eq!(hex::encode(sent), hex::encode(vectors.value(name)), "{file}: {name}");
        }
    }
}

#[test]
fn the_schedule_is_the_rfcs() {
    for expected in TRACES {
        let file = expected.file;
        let vectors = Vectors::read(file);
        let capture = vectors.capture();
        let trace = Trace::of(&capture);
        let schedule = Schedule::of(&trace, 0, &capture.secrets).expect("a suite that we compute with");
        assert_eq!(schedule.hash, "SHA-256", "{file}");

        // Every secret of the file, in the order in which they come to be, and nothing else.
        let labels: Vec<&str> = schedule.secrets.iter().map(|derived| derived.label).collect();
        let wanted: Vec<&str> = vectors.secrets.iter().map(|(label, _)| label.name()).collect();
        assert_eq!(labels, wanted, "{file}");
        let mut children = 0;
        for derived in &schedule.secrets {
            let secret = vectors.secret(Label::parse(derived.label).expect("a label"));
            assert_eq!(hex::encode(&derived.secret), hex::encode(secret), "{file}: {}", derived.label);
            for (child, bytes) in &derived.children {
                let name = format!("{child} {}", derived.label);
                assert_eq!(hex::encode(bytes), hex::encode(vectors.value(&name)), "{file}: {name}");
                children += 1;
            }
        }
        let derived = |name: &&String| {
            ["key ", "iv ", "finished "].iter().any(|kind| name.starts_with(kind)) && name.contains("_SECRET")
        };
        assert_eq!(children, vectors.values.keys().filter(derived).count(), "{file}");

        let hash_after = |sender: Direction, name: &str| {
            let after = |(index, _): &&(usize, Vec<u8>)| {
                let message = &trace.messages[*index];
                message.direction == sender && message.name == name
            };
            let (_, hash) =
                schedule.transcript.iter().find(after).unwrap_or_else(|| panic!("{file}: {name}"));
            hash.clone()
        };
        for (name, hash) in vectors.values.iter().filter(|(name, _)| name.starts_with("hash ")) {
            let mut words = name.split(' ').skip(1);
            let sender = if words.next() == Some("client") { Client } else { Server };
            let found = hash_after(sender, words.next().expect("a message"));
            assert_eq!(hex::encode(found), hex::encode(hash), "{file}: {name}");
        }

        let proofs: Vec<_> =
            schedule.verify_data.iter().map(|(at, ..)| trace.messages[*at].direction).collect();
        assert_eq!(proofs, [Server, Client], "{file}");
        for (sender, (_, sent, again)) in proofs.iter().zip(&schedule.verify_data) {
            let verify_data = vectors.value(&format!("verify_data {}", sender.sender()));
            assert_eq!((sent.as_slice(), again.as_deref()), (verify_data, Some(verify_data)), "{file}");
        }

        // The secrets once more, from the extracted ones and the transcript hashes that the schedule shows.
        let derive = |from: &str, label: &str, hash: &[u8]| {
            hex::encode(expand_label(SHA, vectors.value(from), label, hash, 32))
        };
        let secret = |label| hex::encode(vectors.secret(label));
        let hello = hash_after(Server, "ServerHello");
        let server_finished = hash_after(Server, "Finished");
        let client_finished = hash_after(Client, "Finished");
        let (handshake, master) = ("extract handshake", "extract master");
        assert_eq!(
            derive(handshake, "c hs traffic", &hello),
            secret(Label::ClientHandshakeTraffic),
            "{file}"
        );
        assert_eq!(
            derive(handshake, "s hs traffic", &hello),
            secret(Label::ServerHandshakeTraffic),
            "{file}"
        );
        assert_eq!(derive(master, "c ap traffic", &server_finished), secret(Label::ClientTraffic), "{file}");
        assert_eq!(derive(master, "s ap traffic", &server_finished), secret(Label::ServerTraffic), "{file}");
        assert_eq!(derive(master, "exp master", &server_finished), secret(Label::Exporter), "{file}");
        let resumption = hex::encode(vectors.value("resumption master"));
        assert_eq!(derive(master, "res master", &client_finished), resumption, "{file}");
        let salt = expand_label(SHA, vectors.value(handshake), "derived", &SHA.digest(&[]), 32);
        assert_eq!(SHA.hmac(&salt, &[&[0; 32]]), vectors.value(master), "{file}");
        if file.contains("resumed") {
            let hello = hash_after(Client, "ClientHello");
            let early = "extract early";
            assert_eq!(derive(early, "c e traffic", &hello), secret(Label::ClientEarlyTraffic), "{file}");
            assert_eq!(derive(early, "e exp master", &hello), secret(Label::EarlyExporter), "{file}");
        }
    }
}

/// The ticket of section 3 is the pre-shared key of section 4.
#[test]
fn the_resumed_session_is_the_first_ones() {
    let (first, second) = (Vectors::read(TRACES[0].file), Vectors::read(TRACES[1].file));
    let (trace, resumed) = (Trace::of(&first.capture()), Trace::of(&second.capture()));
    let (_, ticket) = trace.first(4).expect("a NewSessionTicket");
    let field = |name: &str| {
        let tree = ticket.tree().expect("a tree");
        let field = tree.find(name).unwrap_or_else(|| panic!("{name}"));
        &ticket.bytes[field.range.clone()]
    };
    let nonce = field("ticket_nonce");
    let nonce = &nonce[nonce.len() - 2..];
    let psk = expand_label(SHA, first.value("resumption master"), "resumption", nonce, 32);
    assert_eq!(hex::encode(&psk), hex::encode(first.value("resumption psk")));
    assert_eq!(hex::encode(SHA.hmac(&[0; 32], &[&psk])), hex::encode(second.value("extract early")));

    let client = resumed.handshakes[0].facts.client.expect("a ClientHello");
    let identities = resumed.bytes(client.psk_identities.expect("identities"));
    assert!(field("ticket").ends_with(&identities[2..identities.len() - 4]));

    let binders = client.psk_binders.expect("binders");
    let hello = &resumed.messages[0].bytes;
    let hash = SHA.digest(&[&hello[..binders.start - 2]]);
    assert_eq!(hex::encode(&hash), hex::encode(second.value("binder hash")));
    let key = expand_label(SHA, second.value("extract early"), "res binder", &SHA.digest(&[]), 32);
    assert_eq!(hex::encode(&key), hex::encode(second.value("binder key")));
    let finished = expand_label(SHA, &key, "finished", &[], 32);
    let binder = SHA.hmac(&finished, &[&hash]);
    assert_eq!(hex::encode(&binder), hex::encode(second.value("binder")));
    assert_eq!(hex::encode(&resumed.bytes(binders)[1..]), hex::encode(&binder));
}

/// However the bytes come, and whenever the secrets do, the messages and their proofs are the same.
#[test]
fn neither_pieces_nor_late_secrets_change_anything() {
    for expected in TRACES {
        let file = expected.file;
        let vectors = Vectors::read(file);
        let whole = Trace::of(&vectors.capture());

        let mut pieces = Fold::new(Limits::DEFAULT, [0, 0]);
        vectors.secrets().0.iter().for_each(|secret| pieces.secret(secret));
        for (direction, bytes) in &vectors.records {
            for byte in bytes {
                let at = Duration::ZERO;
                pieces.event(&Event::Bytes { direction: *direction, at, bytes: vec![*byte] });
            }
        }
        let pieces = pieces.finish();
        assert_eq!(names(&pieces), expected.messages, "{file}, byte by byte");
        assert_eq!(states(&pieces), states(&whole), "{file}, byte by byte");

        for backwards in [false, true] {
            let mut late = Fold::new(Limits::DEFAULT, [0, 0]);
            vectors.events().for_each(|event| late.event(&event));
            let mut secrets = vectors.secrets().0;
            if backwards {
                secrets.reverse();
            }
            secrets.iter().for_each(|secret| late.secret(secret));
            let late = late.finish();
            let sorted = |trace: &Trace| {
                let mut names: Vec<String> = names(trace).iter().map(|name| format!("{name:?}")).collect();
                names.sort();
                names
            };
            assert_eq!(sorted(&late), sorted(&whole), "{file}, late secrets, backwards: {backwards}");
            assert_eq!(states(&late), states(&whole), "{file}, late secrets, backwards: {backwards}");
        }
    }
}

/// With a part of the secrets, what can be read is read, and what cannot be proven is not said to fail.
#[test]
fn a_part_of_the_secrets() {
    for expected in TRACES {
        let file = expected.file;
        let vectors = Vectors::read(file);
        for missing in vectors.secrets.iter().map(|(label, _)| *label) {
            let mut capture = vectors.capture();
            capture.secrets.0.retain(|secret| secret.label != missing);
            let trace = Trace::of(&capture);
            let without = match missing {
                Label::ClientEarlyTraffic => (Client, Some(Epoch::Early)),
                Label::ClientHandshakeTraffic => (Client, Some(HANDSHAKE)),
                Label::ServerHandshakeTraffic => (Server, Some(HANDSHAKE)),
                Label::ClientTraffic => (Client, Some(APPLICATION)),
                Label::ServerTraffic => (Server, Some(APPLICATION)),
                _ => (Server, None),
            };
            let whole = Trace::of(&vectors.capture());
            for (record, opened) in trace.records.iter().zip(&whole.records) {
                match opened.opened {
                    Opened::Decrypted { epoch, .. } if (record.direction, Some(epoch)) == without => {
                        assert_eq!(
                            record.opened,
                            Opened::Sealed(Why::NoSecret),
                            "{file} without {missing:?}"
                        );
                    }
                    Opened::Clear => assert_eq!(record.opened, Opened::Clear, "{file} without {missing:?}"),
                    _ => {}
                }
            }
            let fails = states(&trace).iter().any(|(_, state)| state.fails());
            assert!(!fails, "{file} without {missing:?}: {:?}", states(&trace));
        }
    }
}

/// That the above holds means something: a changed bit is noticed.
#[test]
fn a_changed_bit_is_noticed() {
    for expected in TRACES {
        let file = expected.file;
        let vectors = Vectors::read(file);
        for (number, (_, bytes)) in vectors.records.iter().enumerate().filter(|(_, (_, r))| r[0] == 23) {
            for at in [5, bytes.len() / 2, bytes.len() - 1] {
                let mut changed = Vectors::read(file);
                changed.records[number].1[at] ^= 1;
                let trace = Trace::of(&changed.capture());
                assert_eq!(
                    trace.records[number].opened,
                    Opened::Sealed(Why::WrongKey),
                    "{file}: record {number}"
                );
            }
        }
        // The last byte of the ServerHello's random: the secrets are given, so records still open.
        let mut changed = Vectors::read(file);
        let is_hello = |(direction, bytes): &(Direction, Vec<u8>)| *direction == Server && bytes[5] == 2;
        let hello = changed.records.iter().rposition(is_hello).expect("a ServerHello");
        changed.records[hello].1[5 + 4 + 2 + 31] ^= 1;
        let trace = Trace::of(&changed.capture());
        assert_eq!(names(&trace), expected.messages, "{file}");
        for proof in &trace.handshakes[0].proofs {
            assert!(proof.state.fails(), "{file}: {} {:?}", proof.what.id(), proof.state);
        }
    }
}

fn names(trace: &Trace) -> Vec<(Direction, Epoch, &str)> {
    trace.messages.iter().map(|message| (message.direction, message.epoch, &*message.name)).collect()
}

fn states(trace: &Trace) -> Vec<(Proven, State)> {
    let proofs = trace.handshakes.iter().flat_map(|handshake| &handshake.proofs);
    proofs.map(|proof| (proof.what, proof.state.clone())).collect()
}

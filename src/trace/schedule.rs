//! The key schedule laid open: transcript hashes, secrets and what is derived from them.
//!
//! Computed again from the recording, for `--show-secrets` alone.

use crate::capture::{KeyLog, Label, Secrets};
use crate::crypto::hash::{Hash, Running};
use crate::crypto::hkdf;
use crate::crypto::prf::Prf;
use crate::crypto::protection::Protection;
use crate::crypto::rsa;
use crate::crypto::suite::Suite;
use crate::wire::Direction;
use crate::wire::codepoints::cipher_suite::KeyExchange;
use crate::wire::facts::Facts;
use crate::wire::handshake::{lists, types};

use super::keys::handshake_label;
use super::message::Kind;
use super::model::Trace;
use super::proofs::{Transcript, prf_of};

/// What one handshake computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// `SHA-256` or `SHA-384`; before TLS 1.2 `MD5 and SHA-1`
    pub hash: &'static str,
    /// The transcript hash after each message (its index).
    pub transcript: Vec<(usize, Vec<u8>)>,
    /// Secrets in the order in which they come to be, each with what is derived from it.
    pub secrets: Vec<Derived>,
    /// Finished: the message, `verify_data` as sent, and as computed again if the secret is there.
    pub verify_data: Vec<(usize, Vec<u8>, Option<Vec<u8>>)>,
}

/// A secret and its children.
#[derive(Clone, PartialEq, Eq)]
pub struct Derived {
    pub label: &'static str,
    pub secret: Vec<u8>,
    /// Name and bytes: key, IV, Finished key, …
    pub children: Vec<(&'static str, Vec<u8>)>,
}

impl std::fmt::Debug for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Derived({}, {} bytes)", self.label, self.secret.len())
    }
}

impl Schedule {
    /// Of the handshake with this number; `None` if its suite is not one that we compute with.
    pub fn of(trace: &Trace, number: usize, secrets: &Secrets) -> Option<Schedule> {
        let facts = &trace.handshakes.get(number)?.facts;
        let computed = Computed::of(facts)?;
        let secrets: KeyLog = secrets.0.iter().cloned().collect();
        let find = |label| secrets.find(label, facts.client.as_ref());
        let mut schedule = Schedule { hash: computed.hash_name(), ..Schedule::default() };
        let mut transcript = Transcript::default();
        let mut running: Vec<Running> = computed.hashes().into_iter().map(Running::new).collect();
        let messages = trace.messages.iter().enumerate();
        // With ECH it may be the hello inside of the one that was sent.
        let hashed =
            messages.filter(|(_, message)| message.handshake == number).filter_map(|(index, message)| {
                Some((index, std::iter::once(message).chain(&message.derived).find(|it| it.in_transcript)?))
            });
        for (index, message) in hashed {
            if message.kind == Kind::Handshake(types::FINISHED)
                && let Some(sent) =
                    facts.finished[message.direction.index()].filter(|span| span.message == index)
            {
                let sent = trace.bytes(sent).to_vec();
                let again = computed.verify_data(message.direction, &transcript, &find);
                schedule.verify_data.push((index, sent, again));
            }
            if facts.retry.is_some_and(|retry| retry.message == index) {
                let hash = computed.suite()?.hash;
                transcript.replace_by_hash(hash);
                running = vec![Running::new(hash)];
                running[0].update(transcript.bytes());
            }
            transcript.push(&message.bytes);
            running.iter_mut().for_each(|running| running.update(&message.bytes));
            schedule.transcript.push((index, running.iter().flat_map(Running::digest).collect()));
        }
        schedule.secrets = match computed {
            Computed::Tls13(suite) => tls13(suite, &find),
            Computed::Classic(_) => classic(trace, number, &schedule.transcript, &find),
        };
        Some(schedule)
    }
}

/// What the schedule is computed with.
#[derive(Clone, Copy)]
enum Computed {
    Tls13(Suite),
    Classic(Prf),
}

impl Computed {
    fn of(facts: &Facts) -> Option<Self> {
        match facts.is_tls13() {
            true => facts.cipher_suite.and_then(Suite::of).map(Computed::Tls13),
            false => prf_of(facts).map(Computed::Classic),
        }
    }

    fn suite(self) -> Option<Suite> {
        match self {
            Computed::Tls13(suite) => Some(suite),
            Computed::Classic(_) => None,
        }
    }

    fn hash_name(self) -> &'static str {
        match self {
            Computed::Tls13(suite) => suite.hash.name(),
            Computed::Classic(prf) => prf.hash_name(),
        }
    }

    fn hashes(self) -> Vec<Hash> {
        match self {
            Computed::Tls13(suite) => vec![suite.hash],
            Computed::Classic(prf) => prf.hashes(),
        }
    }

    fn verify_data<'a>(
        self,
        sender: Direction,
        transcript: &Transcript,
        find: &impl Fn(Label) -> Option<&'a [u8]>,
    ) -> Option<Vec<u8>> {
        Some(match self {
            Computed::Tls13(suite) => {
                hkdf::verify_data(suite.hash, find(handshake_label(sender))?, &transcript.hash(suite.hash))
            }
            Computed::Classic(prf) => {
                let master = find(Label::ClientRandom)?;
                prf.verify_data(master, sender == Direction::Client, transcript.bytes())
            }
        })
    }
}

fn tls13<'a>(suite: Suite, find: &impl Fn(Label) -> Option<&'a [u8]>) -> Vec<Derived> {
    let labels = [
        Label::ClientEarlyTraffic,
        Label::EarlyExporter,
        Label::ClientHandshakeTraffic,
        Label::ServerHandshakeTraffic,
        Label::ClientTraffic,
        Label::ServerTraffic,
        Label::Exporter,
    ];
    let derived = |label: Label| {
        let secret = find(label)?.to_vec();
        let mut children = Vec::new();
        if !matches!(label, Label::Exporter | Label::EarlyExporter) && secret.len() == suite.hash.output_len()
        {
            let (key, iv) = hkdf::traffic_key(suite.hash, &secret, suite.aead.key_len());
            children = vec![("key", key), ("iv", iv)];
            if label.is_handshake() {
                let len = suite.hash.output_len();
                children.push(("finished", hkdf::expand_label(suite.hash, &secret, "finished", &[], len)));
            }
        }
        Some(Derived { label: label.name(), secret, children })
    };
    labels.into_iter().filter_map(derived).collect()
}

/// premaster secret → master secret → key block (RFC 5246, sections 8.1 and 6.3), each with what goes into it.
fn classic<'a>(
    trace: &Trace,
    number: usize,
    transcript: &[(usize, Vec<u8>)],
    find: &impl Fn(Label) -> Option<&'a [u8]>,
) -> Vec<Derived> {
    let Some(facts) = trace.handshakes.get(number).map(|handshake| &handshake.facts) else {
        return Vec::new();
    };
    let mut secrets: Vec<_> = premaster(facts, find).into_iter().collect();
    let (Some(master), Some(client), Some(server)) =
        (find(Label::ClientRandom), facts.client, facts.server_random)
    else {
        return secrets;
    };
    let exchange = |(index, _): &&(usize, Vec<u8>)| {
        trace.messages.get(*index).is_some_and(|m| m.kind == Kind::Handshake(types::CLIENT_KEY_EXCHANGE))
    };
    let seed = match transcript.iter().find(exchange) {
        // RFC 7627, section 4: in place of the randoms, which are in it.
        Some((_, hash)) if facts.extended_master_secret => vec![("from session_hash", hash.clone())],
        _ => vec![("from client random", client.random.to_vec()), ("from server random", server.to_vec())],
    };
    secrets.push(Derived { label: "master_secret", secret: master.to_vec(), children: seed });
    let negotiated = facts.version.zip(facts.cipher_suite);
    let protection =
        negotiated.and_then(|(version, suite)| Protection::of(version, suite, facts.encrypt_then_mac));
    if let Some(protection) = protection {
        let keys = protection.keys(master, &client.random, &server);
        let (from, to) = (keys.client, keys.server);
        let all = [
            ("client_write_MAC_key", from.mac_key),
            ("server_write_MAC_key", to.mac_key),
            ("client_write_key", from.key),
            ("server_write_key", to.key),
            ("client_write_IV", from.iv),
            ("server_write_IV", to.iv),
        ];
        let parts: Vec<_> = all.into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
        let block = parts.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let seed = [("from server random", server.to_vec()), ("from client random", client.random.to_vec())];
        let children = seed.into_iter().chain(parts).collect();
        secrets.push(Derived { label: "key_block", secret: block, children });
    }
    secrets
}

/// The premaster secret; with RSA the version in it, and the block that was encrypted (RFC 8017, section 7.2.1).
fn premaster<'a>(facts: &Facts, find: &impl Fn(Label) -> Option<&'a [u8]>) -> Option<Derived> {
    let secret = find(Label::Premaster)?;
    let mut children = Vec::new();
    if let Some(encoded) = find(Label::EncodedPremaster) {
        let message = rsa::message_of(encoded).unwrap_or_default();
        let padding = encoded.len().saturating_sub(message.len() + 3);
        let part = |from: usize, to: usize| encoded.get(from..to).unwrap_or_default().to_vec();
        children.push(("PKCS #1 block type", part(0, 2)));
        children.push(("PKCS #1 padding", part(2, 2 + padding)));
        // A server finds out by it whether somebody lowered the version on the way (RFC 5246, section 7.4.7.1).
        let version = message.get(..2).unwrap_or_default().to_vec();
        let offered = facts.client.map(|client| client.legacy_version.0.to_be_bytes().to_vec());
        let name =
            if offered.as_ref() == Some(&version) { "client_version" } else { "client_version: WRONG" };
        children.push((name, version));
        children.push(("random", message.get(2..).unwrap_or_default().to_vec()));
    }
    let exchange = facts.suite().map(|suite| suite.key_exchange);
    if let Some(KeyExchange::Psk | KeyExchange::DhePsk | KeyExchange::EcdhePsk | KeyExchange::RsaPsk) =
        exchange
    {
        // RFC 4279, section 2: zeros where nothing else is exchanged.
        children.extend(["other_secret", "psk"].into_iter().zip(lists::opaque16(secret).map(<[u8]>::to_vec)));
    }
    let label = match exchange {
        Some(KeyExchange::Dhe | KeyExchange::Ecdhe) => "premaster_secret (the shared secret)",
        _ => "premaster_secret",
    };
    Some(Derived { label, secret: secret.to_vec(), children })
}

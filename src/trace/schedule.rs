//! The key schedule laid open: transcript hashes, secrets and what is derived from them.
//!
//! Computed again from the recording, for `--show-secrets` alone.

use crate::capture::{Label, Secrets};
use crate::crypto::hash::Hash;
use crate::crypto::suite::{Aead, Suite};
use crate::crypto::{hkdf, prf};
use crate::wire::Direction;
use crate::wire::facts::Facts;
use crate::wire::handshake::types;

use super::keys::handshake_label;
use super::model::{Kind, Message, Trace};
use super::proofs::Transcript;

/// What one handshake computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// `SHA-256` or `SHA-384`
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
        let suite = facts.cipher_suite.and_then(Suite::of)?;
        let random = facts.client.map(|client| client.random);
        let find = |label| secrets.find(label, random.as_ref().map(|r| r.as_slice()));
        let mut schedule = Schedule {
            hash: match suite.hash {
                Hash::Sha256 => "SHA-256",
                Hash::Sha384 => "SHA-384",
            },
            ..Schedule::default()
        };
        let mut transcript = Transcript::default();
        for (index, message) in
            trace.messages.iter().enumerate().filter(|(_, m)| in_transcript(m, number, facts))
        {
            if message.kind == Kind::Handshake(types::FINISHED)
                && let Some(sent) =
                    facts.finished[message.direction.index()].filter(|span| span.message == index)
            {
                let sent = trace.bytes(sent).to_vec();
                let again = verify_data(facts, suite, message.direction, &transcript.hash(suite.hash), &find);
                schedule.verify_data.push((index, sent, again));
            }
            if message.name == "HelloRetryRequest" {
                transcript.replace_by_hash(suite.hash);
            }
            transcript.push(&message.bytes);
            schedule.transcript.push((index, transcript.hash(suite.hash)));
        }
        schedule.secrets = match facts.is_tls13() {
            true => tls13(suite, &find),
            false => tls12(facts, suite, &find),
        };
        Some(schedule)
    }
}

/// What enters the transcript hash (RFC 8446, section 4.4.1; RFC 5246, section 7.4.9).
fn in_transcript(message: &Message, number: usize, facts: &Facts) -> bool {
    let Kind::Handshake(kind) = message.kind else { return false };
    let late = facts.is_tls13()
        && (message.post_handshake || matches!(kind, types::NEW_SESSION_TICKET | types::KEY_UPDATE));
    message.handshake == number && message.incomplete.is_none() && kind != types::HELLO_REQUEST && !late
}

fn verify_data<'a>(
    facts: &Facts,
    suite: Suite,
    sender: Direction,
    hash: &[u8],
    find: &impl Fn(Label) -> Option<&'a [u8]>,
) -> Option<Vec<u8>> {
    if facts.is_tls13() {
        return Some(hkdf::verify_data(suite.hash, find(handshake_label(sender))?, hash));
    }
    Some(prf::verify_data(suite.hash, find(Label::ClientRandom)?, sender == Direction::Client, hash))
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

fn tls12<'a>(facts: &Facts, suite: Suite, find: &impl Fn(Label) -> Option<&'a [u8]>) -> Vec<Derived> {
    let (Some(master), Some(client), Some(server)) =
        (find(Label::ClientRandom), facts.client, facts.server_random)
    else {
        return Vec::new();
    };
    let (key, iv) = (suite.aead.key_len(), if suite.aead == Aead::ChaCha20Poly1305 { 12 } else { 4 });
    let block = prf::key_block(suite.hash, master, &client.random, &server, 2 * (key + iv));
    let part = |from: usize, len: usize| block.get(from..from + len).unwrap_or_default().to_vec();
    let children = vec![
        ("client_write_key", part(0, key)),
        ("server_write_key", part(key, key)),
        ("client_write_IV", part(2 * key, iv)),
        ("server_write_IV", part(2 * key + iv, iv)),
    ];
    vec![Derived { label: "master_secret", secret: master.to_vec(), children }]
}

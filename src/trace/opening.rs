//! Secrets from elsewhere for captures that came without: key logs, RSA private keys, and the sessions that were opened
//! before.
//!
//! What is found is added to the capture's own secrets, so that everything behind it (the trace, what is shown with
//! `--show-secrets`, a file of its packets) is as if they had come with it.

use super::sessions::{self, Sessions};
use super::{Opened, Trace, Why};
use crate::capture::hello;
use crate::capture::{Capture, KeyLog, Label, Secret};
use crate::crypto::protection::Protection;
use crate::crypto::rsa::{self, PrivateKey};
use crate::wire::Direction;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::codepoints::cipher_suite::KeyExchange;
use crate::wire::handshake::lists;

/// Handshakes of one connection that are opened, one by the keys of the one before.
const RENEGOTIATIONS: usize = 8;

/// What captures are opened with.
#[derive(Default)]
pub struct Opening {
    log: KeyLog,
    keys: Vec<PrivateKey>,
    /// Master secrets (TLS 1.2 and earlier).
    sessions: Sessions<Vec<u8>>,
}

impl Opening {
    /// Secrets of any number of sessions.
    pub fn log(&mut self, log: KeyLog) {
        match self.log.sessions() {
            0 => self.log = log,
            _ => self.log.extend(log.iter()),
        }
    }

    /// A server's RSA key: opens key exchanges by RSA (RFC 5246, section 7.4.7.1), and nothing else.
    pub fn key(&mut self, key: PrivateKey) {
        self.keys.push(key);
    }

    /// Whether anything could be found for a capture that has no secrets.
    pub fn is_empty(&self) -> bool {
        self.log.sessions() == 0 && self.keys.is_empty() && self.sessions.is_empty()
    }

    /// Adds to the capture's secrets those that are found for it. What it shows then, as `read` reads it, and why
    /// something of it stays sealed, if it does.
    pub fn open(
        &mut self,
        capture: &mut Capture,
        read: fn(&Capture) -> Trace,
    ) -> (Trace, Option<&'static str>) {
        // Most captures are one handshake, whose client random stands at its start: they need to be read only once.
        let first = hello::first(&capture.events, capture.tls_from[Direction::Client.index()]);
        for secret in first.iter().flat_map(|hello| self.log.of(&hello.random)) {
            if !is_there(&capture.secrets.0, &secret) {
                capture.secrets.0.push(secret);
            }
        }
        for _ in 0..RENEGOTIATIONS {
            let trace = read(capture);
            let found: Vec<Secret> = (0..trace.handshakes.len())
                .flat_map(|number| self.found(&trace, number, &capture.secrets.0))
                .filter(|secret| !is_there(&capture.secrets.0, secret))
                .collect();
            for number in 0..trace.handshakes.len() {
                self.remember(&trace, number, capture.secrets.0.iter().chain(&found));
            }
            if found.is_empty() {
                let why = self.sealed(&trace, &capture.secrets.0);
                return (trace, why);
            }
            capture.secrets.0.extend(found);
        }
        (read(capture), None)
    }

    /// Why the first record that is sealed is so.
    fn sealed(&self, trace: &Trace, there: &[Secret]) -> Option<&'static str> {
        let why = trace.records.iter().find_map(|record| match record.opened {
            Opened::Sealed(why) => Some(why),
            _ => None,
        })?;
        let randoms = || trace.handshakes.iter().flat_map(|it| &it.client_hellos).map(|hello| hello.random);
        let known = || there.iter().any(|secret| randoms().any(|random| random == *secret.client_random));
        Some(match why {
            Why::NoSecret | Why::NotAgreed if randoms().next().is_none() => "its ClientHello was not seen",
            Why::NoSecret if known() => {
                "of its client random there is a secret, but not the one that is needed"
            }
            Why::NoSecret if self.log.sessions() == 0 => "no private key fits its key exchange",
            Why::NoSecret if self.keys.is_empty() => "no line of a key log has its client random",
            Why::NoSecret => "no line of a key log has its client random, and no private key fits",
            Why::WrongKey => "there is a secret for its client random, but it belongs to another session",
            other => other.text(),
        })
    }

    /// What is known of one handshake.
    fn found(&self, trace: &Trace, number: usize, there: &[Secret]) -> Vec<Secret> {
        let handshake = &trace.handshakes[number];
        let mut found: Vec<Secret> =
            handshake.client_hellos.iter().flat_map(|hello| self.log.of(&hello.random)).collect();
        let facts = &handshake.facts;
        let Some(client) = facts.client else { return found };
        let has = |found: &[Secret], label: Label| {
            let of = |it: &&Secret| it.label == label && it.client_random == client.random;
            there.iter().chain(found).find(of).map(|it| it.secret.clone())
        };
        if facts.is_tls13() || has(&found, Label::ClientRandom).is_some() {
            return found;
        }
        let secret = |label, secret| Secret { label, client_random: client.random.to_vec(), secret };
        // An abbreviated handshake has none.
        if facts.client_key_exchange.is_none() {
            let mut names = sessions::resumed(trace, number);
            let master = names.find_map(|name| self.sessions.get(&name));
            found.extend(master.map(|master| secret(Label::ClientRandom, master.clone())));
            return found;
        }
        let premaster = has(&found, Label::Premaster).or_else(|| {
            let encrypted = encrypted_premaster(trace, number)?;
            let premaster = self.log.premaster(encrypted).or_else(|| {
                let (encoded, premaster) = self.decrypted(encrypted)?;
                found.push(secret(Label::EncodedPremaster, encoded));
                Some(premaster)
            })?;
            found.push(secret(Label::Premaster, premaster.clone()));
            Some(premaster)
        });
        let master = premaster.and_then(|premaster| master(trace, number, &premaster));
        found.extend(master.map(|master| secret(Label::ClientRandom, master)));
        found
    }

    /// The premaster secret that the client sent encrypted, in its block and alone.
    fn decrypted(&self, encrypted: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        // Of another key the padding is wrong, but for once in many thousand times; then the length is.
        self.keys.iter().find_map(|key| {
            let encoded = key.decrypt(encrypted)?;
            let premaster = rsa::message_of(&encoded).filter(|message| message.len() == 48)?.to_vec();
            Some((encoded, premaster))
        })
    }

    /// Keeps the session for those that resume it.
    fn remember<'a>(&mut self, trace: &Trace, number: usize, secrets: impl Iterator<Item = &'a Secret>) {
        let facts = &trace.handshakes[number].facts;
        let Some(client) = facts.client.filter(|_| !facts.is_tls13()) else { return };
        let of = |it: &&Secret| it.label == Label::ClientRandom && it.client_random == client.random;
        let Some(master) = secrets.into_iter().find(of).map(|it| it.secret.clone()) else { return };
        for name in sessions::given(trace, number) {
            self.sessions.insert(name, master.clone());
        }
    }
}

fn is_there(secrets: &[Secret], secret: &Secret) -> bool {
    secrets.iter().any(|it| it.label == secret.label && it.client_random == secret.client_random)
}

/// The master secret (RFC 5246, section 8.1; RFC 7627, section 4).
fn master(trace: &Trace, number: usize, premaster: &[u8]) -> Option<Vec<u8>> {
    let facts = &trace.handshakes[number].facts;
    let (client, server) = (facts.client?.random, facts.server_random?);
    let prf = Protection::of(facts.version?, facts.cipher_suite?, facts.encrypt_then_mac)?.prf;
    if !facts.extended_master_secret {
        return Some(prf.master_secret(premaster, &client, &server));
    }
    let exchange = facts.client_key_exchange?.message;
    let messages: Vec<u8> = trace
        .messages
        .iter()
        .take(exchange + 1)
        .filter(|message| message.handshake == number && message.in_transcript)
        .flat_map(|message| message.bytes.iter().copied())
        .collect();
    Some(prf.extended_master_secret(premaster, &messages))
}

/// What the client encrypted with the server's RSA key (RFC 5246, section 7.4.7.1), if that is the key exchange.
fn encrypted_premaster(trace: &Trace, number: usize) -> Option<&[u8]> {
    let facts = &trace.handshakes[number].facts;
    facts.suite().filter(|suite| suite.key_exchange == KeyExchange::Rsa)?;
    let sent = trace.bytes(facts.client_key_exchange?);
    match facts.version {
        Some(ProtocolVersion::SSL_3_0) => Some(sent),
        _ => lists::opaque16(sent).next(),
    }
}

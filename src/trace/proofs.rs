//! What the handshake proves, computed again over the recorded transcript.

use std::cell::RefCell;

use crate::capture::{KeyLog, Label};
use crate::crypto::hash::{Hash, Running};
use crate::crypto::prf::{self, Prf};
use crate::crypto::signature::{self, Outcome};
use crate::crypto::{hkdf, suite::Suite};
use crate::wire::Direction;
use crate::wire::codepoints::{ProtocolVersion, SignatureScheme};
use crate::wire::facts::Facts;

use super::State;
use super::keys::handshake_label;

/// The handshake messages so far, as they enter the hashes.
#[derive(Debug, Default, Clone)]
pub(super) struct Transcript {
    bytes: Vec<u8>,
    /// Their hash as far as it was asked for, and over how many bytes: it is asked for several times as they grow.
    running: RefCell<Option<(Hash, Running, usize)>>,
    /// Something before this point could not be read, and may have been a message.
    pub(super) incomplete: bool,
    /// The server may have hashed an inner ClientHello, which is not known.
    pub(super) hidden: bool,
}

impl Transcript {
    /// Adds a message, header included.
    pub(super) fn push(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
    }

    /// After a HelloRetryRequest the first ClientHello counts as its hash (RFC 8446, section 4.4.1).
    pub(super) fn replace_by_hash(&mut self, hash: Hash) {
        let digest = hash.digest(&[&self.bytes]);
        self.bytes = vec![254, 0, 0, digest.len() as u8];
        self.bytes.extend_from_slice(&digest);
        self.running.take();
    }

    /// The messages themselves.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of everything so far.
    pub(super) fn hash(&self, hash: Hash) -> Vec<u8> {
        let running = self.running.take().filter(|(of, ..)| *of == hash);
        let (_, mut running, hashed) = running.unwrap_or_else(|| (hash, Running::new(hash), 0));
        running.update(self.bytes.get(hashed..).unwrap_or_default());
        let digest = running.digest();
        self.running.replace(Some((hash, running, self.bytes.len())));
        digest
    }
}

/// What a proof is computed from.
pub(super) struct Context<'a> {
    pub(super) facts: &'a Facts,
    pub(super) secrets: &'a KeyLog,
    /// Everything before the message that carries the proof.
    pub(super) transcript: &'a Transcript,
}

impl Context<'_> {
    /// `verify_data` of a Finished (RFC 8446, section 4.4.4; RFC 5246, section 7.4.9).
    pub(super) fn finished(&self, sender: Direction, verify_data: &[u8]) -> State {
        let unsupported = || State::NotEvaluated("cipher suite not supported for recomputation".into());
        let expected = if self.facts.is_tls13() {
            let suite = self.facts.cipher_suite.and_then(Suite::of);
            let same = self.facts.version.is_some_and(ProtocolVersion::computes_as_tls13);
            let Some(suite) = suite.filter(|_| same) else { return unsupported() };
            let secret = self.secret(handshake_label(sender));
            secret.map(|secret| hkdf::verify_data(suite.hash, secret, &self.transcript.hash(suite.hash)))
        } else {
            let Some(prf) = prf_of(self.facts) else { return unsupported() };
            let from_client = sender == Direction::Client;
            let master = self.secret(Label::ClientRandom);
            master.map(|master| prf.verify_data(master, from_client, &self.transcript.bytes))
        };
        match expected {
            None => State::NotEvaluated("no secret to recompute it with".into()),
            Some(expected) if expected == verify_data => State::Holds,
            Some(_) => self.differs("wrong: recomputed over the transcript, it differs".into()),
        }
    }

    /// CertificateVerify, with the key of `leaf` (RFC 8446, section 4.4.3; RFC 5246, section 7.4.8).
    pub(super) fn certificate_verify(
        &self,
        sender: Direction,
        leaf: Option<&[u8]>,
        scheme: Option<SignatureScheme>,
        signature: &[u8],
    ) -> State {
        let Some(leaf) = leaf else {
            return State::NotEvaluated("no certificate to check it with".into());
        };
        let Some(scheme) = scheme else { return self.unnamed_certificate_verify(leaf, signature) };
        if !self.facts.is_tls13() {
            return self.state(signature::verify(leaf, scheme, &self.transcript.bytes, signature, false));
        }
        let Some(suite) = self.facts.cipher_suite.and_then(Suite::of) else {
            return State::NotEvaluated("cipher suite not supported for recomputation".into());
        };
        let content = signature::content13(sender, &self.transcript.hash(suite.hash));
        self.state(signature::verify(leaf, scheme, &content, signature, true))
    }

    /// CertificateVerify before TLS 1.2, which names no scheme (RFC 4346, section 7.4.8; RFC 6101,
    /// section 5.6.8).
    fn unnamed_certificate_verify(&self, leaf: &[u8], signature: &[u8]) -> State {
        let messages = self.transcript.bytes.as_slice();
        if self.facts.version != Some(ProtocolVersion::SSL_3_0) {
            return self.state(signature::verify_unnamed(
                leaf,
                messages,
                &prf::md5_sha1(messages),
                signature,
            ));
        }
        let Some(master) = self.secret(Label::ClientRandom) else {
            return State::NotEvaluated("no secret to recompute it with".into());
        };
        let digest = prf::ssl30_keyed_hash(master, &[messages]);
        self.state(signature::verify_unnamed(leaf, messages, &digest, signature))
    }

    /// The secret with this label, of this handshake.
    fn secret(&self, label: Label) -> Option<&[u8]> {
        self.secrets.find(label, self.facts.client.as_ref())
    }

    /// Of a signature over the transcript.
    fn state(&self, outcome: Outcome) -> State {
        match outcome {
            Outcome::Invalid(why) => self.differs(why),
            other => state(other),
        }
    }

    /// What does not fit the transcript fails only if the transcript is all there.
    fn differs(&self, why: String) -> State {
        if self.transcript.hidden {
            let why =
                "it does not fit the outer ClientHello, and the inner ClientHello (ECH) is not known here";
            State::NotEvaluated(why.into())
        } else if self.transcript.incomplete {
            State::NotEvaluated("not all messages before it could be read".into())
        } else {
            State::Fails(why)
        }
    }

    /// The signature in a ServerKeyExchange (RFC 5246, section 7.4.3; RFC 8422, section 5.4).
    pub(super) fn server_key_exchange(
        &self,
        leaf: Option<&[u8]>,
        scheme: Option<SignatureScheme>,
        params: &[u8],
        signature: &[u8],
    ) -> State {
        let (Some(client), Some(server)) = (self.facts.client, self.facts.server_random) else {
            return State::NotEvaluated("a random is missing".into());
        };
        let Some(leaf) = leaf else {
            return State::NotEvaluated("no certificate to check it with".into());
        };
        let content = [&client.random, &server, params].concat();
        state(match scheme {
            Some(scheme) => signature::verify(leaf, scheme, &content, signature, false),
            None => signature::verify_unnamed(leaf, &content, &prf::md5_sha1(&content), signature),
        })
    }
}

/// The pseudorandom function of a handshake before TLS 1.3.
pub(super) fn prf_of(facts: &Facts) -> Option<Prf> {
    Prf::of(facts.version?, facts.cipher_suite?.info()?)
}

fn state(outcome: Outcome) -> State {
    match outcome {
        Outcome::Valid => State::Holds,
        Outcome::Invalid(why) => State::Fails(why),
        Outcome::Unsupported(why) => State::NotEvaluated(why),
    }
}

//! What all states of a connection share.

use std::sync::Arc;

use super::Setup;
use super::handshake::Handshake;
use super::hello::{self, ExpectServerHello};
use super::records::Records;
use super::refusal::*;
use super::state::State;
use super::tls13::Traffic;
use crate::capture::{Label, Secret, Secrets};
use crate::wire::codepoints::content_type::{ALERT, HANDSHAKE};
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};
use crate::wire::handshake::types;

/// Renegotiations that are performed; each costs a key exchange, and the server decides how many there are.
const MOST_RENEGOTIATIONS: u32 = 4;
/// Messages after the handshake: tickets, KeyUpdates, requests.
const MOST_POST_HANDSHAKE: u32 = 64;

/// One connection.
pub struct Conn {
    pub setup: Arc<Setup>,
    pub records: Records,
    pub secrets: Secrets,
    /// Sessions that could be resumed later.
    pub sessions: Vec<Resumable>,
    /// `verify_data` of the last handshake, by sender: what secure renegotiation binds to (RFC 5746).
    pub finished: [Vec<u8>; 2],
    /// The server signalled secure renegotiation.
    pub secure_renegotiation: bool,
    pub resumed: bool,
    /// The enforced verdict refused the server's certificate.
    pub refused_certificate: bool,
    /// The handshake that is complete.
    pub done: Option<Box<Handshake>>,
    /// TLS 1.3: the keys in force.
    pub traffic: Option<Traffic>,
    pub tickets: usize,
    renegotiations: u32,
    post_handshake: u32,
}

/// A session of TLS 1.2 or earlier that can be resumed.
#[derive(Clone, PartialEq, Eq)]
pub struct Resumable {
    /// `session_id`; empty where the server gave none.
    pub id: Vec<u8>,
    pub ticket: Option<Vec<u8>>,
    pub master: Vec<u8>,
    pub version: ProtocolVersion,
    pub cipher_suite: CipherSuite,
    pub extended_master_secret: bool,
}

impl std::fmt::Debug for Resumable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resumable({}, {})", self.version, self.cipher_suite)
    }
}

impl Conn {
    pub fn new(setup: Arc<Setup>) -> Self {
        Self {
            setup,
            records: Records::default(),
            secrets: Secrets::default(),
            sessions: Vec::new(),
            finished: [Vec::new(), Vec::new()],
            secure_renegotiation: false,
            resumed: false,
            refused_certificate: false,
            done: None,
            traffic: None,
            tickets: 0,
            renegotiations: 0,
            post_handshake: 0,
        }
    }

    /// Keeps a secret of this handshake.
    pub fn secret(&mut self, hs: &Handshake, label: Label, secret: &[u8]) {
        let (client_random, secret) = (hs.hello.random.to_vec(), secret.to_vec());
        self.secrets.0.push(Secret { label, client_random, secret });
    }

    /// Sends a warning.
    pub fn warn(&mut self, alert: Alert) -> Result<(), Refusal> {
        self.records.send(ALERT, &[1, alert.0])
    }

    /// Judges the server's certificate where that is enforced.
    pub fn judge(&mut self, hs: &Handshake) -> Result<(), Refusal> {
        let verdict = (self.setup.judge)(&hs.chain());
        self.refused_certificate = verdict.is_err();
        verdict
    }

    /// The handshake is complete.
    pub fn complete(&mut self, hs: Box<Handshake>) {
        self.done = Some(hs);
    }

    /// A handshake message after the handshake.
    pub fn post_handshake(&mut self, bytes: &[u8]) -> Result<State, Refusal> {
        self.post_handshake += 1;
        if self.post_handshake > MOST_POST_HANDSHAKE {
            return refuse(Alert::unexpected_message, "messages after the handshake do not end");
        }
        if self.traffic.is_some() {
            return self.post_handshake13(bytes);
        }
        match bytes {
            [types::HELLO_REQUEST, 0, 0, 0] => self.renegotiate(),
            _ => super::state::unexpected("HelloRequest", bytes),
        }
    }

    /// A second handshake inside the first (RFC 5246, section 7.4.1.1), bound to it (RFC 5746, section 3.5).
    fn renegotiate(&mut self) -> Result<State, Refusal> {
        self.renegotiations += 1;
        if !self.secure_renegotiation || self.renegotiations > MOST_RENEGOTIATIONS {
            // Without the binding anybody may have sent what came before (RFC 5746, section 4.2).
            self.warn(Alert::no_renegotiation)?;
            return Ok(State::Open);
        }
        let Some(done) = &self.done else { return Ok(State::Open) };
        let hello = hello::renegotiating(&done.hello, &self.finished[0])?;
        let version = done.version();
        let bytes = hello.write().map_err(|error| Refusal::internal(error.to_string()))?;
        self.records.send(HANDSHAKE, &bytes)?;
        let hs = Handshake::new(hello, &bytes);
        Ok(State::ServerHello(ExpectServerHello::renegotiating(hs, version)))
    }
}

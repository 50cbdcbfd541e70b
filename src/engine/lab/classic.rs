//! TLS 1.2 and earlier, one state for each message that is waited for, in the order of RFC 5246, section 7.3:
//!
//! ```text
//! ClientHello                  -------->
//!                                               ServerHello
//!                                              Certificate*
//!                                        ServerKeyExchange*
//!                                       CertificateRequest*
//!                              <--------    ServerHelloDone
//! Certificate*
//! ClientKeyExchange
//! CertificateVerify*
//! [ChangeCipherSpec]
//! Finished                     -------->
//!                                         NewSessionTicket*
//!                                        [ChangeCipherSpec]
//!                              <--------           Finished
//! ```

use super::client_auth;
use super::conn::{Conn, Resumable};
use super::handshake::{Handshake, message};
use super::key_exchange;
use super::refusal::*;
use super::state::{State, unexpected};
use crate::capture::Label;
use crate::crypto::protection::{KeyBlock, Protection};
use crate::crypto::record::{Opener, Sealer};
use crate::wire::Direction;
use crate::wire::codepoints::cipher_suite::{Authentication, KeyExchange};
use crate::wire::codepoints::content_type::{CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};
use crate::wire::extension::{session_ticket, status_request};
use crate::wire::handshake::types;

/// The server's certificate, if the suite has one.
pub struct ExpectCertificate {
    pub hs: Box<Handshake>,
}

impl ExpectCertificate {
    pub fn message(mut self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        if bytes.first() != Some(&types::CERTIFICATE) {
            return unexpected("Certificate", bytes);
        }
        self.hs.hear(bytes)?;
        if self.hs.chain().is_empty() {
            return refuse(Alert::decode_error, "Certificate without a certificate");
        }
        // Whoever takes over a connection could else bring his own (RFC 7627, section 1).
        let before = conn.done.as_ref().map(|done| done.chain()).filter(|chain| !chain.is_empty());
        if before.is_some_and(|before| before.first() != self.hs.chain().first()) {
            return refuse(Alert::bad_certificate, "the renegotiation brings another certificate");
        }
        conn.judge(&self.hs)?;
        Ok(State::ServerKeyExchange(ExpectServerKeyExchange { hs: self.hs }))
    }
}

/// The server's half of the key exchange, where there is one; before it the staple, if we asked for one.
pub struct ExpectServerKeyExchange {
    pub hs: Box<Handshake>,
}

impl ExpectServerKeyExchange {
    pub fn message(mut self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        let suite = self.hs.suite()?;
        match bytes.first() {
            Some(&types::CERTIFICATE_STATUS)
                if self.hs.offers(status_request::EXTENSION.code)
                    && self.hs.facts.ocsp_response.is_none() =>
            {
                self.hs.hear(bytes)?;
                Ok(State::ServerKeyExchange(self))
            }
            // With RSA the client's message is the whole exchange; only export suites have more.
            Some(&types::SERVER_KEY_EXCHANGE) if suite.key_exchange != KeyExchange::Rsa => {
                self.hs.hear(bytes)?;
                key_exchange::verify_signature(&self.hs, conn.setup.enforced)?;
                Ok(State::ServerHelloDone(ExpectServerHelloDone { hs: self.hs }))
            }
            // RFC 4279, section 2: without a hint there is none.
            _ if matches!(suite.key_exchange, KeyExchange::Rsa | KeyExchange::Psk | KeyExchange::RsaPsk) => {
                ExpectServerHelloDone { hs: self.hs }.message(bytes, conn)
            }
            _ => unexpected("ServerKeyExchange", bytes),
        }
    }
}

/// The end of the server's flight; before it CertificateRequest, once.
pub struct ExpectServerHelloDone {
    pub hs: Box<Handshake>,
}

impl ExpectServerHelloDone {
    pub fn message(mut self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        let asked = self.hs.facts.certificate_request.is_some();
        match bytes.first() {
            Some(&types::CERTIFICATE_REQUEST) if !asked => {
                // RFC 5246, section 7.4.4: a server that is anonymous itself must not ask.
                let authentication = self.hs.suite()?.authentication;
                if matches!(authentication, Authentication::Anonymous | Authentication::Psk) {
                    return refuse(
                        Alert::handshake_failure,
                        "a server without a certificate asks for the client's",
                    );
                }
                self.hs.hear(bytes)?;
                Ok(State::ServerHelloDone(self))
            }
            Some(&types::SERVER_HELLO_DONE) => {
                self.hs.hear(bytes)?;
                client_flight(self.hs, conn)
            }
            _ => unexpected("ServerHelloDone", bytes),
        }
    }
}

/// Our flight: from Certificate to Finished.
fn client_flight(mut hs: Box<Handshake>, conn: &mut Conn) -> Result<State, Refusal> {
    let identity = conn.setup.client.clone().filter(|identity| client_auth::fits(&hs, identity));
    let asked = hs.facts.certificate_request.is_some();
    let identity = identity.filter(|_| asked);
    if asked && identity.is_none() && hs.version() == ProtocolVersion::SSL_3_0 {
        // RFC 6101, section 5.6.6: an alert in place of an empty message.
        conn.warn(Alert::no_certificate)?;
    } else if asked {
        let chain = identity.as_ref().map(|identity| identity.chain()).unwrap_or_default();
        conn.say(&mut hs, types::CERTIFICATE, &client_auth::certificate(&chain))?;
    }

    let answer = key_exchange::answer(&hs, conn.setup.psk.as_ref())?;
    conn.say(&mut hs, types::CLIENT_KEY_EXCHANGE, &answer.body)?;

    let keys = Keys::of(&hs)?;
    let (client_random, server_random) = hs.randoms();
    let master = match hs.facts.extended_master_secret {
        true => keys.protection.prf.extended_master_secret(&answer.premaster, &hs.transcript),
        false => keys.protection.prf.master_secret(&answer.premaster, &client_random, &server_random),
    };
    conn.secret(&hs, Label::ClientRandom, &master);
    conn.secret(&hs, Label::Premaster, &answer.premaster);
    if let Some(encoded) = &answer.encoded {
        conn.secret(&hs, Label::EncodedPremaster, encoded);
    }

    if let Some(identity) = &identity {
        let body = client_auth::certificate_verify(&hs, identity, &master, &hs.transcript)?;
        conn.say(&mut hs, types::CERTIFICATE_VERIFY, &body)?;
    }
    let keys = keys.with_master(&hs, master);
    finish(&mut hs, &keys, conn)?;
    Ok(State::ChangeCipherSpec(ExpectChangeCipherSpec { hs, keys, resumed: false, ticket: None }))
}

/// Our ChangeCipherSpec and Finished.
fn finish(hs: &mut Handshake, keys: &Keys, conn: &mut Conn) -> Result<(), Refusal> {
    conn.records.send(CHANGE_CIPHER_SPEC, &[1])?;
    conn.records.seal_with(Sealer::new(&keys.protection, &keys.block.client))?;
    let verify_data = keys.protection.prf.verify_data(&keys.master, true, &hs.transcript);
    conn.say(hs, types::FINISHED, &verify_data)?;
    conn.finished[Direction::Client.index()] = verify_data;
    Ok(())
}

/// An abbreviated handshake (RFC 5246, section 7.3; RFC 5077, section 3.1): the master secret is there.
pub fn resume(hs: Box<Handshake>, session: &Resumable, conn: &mut Conn) -> Result<State, Refusal> {
    if session.version != hs.version() || Some(session.cipher_suite) != hs.facts.cipher_suite {
        return refuse(
            Alert::illegal_parameter,
            "the session is resumed with another version or cipher suite",
        );
    }
    // RFC 7627, section 5.3.
    if session.extended_master_secret != hs.facts.extended_master_secret {
        return refuse(
            Alert::handshake_failure,
            "the session is resumed with extended_master_secret on one side only",
        );
    }
    conn.secret(&hs, Label::ClientRandom, &session.master);
    conn.resumed = true;
    let keys = Keys::of(&hs)?.with_master(&hs, session.master.clone());
    Ok(State::ChangeCipherSpec(ExpectChangeCipherSpec { hs, keys, resumed: true, ticket: None }))
}

/// What the records are protected with.
pub struct Keys {
    protection: Protection,
    master: Vec<u8>,
    block: KeyBlock,
}

impl Keys {
    /// As negotiated; the master secret comes later.
    fn of(hs: &Handshake) -> Result<Self, Refusal> {
        let suite = hs.suite()?;
        match Protection::of(hs.version(), CipherSuite(suite.code), hs.facts.encrypt_then_mac) {
            Some(protection) => Ok(Self { protection, master: Vec::new(), block: KeyBlock::default() }),
            None => refuse(Alert::illegal_parameter, format!("{} does not go with the version", suite.name)),
        }
    }

    fn with_master(mut self, hs: &Handshake, master: Vec<u8>) -> Self {
        let (client, server) = hs.randoms();
        self.block = self.protection.keys(&master, &client, &server);
        self.master = master;
        self
    }
}

/// The server changes to the new keys; before that it may send a ticket.
pub struct ExpectChangeCipherSpec {
    pub hs: Box<Handshake>,
    pub keys: Keys,
    pub resumed: bool,
    ticket: Option<Vec<u8>>,
}

impl ExpectChangeCipherSpec {
    pub fn message(mut self, bytes: &[u8], _: &mut Conn) -> Result<State, Refusal> {
        let promised = self.hs.facts.server_extensions.contains(session_ticket::EXTENSION.code);
        if bytes.first() != Some(&types::NEW_SESSION_TICKET) || !promised || self.ticket.is_some() {
            return unexpected("ChangeCipherSpec", bytes);
        }
        self.hs.hear(bytes)?;
        // Header, lifetime, length (RFC 5077, section 3.3).
        self.ticket = bytes.get(4 + 4 + 2..).map(<[u8]>::to_vec);
        Ok(State::ChangeCipherSpec(self))
    }

    pub fn change_cipher_spec(self, conn: &mut Conn) -> Result<State, Refusal> {
        conn.records.open_with(Opener::new(&self.keys.protection, &self.keys.block.server))?;
        let Self { hs, keys, resumed, ticket } = self;
        Ok(State::Finished(ExpectFinished { hs, keys, resumed, ticket }))
    }
}

/// The server's Finished; if the session is resumed ours answers it.
pub struct ExpectFinished {
    hs: Box<Handshake>,
    keys: Keys,
    resumed: bool,
    ticket: Option<Vec<u8>>,
}

impl ExpectFinished {
    pub fn message(mut self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        let Some((&types::FINISHED, sent)) = bytes.split_first().map(|(kind, rest)| (kind, rest.get(3..)))
        else {
            return unexpected("Finished", bytes);
        };
        let expected = self.keys.protection.prf.verify_data(&self.keys.master, false, &self.hs.transcript);
        self.hs.hear(bytes)?;
        if sent != Some(&expected) {
            return refuse(Alert::decrypt_error, "the server's Finished does not fit the handshake");
        }
        conn.finished[Direction::Server.index()] = expected;
        if self.resumed {
            finish(&mut self.hs, &self.keys, conn)?;
        }
        conn.sessions.extend(self.resumable());
        conn.complete(self.hs);
        Ok(State::Open)
    }

    /// What a later handshake needs to resume this session.
    fn resumable(&self) -> Option<Resumable> {
        let id = self.hs.facts.server_session_id.map(|id| self.hs.bytes(id).to_vec()).unwrap_or_default();
        let ticket = self.ticket.clone().filter(|ticket| !ticket.is_empty());
        (ticket.is_some() || !id.is_empty()).then(|| Resumable {
            id,
            ticket,
            master: self.keys.master.clone(),
            version: self.hs.version(),
            cipher_suite: self.hs.facts.cipher_suite.unwrap_or_default(),
            extended_master_secret: self.hs.facts.extended_master_secret,
        })
    }
}

/// The state behind a ServerHello of TLS 1.2 or earlier.
pub fn after_server_hello(hs: Box<Handshake>, conn: &Conn) -> Result<State, Refusal> {
    let suite = hs.suite()?;
    if conn.setup.enforced && suite.authentication == Authentication::Anonymous {
        return refuse(Alert::handshake_failure, "an anonymous server can't prove who it is");
    }
    Ok(match (suite.authentication, suite.key_exchange) {
        (Authentication::Anonymous, _) => State::ServerKeyExchange(ExpectServerKeyExchange { hs }),
        (Authentication::Psk, kx) if kx != KeyExchange::RsaPsk => {
            State::ServerKeyExchange(ExpectServerKeyExchange { hs })
        }
        _ => State::Certificate(ExpectCertificate { hs }),
    })
}

/// A message of ours, queued and entered into the transcript.
impl Conn {
    pub fn say(&mut self, hs: &mut Handshake, handshake_type: u8, body: &[u8]) -> Result<(), Refusal> {
        let bytes = message(handshake_type, body);
        hs.say(&bytes);
        self.records.send(HANDSHAKE, &bytes)
    }
}

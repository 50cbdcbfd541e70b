//! A TLS client of our own, for looking and never for carrying anything worth protecting: TLS 1.3, and all
//! versions before it down to SSL 3.0, with what ordinary clients have long taken out.
//!
//! It does no input and output: bytes that came go into [`Lab::hear`], bytes to be sent come out of
//! [`Lab::take_outgoing`]. What is waited for is a state (`state::State`). Nothing here runs in constant time, and
//! what the server is worth is judged from the recording, behind the capture.

mod classic;
mod client_auth;
mod conn;
mod given;
mod handshake;
mod hello;
mod key_exchange;
mod records;
mod refusal;
mod state;
pub mod suites;
mod talk;
mod tls13;

use std::sync::Arc;

pub use self::conn::Resumable;
pub use self::given::lacking;
pub use self::hello::{SCHEMES, of_offer};
pub use self::refusal::Refusal;
pub(super) use self::talk::{Equipment, handshake};
pub use self::tls13::offer_psk;

use self::conn::Conn;
use self::handshake::{Handshake, Joiner};
use self::hello::ExpectServerHello;
use self::refusal::*;
use self::state::State;
use super::ClientIdentity;
use super::hello::{Fresh, Hello};
use crate::capture::Secrets;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::codepoints::content_type::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::wire::handshake::types;

/// Warnings and requests that are passed over: some servers send one, none needs many.
const MOST_IGNORED: u32 = 32;

/// Judges a chain, leaf first, as the engine has to enforce it.
pub type Judge = dyn Fn(&[&[u8]]) -> Result<(), Refusal> + Send + Sync;

/// What a connection needs to know besides its hello.
pub struct Setup {
    /// The lowest version that is accepted where the hello can't say so.
    pub min: u16,
    /// What we answer to a CertificateRequest.
    pub client: Option<ClientIdentity>,
    pub psk: Option<Psk>,
    /// Only a server that proves who it is will do.
    pub enforced: bool,
    pub judge: Box<Judge>,
}

/// A pre-shared key and its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Psk {
    pub identity: Vec<u8>,
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Psk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Psk({}, {} bytes)", String::from_utf8_lossy(&self.identity), self.key.len())
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// We refuse what came; the alert that says so is among what is to be sent.
    Refused(Refusal),
    /// The server sent a fatal alert with this description.
    Alert(Alert),
}

/// What came besides the handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// Bytes of application data.
    pub data: usize,
    /// close_notify came.
    pub closed: bool,
}

/// One connection.
pub struct Lab {
    conn: Conn,
    /// `None` once it has ended.
    state: Option<State>,
    joiner: Joiner,
    ignored: u32,
    complete: bool,
    /// Our close_notify is queued.
    closed: bool,
}

impl Lab {
    /// A connection that begins with this hello; `fresh` has the private halves of its shares.
    pub fn new(
        setup: Setup,
        hello: Hello,
        fresh: Fresh,
        session: Option<Resumable>,
    ) -> Result<Self, super::Error> {
        let bytes = hello.write().map_err(|error| super::Error::new(error.to_string()))?;
        let mut conn = Conn::new(Arc::new(setup));
        conn.records.version = hello::first_record_version(&hello);
        conn.records.send(HANDSHAKE, &bytes).map_err(|refusal| super::Error::new(refusal.why))?;
        let hs = Handshake::new(hello, &bytes);
        let state = Some(State::ServerHello(ExpectServerHello::new(hs, fresh, session)));
        Ok(Self { conn, state, joiner: Joiner::default(), ignored: 0, complete: false, closed: false })
    }

    /// Bytes that came. What they hold for the application is added to `data`.
    pub fn hear(&mut self, bytes: &[u8], data: &mut Vec<u8>) -> Result<Heard, Ended> {
        let mut heard = Heard::default();
        self.conn.records.push(bytes);
        let ended = loop {
            match self.record(&mut heard, data) {
                Ok(true) => {}
                Ok(false) => return Ok(heard),
                Err(ended) => break ended,
            }
        };
        self.state = None;
        if let Ended::Refused(refusal) = &ended {
            // If it can't be sealed the reason is no other.
            let _ = self.conn.records.send(ALERT, &[2, refusal.alert.0]);
        }
        Err(ended)
    }

    /// Handles the next record; false if there is none.
    fn record(&mut self, heard: &mut Heard, data: &mut Vec<u8>) -> Result<bool, Ended> {
        let Some((content_type, content)) = self.conn.records.next().map_err(Ended::Refused)? else {
            return Ok(false);
        };
        // RFC 8446, section 5.1; before TLS 1.3 nothing forbids it, and alerts may come at any time.
        if self.conn.records.tls13
            && matches!(content_type, CHANGE_CIPHER_SPEC | APPLICATION_DATA)
            && !self.joiner.is_empty()
        {
            return refuse(Alert::unexpected_message, "another record within a handshake message")
                .map_err(Ended::Refused);
        }
        match content_type {
            HANDSHAKE => {
                self.joiner.push(&content);
                while let Some(message) = self.joiner.next().map_err(Ended::Refused)? {
                    self.message(&message).map_err(Ended::Refused)?;
                }
            }
            CHANGE_CIPHER_SPEC => self.change_cipher_spec(&content).map_err(Ended::Refused)?,
            ALERT => match *content {
                [_, 0] => heard.closed = true,
                // In TLS 1.3 the level means nothing, and user_canceled alone ends nothing (RFC 8446, section 6).
                [1, description]
                    if !self.conn.records.tls13 || Alert(description) == Alert::user_canceled =>
                {
                    self.ignore().map_err(Ended::Refused)?;
                }
                [_, description] => return Err(Ended::Alert(Alert(description))),
                _ => {
                    return refuse(Alert::decode_error, "an alert that is not two bytes long")
                        .map_err(Ended::Refused);
                }
            },
            APPLICATION_DATA if self.complete => {
                heard.data += content.len();
                data.extend_from_slice(&content);
            }
            _ => {
                return refuse(
                    Alert::unexpected_message,
                    "application data before the handshake is complete",
                )
                .map_err(Ended::Refused);
            }
        }
        Ok(true)
    }

    fn message(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        // A HelloRequest within a handshake is passed over (RFC 5246, section 7.4.1.1).
        let passed_over = !self.conn.records.tls13 && !matches!(self.state, Some(State::Open));
        if bytes == [types::HELLO_REQUEST, 0, 0, 0] && passed_over {
            return self.ignore();
        }
        let Some(state) = self.state.take() else {
            return refuse(Alert::unexpected_message, "the connection has ended");
        };
        let keys = self.conn.records.keys;
        let state = state.message(bytes, &mut self.conn)?;
        self.complete |= matches!(state, State::Open);
        self.state = Some(state);
        // Keys change at the end of a record only (RFC 8446, section 5.1): what follows was not protected by the new ones.
        match self.conn.records.keys != keys && !self.joiner.is_empty() {
            true => refuse(Alert::unexpected_message, "a record that goes on where the keys change"),
            false => Ok(()),
        }
    }

    fn change_cipher_spec(&mut self, content: &[u8]) -> Result<(), Refusal> {
        if content != [1] {
            return refuse(Alert::unexpected_message, "ChangeCipherSpec is not the byte 1");
        }
        if self.conn.records.tls13 {
            // RFC 8446, section 5: until the server's Finished it means nothing, afterwards it is none.
            return match self.complete {
                true => refuse(Alert::unexpected_message, "ChangeCipherSpec after the handshake"),
                false => self.ignore(),
            };
        }
        if !self.joiner.is_empty() {
            return refuse(Alert::unexpected_message, "ChangeCipherSpec within a message");
        }
        let Some(state) = self.state.take() else {
            return refuse(Alert::unexpected_message, "the connection has ended");
        };
        self.state = Some(state.change_cipher_spec(&mut self.conn)?);
        Ok(())
    }

    fn ignore(&mut self) -> Result<(), Refusal> {
        self.ignored += 1;
        match self.ignored > MOST_IGNORED {
            true => refuse(Alert::unexpected_message, "warnings and requests do not end"),
            false => Ok(()),
        }
    }

    /// What is to be written to the stream.
    pub fn take_outgoing(&mut self) -> Vec<u8> {
        self.conn.records.take_outgoing()
    }

    /// Whether the first handshake is still going on.
    pub fn is_handshaking(&self) -> bool {
        !self.complete
    }

    /// Whether a further handshake is going on within the connection.
    pub fn is_renegotiating(&self) -> bool {
        self.complete && !matches!(self.state, Some(State::Open) | None)
    }

    /// Queues application data.
    pub fn write(&mut self, data: &[u8]) -> Result<(), Refusal> {
        self.conn.records.send(APPLICATION_DATA, data)
    }

    /// Queues close_notify, once.
    pub fn close(&mut self) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        // What can't be sealed is not worth a word any more.
        let _ = self.conn.warn(Alert::close_notify);
    }

    /// Everything that is needed to open the recording.
    pub fn take_secrets(&mut self) -> Secrets {
        std::mem::take(&mut self.conn.secrets)
    }

    /// Sessions that a later connection could resume.
    pub fn take_sessions(&mut self) -> Vec<Resumable> {
        std::mem::take(&mut self.conn.sessions)
    }

    /// Whether an earlier session was resumed.
    pub fn resumed(&self) -> bool {
        self.conn.resumed
    }

    /// Whether the enforced verdict refused the server's certificate.
    pub fn refused_certificate(&self) -> bool {
        self.conn.refused_certificate
    }

    /// Whether the server asked for a certificate.
    pub fn certificate_requested(&self) -> bool {
        self.conn.done.as_ref().is_some_and(|done| done.facts.certificate_request.is_some())
    }

    /// How many tickets of TLS 1.3 have come.
    pub fn tickets(&self) -> usize {
        self.conn.tickets
    }

    /// The version in force, once there is one.
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.conn.done.as_deref().map(Handshake::version)
    }
}

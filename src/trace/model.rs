//! The `Trace`: what the events of one connection come to.

use std::time::Duration;

use crate::capture::How;
use crate::wire::Direction;
use crate::wire::codepoints::{AlertDescription, AlertLevel, ProtocolVersion, SignatureScheme};
use crate::wire::facts::{ClientHello, Facts, Span};

use super::State;
use super::choices::Choice;
use super::ech::Ech;
use super::message::{Kind, Message};

/// Everything that was seen on one connection.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// In the order in which they were complete.
    pub records: Vec<Record>,
    /// In the order in which they could be read.
    pub messages: Vec<Message>,
    /// One, and one more for each renegotiation.
    pub handshakes: Vec<Handshake>,
    /// By sender.
    pub flows: [FlowEnd; 2],
    /// Limits of ours that were reached, in words.
    pub limits_reached: Vec<String>,
    pub work: Work,
}

/// What a trace cost, in steps that do not depend on the machine: it grows no faster than what came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Traffic secrets that were derived from another one.
    pub derived: u64,
    /// Records that were tried with a key.
    pub tried: u64,
    /// Keys that were looked at to find those of an epoch.
    pub looked_at: u64,
    /// Bytes that were moved to make room.
    pub moved: u64,
    /// Bytes of the transcript that were hashed or signed again.
    pub hashed: u64,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Work) {
        self.derived += other.derived;
        self.tried += other.tried;
        self.looked_at += other.looked_at;
        self.moved += other.moved;
        self.hashed += other.hashed;
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub direction: Direction,
    /// When its first byte and its last byte were there.
    pub first_at: Duration,
    pub last_at: Duration,
    /// Where its header starts in this direction's bytes.
    pub offset: u64,
    /// The content type on the wire ("outer").
    pub content_type: u8,
    pub legacy_version: ProtocolVersion,
    /// Bytes of the header: five, or two in the form of SSL 2.0.
    pub header: usize,
    /// Of the fragment behind the header.
    pub length: usize,
    pub opened: Opened,
}

/// What was in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    Clear,
    /// Opened with the session's secrets.
    Decrypted {
        epoch: Epoch,
        /// The real content type.
        content_type: u8,
        /// Plaintext bytes, without type and padding.
        length: usize,
        /// Zero bytes behind the content (TLS 1.3).
        padding: usize,
    },
    Sealed(Why),
}

/// Why a record stayed sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No secret for it is there.
    NoSecret,
    /// The secrets that are there do not open it.
    WrongKey,
    /// They do not open it, and records before it are missing, which their use depends on.
    Missing,
    /// What was agreed on is not known, since no ServerHello is there, and it is no message in the clear.
    NotAgreed,
    /// The cipher suite is not one that we open.
    Unsupported,
    /// A draft of TLS 1.3 whose keys or records are computed in another way.
    Draft,
    /// Too many records were waiting for their keys.
    TooMany,
    /// No byte of content type in the plaintext (RFC 8446, section 5.4).
    NoContentType,
}

impl Why {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Why::NoSecret => "no secret for it",
            Why::WrongKey => "the session's secrets do not decrypt it",
            Why::Missing => "bytes before it are missing",
            Why::NotAgreed => "its ServerHello was not recorded",
            Why::Unsupported => "records of this cipher suite are not decrypted here",
            Why::Draft => "this TLS 1.3 draft protects records differently, which is not decrypted here",
            Why::TooMany => "too many records were waiting for keys",
            Why::NoContentType => "its plaintext has no content type",
        }
    }
}

/// Which keys protect a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Epoch {
    Clear,
    /// 0-RTT data, under the pre-shared key of an earlier session.
    Early,
    /// TLS 1.3 handshake keys.
    Handshake,
    /// TLS 1.3 application keys, and how many KeyUpdates there were.
    Application(u32),
    /// The keys after the n-th ChangeCipherSpec (TLS 1.2 and before).
    Changed(u32),
}

/// One handshake and what it came to.
#[derive(Debug, Clone, Default)]
pub struct Handshake {
    pub facts: Facts,
    /// Each ClientHello, where there are two because of a HelloRetryRequest; the facts have the last one. Once the server
    /// accepted ECH they are the inner ones.
    pub client_hellos: Vec<ClientHello>,
    /// Encrypted Client Hello, if it was offered.
    pub ech: Option<Ech>,
    pub proofs: Vec<Proof>,
    /// Whether what was chosen had been offered, and whether the version allows it.
    pub choices: Vec<Choice>,
    /// Index of its first message.
    pub first_message: usize,
    /// When both Finished were there.
    pub complete_at: Option<Duration>,
    /// What must be equal on both sides once it is complete was seen to be equal.
    pub finished: [bool; 2],
}

/// Something that the handshake proves, computed again from the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub what: Proven,
    /// Index of the message that carries it.
    pub message: usize,
    pub state: State,
    /// The `SignatureScheme`, where there is one.
    pub scheme: Option<SignatureScheme>,
}

/// What is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proven {
    ServerFinished,
    ClientFinished,
    ServerCertificateVerify,
    ClientCertificateVerify,
    ServerKeyExchange,
}

impl Proven {
    /// The id of the check, as in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Proven::ServerFinished => "finished.server",
            Proven::ClientFinished => "finished.client",
            Proven::ServerCertificateVerify => "certificate_verify.server",
            Proven::ClientCertificateVerify => "certificate_verify.client",
            Proven::ServerKeyExchange => "server_key_exchange",
        }
    }
}

/// How one direction's bytes ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowEnd {
    /// Bytes of TLS in all.
    pub bytes: u64,
    /// When the first and the last of them was there.
    pub first_at: Option<Duration>,
    pub last_at: Option<Duration>,
    /// Bytes behind the last record that are no record, or not a whole one.
    pub tail: Option<Tail>,
    pub end: Option<(Duration, How)>,
    /// Where bytes are missing and records begin again behind.
    pub lost: Vec<Lost>,
}

/// Bytes that are missing in the middle of a direction, with what is left of the record that they are missing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Where the lost record starts in this direction's bytes.
    pub offset: u64,
    /// How many bytes are missing, if that is known.
    pub missing: Option<u64>,
    /// Bytes that are there and belong to no whole record.
    pub length: u64,
    pub at: Duration,
}

/// Bytes behind the last record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// Where they start in this direction's bytes.
    pub offset: u64,
    /// What they are.
    pub kind: TailKind,
    /// Their start, as much as is kept.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub length: u64,
    pub at: Duration,
}

/// Kinds of tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TailKind {
    /// No TLS record starts like that.
    NotTls,
    /// A record that did not arrive whole; the fragment length that its header announces, if it came.
    IncompleteRecord { announced: Option<usize> },
    /// Behind bytes that are missing, or beyond our limit.
    NotRead,
}

impl Trace {
    /// The bytes of a span; empty if there is no such place.
    pub fn bytes(&self, span: Span) -> &[u8] {
        let message = self.messages.get(span.message);
        let bytes = match (message, span.derived) {
            (Some(message), false) => message.bytes.get(span.range()),
            (Some(message), true) => {
                message.derived.first().and_then(|derived| derived.bytes.get(span.range()))
            }
            (None, _) => None,
        };
        bytes.unwrap_or_default()
    }

    /// The certificates that `sender` sent in `handshake`, leaf first, DER.
    pub fn chain(&self, handshake: usize, sender: Direction) -> Vec<&[u8]> {
        let Some(list) = self.handshakes.get(handshake).and_then(|h| h.facts.certificates_of(sender)) else {
            return Vec::new();
        };
        let bytes = self.bytes(list.list);
        crate::wire::handshake::certificate::entries(bytes, list.tls13).filter_map(|r| bytes.get(r)).collect()
    }

    /// The first (and, but for renegotiation, only) handshake.
    pub fn handshake(&self) -> Option<&Handshake> {
        self.handshakes.first()
    }

    /// The handshake in force: the last that is complete, else the first.
    pub fn current(&self) -> Option<&Handshake> {
        let complete = self.handshakes.iter().rfind(|handshake| handshake.complete_at.is_some());
        complete.or(self.handshakes.first())
    }

    /// The handshake in which the server asked for the client's certificate, and its number: of several the last, and
    /// the first if none did.
    pub fn asking(&self) -> Option<(usize, &Handshake)> {
        let mut handshakes = self.handshakes.iter().enumerate();
        let asking = handshakes.rfind(|(_, handshake)| handshake.facts.certificate_request.is_some());
        asking.or(self.handshakes.first().map(|first| (0, first)))
    }

    /// The alerts, with their message's index.
    pub fn alerts(&self) -> impl Iterator<Item = (usize, &Message, AlertLevel, AlertDescription)> {
        self.messages.iter().enumerate().filter_map(|(index, message)| match message.kind {
            Kind::Alert { level, description } => Some((index, message, level, description)),
            _ => None,
        })
    }

    /// The first handshake message of this type, with its index.
    pub fn first(&self, handshake_type: u8) -> Option<(usize, &Message)> {
        self.messages.iter().enumerate().find(|(_, m)| m.kind == Kind::Handshake(handshake_type))
    }
}

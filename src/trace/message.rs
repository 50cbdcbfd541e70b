//! Messages, and how they are read.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::wire::codepoints::content_type::{ALERT, HANDSHAKE};
use crate::wire::codepoints::{AlertDescription, AlertLevel};
use crate::wire::facts::Facts;
use crate::wire::field::{Field, Malformed};
use crate::wire::handshake::{self, Dissected};
use crate::wire::{self, Direction, sslv2};

use super::model::Epoch;
use super::protection::Parts;

/// A message: of the handshake or of another content type.
#[derive(Debug, Clone)]
pub struct Message {
    pub direction: Direction,
    /// When its first and its last byte were there.
    pub first_at: Duration,
    pub at: Duration,
    pub kind: Kind,
    /// The RFC's name, e.g. `ServerHello`.
    pub name: Cow<'static, str>,
    /// The records that carried it, and where in their plaintext.
    pub origin: Vec<Origin>,
    pub epoch: Epoch,
    /// Its bytes; empty for sealed records and, unless it is asked for, application data, which are only counted.
    pub bytes: Vec<u8>,
    /// How many bytes of content: `bytes.len()`, or what was counted.
    pub length: usize,
    /// The first thing that is wrong with it, as a message of TLS.
    pub problem: Option<Malformed>,
    /// The first thing that is wrong inside of what it only carries: certificates, names, OCSP responses.
    pub carried_problem: Option<Malformed>,
    /// Not all of it came: the length that its header announces.
    pub incomplete: Option<usize>,
    /// What it contains in another form, e.g. the decompressed certificate.
    pub derived: Vec<Message>,
    /// The handshake that it belongs to.
    pub handshake: usize,
    /// It came after that handshake was complete.
    pub post_handshake: bool,
    /// It is part of the handshake's transcript: hashes, Finished and signatures cover it (RFC 8446, section 4.4.1;
    /// RFC 5246, section 7.4.9).
    pub in_transcript: bool,
    pub(super) form: Form,
}

/// How a message's bytes are read.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// A handshake message, behind what the messages before it had settled.
    Handshake(Arc<Facts>),
    /// A ClientHello in the form of SSL 2.0.
    Sslv2,
    /// The body of a Certificate message that came compressed.
    Certificate(Arc<Facts>),
    /// An opened record of TLS 1.2 or earlier, with what stands around its content.
    Protected(Parts),
    /// By its kind alone.
    Kind,
    /// One leaf, since there are too many fields already.
    Leaf,
}

impl Message {
    /// Its field tree, dissected again from its bytes; `None` if those were only counted.
    pub fn tree(&self) -> Option<Field> {
        let bytes = &self.bytes;
        let dissected = match (&self.form, self.kind) {
            (_, Kind::ApplicationData | Kind::Sealed) => return None,
            (Form::Leaf, _) => wire::opaque("not dissected", bytes, true),
            (Form::Handshake(before), _) => {
                handshake::dissect(bytes, self.direction, &mut Facts::clone(before), true)
            }
            (Form::Sslv2, _) => sslv2::dissect_client_hello(bytes, &mut Facts::default(), true),
            (Form::Certificate(before), _) => {
                handshake::dissect_certificate_body(bytes, self.direction, &mut Facts::clone(before), true)
            }
            (Form::Protected(parts), _) => parts.dissect(bytes, true),
            (Form::Kind, kind) => dissect(kind, bytes, true),
        };
        dissected.root
    }

    /// Whether it was protected on the wire.
    pub fn encrypted(&self) -> bool {
        self.epoch != Epoch::Clear
    }
}

/// The kinds of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With its `HandshakeType`.
    Handshake(u8),
    ChangeCipherSpec,
    Alert {
        level: AlertLevel,
        description: AlertDescription,
    },
    ApplicationData,
    Heartbeat,
    /// Records that could not be opened.
    Sealed,
    /// A content type without a name, or handshake bytes that are no message.
    Unknown(u8),
}

/// Where a part of a message was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Index in [`super::Trace::records`].
    pub record: usize,
    /// In the record's plaintext.
    pub range: Range<usize>,
}

/// Dissects what is no handshake message.
pub(super) fn dissect(kind: Kind, bytes: &[u8], tree: bool) -> Dissected {
    match kind {
        Kind::ChangeCipherSpec => wire::dissect_change_cipher_spec(bytes, tree),
        Kind::Alert { .. } | Kind::Unknown(ALERT) => wire::dissect_alert(bytes, tree),
        Kind::Heartbeat => wire::dissect_heartbeat(bytes, tree),
        Kind::Unknown(HANDSHAKE) => wire::opaque("more of it", bytes, tree),
        _ => wire::opaque("content of an unknown type", bytes, tree),
    }
}

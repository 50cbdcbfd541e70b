//! One handshake as far as it has come: its messages, and the facts in them.

use super::refusal::*;
use crate::wire::Direction;
use crate::wire::codepoints::cipher_suite::SuiteInfo;
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};
use crate::wire::extension::{self, application_layer_protocol_negotiation as alpn};
use crate::wire::facts::{Facts, Span};
use crate::wire::handshake::client_hello::Hello;
use crate::wire::handshake::{self, certificate, lists};

/// Messages of one handshake: more than any needs.
const MOST_MESSAGES: usize = 64;
/// Their bytes together.
const MOST_BYTES: usize = 1 << 20;

/// One handshake.
pub struct Handshake {
    /// Our last ClientHello.
    pub hello: Hello,
    pub facts: Facts,
    /// What the spans in the facts point into.
    messages: Vec<Vec<u8>>,
    /// What the hashes are computed over.
    pub transcript: Vec<u8>,
    /// Of a CompressedCertificate: the body of the Certificate in it.
    pub decompressed: Vec<u8>,
}

impl Handshake {
    /// Of this hello, whose message is `bytes`.
    pub fn new(hello: Hello, bytes: &[u8]) -> Box<Self> {
        let mut this = Box::new(Self {
            hello,
            facts: Facts::default(),
            messages: Vec::new(),
            transcript: Vec::new(),
            decompressed: Vec::new(),
        });
        this.say(bytes);
        this
    }

    /// A message of ours.
    pub fn say(&mut self, message: &[u8]) {
        self.note(Direction::Client, message);
    }

    /// A message of the server's. What is malformed is refused, but for the inside of certificates: they are judged
    /// from the recording.
    pub fn hear(&mut self, message: &[u8]) -> Result<(), Refusal> {
        if self.messages.len() >= MOST_MESSAGES || self.transcript.len() + message.len() > MOST_BYTES {
            return refuse(Alert::unexpected_message, "the handshake has more messages than any needs");
        }
        match self.note(Direction::Server, message) {
            Some(problem) => refuse(Alert::decode_error, problem),
            None => Ok(()),
        }
    }

    fn note(&mut self, direction: Direction, message: &[u8]) -> Option<String> {
        self.facts.at = (self.messages.len(), false);
        let dissected = handshake::dissect(message, direction, &mut self.facts, false);
        self.messages.push(message.to_vec());
        self.transcript.extend_from_slice(message);
        dissected.problem.map(|problem| format!("{}: {problem}", dissected.name))
    }

    /// The bytes that a fact points at.
    pub fn bytes(&self, span: Span) -> &[u8] {
        let message = if span.derived { Some(&self.decompressed) } else { self.messages.get(span.message) };
        message.and_then(|message| message.get(span.range())).unwrap_or_default()
    }

    /// The server's certificates, leaf first, DER.
    pub fn chain(&self) -> Vec<&[u8]> {
        let Some(list) = self.facts.certificates_of(Direction::Server) else { return Vec::new() };
        let bytes = self.bytes(list.list);
        certificate::entries(bytes, list.tls13).filter_map(|range| bytes.get(range)).collect()
    }

    /// The suite in force.
    pub fn suite(&self) -> Result<&'static SuiteInfo, Refusal> {
        match self.facts.cipher_suite.and_then(CipherSuite::info) {
            Some(suite) => Ok(suite),
            None => refuse(Alert::illegal_parameter, "the cipher suite is not one that was offered"),
        }
    }

    /// The version in force.
    pub fn version(&self) -> ProtocolVersion {
        self.facts.version.unwrap_or_default()
    }

    /// Both randoms, the client's first.
    pub fn randoms(&self) -> ([u8; 32], [u8; 32]) {
        (self.hello.random, self.facts.server_random.unwrap_or_default())
    }

    /// Whether our hello has this extension.
    pub fn offers(&self, extension: u16) -> bool {
        self.hello.extension(extension).is_some()
    }

    /// The protocol that the server chose is one that was offered (RFC 7301, section 3.2).
    pub fn check_alpn(&self) -> Result<(), Refusal> {
        let Some(chosen) = self.facts.alpn else { return Ok(()) };
        let offered = self.hello.extension(alpn::EXTENSION.code).and_then(|list| list.get(2..));
        match lists::alpn_names(offered.unwrap_or_default()).any(|name| name == self.bytes(chosen)) {
            true => Ok(()),
            false => refuse(
                Alert::illegal_parameter,
                "the server chose an application protocol that was not offered",
            ),
        }
    }

    /// Answers to extensions come only to those that were offered, each once (RFC 8446, section 4.2).
    pub fn check_answers<'a>(&self, answers: impl Iterator<Item = (u16, &'a [u8])>) -> Result<(), Refusal> {
        let mut seen = Vec::new();
        for (code, _) in answers {
            if !self.offers(code) {
                return refuse(
                    Alert::unsupported_extension,
                    format!("an extension (0x{code:04x}) that was not offered"),
                );
            }
            if seen.contains(&code) {
                return refuse(Alert::illegal_parameter, format!("the extension 0x{code:04x} twice"));
            }
            seen.push(code);
        }
        Ok(())
    }

    /// The extensions in a ServerHello.
    pub fn server_extensions(message: &[u8]) -> Vec<(u16, &[u8])> {
        // type, length, version, random; session id; suite, compression; length
        let list = (|| {
            let rest = message.get(4 + 34..)?;
            rest.get(1 + usize::from(*rest.first()?) + 3 + 2..)
        })();
        extension::each(list.unwrap_or_default()).collect()
    }
}

/// A handshake message of this type.
pub fn message(handshake_type: u8, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (body.len() as u32).to_be_bytes();
    [&[handshake_type][..], &length, body].concat()
}

/// Handshake messages, joined from the records that carry them.
#[derive(Default)]
pub struct Joiner {
    bytes: Vec<u8>,
    read: usize,
}

impl Joiner {
    /// Adds a record's content.
    pub fn push(&mut self, content: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(content);
    }

    /// The next whole message.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let ahead = self.bytes.get(self.read..).unwrap_or_default();
        let [_, a, b, c, ..] = *ahead else { return Ok(None) };
        let length = 4 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
        if length > MOST_BYTES {
            return refuse(Alert::decode_error, format!("a handshake message of {length} bytes"));
        }
        let message = ahead.get(..length).map(<[u8]>::to_vec);
        if message.is_some() {
            self.read += length;
        }
        Ok(message)
    }

    /// Whether nothing is left over, as it has to be where keys change (RFC 8446, section 5.1).
    pub fn is_empty(&self) -> bool {
        self.read == self.bytes.len()
    }
}

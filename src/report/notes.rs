//! `--annotate`: what each step is for and why it has this value, in plain words.

use super::rows::{Row, What};
use crate::finding::Case;
use crate::finding::explain::concept;
use crate::trace::{Kind, Message};
use crate::wire::codepoints::ALERTS;
use crate::wire::codepoints::cipher_suite::{KeyExchange, Mode};
use crate::wire::facts::Facts;
use crate::wire::field::{Field, Value};
use crate::wire::handshake::{hello_retry_request, types};
use crate::wire::{extension, handshake};

/// An explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The part of the step that it is about; none: all of it.
    pub about: Option<&'static str>,
    pub text: String,
}

/// What is to be said under a row.
pub fn of(case: &Case<'_>, row: &Row) -> Vec<Note> {
    let mut notes = Notes::default();
    match row.what {
        What::Step(_) => {
            if let Some(words) = row.explain.as_deref().and_then(concept) {
                notes.say(words, "");
            }
        }
        What::Message(index) => {
            if let Some(message) = case.trace().messages.get(index) {
                notes.message(case, index, message);
            }
        }
        What::Keys(_) | What::Tail(_) | What::End(_) => {}
    }
    notes.0
}

#[derive(Default)]
struct Notes(Vec<Note>);

impl Notes {
    /// A message, with its extensions and notable values.
    fn message(&mut self, case: &Case<'_>, index: usize, message: &Message) {
        let handshake = case.trace().handshakes.get(message.handshake);
        let facts = handshake.map(|handshake| handshake.facts).unwrap_or_default();
        let tls13 = facts.is_tls13();
        let is_retry = facts.retry.is_some_and(|retry| retry.message == index);
        match message.kind {
            Kind::Handshake(_) if is_retry => {
                self.say(hello_retry_request::MESSAGE.about, hello_retry_request::MESSAGE.reference);
            }
            Kind::Handshake(code) => {
                if let Some(row) = handshake::find(code) {
                    self.say(row.about, row.reference);
                }
            }
            Kind::Alert { description, .. } => {
                if let Some(entry) = (ALERTS.find)(description.into()) {
                    self.say(entry.about, entry.reference);
                }
            }
            Kind::ChangeCipherSpec if tls13 => self.idea("ChangeCipherSpec", "concept.compatibility"),
            Kind::ChangeCipherSpec => self.say(
                "Not a handshake message but one byte in a record of its own: everything that this side sends from now on is protected with the keys just agreed on.",
                "RFC 5246, section 7.1",
            ),
            Kind::ApplicationData => self.say(
                "What the connection is for: the bytes of HTTP or whatever is spoken inside. Only counted here.",
                "RFC 8446, section 5.1",
            ),
            Kind::Heartbeat | Kind::Sealed | Kind::Unknown(_) => {}
        }
        if !is_retry {
            self.values(message, &facts);
        }
        if let Some(root) = message.tree() {
            self.extensions(&root);
        }
    }

    /// What in this message deserves words of its own.
    fn values(&mut self, message: &Message, facts: &Facts) {
        match message.kind {
            Kind::Handshake(types::CLIENT_HELLO) => {
                self.idea("random", "concept.random");
                self.idea("record", "concept.record");
                self.idea("legacy fields", "concept.compatibility");
            }
            Kind::Handshake(types::SERVER_HELLO) => {
                if let Some(suite) = facts.suite() {
                    self.about("cipher_suite", suite.describe());
                }
                if facts.is_tls13() {
                    self.idea("keys", "concept.key_schedule");
                } else if let Some(suite) = facts.suite() {
                    match suite.key_exchange {
                        KeyExchange::Rsa | KeyExchange::RsaPsk => {
                            self.idea("key exchange", "concept.rsa_key_transport");
                        }
                        KeyExchange::Psk => self.idea("key exchange", "concept.pre_shared_key"),
                        _ => {}
                    }
                    match (suite.mode, suite.is_aead()) {
                        (Mode::Cbc, _) => self.idea("records", "concept.cbc"),
                        (_, true) => self.idea("records", "concept.mac"),
                        _ => {}
                    }
                }
            }
            Kind::Handshake(types::SERVER_KEY_EXCHANGE) => self.idea("key exchange", "concept.key_exchange"),
            Kind::Handshake(types::CLIENT_KEY_EXCHANGE) => {
                self.idea("premaster secret", "concept.premaster_secret");
            }
            Kind::Handshake(types::HELLO_REQUEST) => self.idea("renegotiation", "concept.renegotiation"),
            Kind::Handshake(types::CERTIFICATE) => self.idea("chain", "concept.certificate_chain"),
            Kind::Handshake(types::CERTIFICATE_VERIFY) => self.idea("transcript", "concept.hash"),
            Kind::Handshake(types::FINISHED) => self.idea("verify_data", "concept.finished"),
            Kind::Handshake(types::NEW_SESSION_TICKET) => self.idea("resumption", "concept.resumption"),
            _ => {}
        }
    }

    /// Each extension once, by its row.
    fn extensions(&mut self, root: &Field) {
        let mut stack = vec![root];
        let mut told = Vec::new();
        while let Some(field) = stack.pop() {
            if field.name == "extension_type"
                && let Value::Code(code, _) = field.value
                && !told.contains(&code)
                && let Some(row) = extension::find(code)
            {
                told.push(code);
                self.about(row.name, format!("{} ({})", row.about, row.reference));
            }
            stack.extend(field.children.iter().rev());
        }
    }

    fn idea(&mut self, name: &'static str, id: &str) {
        if let Some(words) = concept(id) {
            self.about(name, words);
        }
    }

    fn about(&mut self, name: &'static str, words: impl Into<String>) {
        self.0.push(Note { about: Some(name), text: words.into() });
    }

    fn say(&mut self, words: &str, reference: &str) {
        let text = if reference.is_empty() { words.to_owned() } else { format!("{words} ({reference})") };
        self.0.push(Note { about: None, text });
    }
}

//! `--annotate`: what each step is for and why it has this value, in plain words. Each thing is said once.

use std::collections::HashSet;

use super::rows::{Row, What};
use crate::finding::Case;
use crate::finding::explain::{concept, topic};
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

/// Explains, and remembers what it has explained.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// Ids.
    told: HashSet<String>,
}

impl Notes {
    /// What is to be said under a row of the timeline.
    pub fn under(&mut self, case: &Case<'_>, row: &Row) -> Vec<Note> {
        let mut notes = Vec::new();
        match row.what {
            What::Step(_) => {
                let id = row.explain.as_deref().unwrap_or_default();
                if let Some(words) = concept(id) {
                    self.say(&mut notes, id, words, "");
                }
            }
            What::Message(index) => {
                if let Some(message) = case.trace().messages.get(index) {
                    self.message(&mut notes, case, index, message);
                    if let Some(root) = message.tree() {
                        self.extensions(&mut notes, &root);
                    }
                }
            }
            What::Keys(_) | What::Tail(_) | What::End(_) => {}
        }
        notes
    }

    /// The same of a message without its extensions, for a view that explains each field in its place.
    pub fn of_message(&mut self, case: &Case<'_>, index: usize) -> Vec<Note> {
        let mut notes = Vec::new();
        if let Some(message) = case.trace().messages.get(index) {
            self.message(&mut notes, case, index, message);
        }
        notes
    }

    /// What a finding, a rule or an idea means, by its id.
    pub fn of(&mut self, id: &str) -> Option<Note> {
        let topic = topic(id)?;
        let text = match topic.reference.as_str() {
            "" => topic.about.clone().into_owned(),
            reference => format!("{} ({reference})", topic.about),
        };
        self.told.insert(topic.id.clone()).then_some(Note { about: None, text })
    }

    /// A message, with its notable values.
    fn message(&mut self, notes: &mut Vec<Note>, case: &Case<'_>, index: usize, message: &Message) {
        let handshake = case.trace().handshakes.get(message.handshake);
        let facts = handshake.map(|handshake| handshake.facts).unwrap_or_default();
        let tls13 = facts.is_tls13();
        let is_retry = facts.retry.is_some_and(|retry| retry.message == index);
        match message.kind {
            Kind::Handshake(_) if is_retry => {
                let row = &hello_retry_request::MESSAGE;
                self.say(notes, row.name, row.about, row.reference);
            }
            Kind::Handshake(code) => {
                if let Some(row) = handshake::find(code) {
                    self.say(notes, row.name, row.about, row.reference);
                }
            }
            Kind::Alert { description, .. } => {
                if let Some(entry) = (ALERTS.find)(description.into()) {
                    self.say(notes, entry.name, entry.about, entry.reference);
                }
            }
            Kind::ChangeCipherSpec if tls13 => self.idea(notes, "ChangeCipherSpec", "concept.compatibility"),
            Kind::ChangeCipherSpec => self.say(
                notes,
                "ChangeCipherSpec",
                "Not a handshake message but one byte in a record of its own: everything that this side \
                 sends from now on is protected with the newly negotiated keys.",
                "RFC 5246, section 7.1",
            ),
            Kind::ApplicationData => self.idea(notes, "data", "concept.application_data"),
            Kind::Heartbeat | Kind::Sealed | Kind::Unknown(_) => {}
        }
        if !is_retry {
            self.values(notes, message, &facts);
        }
    }

    /// What in this message deserves words of its own, as far as the version in force has it.
    fn values(&mut self, notes: &mut Vec<Note>, message: &Message, facts: &Facts) {
        let tls13 = facts.is_tls13();
        match message.kind {
            Kind::Handshake(types::CLIENT_HELLO) => {
                self.idea(notes, "random", "concept.random");
                self.idea(notes, "record", "concept.record");
                if tls13 {
                    self.idea(notes, "legacy fields", "concept.compatibility");
                }
            }
            Kind::Handshake(types::SERVER_HELLO) => {
                if let Some(suite) = facts.suite() {
                    self.about(notes, "cipher_suite", suite.name, suite.describe());
                }
                let keys = if tls13 { "concept.key_schedule" } else { "concept.premaster_secret" };
                self.idea(notes, "keys", keys);
                if let Some(suite) = facts.suite().filter(|_| !tls13) {
                    match suite.key_exchange {
                        KeyExchange::Rsa | KeyExchange::RsaPsk => {
                            self.idea(notes, "key exchange", "concept.rsa_key_transport");
                        }
                        KeyExchange::Psk => self.idea(notes, "key exchange", "concept.pre_shared_key"),
                        _ => {}
                    }
                    match (suite.mode, suite.is_aead()) {
                        (Mode::Cbc, _) => self.idea(notes, "records", "concept.cbc"),
                        (_, true) => self.idea(notes, "records", "concept.mac"),
                        _ => {}
                    }
                }
            }
            Kind::Handshake(types::SERVER_KEY_EXCHANGE) => {
                self.idea(notes, "key exchange", "concept.key_exchange");
            }
            Kind::Handshake(types::HELLO_REQUEST) => {
                self.idea(notes, "renegotiation", "concept.renegotiation");
            }
            Kind::Handshake(types::CERTIFICATE | types::COMPRESSED_CERTIFICATE) => {
                self.idea(notes, "chain", "concept.certificate_chain");
            }
            Kind::Handshake(types::CERTIFICATE_VERIFY) => {
                self.idea(notes, "signature", "concept.signature");
                self.idea(notes, "transcript", "concept.hash");
            }
            Kind::Handshake(types::FINISHED) => self.idea(notes, "verify_data", "concept.finished"),
            Kind::Handshake(types::NEW_SESSION_TICKET) => {
                self.idea(notes, "resumption", "concept.resumption");
            }
            _ => {}
        }
    }

    /// Each extension, by its row.
    fn extensions(&mut self, notes: &mut Vec<Note>, root: &Field) {
        let mut stack = vec![root];
        while let Some(field) = stack.pop() {
            if field.name == "extension_type"
                && let Value::Code(code, _) = field.value
                && let Some(row) = extension::find(code)
            {
                self.about(notes, row.name, row.name, format!("{} ({})", row.about, row.reference));
            }
            stack.extend(field.children.iter().rev());
        }
    }

    fn idea(&mut self, notes: &mut Vec<Note>, name: &'static str, id: &str) {
        if let Some(words) = concept(id) {
            self.about(notes, name, id, words);
        }
    }

    fn about(&mut self, notes: &mut Vec<Note>, name: &'static str, id: &str, words: impl Into<String>) {
        if self.told.insert(id.to_owned()) {
            notes.push(Note { about: Some(name), text: words.into() });
        }
    }

    fn say(&mut self, notes: &mut Vec<Note>, id: &str, words: &str, reference: &str) {
        if self.told.insert(id.to_owned()) {
            let text = if reference.is_empty() { words.to_owned() } else { format!("{words} ({reference})") };
            notes.push(Note { about: None, text });
        }
    }
}

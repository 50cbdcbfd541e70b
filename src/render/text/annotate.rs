//! `--annotate`: what each step is for and why it has this value, in plain words.

use super::screen::{Screen, Style};
use super::timeline::NAME;
use crate::finding::explain::concept;
use crate::trace::{Kind, Message};
use crate::wire::codepoints::{ALERTS, cipher_suite};
use crate::wire::field::{Field, Value};
use crate::wire::handshake::{hello_retry_request, types};
use crate::wire::{extension, handshake};

/// A step before TLS.
pub(super) fn step(screen: &mut Screen<'_>, id: &str) {
    if let Some(words) = concept(id).filter(|_| screen.settings.annotate) {
        say(screen, words, "");
    }
}

/// A message, with its extensions and notable values.
pub(super) fn message(screen: &mut Screen<'_>, message: &Message, tls13: bool) {
    if !screen.settings.annotate {
        return;
    }
    match message.kind {
        Kind::Handshake(_) if message.name == "HelloRetryRequest" => {
            say(screen, hello_retry_request::MESSAGE.about, hello_retry_request::MESSAGE.reference);
        }
        Kind::Handshake(code) => {
            if let Some(row) = handshake::find(code) {
                say(screen, row.about, row.reference);
            }
        }
        Kind::Alert { description, .. } => {
            if let Some(entry) = (ALERTS.find)(description.into()) {
                say(screen, entry.about, entry.reference);
            }
        }
        Kind::ChangeCipherSpec if tls13 => idea(screen, "ChangeCipherSpec", "concept.compatibility"),
        Kind::ChangeCipherSpec => say(
            screen,
            "Not a handshake message but one byte in a record of its own: everything that this side sends from now on is protected with the keys just agreed on.",
            "RFC 5246, section 7.1",
        ),
        Kind::ApplicationData => say(
            screen,
            "What the connection is for: the bytes of HTTP or whatever is spoken inside. Only counted here.",
            "RFC 8446, section 5.1",
        ),
        Kind::Heartbeat | Kind::Sealed | Kind::Unknown(_) => {}
    }
    values(screen, message, tls13);
    if let Some(root) = &message.root {
        extensions(screen, root);
    }
}

/// What in this message deserves words of its own.
fn values(screen: &mut Screen<'_>, message: &Message, tls13: bool) {
    match message.kind {
        Kind::Handshake(types::CLIENT_HELLO) => {
            idea(screen, "random", "concept.random");
            idea(screen, "record", "concept.record");
            idea(screen, "legacy fields", "concept.compatibility");
        }
        Kind::Handshake(types::SERVER_HELLO) if message.name != "HelloRetryRequest" => {
            if let Some(suite) = suite(message) {
                about(screen, "cipher_suite", &suite.describe());
            }
            if tls13 {
                idea(screen, "keys", "concept.key_schedule");
            }
        }
        Kind::Handshake(types::SERVER_KEY_EXCHANGE) => idea(screen, "key exchange", "concept.key_exchange"),
        Kind::Handshake(types::CLIENT_KEY_EXCHANGE) => {
            idea(screen, "premaster secret", "concept.premaster_secret")
        }
        Kind::Handshake(types::CERTIFICATE) => idea(screen, "chain", "concept.certificate_chain"),
        Kind::Handshake(types::CERTIFICATE_VERIFY) => idea(screen, "transcript", "concept.hash"),
        Kind::Handshake(types::FINISHED) => idea(screen, "verify_data", "concept.finished"),
        Kind::Handshake(types::NEW_SESSION_TICKET) => idea(screen, "resumption", "concept.resumption"),
        _ => {}
    }
}

fn suite(message: &Message) -> Option<&'static cipher_suite::CipherSuite> {
    match message.root.as_ref()?.find("cipher_suite")?.value {
        Value::Code(code, _) => cipher_suite::find(code),
        _ => None,
    }
}

/// Each extension once, by its row.
fn extensions(screen: &mut Screen<'_>, root: &Field) {
    let mut stack = vec![root];
    let mut told = Vec::new();
    while let Some(field) = stack.pop() {
        if field.name == "extension_type"
            && let Value::Code(code, _) = field.value
            && !told.contains(&code)
            && let Some(row) = extension::find(code)
        {
            told.push(code);
            about(screen, row.name, &format!("{} ({})", row.about, row.reference));
        }
        stack.extend(field.children.iter().rev());
    }
}

fn idea(screen: &mut Screen<'_>, name: &str, id: &str) {
    if let Some(words) = concept(id) {
        about(screen, name, words);
    }
}

fn about(screen: &mut Screen<'_>, name: &str, words: &str) {
    let lead = format!("{:NAME$}{}: ", "", screen.paint(Style::Bold, name));
    let behind = NAME + super::screen::width(name) + 2;
    // The first line begins behind the name, the others stand under it.
    let text = format!("{}{words}", "\u{a0}".repeat(behind - NAME));
    let lines = super::screen::wrap(&text, screen.width() - NAME);
    for (i, line) in lines.iter().enumerate() {
        let line = line.trim_start_matches('\u{a0}');
        let line = screen.paint(Style::Dim, line);
        match i {
            0 => screen.line(&format!("{lead}{line}")),
            _ => screen.line(&format!("{:NAME$}{line}", "")),
        }
    }
}

fn say(screen: &mut Screen<'_>, words: &str, reference: &str) {
    let text = if reference.is_empty() { words.to_owned() } else { format!("{words} ({reference})") };
    screen.wrapped(&" ".repeat(NAME), NAME, Style::Dim, &text);
}

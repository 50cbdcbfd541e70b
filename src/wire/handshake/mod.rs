//! Handshake messages: one file each, and the table of them.

pub mod certificate;
pub mod certificate_request;
pub mod certificate_status;
pub mod certificate_url;
pub mod certificate_verify;
pub mod channel_id;
pub mod client_certificate_request;
pub mod client_hello;
pub mod client_key_exchange;
pub mod compressed_certificate;
pub mod dtls;
pub mod ekt_key;
pub mod encrypted_extensions;
pub mod end_of_early_data;
pub mod finished;
pub mod hello_request;
pub mod hello_retry_request;
pub mod key_update;
pub mod lists;
pub mod message_hash;
pub mod new_session_ticket;
pub mod next_protocol;
pub mod server_hello;
pub mod server_hello_done;
pub mod server_key_exchange;
pub mod supplemental_data;
pub mod types;

use std::borrow::Cow;

use super::Direction;
use super::codepoints::Recommended::Unstated;
use super::codepoints::cipher_suite::SuiteInfo;
use super::codepoints::{CipherSuite, Entry, Registry};
use super::dissector::{Dissector, LengthPrefix, Read};
use super::facts::Facts;
use super::field::{Field, Malformed, Wrong};

pub use certificate::dissect_certificate_body;

/// Length of a handshake message's header: type and length.
pub const HEADER: usize = 4;

/// A row of the table of handshake messages.
pub struct MessageType {
    pub code: u8,
    /// The RFC's name in CamelCase, e.g. `ClientHello`.
    pub name: &'static str,
    /// IANA's spelling, e.g. `client_hello`, without the `_RESERVED` that it puts behind what TLS 1.3 no longer has.
    pub iana: &'static str,
    /// e.g. `RFC 8446, section 4.1.2`
    pub reference: &'static str,
    /// Two or three sentences for somebody who has read one article on TLS.
    pub about: &'static str,
    /// Reads the body behind the four-byte header.
    pub body: fn(&mut Dissector<'_>, Direction, &mut Facts) -> Read<()>,
}

/// What dissecting a message gives.
pub struct Dissected {
    /// `ServerHello`, `HelloRetryRequest`, `unknown (77)`, …
    pub name: Cow<'static, str>,
    /// The tree; `None` in Facts mode.
    pub root: Option<Field>,
    /// The first thing that is wrong with the message itself.
    pub problem: Option<Malformed>,
    /// The first thing that is wrong inside of a structure that it carries: a certificate, a key, an OCSP response, a name.
    pub carried_problem: Option<Malformed>,
    /// How many leaves its tree would have without a limit.
    pub leaves: usize,
}

/// Types of handshake messages.
pub static HANDSHAKE_TYPES: Registry = Registry {
    name: "TLS HandshakeType",
    width: 1,
    find: |code| u8::try_from(code).ok().and_then(find).map(MessageType::entry),
    all: || MESSAGES.iter().map(|row| row.entry()).collect(),
    grease: false,
};

/// Dissects one whole handshake message (with its header), and brings `facts` up to date.
/// Total: any bytes give a tree that tiles them.
pub fn dissect(bytes: &[u8], direction: Direction, facts: &mut Facts, tree: bool) -> Dissected {
    let row = recognise(bytes);
    let name = match (row, bytes.first()) {
        (Some(row), _) => row.name,
        (None, Some(code)) => unknown(*code),
        (None, None) => "empty",
    };
    Dissector::new(bytes, tree).dissected(name, |d| {
        d.code8("msg_type", &HANDSHAKE_TYPES)?;
        if row.is_none() {
            d.wrong("msg_type", Wrong::Illegal("not a handshake message that any RFC defines"));
        }
        let len = d.u24("length")? as usize;
        if len > d.remaining() {
            d.wrong("length", Wrong::Truncated { need: len, have: d.remaining() });
        }
        d.enclosed(name, len.min(d.remaining()), |d| match row {
            Some(row) => (row.body)(d, direction, facts),
            None if d.is_empty() => Ok(()),
            None => {
                d.rest("body");
                Ok(())
            }
        });
        Ok(())
    })
}

/// The row of a message type.
pub fn find(code: u8) -> Option<&'static MessageType> {
    MESSAGES.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| MESSAGES.get(at)).copied()
}

/// All rows, sorted by code.
pub fn all() -> &'static [&'static MessageType] {
    MESSAGES
}

/// The row of a message; a HelloRetryRequest is told from a ServerHello by its random.
fn recognise(bytes: &[u8]) -> Option<&'static MessageType> {
    let row = find(*bytes.first()?)?;
    let random = bytes.get(HEADER + 2..HEADER + 34);
    if row.code == server_hello::MESSAGE.code && random == Some(&hello_retry_request::RANDOM) {
        return Some(&hello_retry_request::MESSAGE);
    }
    Some(row)
}

impl MessageType {
    fn entry(&self) -> Entry {
        let MessageType { code, iana, reference, about, .. } = *self;
        Entry { code: code.into(), name: iana, reference, recommended: Unstated, about }
    }
}

impl Facts {
    /// The cipher suite that the server chose, taken apart.
    pub fn suite(&self) -> Option<&'static SuiteInfo> {
        self.cipher_suite.and_then(CipherSuite::info)
    }
}

/// `unknown (77)`, without allocating.
fn unknown(code: u8) -> &'static str {
    const LEN: usize = "unknown (   )".len();
    static NAMES: [[u8; LEN]; 256] = {
        let mut names = [*b"unknown (   )"; 256];
        let mut code = 0;
        while code < 256 {
            let mut at = LEN - 4;
            if code >= 100 {
                names[code][at] = b'0' + (code / 100) as u8;
                at += 1;
            }
            if code >= 10 {
                names[code][at] = b'0' + (code / 10 % 10) as u8;
                at += 1;
            }
            names[code][at] = b'0' + (code % 10) as u8;
            names[code][at + 1] = b')';
            code += 1;
        }
        names
    };
    let name = &NAMES[usize::from(code)];
    let end = name.iter().position(|byte| *byte == b')').map_or(LEN, |at| at + 1);
    std::str::from_utf8(&name[..end]).unwrap_or("unknown")
}

/// Sorted by code.
static MESSAGES: &[&MessageType] = &[
    &hello_request::MESSAGE,
    &client_hello::MESSAGE,
    &server_hello::MESSAGE,
    &dtls::HELLO_VERIFY_REQUEST,
    &new_session_ticket::MESSAGE,
    &end_of_early_data::MESSAGE,
    &hello_retry_request::MESSAGE,
    &encrypted_extensions::MESSAGE,
    &dtls::REQUEST_CONNECTION_ID,
    &dtls::NEW_CONNECTION_ID,
    &certificate::MESSAGE,
    &server_key_exchange::MESSAGE,
    &certificate_request::MESSAGE,
    &server_hello_done::MESSAGE,
    &certificate_verify::MESSAGE,
    &client_key_exchange::MESSAGE,
    &client_certificate_request::MESSAGE,
    &finished::MESSAGE,
    &certificate_url::MESSAGE,
    &certificate_status::MESSAGE,
    &supplemental_data::MESSAGE,
    &key_update::MESSAGE,
    &compressed_certificate::MESSAGE,
    &ekt_key::MESSAGE,
    &next_protocol::MESSAGE,
    &channel_id::MESSAGE,
    &message_hash::MESSAGE,
];

#[cfg(test)]
pub(crate) mod tests;

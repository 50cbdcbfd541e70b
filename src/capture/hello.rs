//! The hellos at the start of a connection: whose secrets are wanted, which name was asked for, and whether a session is
//! resumed.

use super::Event;
use crate::wire::Direction;
use crate::wire::codepoints::content_type::HANDSHAKE;
use crate::wire::facts::Facts;
use crate::wire::handshake;
use crate::wire::record::{Ahead, HEADER, Header};

/// More than any ClientHello that is read here has.
const MOST: usize = 1 << 17;

/// What is wanted of a ClientHello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    pub random: [u8; 32],
    /// `host_name` of server_name, if it is text.
    pub name: Option<String>,
}

/// The first message, if it is a whole ClientHello; TLS starts at `from` of the client's bytes.
pub fn first(events: &[Event], from: u64) -> Option<Hello> {
    read(&first_message(events, from, Direction::Client)?)
}

/// Whether the first two messages are hellos that say to resume a session. If that can't be seen in them, it may be so.
pub fn resumes(events: &[Event], tls_from: [u64; 2]) -> bool {
    let mut facts = Facts::default();
    for direction in Direction::BOTH {
        let Some(message) = first_message(events, tls_from[direction.index()], direction) else {
            return false;
        };
        handshake::dissect(&message, direction, &mut facts, false);
    }
    let Some(client) = facts.client else { return false };
    let ticket = client.session_ticket.is_some_and(|ticket| !ticket.range().is_empty());
    match facts.retry {
        Some(_) => client.psk_identities.is_some(),
        None if facts.server_hello.is_none() => false,
        None if facts.is_tls13() => facts.psk.is_some(),
        // With a ticket alone only what follows shows whether the server took it (RFC 5077, section 3.4).
        None => facts.abbreviated || (ticket && client.session_id.range().is_empty()),
    }
}

/// The first handshake message of a direction, which starts at `from` of its bytes. None if it is not whole.
fn first_message(events: &[Event], from: u64, of: Direction) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut skip = usize::try_from(from).ok()?;
    for event in events {
        match event {
            Event::Bytes { direction, bytes: more, .. } if *direction == of => {
                let skipped = skip.min(more.len());
                skip -= skipped;
                bytes.extend_from_slice(&more[skipped..]);
                if let Some(message) = message(&bytes) {
                    return Some(message);
                }
                if bytes.len() > MOST {
                    return None;
                }
            }
            Event::Gap { direction, .. } if *direction == of => return None,
            _ => {}
        }
    }
    None
}

/// The first handshake message, joined from records; empty if the bytes are something else; None if more are needed.
fn message(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    let mut rest = bytes;
    loop {
        let header = match Header::peek(rest) {
            Ahead::Record(header) if header.content_type == HANDSHAKE => header,
            Ahead::More => return None,
            _ => return Some(Vec::new()),
        };
        joined.extend_from_slice(rest.get(HEADER..HEADER + header.length)?);
        rest = &rest[HEADER + header.length..];
        if let [_, a, b, c, ..] = *joined {
            let length = handshake::HEADER + u32::from_be_bytes([0, a, b, c]) as usize;
            if joined.len() >= length {
                joined.truncate(length);
                return Some(joined);
            }
        }
    }
}

fn read(message: &[u8]) -> Option<Hello> {
    let mut facts = Facts::default();
    handshake::dissect(message, Direction::Client, &mut facts, false);
    let client = facts.client?;
    let name = client.server_name.and_then(|span| message.get(span.range()));
    let name = name.and_then(|name| std::str::from_utf8(name).ok()).map(str::to_owned);
    Some(Hello { random: client.random, name })
}

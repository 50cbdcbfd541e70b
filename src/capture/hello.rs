//! The ClientHello at the start of a connection: whose secrets are wanted, and which name was asked for.

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
    let mut bytes: Vec<u8> = Vec::new();
    let mut skip = usize::try_from(from).ok()?;
    for event in events {
        match event {
            Event::Bytes { direction: Direction::Client, bytes: more, .. } => {
                let skipped = skip.min(more.len());
                skip -= skipped;
                bytes.extend_from_slice(&more[skipped..]);
                if let Some(message) = message(&bytes) {
                    return read(&message);
                }
                if bytes.len() > MOST {
                    return None;
                }
            }
            Event::Gap { direction: Direction::Client, .. } => return None,
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

//! Bare bytes in a file: TLS records, or one ClientHello; binary, or in hexadecimal or base64 as people paste them.

use std::time::{Duration, SystemTime};

use crate::capture::hello;
use crate::capture::{Capture, Event, Intent, Origin, encoding};
use crate::wire::codepoints::content_type::HANDSHAKE;
use crate::wire::handshake::{self, types};
use crate::wire::record::{self, Ahead, Cut, HEADER, Header};
use crate::wire::{Direction, sslv2};

/// What a file without packets shows, if it is TLS; `now` is when it is judged. Handshake records that begin with a
/// ServerHello, and all behind them, are the server's.
pub fn capture(file: &[u8], now: SystemTime) -> Option<Capture> {
    let text = std::str::from_utf8(file).ok().map(str::trim).filter(|text| !text.is_empty());
    let decoded = text.and_then(|text| encoding::from_text(text).ok());
    let bytes = [Some(file), decoded.as_deref()].into_iter().flatten().find_map(records)?;
    let turn = first_of_server(&bytes);
    let mut capture = Capture::new(Intent { origin: Origin::Bytes, ..Intent::default() }, now);
    for (direction, bytes) in Direction::BOTH.into_iter().zip([&bytes[..turn], &bytes[turn..]]) {
        if !bytes.is_empty() {
            capture.events.push(Event::Bytes { direction, at: Duration::ZERO, bytes: bytes.to_vec() });
        }
    }
    let name = hello::first(&capture.events, 0).and_then(|hello| hello.name);
    capture.intent.host = name.clone().unwrap_or_default();
    capture.intent.sni.clone_from(&name);
    capture.intent.verify_name = name;
    Some(capture)
}

/// The bytes as records, if they are that or one ClientHello.
fn records(bytes: &[u8]) -> Option<Vec<u8>> {
    if let Ahead::Record(header) = Header::peek(bytes)
        && header.length > 0
    {
        return Some(bytes.to_vec());
    }
    if sslv2::peek(bytes).is_some() {
        return Some(bytes.to_vec());
    }
    let &[types::CLIENT_HELLO, a, b, c, ..] = bytes else { return None };
    let length = handshake::HEADER + u32::from_be_bytes([0, a, b, c]) as usize;
    let most = std::num::NonZeroUsize::new(1 << 14)?;
    // What a client that does not know the version yet writes (RFC 8446, section 5.1).
    (bytes.len() >= length).then(|| record::write(HANDSHAKE, 0x0301, bytes, Cut::Whole.ranges(length, most)))
}

/// Where the server's records start.
fn first_of_server(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Ahead::Record(header) = Header::peek(&bytes[at.min(bytes.len())..]) {
        if header.content_type == HANDSHAKE && bytes.get(at + HEADER) == Some(&types::SERVER_HELLO) {
            return at;
        }
        at += HEADER + header.length;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with one suite and no extensions.
    fn hello() -> Vec<u8> {
        [&[1, 0, 0, 41, 3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 0x01, 1, 0]].concat()
    }

    fn sent(file: &[u8]) -> Option<Vec<(Direction, usize)>> {
        let capture = capture(file, SystemTime::UNIX_EPOCH)?;
        assert_eq!(capture.intent.origin, Origin::Bytes);
        let event = |event: &Event| match event {
            Event::Bytes { direction, bytes, .. } => (*direction, bytes.len()),
            _ => panic!("{event:?}"),
        };
        Some(capture.events.iter().map(event).collect())
    }

    #[test]
    fn records_and_a_hello_are_recognised_in_any_spelling() {
        let record = [&[22, 3, 1, 0, 45][..], &hello()].concat();
        let pasted = hex::encode(&record).replace("16", "0x16 ");
        let wanted = Some(vec![(Direction::Client, 50)]);
        for file in [record.clone(), hello(), pasted.into_bytes(), hex::encode(hello()).into_bytes()] {
            assert_eq!(sent(&file), wanted);
        }
        let answered = [&record[..], &[22, 3, 3, 0, 5, 2, 0, 0, 1, 3]].concat();
        assert_eq!(sent(&answered), Some(vec![(Direction::Client, 50), (Direction::Server, 10)]));
        assert_eq!(sent(&answered[50..]), Some(vec![(Direction::Server, 10)]));
        for other in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"", b"\n", b"{}", &hello()[..20]] {
            assert_eq!(sent(other), None, "{other:?}");
        }
    }
}

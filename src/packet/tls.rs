//! Where TLS starts in a direction's bytes, and which of them are application data beyond what is kept.

use crate::wire::codepoints::content_type::{ALERT, APPLICATION_DATA, HANDSHAKE};
use crate::wire::handshake::types;
use crate::wire::record::{Ahead, HEADER, Header};
use crate::wire::sslv2;

/// What a direction of TLS starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    ClientHello,
    ServerHello,
    /// An alert, or a record from the middle of a connection.
    Other,
}

/// Looks for the start of TLS.
#[derive(Debug, Clone, Default)]
pub(super) struct Start {
    /// The last bytes looked at, which may belong to a start: fewer than [`ENOUGH`].
    tail: Vec<u8>,
    /// Where it was found, and what it is.
    pub(super) found: Option<(u64, First)>,
}

/// A record's header, and a handshake message's with the type and the first byte of its length, or an alert.
const ENOUGH: usize = HEADER + 2;

impl Start {
    /// The direction's next bytes, which end at `end`.
    pub(super) fn push(&mut self, end: u64, bytes: &[u8]) {
        if self.found.is_some() {
            return;
        }
        let held = self.tail.len();
        // The tail with the first new bytes, then the new bytes alone: nothing is copied but some bytes.
        let mut joined = std::mem::take(&mut self.tail);
        joined.extend_from_slice(&bytes[..bytes.len().min(ENOUGH)]);
        let from = end - bytes.len() as u64 - held as u64;
        self.look(&joined, from);
        if bytes.len() > ENOUGH {
            self.look(bytes, end - bytes.len() as u64);
        }
        let rest = if bytes.len() >= ENOUGH { bytes } else { &joined };
        self.tail = rest[rest.len().saturating_sub(ENOUGH - 1)..].to_vec();
    }

    fn look(&mut self, bytes: &[u8], from: u64) {
        if self.found.is_some() {
            return;
        }
        if from == 0
            && let Some(first) = at_once(bytes)
        {
            self.found = Some((0, first));
            return;
        }
        let place =
            bytes.windows(ENOUGH).enumerate().find_map(|(place, ahead)| Some((place, inside(ahead)?)));
        self.found = place.map(|(place, first)| (from + place as u64, first));
    }
}

/// At the very start of a direction any record is one.
fn at_once(bytes: &[u8]) -> Option<First> {
    if let Some(first) = inside(bytes.get(..ENOUGH)?) {
        return Some(first);
    }
    match Header::peek(bytes) {
        Ahead::Record(header) if header.length > 0 && header.legacy_version.0 > 0x0300 => Some(First::Other),
        _ => sslv2::peek(bytes).map(|_| First::ClientHello),
    }
}

/// Further on only a hello, or an alert.
fn inside(ahead: &[u8]) -> Option<First> {
    let &[content_type, 3, 0..=4, high, low, first, second] = ahead else { return None };
    match (content_type, u16::from_be_bytes([high, low]), first, second) {
        // A hello has fewer than 64 KiB.
        (HANDSHAKE, 4.., types::CLIENT_HELLO, 0) => Some(First::ClientHello),
        (HANDSHAKE, 4.., types::SERVER_HELLO, 0) => Some(First::ServerHello),
        (ALERT, 2, 1 | 2, _) => Some(First::Other),
        _ => None,
    }
}

/// Follows a direction's records by their headers.
#[derive(Debug, Clone, Default)]
pub(super) struct Records {
    header: [u8; HEADER],
    /// Bytes of `header` that are there.
    have: usize,
    /// Bytes that the current record still has.
    left: usize,
    /// Fragments of application data that were kept so far, in bytes.
    data: usize,
    /// The current record is left out.
    out: bool,
    /// What is no record came, or bytes are missing: everything is kept from here on.
    lost: bool,
    /// Whole records that were left out.
    pub(super) left_out: u64,
}

impl Records {
    /// Bytes are missing.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Gives the direction's next bytes in runs: those that are kept (true), and those of records of application data
    /// beyond the first `most` bytes of such.
    pub(super) fn split(&mut self, mut bytes: &[u8], most: usize, give: &mut dyn FnMut(bool, &[u8])) {
        while !bytes.is_empty() {
            if self.lost {
                return give(true, bytes);
            }
            let in_body = self.left > 0;
            let n = if in_body { self.left.min(bytes.len()) } else { self.head(bytes, most) };
            if in_body {
                self.left -= n;
            }
            let (run, rest) = bytes.split_at(n);
            give(!self.out, run);
            bytes = rest;
        }
    }

    /// Reads what is there of a header; how many bytes that is.
    fn head(&mut self, bytes: &[u8], most: usize) -> usize {
        if self.have == 0 {
            self.out = bytes[0] == APPLICATION_DATA && self.data >= most;
            self.left_out += u64::from(self.out);
        }
        let n = (HEADER - self.have).min(bytes.len());
        self.header[self.have..self.have + n].copy_from_slice(&bytes[..n]);
        self.have += n;
        if self.have == HEADER {
            match Header::peek(&self.header) {
                Ahead::Record(header) => {
                    self.have = 0;
                    self.left = header.length;
                    if header.content_type == APPLICATION_DATA && !self.out {
                        self.data += header.length;
                    }
                }
                _ => self.lost = true,
            }
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_found_however_the_bytes_are_cut() {
        let hello = [22, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3];
        for (before, first) in [(&b""[..], 0), (b"220 ready\r\nSTARTTLS\r\n", 21), (&[0, 22, 3], 3)] {
            let all = [before, &hello].concat();
            for piece in 1..all.len() {
                let mut start = Start::default();
                let mut end = 0;
                for bytes in all.chunks(piece) {
                    end += bytes.len() as u64;
                    start.push(end, bytes);
                }
                assert_eq!(start.found, Some((first, First::ClientHello)), "{before:?} in pieces of {piece}");
            }
        }
        let mut start = Start::default();
        start.push(16, b"GET / HTTP/1.1\r\n");
        assert_eq!(start.found, None);
    }

    #[test]
    fn application_data_beyond_the_first_is_left_out_in_whole_records() {
        let record = |kind: u8, len: u8| [&[kind, 3, 3, 0, len][..], &vec![kind; len.into()]].concat();
        let all =
            [record(22, 9), record(23, 10), record(23, 10), record(23, 7), record(21, 2), record(23, 1)]
                .concat();
        let kept = [record(22, 9), record(23, 10), record(23, 10), record(21, 2)].concat();
        for piece in 1..all.len() {
            let mut records = Records::default();
            let (mut here, mut out) = (Vec::new(), 0);
            for bytes in all.chunks(piece) {
                records.split(bytes, 15, &mut |keep, run| match keep {
                    true => here.extend_from_slice(run),
                    false => out += run.len(),
                });
            }
            assert_eq!((here, out, records.left_out), (kept.clone(), 12 + 6, 2), "in pieces of {piece}");
        }
    }
}

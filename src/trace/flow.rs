//! One direction's bytes, cut into records.

use std::collections::VecDeque;
use std::time::Duration;

use crate::wire::codepoints::ProtocolVersion;
use crate::wire::record::{Ahead, HEADER, Header};
use crate::wire::sslv2;

use super::model::{FlowEnd, Tail, TailKind};

/// In the place of a content type: a ClientHello in the form of SSL 2.0, which has none.
pub(super) const SSLV2: u8 = 0x80;

/// How much of a tail is kept: enough to recognise what it is.
const TAIL_KEPT: usize = 1024;

/// Collects bytes and gives records.
#[derive(Debug, Default)]
pub(super) struct Flow {
    buffer: Vec<u8>,
    /// `read <= buffer.len()`: what has been given out.
    read: usize,
    /// Offset of `buffer[0]` in this direction's TLS bytes.
    start: u64,
    /// End offset and time of each piece that is not yet wholly given out.
    pieces: VecDeque<(u64, Duration)>,
    /// The client's: only a client may begin with a hello of SSL 2.0.
    pub(super) client: bool,
    /// Preamble bytes that are still to be skipped.
    pub(super) skip: u64,
    /// Set once the bytes can no longer be cut into records.
    lost: Option<Tail>,
    pub(super) end: FlowEnd,
    /// Bytes moved to make room.
    pub(super) moved: u64,
}

/// A record as it stands on the wire.
pub(super) struct Cut {
    pub(super) header: Header,
    pub(super) header_len: usize,
    pub(super) head: [u8; HEADER],
    pub(super) fragment: Vec<u8>,
    pub(super) offset: u64,
    pub(super) first_at: Duration,
    pub(super) last_at: Duration,
}

impl Flow {
    /// More bytes came.
    pub(super) fn push(&mut self, at: Duration, bytes: &[u8]) {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skipped as u64;
        let bytes = &bytes[skipped..];
        if bytes.is_empty() {
            return;
        }
        self.end.first_at.get_or_insert(at);
        self.end.last_at = Some(at);
        self.end.bytes += bytes.len() as u64;
        if let Some(tail) = &mut self.lost {
            tail.length += bytes.len() as u64;
            let room = TAIL_KEPT.saturating_sub(tail.bytes.len());
            tail.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
            return;
        }
        if self.read == self.buffer.len() {
            self.start += self.read as u64;
            self.buffer.clear();
            self.read = 0;
        }
        self.buffer.extend_from_slice(bytes);
        self.pieces.push_back((self.end.bytes, at));
    }

    /// Bytes are missing here: what follows cannot be cut.
    pub(super) fn gap(&mut self, at: Duration) {
        if self.lost.is_none() {
            self.lose(TailKind::NotRead, at);
        }
    }

    /// Whether its bytes can no longer be cut into records.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// The next whole record.
    pub(super) fn next(&mut self) -> Option<Cut> {
        if self.lost.is_some() {
            return None;
        }
        let ahead = &self.buffer[self.read..];
        if ahead.is_empty() {
            return None;
        }
        let header = match Header::peek(ahead) {
            Ahead::Record(header) => header,
            Ahead::More => return None,
            Ahead::NotTls if self.may_be_sslv2(ahead) => match sslv2::peek(ahead) {
                Some(length) => {
                    Header { content_type: SSLV2, legacy_version: ProtocolVersion::SSL_2_0, length }
                }
                None => return None,
            },
            Ahead::NotTls => {
                let at = self.time_of(self.start + self.read as u64);
                self.lose(TailKind::NotTls, at);
                return None;
            }
        };
        let header_len = if header.content_type == SSLV2 { sslv2::HEADER } else { HEADER };
        let fragment = ahead.get(header_len..header_len + header.length)?.to_vec();
        let head = [ahead[0], ahead[1], ahead[2], ahead[3], ahead[4]];
        let offset = self.start + self.read as u64;
        let first_at = self.time_of(offset);
        self.read += header_len + header.length;
        let behind = self.start + self.read as u64;
        let last_at = self.time_of(behind - 1);
        while self.pieces.front().is_some_and(|(end, _)| *end <= behind) {
            self.pieces.pop_front();
        }
        // A record a read is the rule; only a long run of them needs this. What is moved is less than what was read.
        if self.read > 64 * 1024 && self.read > self.buffer.len() / 2 {
            self.buffer.drain(..self.read);
            self.moved += self.buffer.len() as u64;
            self.start = behind;
            self.read = 0;
        }
        Some(Cut { header, header_len, head, fragment, offset, first_at, last_at })
    }

    /// Whether a client's first bytes are, or may still become, a ClientHello in the form of SSL 2.0.
    fn may_be_sslv2(&self, ahead: &[u8]) -> bool {
        let first = self.client && self.start + self.read as u64 == 0;
        let begins = ahead.first().is_some_and(|b| b & 0x80 != 0) && ahead.get(2).is_none_or(|b| *b == 1);
        first && (sslv2::peek(ahead).is_some() || (begins && ahead.len() < 5))
    }

    /// When the byte at `offset` came.
    fn time_of(&self, offset: u64) -> Duration {
        let piece = self.pieces.iter().find(|(end, _)| *end > offset);
        piece.map(|(_, at)| *at).or(self.end.last_at).unwrap_or_default()
    }

    fn lose(&mut self, kind: TailKind, at: Duration) {
        let rest = &self.buffer[self.read..];
        self.lost = Some(Tail {
            offset: self.start + self.read as u64,
            kind,
            bytes: rest[..rest.len().min(TAIL_KEPT)].to_vec(),
            length: rest.len() as u64,
            at,
        });
        self.read = self.buffer.len();
    }

    /// No more bytes will come.
    pub(super) fn finish(mut self) -> FlowEnd {
        if self.lost.is_none() && self.read < self.buffer.len() {
            let announced = match Header::peek(&self.buffer[self.read..]) {
                Ahead::Record(header) => Some(header.length),
                Ahead::More | Ahead::NotTls => None,
            };
            let at = self.time_of(self.start + self.read as u64);
            self.lose(TailKind::IncompleteRecord { announced }, at);
        }
        self.end.tail = self.lost.filter(|tail| tail.length > 0);
        self.end
    }
}

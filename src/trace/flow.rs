//! One direction's bytes, cut into records.

use std::collections::VecDeque;
use std::time::Duration;

use crate::wire::codepoints::ProtocolVersion;
use crate::wire::record::{Ahead, HEADER, Header};
use crate::wire::sslv2;

use super::model::{FlowEnd, Lost, Tail, TailKind};

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
    /// Bytes so far, those that are missing included: the offset of what comes next.
    position: u64,
    /// Set while the bytes can't be cut into records.
    lost: Option<Tail>,
    /// Where bytes are missing, and records begin again somewhere behind.
    search: Option<Search>,
    /// No more bytes will come.
    closed: bool,
    pub(super) end: FlowEnd,
    /// Bytes moved to make room.
    pub(super) moved: u64,
}

/// Looks for the next record behind missing bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Search {
    /// How many are missing, if that is known.
    missing: Option<u64>,
    /// Bytes that still belong to the record that lost some.
    rest: usize,
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
        self.position += bytes.len() as u64;
        let mut bytes = bytes;
        if let Some(search) = &mut self.search {
            let rest = search.rest.min(bytes.len());
            search.rest -= rest;
            let behind = search.rest == 0 && rest > 0;
            self.drop_into_tail(&bytes[..rest]);
            bytes = &bytes[rest..];
            if behind {
                self.resume();
            }
            if bytes.is_empty() {
                return;
            }
        } else if self.lost.is_some() {
            return self.drop_into_tail(bytes);
        }
        if self.read == self.buffer.len() {
            self.start = self.position - bytes.len() as u64;
            self.buffer.clear();
            self.read = 0;
        }
        self.buffer.extend_from_slice(bytes);
        self.pieces.push_back((self.position, at));
    }

    /// Bytes are missing here, so many if that is known: the record that they are missing in is lost, and what follows is
    /// searched for the next one, unless the header of the lost one says where that is.
    pub(super) fn gap(&mut self, at: Duration, missing: Option<u64>) {
        if self.lost.is_some() && self.search.is_none() {
            return;
        }
        let there = &self.buffer[self.read..];
        let left = match (self.search, Header::peek(there), missing) {
            (Some(search), _, Some(missing)) => (search.rest as u64).checked_sub(missing),
            (None, Ahead::Record(header), Some(missing)) => {
                ((HEADER + header.length).saturating_sub(there.len()) as u64).checked_sub(missing)
            }
            _ => None,
        };
        match self.search {
            None => self.lose(TailKind::NotRead, at),
            Some(_) => self.give_up(usize::MAX),
        }
        let before = self.search.map_or(Some(0), |search| search.missing);
        let missing = before.zip(missing).map(|(before, missing)| before.saturating_add(missing));
        self.search =
            Some(Search { missing, rest: left.and_then(|left| usize::try_from(left).ok()).unwrap_or(0) });
        self.position = self.position.saturating_add(missing.unwrap_or_default());
        self.start = self.position;
        self.buffer.clear();
        self.read = 0;
        self.pieces.clear();
        if left == Some(0) {
            self.resume();
        }
    }

    /// No more bytes will come: what looks like a last record is one.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Whether its bytes can't be cut into records at this point.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// Bytes that belong to no record.
    fn drop_into_tail(&mut self, bytes: &[u8]) {
        if let Some(tail) = &mut self.lost {
            tail.length += bytes.len() as u64;
            let room = TAIL_KEPT.saturating_sub(tail.bytes.len());
            tail.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    /// Passes over bytes of the buffer that belong to no record.
    fn give_up(&mut self, most: usize) {
        let until = self.buffer.len().min(self.read.saturating_add(most));
        let bytes = self.buffer[self.read..until].to_vec();
        self.read = until;
        self.drop_into_tail(&bytes);
    }

    /// Records begin again here.
    fn resume(&mut self) {
        if let (Some(tail), Some(search)) = (self.lost.take(), self.search.take()) {
            let Tail { offset, length, at, .. } = tail;
            self.end.lost.push(Lost { offset, missing: search.missing, length, at });
        }
    }

    /// Looks for the next record behind missing bytes: a header, and behind its record another one.
    fn search(&mut self) -> bool {
        let ahead = &self.buffer[self.read..];
        let record = |at: usize| match Header::peek(&ahead[at..]) {
            Ahead::Record(header) if header.length > 0 && header.legacy_version.0 > 0x0300 => {
                Some(at + HEADER + header.length)
            }
            _ => None,
        };
        let mut at = 0;
        while at + HEADER <= ahead.len() {
            if let Some(end) = record(at) {
                let confirmed = match ahead.len().checked_sub(end) {
                    None => None,
                    Some(0) if self.closed => Some(true),
                    Some(0..HEADER) => self.closed.then_some(false),
                    Some(_) => Some(record(end).is_some()),
                };
                match confirmed {
                    Some(true) => {
                        self.give_up(at);
                        self.resume();
                        return true;
                    }
                    Some(false) => {}
                    None => {
                        self.give_up(at);
                        return false;
                    }
                }
            }
            at += 1;
        }
        self.give_up(at);
        false
    }

    /// The next whole record.
    pub(super) fn next(&mut self) -> Option<Cut> {
        if self.lost.is_some() && (self.search.is_none_or(|search| search.rest > 0) || !self.search()) {
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
        if self.search.is_some() {
            self.give_up(usize::MAX);
            // Nothing came behind: there is no tail, but what is missing is known to be.
            if self.lost.as_ref().is_some_and(|tail| tail.length == 0) {
                self.resume();
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of a type, whose fragment is like no header.
    fn record(content_type: u8, len: usize) -> Vec<u8> {
        let [high, low] = u16::try_from(len).unwrap().to_be_bytes();
        [&[content_type, 3, 3, high, low][..], &vec![0xaa; len]].concat()
    }

    /// What is cut when `gaps` (start, end) are missing, known by their length or not.
    fn cut(bytes: &[u8], gaps: &[(usize, usize)], known: bool) -> (Vec<(u64, usize)>, FlowEnd) {
        let mut flow = Flow::default();
        let mut cuts = Vec::new();
        let mut at = 0;
        let mut take = |flow: &mut Flow| {
            while let Some(cut) = flow.next() {
                cuts.push((cut.offset, cut.fragment.len()));
            }
        };
        for (start, end) in gaps.iter().copied().chain([(bytes.len(), bytes.len())]) {
            for piece in bytes[at..start].chunks(7) {
                flow.push(Duration::ZERO, piece);
                take(&mut flow);
            }
            if start < end {
                flow.gap(Duration::ZERO, known.then_some((end - start) as u64));
            }
            at = end;
        }
        flow.close();
        take(&mut flow);
        (cuts, flow.finish())
    }

    #[test]
    fn a_gap_inside_a_record_loses_that_record() {
        let bytes = [record(22, 30), record(22, 40), record(23, 50)].concat();
        let (cuts, end) = cut(&bytes, &[(42, 60)], true);
        assert_eq!(cuts, [(0, 30), (80, 50)]);
        assert_eq!(end.lost, [Lost { offset: 35, missing: Some(18), length: 27, at: Duration::ZERO }]);
        assert_eq!(end.tail, None);
        let (cuts, end) = cut(&bytes, &[(42, 60)], false);
        assert_eq!(cuts.iter().map(|(_, len)| *len).collect::<Vec<_>>(), [30, 50]);
        assert_eq!(end.lost[0].missing, None);
        // The whole rest of a record is missing, and no byte more: the next one is known to follow.
        assert_eq!(cut(&bytes, &[(45, 80)], true).0, [(0, 30), (80, 50)]);
        // Behind the last record there is nothing to find.
        let (cuts, end) = cut(&bytes, &[(90, 100)], true);
        assert_eq!(cuts.len(), 2);
        assert_eq!(end.lost, [Lost { offset: 80, missing: Some(10), length: 45, at: Duration::ZERO }]);
        let (_, end) = cut(&bytes, &[(90, 100)], false);
        assert_eq!(
            end.tail.map(|tail| (tail.offset, tail.length, tail.kind)),
            Some((80, 45, TailKind::NotRead))
        );
    }

    /// Wherever bytes are missing, every record of which none is missing is found: if the header of the next one is
    /// there as well, or it is the last.
    #[test]
    fn records_are_found_behind_any_gap() {
        let mut random = 7_u64;
        let mut below = |n: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % n
        };
        for round in 0..2000 {
            let lengths: Vec<usize> = (0..12).map(|_| 1 + below(60)).collect();
            let bytes: Vec<u8> = lengths.iter().flat_map(|len| record(20 + below(4) as u8, *len)).collect();
            let mut gaps: Vec<(usize, usize)> = Vec::new();
            let mut from = 0;
            for _ in 0..1 + below(3) {
                let start = from + 1 + below(200);
                let end = start + 1 + below(100);
                if end < bytes.len() {
                    gaps.push((start, end));
                }
                from = end + 1;
            }
            let (cuts, end) = cut(&bytes, &gaps, round % 2 == 0);
            let there = |range: std::ops::Range<usize>| {
                range.end <= bytes.len()
                    && gaps.iter().all(|(start, end)| range.end <= *start || range.start >= *end)
            };
            let mut at = 0;
            let mut expected = Vec::new();
            for len in &lengths {
                let whole = HEADER + len;
                let next = at + whole;
                if there(at..next) && (next == bytes.len() || there(at..next + HEADER)) {
                    expected.push(*len);
                }
                at = next;
            }
            let mut found = cuts.iter().map(|(_, len)| *len);
            assert!(
                expected.iter().all(|len| found.any(|other| other == *len)),
                "round {round}: {cuts:?}, {expected:?}"
            );
            let lost: u64 = end.lost.iter().map(|lost| lost.length).sum();
            let tail = end.tail.map_or(0, |tail| tail.length);
            let whole: usize = cuts.iter().map(|(_, len)| HEADER + len).sum();
            assert_eq!(whole as u64 + lost + tail, end.bytes, "round {round}: no byte is lost");
        }
    }
}

//! One direction of a TCP connection: segments in any order in, its bytes in their order out (RFC 9293, section 3.4).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::capture::{Limits, Seen};

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// They end at this offset.
    Bytes { at: Duration, end: u64, bytes: &'a [u8] },
    /// So many bytes were never seen.
    Gap { at: Duration, len: u64 },
}

/// What came before its time.
#[derive(Debug, Clone)]
struct Early {
    at: Duration,
    bytes: Vec<u8>,
    /// Bytes behind them that the packet had and that were not captured.
    cut: u32,
}

/// Where a direction stands. Offsets count its bytes from the first one on, those of gaps included.
#[derive(Debug, Clone, Default)]
pub(super) struct Half {
    /// Sequence number of offset 0: known from the SYN, else from the first bytes seen.
    first: Option<u32>,
    /// It is known from the SYN.
    pub(super) from_start: bool,
    /// Offset of what is awaited; all before it was given out.
    next: u64,
    early: BTreeMap<u64, Early>,
    early_bytes: usize,
    /// Time of what was given out last: it never goes back.
    last_at: Duration,
    /// Offset of the FIN, and when it came.
    fin: Option<(u64, Duration)>,
    /// Segments with bytes that had all been there before.
    pub(super) retransmissions: u32,
}

/// Further away than a window can be (RFC 7323, section 2.3): not of this connection.
const FAR: i64 = 1 << 30;

impl Half {
    /// A SYN fixes where the bytes start.
    pub(super) fn syn(&mut self, sequence: u32) {
        if self.first.is_none() {
            self.first = Some(sequence.wrapping_add(1));
            self.from_start = true;
        }
    }

    /// Whether a SYN with this number is another one than that which began this.
    pub(super) fn is_other_syn(&self, sequence: u32) -> bool {
        self.first.is_some_and(|first| first != sequence.wrapping_add(1))
    }

    /// Sequence number of the first byte, once it is known.
    pub(super) fn first(&self) -> Option<u32> {
        self.first
    }

    /// Whether the other end acknowledged bytes, from `first` to `last`, that were never seen. One may be a FIN.
    pub(super) fn lacks(&self, first: u32, last: u32) -> bool {
        let lacking = match self.first {
            None => i64::from(last.wrapping_sub(first).cast_signed()),
            Some(_) => self.offset(last).saturating_sub_unsigned(self.next),
        };
        (2..FAR).contains(&lacking)
    }

    /// Bytes given out so far, and those of gaps.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Bytes that wait.
    pub(super) fn early_bytes(&self) -> usize {
        self.early_bytes
    }

    /// The offset of a sequence number; negative before the start.
    pub(super) fn offset(&self, sequence: u32) -> i64 {
        let first = self.first.unwrap_or(sequence);
        let awaited = first.wrapping_add(self.next as u32);
        let distance = sequence.wrapping_sub(awaited).cast_signed();
        i64::try_from(self.next).unwrap_or(i64::MAX).saturating_add(distance.into())
    }

    /// A segment with bytes, or without. Gives out what it completes, and says where it stands: the offset of its
    /// first byte, None if it is before the start or too far away.
    pub(super) fn segment(
        &mut self,
        at: Duration,
        sequence: u32,
        payload: &[u8],
        cut: u32,
        give: &mut dyn FnMut(Piece<'_>),
    ) -> (Seen, Option<u64>) {
        if payload.is_empty() && cut == 0 {
            let keep_alive =
                self.first.is_some() && self.next > 0 && self.offset(sequence) == self.next as i64 - 1;
            return (if keep_alive { Seen::KeepAlive } else { Seen::New }, None);
        }
        self.first.get_or_insert(sequence);
        let offset = self.offset(sequence);
        let awaited = self.next as i64;
        let end = offset + payload.len() as i64 + i64::from(cut);
        let known = u64::try_from(offset).ok();
        if offset - awaited > FAR || awaited - end > FAR {
            return (Seen::OutOfOrder, None);
        }
        if end <= awaited {
            if payload.len() <= 1 && offset == awaited - 1 {
                return (Seen::KeepAlive, known);
            }
            self.retransmissions += 1;
            return (Seen::Retransmission, known);
        }
        if offset > awaited {
            let at_offset = known.unwrap_or_default();
            let seen = self.early(at_offset, at, payload, cut);
            while self.early_bytes > Limits::DEFAULT.early_bytes
                || self.early.len() > Limits::DEFAULT.early_segments
            {
                self.skip(give);
                self.drain(give);
            }
            return (seen, known);
        }
        let seen = if offset < awaited { Seen::Overlap } else { Seen::New };
        let old = usize::try_from(awaited - offset).unwrap_or(usize::MAX);
        self.give(at, payload, old, cut, give);
        self.drain(give);
        (seen, known)
    }

    /// Keeps what came before its time.
    fn early(&mut self, offset: u64, at: Duration, payload: &[u8], cut: u32) -> Seen {
        let covered = self.early.range(..=offset).next_back().is_some_and(|(start, early)| {
            start + early.bytes.len() as u64 + u64::from(early.cut)
                >= offset + payload.len() as u64 + u64::from(cut)
        });
        if covered {
            self.retransmissions += 1;
            return Seen::Retransmission;
        }
        self.early_bytes += payload.len();
        let new = Early { at, bytes: payload.to_vec(), cut };
        if let Some(shorter) = self.early.insert(offset, new) {
            self.early_bytes -= shorter.bytes.len();
        }
        Seen::OutOfOrder
    }

    /// Gives out a segment's bytes behind its first `old` ones, and the gap that cutting left.
    fn give(&mut self, at: Duration, payload: &[u8], old: usize, cut: u32, give: &mut dyn FnMut(Piece<'_>)) {
        self.last_at = self.last_at.max(at);
        let at = self.last_at;
        if let Some(bytes) = payload.get(old..).filter(|bytes| !bytes.is_empty()) {
            self.next += bytes.len() as u64;
            give(Piece::Bytes { at, end: self.next, bytes });
        }
        let cut = u64::from(cut).saturating_sub(old.saturating_sub(payload.len()) as u64);
        if cut > 0 {
            self.next += cut;
            give(Piece::Gap { at, len: cut });
        }
    }

    /// Gives out what waited for what is there now.
    fn drain(&mut self, give: &mut dyn FnMut(Piece<'_>)) {
        while let Some(entry) = self.early.first_entry().filter(|entry| *entry.key() <= self.next) {
            let (offset, early) = entry.remove_entry();
            self.early_bytes -= early.bytes.len();
            let old = usize::try_from(self.next - offset).unwrap_or(usize::MAX);
            if (old as u64) < early.bytes.len() as u64 + u64::from(early.cut) {
                self.give(early.at, &early.bytes, old, early.cut, give);
            }
        }
    }

    /// Gives up what is awaited, up to what is there.
    fn skip(&mut self, give: &mut dyn FnMut(Piece<'_>)) {
        let Some((&offset, early)) = self.early.first_key_value() else { return };
        self.last_at = self.last_at.max(early.at);
        let len = offset.saturating_sub(self.next);
        self.next = offset;
        give(Piece::Gap { at: self.last_at, len });
    }

    /// A FIN behind `len` bytes from `sequence` on.
    pub(super) fn fin(&mut self, at: Duration, sequence: u32, len: usize) {
        let offset = self.offset(sequence).saturating_add(len as i64);
        self.fin.get_or_insert((u64::try_from(offset).unwrap_or_default(), at));
    }

    /// No more will come: gives out what waits, with gaps for what it waits for. When the FIN came, if one did.
    pub(super) fn finish(&mut self, give: &mut dyn FnMut(Piece<'_>)) -> Option<Duration> {
        while !self.early.is_empty() {
            self.skip(give);
            self.drain(give);
        }
        let (offset, at) = self.fin?;
        let at = self.last_at.max(at);
        if let Some(len) = offset.checked_sub(self.next).filter(|len| *len > 0 && *len < FAR as u64) {
            self.next = offset;
            give(Piece::Gap { at, len });
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a direction gave out.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Out {
        /// Bytes, and `None` for each one of a gap.
        stream: Vec<Option<u8>>,
        gaps: Vec<(u64, u64)>,
        last: Duration,
    }

    impl Out {
        fn take(&mut self, piece: Piece<'_>) {
            let at = match piece {
                Piece::Bytes { at, end, bytes } => {
                    self.stream.extend(bytes.iter().copied().map(Some));
                    assert_eq!(end, self.stream.len() as u64);
                    at
                }
                Piece::Gap { at, len } => {
                    self.gaps.push((self.stream.len() as u64, len));
                    self.stream.resize(self.stream.len() + len as usize, None);
                    at
                }
            };
            assert!(at >= self.last, "time goes back");
            self.last = at;
        }
    }

    /// xorshift64*: the same each time.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
        }
    }

    /// A stream cut into segments that overlap, some of them twice, in any order; `first` is the SYN's number.
    fn segments(random: &mut Random, len: usize) -> Vec<(usize, usize)> {
        let mut cuts = Vec::new();
        let mut at = 0;
        while at < len {
            let n = 1 + random.below(40);
            let from = at.saturating_sub(if random.below(3) == 0 { random.below(30) } else { 0 });
            let to = (at + n).min(len);
            cuts.push((from, to));
            if random.below(5) == 0 {
                cuts.push((from, to));
            }
            at = to;
        }
        for place in (1..cuts.len()).rev() {
            cuts.swap(place, random.below(place + 1));
        }
        cuts
    }

    fn run(first: u32, bytes: &[u8], segments: &[(usize, usize)]) -> (Out, Option<Duration>) {
        let mut half = Half::default();
        let mut out = Out::default();
        half.syn(first);
        half.fin(Duration::ZERO, first.wrapping_add(1), bytes.len());
        for (number, (from, to)) in segments.iter().enumerate() {
            let at = Duration::from_millis(number as u64);
            let sequence = first.wrapping_add(1).wrapping_add(*from as u32);
            half.segment(at, sequence, &bytes[*from..*to], 0, &mut |piece| out.take(piece));
        }
        let fin = half.finish(&mut |piece| out.take(piece));
        assert_eq!(half.early_bytes(), 0);
        (out, fin)
    }

    /// Any split, order, repetition and overlap gives the same stream, across the end of the sequence numbers too.
    #[test]
    fn segments_in_any_order_give_the_same_stream() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for round in 0..500 {
            let bytes: Vec<u8> = (0..1 + random.below(2000)).map(|_| random.below(256) as u8).collect();
            let first = [0, u32::MAX - 700, u32::MAX, 1 << 31][round % 4];
            let (out, fin) = run(first, &bytes, &segments(&mut random, bytes.len()));
            assert_eq!(out.stream, bytes.iter().copied().map(Some).collect::<Vec<_>>(), "round {round}");
            assert!(out.gaps.is_empty() && fin.is_some(), "round {round}: {:?}", out.gaps);
        }
    }

    /// Whatever is lost leaves a gap of its length in its place, and all the rest is there.
    #[test]
    fn what_is_lost_leaves_a_gap_in_its_place() {
        let mut random = Random(0xdead_beef);
        let mut gaps = 0;
        for round in 0..500 {
            let bytes: Vec<u8> = (0..1 + random.below(2000)).map(|_| random.below(256) as u8).collect();
            let all = segments(&mut random, bytes.len());
            let kept: Vec<_> = all.into_iter().filter(|_| random.below(4) > 0).collect();
            let mut expected = vec![None; bytes.len()];
            for (from, to) in &kept {
                (*from..*to).for_each(|place| expected[place] = Some(bytes[place]));
            }
            let (out, _) = run(u32::MAX - 300, &bytes, &kept);
            assert_eq!(out.stream, expected, "round {round}");
            gaps += out.gaps.len();
        }
        assert!(gaps > 1000, "{gaps}");
    }

    #[test]
    fn each_segment_is_told_what_it_is() {
        let mut half = Half::default();
        let mut told =
            |sequence, payload: &[u8]| half.segment(Duration::ZERO, sequence, payload, 0, &mut |_| {});
        // Without a SYN the first bytes are the start.
        assert_eq!(told(100, b"abcd"), (Seen::New, Some(0)));
        assert_eq!(told(100, b"abcd"), (Seen::Retransmission, Some(0)));
        assert_eq!(told(102, b"cdef"), (Seen::Overlap, Some(2)));
        assert_eq!(told(110, b"kl"), (Seen::OutOfOrder, Some(10)));
        assert_eq!(told(110, b"kl"), (Seen::Retransmission, Some(10)));
        assert_eq!(told(105, b""), (Seen::KeepAlive, None));
        assert_eq!(told(105, b"x"), (Seen::KeepAlive, Some(5)));
        assert_eq!(told(106, b"ghij"), (Seen::New, Some(6)));
        assert_eq!(told(112, b"m"), (Seen::New, Some(12)));
        assert_eq!(told(50, b"before the start"), (Seen::Retransmission, None));
        assert_eq!(told(100 + (1 << 31), b"far"), (Seen::OutOfOrder, None), "of another connection");
    }

    #[test]
    fn what_was_cut_off_a_packet_is_a_gap() {
        let mut half = Half::default();
        let mut out = Out::default();
        half.segment(Duration::ZERO, 0, b"abc", 3, &mut |piece| out.take(piece));
        half.segment(Duration::ZERO, 6, b"g", 0, &mut |piece| out.take(piece));
        assert_eq!(out.gaps, [(3, 3)]);
        assert_eq!(out.stream.len(), 7);
    }

    /// A peer that leaves a hole and sends on does not fill the memory.
    #[test]
    fn what_waits_is_bounded() {
        let mut half = Half::default();
        let mut given = 0;
        half.syn(0);
        let chunk = vec![0; 1 << 14];
        for number in 1..200_u32 {
            half.segment(Duration::ZERO, 1 + (number << 14), &chunk, 0, &mut |piece| {
                given += usize::from(matches!(piece, Piece::Gap { .. }));
            });
            assert!(half.early_bytes() <= Limits::DEFAULT.early_bytes);
        }
        assert_eq!(given, 1, "the hole is given up once");
    }
}

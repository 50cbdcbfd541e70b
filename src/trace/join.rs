//! Handshake messages, joined from the records that carry them (RFC 8446, section 5.1).

use std::collections::VecDeque;
use std::time::Duration;

use super::message::Origin;

/// Collects one direction's handshake bytes and gives whole messages.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    buffer: Vec<u8>,
    /// `read <= buffer.len()`: what has been given out.
    read: usize,
    /// Of `buffer[read..]`.
    origin: VecDeque<Origin>,
    first_at: Duration,
    /// A message beyond the limit was met: what follows can't be told apart any more.
    overlong: bool,
    /// Bytes moved to make room.
    pub(super) moved: u64,
}

/// A message, whole or not.
pub(super) struct Joined {
    pub(super) bytes: Vec<u8>,
    pub(super) origin: Vec<Origin>,
    pub(super) first_at: Duration,
    pub(super) state: Completeness,
}

/// Whether a message is all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completeness {
    Whole,
    /// A whole ClientHello in the form of SSL 2.0, which has a record to itself.
    Sslv2,
    /// The length that its header announces, if the header itself is whole.
    Cut(Option<usize>),
    /// The length that its header announces is beyond the limit.
    Overlong(usize),
    /// Bytes behind an overlong message.
    Behind,
}

impl Joiner {
    /// Adds a record's plaintext.
    pub(super) fn push(&mut self, record: usize, at: Duration, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.read > 0 {
            // What is left belongs to the record before, so this moves less than a record.
            self.buffer.drain(..self.read);
            self.moved += self.buffer.len() as u64;
            self.read = 0;
        }
        if self.buffer.is_empty() {
            self.first_at = at;
        }
        self.buffer.extend_from_slice(bytes);
        self.origin.push_back(Origin { record, range: 0..bytes.len() });
    }

    /// The next whole message (or what an overlong one leaves).
    pub(super) fn next(&mut self, limit: usize, at: Duration) -> Option<Joined> {
        let ahead = &self.buffer[self.read..];
        let len = ahead.len();
        if self.overlong {
            return (len > 0).then(|| self.take(len, Completeness::Behind, at));
        }
        let length = announced(ahead)?;
        if length > limit {
            self.overlong = true;
            return Some(self.take(len, Completeness::Overlong(length), at));
        }
        (len >= length).then(|| self.take(length, Completeness::Whole, at))
    }

    /// Whether no message has begun.
    pub(super) fn is_empty(&self) -> bool {
        self.read == self.buffer.len()
    }

    /// What is left when no more can come (end, or a change of keys).
    pub(super) fn rest(&mut self, at: Duration) -> Option<Joined> {
        self.overlong = false;
        let ahead = &self.buffer[self.read..];
        let len = ahead.len();
        let cut = Completeness::Cut(announced(ahead));
        (len > 0).then(|| self.take(len, cut, at))
    }

    fn take(&mut self, len: usize, state: Completeness, at: Duration) -> Joined {
        let bytes = self.buffer[self.read..self.read + len].to_vec();
        self.read += len;
        let mut origin = Vec::new();
        let mut left = len;
        while left > 0
            && let Some(part) = self.origin.front_mut()
        {
            let n = part.range.len().min(left);
            origin.push(Origin { record: part.record, range: part.range.start..part.range.start + n });
            part.range.start += n;
            left -= n;
            if part.range.is_empty() {
                self.origin.pop_front();
            }
        }
        let first_at = std::mem::replace(&mut self.first_at, at);
        Joined { bytes, origin, first_at, state }
    }
}

/// The whole length of the message at the start of `bytes`, header included.
fn announced(bytes: &[u8]) -> Option<usize> {
    let [_, a, b, c, ..] = *bytes else { return None };
    Some(4 + usize::from(a) * 65_536 + usize::from(b) * 256 + usize::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Duration = Duration::ZERO;

    /// Each of these took seconds when joining moved what was left at every step.
    #[test]
    fn joining_is_linear() {
        let mut joiner = Joiner::default();
        let message = [&[77, 0, 0xff, 0xff][..], &[0; 0xffff]].concat();
        for (record, byte) in message.iter().enumerate() {
            assert!(joiner.next(1 << 20, AT).is_none());
            joiner.push(record, AT, &[*byte]);
        }
        let joined = joiner.next(1 << 20, AT).unwrap();
        assert_eq!((joined.bytes, joined.origin.len()), (message.clone(), message.len()));

        let mut joiner = Joiner::default();
        joiner.push(0, AT, &vec![0; 4 << 20]);
        let mut count = 0;
        while let Some(joined) = joiner.next(1 << 20, AT) {
            assert_eq!((joined.bytes.len(), joined.origin[0].range.start), (4, count * 4));
            count += 1;
        }
        assert_eq!(count, 1 << 20);
        assert!(joiner.rest(AT).is_none());
    }

    #[test]
    fn a_message_over_two_records_and_what_follows_it() {
        let mut joiner = Joiner::default();
        joiner.push(0, AT, &[14, 0, 0]);
        assert!(joiner.next(100, AT).is_none());
        joiner.push(1, AT, &[0, 14, 0, 0, 2, 1]);
        let joined = joiner.next(100, AT).unwrap();
        assert_eq!(joined.bytes, [14, 0, 0, 0]);
        assert_eq!(joined.origin, [Origin { record: 0, range: 0..3 }, Origin { record: 1, range: 0..1 }]);
        assert!(joiner.next(100, AT).is_none());
        let rest = joiner.rest(AT).unwrap();
        assert_eq!((rest.bytes.as_slice(), rest.state), (&[14, 0, 0, 2, 1][..], Completeness::Cut(Some(6))));
        assert_eq!(rest.origin, [Origin { record: 1, range: 1..6 }]);
    }
}

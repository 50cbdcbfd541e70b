//! Handshake messages, joined from the records that carry them (RFC 8446, section 5.1).

use std::time::Duration;

use super::model::Origin;

/// Collects one direction's handshake bytes and gives whole messages.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    buffer: Vec<u8>,
    origin: Vec<Origin>,
    first_at: Duration,
    /// A message beyond the limit was met: what follows can't be told apart any more.
    overlong: bool,
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
        if self.buffer.is_empty() {
            self.first_at = at;
        }
        self.buffer.extend_from_slice(bytes);
        self.origin.push(Origin { record, range: 0..bytes.len() });
    }

    /// The next whole message (or what an overlong one leaves).
    pub(super) fn next(&mut self, limit: usize, at: Duration) -> Option<Joined> {
        if self.overlong {
            let len = self.buffer.len();
            return (len > 0).then(|| self.take(len, Completeness::Behind, at));
        }
        let length = announced(&self.buffer)?;
        if length > limit {
            self.overlong = true;
            return Some(self.take(self.buffer.len(), Completeness::Overlong(length), at));
        }
        (self.buffer.len() >= length).then(|| self.take(length, Completeness::Whole, at))
    }

    /// What is left when no more can come (end, or a change of keys).
    pub(super) fn rest(&mut self, at: Duration) -> Option<Joined> {
        self.overlong = false;
        let cut = Completeness::Cut(announced(&self.buffer));
        (!self.buffer.is_empty()).then(|| self.take(self.buffer.len(), cut, at))
    }

    fn take(&mut self, len: usize, state: Completeness, at: Duration) -> Joined {
        let behind = self.buffer.split_off(len);
        let bytes = std::mem::replace(&mut self.buffer, behind);
        let mut origin = Vec::new();
        let mut left = len;
        while left > 0 && !self.origin.is_empty() {
            let part = &mut self.origin[0];
            let n = part.range.len().min(left);
            origin.push(Origin { record: part.record, range: part.range.start..part.range.start + n });
            part.range.start += n;
            left -= n;
            if part.range.is_empty() {
                self.origin.remove(0);
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

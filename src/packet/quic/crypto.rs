//! The bytes of CRYPTO frames, in order (RFC 9000, section 19.6).

use std::collections::BTreeMap;

/// More than any hello takes: what lies further on is not kept.
const MOST: u64 = 1 << 17;
/// Frames that wait for bytes before them.
const MOST_WAITING: usize = 256;

/// One direction's CRYPTO stream of the Initial packets.
#[derive(Debug, Default)]
pub(super) struct Crypto {
    /// Where the bytes that come next start.
    pub(super) next: u64,
    /// What came before its time, by offset.
    waiting: BTreeMap<u64, Vec<u8>>,
    /// Bytes in `waiting`.
    pub(super) held: usize,
    /// Frames that were beyond a limit.
    pub(super) left_out: u64,
}

impl Crypto {
    /// A frame; what is in order with it is given to `give`, in pieces.
    pub(super) fn push(&mut self, offset: u64, bytes: &[u8], give: &mut dyn FnMut(&[u8])) {
        let end = offset.saturating_add(bytes.len() as u64);
        if end <= self.next {
            return;
        }
        if end > MOST {
            self.left_out += 1;
            return;
        }
        if offset > self.next {
            return self.hold(offset, bytes);
        }
        self.give(offset, bytes, give);
        while let Some(entry) = self.waiting.first_entry().filter(|entry| *entry.key() <= self.next) {
            let (offset, bytes) = entry.remove_entry();
            self.held -= bytes.len();
            self.give(offset, &bytes, give);
        }
    }

    /// Gives what of these bytes, which start no later than `next`, is new.
    fn give(&mut self, offset: u64, bytes: &[u8], give: &mut dyn FnMut(&[u8])) {
        let known = usize::try_from(self.next - offset).unwrap_or(usize::MAX);
        if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
            give(new);
            self.next += new.len() as u64;
        }
    }

    fn hold(&mut self, offset: u64, bytes: &[u8]) {
        let held = self.waiting.get(&offset).map_or(0, Vec::len);
        if bytes.len() <= held {
            return;
        }
        let more = bytes.len() - held;
        if (held == 0 && self.waiting.len() >= MOST_WAITING) || (self.held + more) as u64 > MOST {
            self.left_out += 1;
            return;
        }
        self.held += more;
        self.waiting.insert(offset, bytes.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chrome sends its ClientHello in pieces, in no order.
    #[test]
    fn frames_in_any_order_with_overlaps() {
        let whole: Vec<u8> = (0..100).collect();
        let mut crypto = Crypto::default();
        let mut out = Vec::new();
        for (from, to) in
            [(60, 80), (60, 70), (10, 30), (75, 100), (0, 5), (3, 40), (0, 40), (35, 61), (0, 100)]
        {
            crypto.push(from as u64, &whole[from..to], &mut |bytes| out.extend_from_slice(bytes));
        }
        assert_eq!(out, whole);
        assert_eq!((crypto.next, crypto.held, crypto.waiting.len()), (100, 0, 0));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut crypto = Crypto::default();
        for n in 1..100_000_u64 {
            crypto.push(n * 2, &[0; 200], &mut |_| panic!("nothing is in order"));
            crypto.push(u64::MAX, &[0; 200], &mut |_| panic!("nothing is in order"));
        }
        assert!(crypto.waiting.len() <= MOST_WAITING && crypto.held as u64 <= MOST && crypto.left_out > 1000);
    }
}

//! UDP: QUIC connections, and DTLS, which is counted.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::connections::Found;
use super::quic::{self, Connection};
use crate::capture::{KeyLog, Limits};

/// What was in a file of UDP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DatagramCounts {
    pub datagrams: u64,
    /// QUIC connections of which an Initial packet was opened, as far as they have ended.
    pub quic: u64,
    /// QUIC datagrams of no such connection.
    pub quic_unopened: u64,
    /// QUIC connections that ended for us because there was no room for more.
    pub quic_evicted: u64,
    /// Datagrams that are DTLS records, and pairs of ends that sent some.
    pub dtls: u64,
    pub dtls_conversations: u64,
}

type Ends = (SocketAddr, SocketAddr);

/// All UDP of a file.
#[derive(Debug, Default)]
pub(super) struct Datagrams {
    pub(super) counts: DatagramCounts,
    /// Each conversation's place among those of the file, from 0, the oldest in front: Wireshark's `udp.stream`.
    numbers: HashMap<Ends, u64>,
    order: VecDeque<Ends>,
    next: u64,
    open: HashMap<Ends, (Connection, usize)>,
    /// Open connections by when they were last active.
    active: BTreeSet<(Duration, Ends)>,
    /// Bytes that they take.
    bytes: usize,
    dtls: HashSet<Ends>,
}

/// A connection that is silent for so long is over, as far as a capture can tell.
const IDLE: Duration = Duration::from_secs(60);

impl Datagrams {
    /// The next datagram; connections that are over by now are given to `ready`.
    pub(super) fn datagram(
        &mut self,
        source: SocketAddr,
        target: SocketAddr,
        payload: &[u8],
        at: Duration,
        secrets: &KeyLog,
        ready: &mut dyn FnMut(Found),
    ) {
        self.counts.datagrams += 1;
        let ends = if source <= target { (source, target) } else { (target, source) };
        let number = self.number(ends);
        if self.open.get(&ends).is_some_and(|(open, _)| open.is_followed_by(source, payload)) {
            self.end(ends, secrets, false, ready);
        }
        if let Some((connection, weight)) = self.open.get_mut(&ends) {
            self.active.remove(&(connection.last_at, ends));
            connection.datagram(source, payload, at);
            self.active.insert((connection.last_at, ends));
            let measured = connection.measure();
            self.bytes = self.bytes - *weight + measured;
            *weight = measured;
        } else if is_dtls(payload) {
            self.counts.dtls += 1;
            if self.dtls.len() < Limits::DEFAULT.datagram_conversations && self.dtls.insert(ends) {
                self.counts.dtls_conversations += 1;
            }
        } else if quic::is_known(payload) {
            match Connection::begin(number, (source, target), payload, at) {
                Some(connection) => {
                    let weight = connection.measure();
                    self.bytes += weight;
                    self.active.insert((connection.last_at, ends));
                    self.open.insert(ends, (connection, weight));
                }
                None => self.counts.quic_unopened += 1,
            }
        }
        while let Some((last, ends)) = self.active.first().copied() {
            let evicted = self.bytes > Limits::DEFAULT.quic_bytes;
            if !evicted && last + IDLE > at {
                break;
            }
            self.counts.quic_evicted += u64::from(evicted);
            self.end(ends, secrets, evicted, ready);
        }
    }

    fn number(&mut self, ends: Ends) -> u64 {
        if let Some(number) = self.numbers.get(&ends) {
            return *number;
        }
        if self.order.len() >= Limits::DEFAULT.datagram_conversations
            && let Some(oldest) = self.order.pop_front()
        {
            self.numbers.remove(&oldest);
        }
        self.order.push_back(ends);
        self.numbers.insert(ends, self.next);
        self.next += 1;
        self.next - 1
    }

    fn end(&mut self, ends: Ends, secrets: &KeyLog, evicted: bool, ready: &mut dyn FnMut(Found)) {
        let Some((connection, weight)) = self.open.remove(&ends) else { return };
        self.active.remove(&(connection.last_at, ends));
        self.bytes -= weight;
        if let Some((number, capture)) = connection.finish(secrets, evicted) {
            self.counts.quic += 1;
            ready(Found::ended(number, capture));
        }
    }

    /// No more will come.
    pub(super) fn finish(&mut self, secrets: &KeyLog, ready: &mut dyn FnMut(Found)) {
        let mut open: Vec<_> =
            self.open.keys().map(|ends| (self.numbers.get(ends).copied(), *ends)).collect();
        open.sort_unstable();
        open.into_iter().for_each(|(_, ends)| self.end(ends, secrets, false, ready));
    }
}

/// Whether a datagram is one whole DTLS record or several: type, version, epoch, sequence number, length (RFC 6347,
/// section 4.1); or it is cut off in the middle of one.
fn is_dtls(payload: &[u8]) -> bool {
    /// Versions as the header has them: DTLS 1.0, and 1.2, which 1.3 says as well.
    const VERSIONS: [[u8; 2]; 2] = [[0xfe, 0xff], [0xfe, 0xfd]];
    let &[20..=26, major, minor, _, _, _, _, _, _, _, _, high, low, ref rest @ ..] = payload else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let behind = rest.get(length..).and_then(|behind| behind.first());
    VERSIONS.contains(&[major, minor])
        && length > 0
        && behind.is_none_or(|first| matches!(first, 20..=26 | 0x20..=0x3f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    #[test]
    fn dtls_is_counted_and_numbers_are_those_of_conversations() {
        let mut udp = Datagrams::default();
        let (log, mut ready) = (KeyLog::default(), Vec::new());
        let hello = [&[22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3][..], &[1, 2, 3]].concat();
        for (source, target, payload) in [
            (9, 53, &b"a question"[..]),
            (7, 4433, &hello),
            (4433, 7, &hello),
            (8, 4433, &hello),
            (8, 4433, &[22, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
            (8, 4433, &[]),
        ] {
            let ready = &mut |found| ready.push(found);
            udp.datagram(at(source), at(target), payload, Duration::ZERO, &log, ready);
        }
        let counts = udp.counts;
        assert_eq!((counts.datagrams, counts.dtls, counts.dtls_conversations), (6, 3, 2));
        assert_eq!(udp.number((at(8), at(4433))), 2);
        assert!(ready.is_empty());
    }

    #[test]
    fn conversations_are_bounded() {
        let mut udp = Datagrams::default();
        for n in 0..100_000_u32 {
            let [_, _, high, low] = n.to_be_bytes();
            udp.number((at(1), ([192, 0, high, low], (n >> 16) as u16).into()));
        }
        let most = Limits::DEFAULT.datagram_conversations;
        assert_eq!((udp.numbers.len(), udp.order.len()), (most, most));
    }
}

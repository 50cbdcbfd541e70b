//! The packets of a connection of ours (`--packets`): what a packet socket shows in, the connection's segments out.
//!
//! Only headers are kept. The bytes themselves are recorded where they are read and written; a segment says where its
//! payload lies among them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::half::Half;
use super::ip::{Packets, Tcp, Transport};
use crate::capture::{Capture, Limits, LivePackets, Segment};
use crate::wire::Direction;

/// A packet as a packet socket gives it.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Since 1970.
    pub at: Duration,
    /// The interface's index.
    pub interface: usize,
    /// That is the loopback interface.
    pub loopback: bool,
    /// It leaves this machine; on loopback it comes again at once, as one that arrives.
    pub outgoing: bool,
    /// From the IP header on.
    pub bytes: &'a [u8],
}

/// Packets of all connections at a port in, until one of them is known to be ours; then its own alone.
#[derive(Default)]
pub struct Live {
    packets: Packets,
    /// Our end and the peer's.
    ends: Option<[SocketAddr; 2]>,
    /// Until they are known: the last that came, the oldest in front.
    waiting: VecDeque<Header>,
    halves: [Half; 2],
    /// Where each direction's packets are taken from: a bridge or a tunnel shows them on several interfaces.
    interfaces: [Option<usize>; 2],
    segments: Vec<Segment>,
    /// Segments beyond our limit.
    dropped: u64,
    /// Packets that had been seen before.
    again: u64,
    number: u64,
}

/// Of a packet whose connection is not known to be ours yet.
struct Header {
    ends: [SocketAddr; 2],
    interface: usize,
    /// Loopback shows this one again when it arrives.
    comes_again: bool,
    segment: Segment,
}

/// `Packets` reads raw IP under this number.
const LINKTYPE_RAW: u32 = 101;

impl Live {
    /// The next packet.
    pub fn packet(&mut self, frame: &Frame<'_>) {
        let mut packets = std::mem::take(&mut self.packets);
        packets.read(LINKTYPE_RAW, frame.bytes, &mut |transport| match transport {
            Transport::Tcp(tcp) => self.header(header(frame, &tcp)),
            Transport::Udp { .. } => {}
        });
        self.packets = packets;
    }

    fn header(&mut self, header: Header) {
        let Some(ours) = self.ends else {
            if self.waiting.len() >= Limits::DEFAULT.segments {
                self.waiting.pop_front();
            }
            return self.waiting.push_back(header);
        };
        let [source, target] = header.ends;
        let direction = match [source, target] {
            ends if ends == ours => Direction::Client,
            [peer, local] if [local, peer] == ours => Direction::Server,
            _ => return,
        };
        let place = direction.index();
        let interface = *self.interfaces[place].get_or_insert(header.interface);
        if header.comes_again || interface != header.interface {
            self.again += 1;
            return;
        }
        self.number += 1;
        if self.segments.len() >= Limits::DEFAULT.segments {
            self.dropped += 1;
            return;
        }
        let mut segment = Segment { direction, packet: self.number, ..header.segment };
        let half = &mut self.halves[place];
        let syn = segment.has(Segment::SYN);
        if syn {
            half.syn(segment.sequence);
        }
        // Without the SYN nothing says where the payload lies; a reset's belongs to no stream.
        if half.from_start && !segment.has(Segment::RST) {
            let sequence = segment.sequence.wrapping_add(u32::from(syn));
            (segment.seen, segment.offset) =
                half.segment(segment.at, sequence, &[], segment.length, &mut |_| {});
        }
        self.segments.push(segment);
    }

    /// The connection from `local` to `peer` is ours: only its packets are kept, of those that came and that will.
    pub fn belongs_to(&mut self, local: SocketAddr, peer: SocketAddr) {
        self.ends = Some([canonical(local), canonical(peer)]);
        for header in std::mem::take(&mut self.waiting) {
            self.header(header);
        }
    }

    /// Puts what was seen into the capture. `lost`: packets that the kernel had no room for, of whatever connection.
    pub fn finish(self, lost: u64, capture: &mut Capture) {
        let began = capture.began.duration_since(UNIX_EPOCH).unwrap_or_default();
        capture.segments = self.segments;
        for segment in &mut capture.segments {
            segment.at = segment.at.saturating_sub(began);
        }
        capture.segments_dropped = self.dropped;
        capture.packets = Some(LivePackets::Captured { again: self.again, lost });
    }
}

fn header(frame: &Frame<'_>, tcp: &Tcp<'_>) -> Header {
    let header = &tcp.header;
    Header {
        ends: [canonical(tcp.source), canonical(tcp.target)],
        interface: frame.interface,
        comes_again: frame.loopback && frame.outgoing,
        segment: Segment {
            // Both are known when its connection is.
            direction: Direction::Client,
            packet: 0,
            at: frame.at,
            sequence: header.sequence,
            acknowledgement: (header.flags & Segment::ACK != 0).then_some(header.acknowledgement),
            flags: header.flags,
            window: header.window,
            options: header.options.to_vec(),
            length: u32::try_from(tcp.payload.len()).unwrap_or(u32::MAX).saturating_add(tcp.cut),
            offset: None,
            seen: Default::default(),
        },
    }
}

/// Without the scope of a link-local address, which a packet does not have, and IPv4 as such.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// A kernel's time of day.
pub fn since_1970(seconds: i64, nanos: i64) -> Duration {
    match (u64::try_from(seconds), u32::try_from(nanos)) {
        (Ok(seconds), Ok(nanos)) => Duration::new(seconds, nanos.min(999_999_999)),
        _ => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use etherparse::{PacketBuilder, TcpHeader, TcpOptionElement};

    use super::*;
    use crate::capture::{Intent, Seen};

    const CLIENT: &str = "192.0.2.1:50000";
    const SERVER: &str = "192.0.2.2:443";

    /// A packet from the first to the second.
    fn packet(
        [from, to]: [&str; 2],
        flags: u8,
        sequence: u32,
        acknowledgement: u32,
        payload: &[u8],
    ) -> Vec<u8> {
        let [from, to]: [SocketAddr; 2] = [from, to].map(|address| address.parse().unwrap());
        let (SocketAddr::V4(from), SocketAddr::V4(to)) = (from, to) else { panic!("IPv4") };
        let mut tcp = TcpHeader::new(from.port(), to.port(), sequence, 512);
        tcp.acknowledgment_number = acknowledgement;
        (tcp.syn, tcp.ack) = (flags & Segment::SYN != 0, flags & Segment::ACK != 0);
        (tcp.psh, tcp.rst) = (flags & Segment::PSH != 0, flags & Segment::RST != 0);
        if tcp.syn {
            tcp.set_options(&[TcpOptionElement::MaximumSegmentSize(1460)]).unwrap();
        }
        let mut bytes = Vec::new();
        let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64).tcp_header(tcp);
        builder.write_to_vec(&mut bytes, payload).unwrap();
        bytes
    }

    const UP: [&str; 2] = [CLIENT, SERVER];
    const DOWN: [&str; 2] = [SERVER, CLIENT];
    const SYN: u8 = Segment::SYN;
    const ACK: u8 = Segment::ACK;

    /// A connection with another one between its packets, and with a retransmission.
    fn conversation() -> Vec<Vec<u8>> {
        let other = ["192.0.2.1:50001", SERVER];
        vec![
            packet(UP, SYN, 1000, 0, b""),
            packet(other, SYN, 7, 0, b""),
            packet(DOWN, SYN | ACK, 5000, 1001, b""),
            packet(UP, ACK, 1001, 5001, b""),
            packet(UP, ACK, 1001, 5001, &[1; 100]),
            packet(other, ACK, 8, 1, &[9; 50]),
            packet(UP, ACK, 1001, 5001, &[1; 100]),
            packet(UP, ACK, 1101, 5001, &[2; 3000]),
            packet(DOWN, ACK, 5001, 4101, &[3; 10]),
        ]
    }

    fn frame(bytes: &[u8], index: usize) -> Frame<'_> {
        let at = Duration::from_millis(1000 + index as u64);
        Frame { at, interface: 2, loopback: false, outgoing: false, bytes }
    }

    fn captured(live: Live) -> Capture {
        let mut capture = Capture::new(Intent::default(), UNIX_EPOCH + Duration::from_secs(1));
        live.finish(0, &mut capture);
        capture
    }

    fn ours(live: &mut Live) {
        live.belongs_to(CLIENT.parse().unwrap(), SERVER.parse().unwrap());
    }

    /// Also those that came before the connection was known.
    #[test]
    fn a_connection_has_its_own_packets_from_the_syn_on() {
        let packets = conversation();
        for known_after in 0..=packets.len() {
            let mut live = Live::default();
            for (index, bytes) in packets.iter().enumerate() {
                if index == known_after {
                    ours(&mut live);
                }
                live.packet(&frame(bytes, index));
            }
            if known_after == packets.len() {
                ours(&mut live);
            }
            let capture = captured(live);
            let seen: Vec<_> = capture
                .segments
                .iter()
                .map(|segment| {
                    (segment.packet, segment.direction, segment.at.as_millis(), segment.offset, segment.seen)
                })
                .collect();
            use Direction::{Client, Server};
            assert_eq!(
                seen,
                [
                    (1, Client, 0, None, Seen::New),
                    (2, Server, 2, None, Seen::New),
                    (3, Client, 3, None, Seen::New),
                    (4, Client, 4, Some(0), Seen::New),
                    (5, Client, 6, Some(0), Seen::Retransmission),
                    (6, Client, 7, Some(100), Seen::New),
                    (7, Server, 8, Some(0), Seen::New),
                ],
                "known after {known_after}"
            );
            assert_eq!(capture.segments[0].options, [2, 4, 5, 180]);
            assert_eq!(capture.segments[5].length, 3000);
            assert_eq!(capture.packets, Some(LivePackets::Captured { again: 0, lost: 0 }));
        }
    }

    /// Loopback shows each when it leaves and when it arrives; a bridge shows each on several interfaces.
    #[test]
    fn what_is_shown_again_is_counted_once() {
        let packets = conversation();
        let (mut loopback, mut bridge) = (Live::default(), Live::default());
        ours(&mut loopback);
        ours(&mut bridge);
        for (index, bytes) in packets.iter().enumerate() {
            let frame = frame(bytes, index);
            for outgoing in [true, false] {
                loopback.packet(&Frame { loopback: true, outgoing, ..frame });
            }
            for interface in [3, 4] {
                bridge.packet(&Frame { interface, ..frame });
            }
        }
        for live in [loopback, bridge] {
            let capture = captured(live);
            assert_eq!(capture.segments.len(), 7);
            assert_eq!(capture.packets, Some(LivePackets::Captured { again: 7, lost: 0 }));
        }
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_rest_counted() {
        let most = Limits::DEFAULT.segments;
        let other = packet(["192.0.2.9:1", SERVER], ACK, 1, 1, b"x");
        let own = packet(UP, ACK, 1, 1, b"x");
        let mut live = Live::default();
        for index in 0..2 * most {
            live.packet(&frame(&other, index));
        }
        assert_eq!(live.waiting.len(), most);
        live.packet(&frame(&packet(UP, SYN, 0, 0, b""), 0));
        ours(&mut live);
        for index in 0..most + 9 {
            live.packet(&frame(&own, index));
        }
        let capture = captured(live);
        assert_eq!((capture.segments.len(), capture.segments_dropped), (most, 10));
    }

    /// Where the payload lies is not known without the SYN; what no TCP segment is does no harm.
    #[test]
    fn a_start_that_was_missed_and_bytes_of_any_kind() {
        let mut live = Live::default();
        ours(&mut live);
        let bytes = packet(UP, ACK, 1, 1, b"abc");
        for len in 0..bytes.len() {
            live.packet(&frame(&bytes[..len], 0));
        }
        live.packet(&frame(&[0xff; 80], 0));
        live.packet(&frame(&bytes, 0));
        let capture = captured(live);
        assert!(capture.segments.iter().all(|segment| segment.offset.is_none()), "{:?}", capture.segments);
        let last = capture.segments.last().unwrap();
        assert_eq!((last.length, last.sequence), (3, 1));
    }
}

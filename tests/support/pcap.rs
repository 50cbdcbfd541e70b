//! A saved trace as a capture file: classic pcap, with made-up Ethernet, IPv4 and TCP headers.

use std::net::Ipv4Addr;

use tls_trace::capture::{Capture, Event};
use tls_trace::wire::Direction;

const CLIENT: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 50000);
const SERVER: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 2), 443);

/// Of a segment; what is recorded in one piece may be larger.
const MSS: usize = 1400;

const FIN: u8 = 1;
const SYN: u8 = 2;
const ACK: u8 = 16;
const PUSH: u8 = 8;

/// The bytes of a capture file.
pub fn pcap(capture: &Capture) -> Vec<u8> {
    several([capture].into_iter())
}

/// A capture file with several connections, one after the other: the first is tshark's stream 0.
pub fn several<'a>(captures: impl Iterator<Item = &'a Capture>) -> Vec<u8> {
    // Microseconds, version 2.4, Ethernet.
    let mut file =
        [0xa1b2_c3d4_u32.to_le_bytes(), [2, 0, 4, 0], [0; 4], [0; 4], 65535_u32.to_le_bytes()].concat();
    file.extend(1_u32.to_le_bytes());
    let mut wire = Wire { file, port: 0, sent: [0, 0], began: 0 };
    for (capture, port) in captures.zip(CLIENT.1..) {
        (wire.port, wire.sent) = (port, [1000, 2000]);
        wire.segment(Direction::Client, 0, SYN, &[]);
        wire.segment(Direction::Server, 0, SYN | ACK, &[]);
        wire.segment(Direction::Client, 0, ACK, &[]);
        for event in &capture.events {
            if let Event::Bytes { direction, at, bytes } = event {
                for piece in bytes.chunks(MSS) {
                    wire.segment(*direction, at.as_micros(), PUSH | ACK, piece);
                }
            }
        }
        let last = capture.events.last().map_or(0, |event| event.at().as_micros());
        wire.segment(Direction::Client, last, FIN | ACK, &[]);
        wire.segment(Direction::Server, last, FIN | ACK, &[]);
        wire.segment(Direction::Client, last, ACK, &[]);
        wire.began += 20_000_000;
    }
    wire.file
}

struct Wire {
    file: Vec<u8>,
    /// The client's.
    port: u16,
    /// When the connection began, in microseconds.
    began: u128,
    /// The next sequence number of either side.
    sent: [u32; 2],
}

impl Wire {
    fn segment(&mut self, from: Direction, micros: u128, flags: u8, payload: &[u8]) {
        let client = (CLIENT.0, self.port);
        let ((source, source_port), (target, target_port)) = match from {
            Direction::Client => (client, SERVER),
            Direction::Server => (SERVER, client),
        };
        let (own, other) = (self.sent[from.index()], self.sent[1 - from.index()]);
        let acknowledged = if flags & ACK == 0 { 0 } else { other };
        let advance = u32::try_from(payload.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0);
        self.sent[from.index()] = own + advance;

        let mut packet = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        let length = u16::try_from(40 + payload.len()).unwrap();
        packet.extend([0x45, 0]);
        packet.extend(length.to_be_bytes());
        // No checksums: tshark does not look at them unless asked to.
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        packet.extend(source.octets());
        packet.extend(target.octets());
        packet.extend(source_port.to_be_bytes());
        packet.extend(target_port.to_be_bytes());
        packet.extend(own.to_be_bytes());
        packet.extend(acknowledged.to_be_bytes());
        packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(payload);

        let micros = u32::try_from(self.began + micros).unwrap();
        let length = u32::try_from(packet.len()).unwrap();
        for word in [1_800_000_000 + micros / 1_000_000, micros % 1_000_000, length, length] {
            self.file.extend(word.to_le_bytes());
        }
        self.file.extend(packet);
    }
}

//! Arbitrary packets of any link layer: nothing panics, whatever they carry.
//!
//! The input is a list of packets: the link layer, two bytes of length, then that many bytes. With bit 3 of the first byte
//! they are the payload of a UDP datagram; bits 4 and 5 say between which ends.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tls_trace::packet::{Connections, Keep, Packet};
use tls_trace::trace::Trace;
use tls_trace_fuzz::assert_conserved;

/// LINKTYPE_RAW
const RAW: u32 = 101;
const LINKS: [u32; 8] = [0, 1, 101, 108, 113, 228, 229, 276];

fuzz_target!(|input: &[u8]| {
    let mut connections = Connections::new(Keep::ALL);
    let mut rest = input;
    let mut number = 0;
    while let [link, high, low, more @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(more.len());
        number += 1;
        let udp = udp(link >> 4 & 3, &more[..length]);
        let is_udp = link & 8 != 0;
        connections.packet(&Packet {
            number,
            at: Some(Duration::from_millis(number)),
            link: if is_udp { RAW } else { LINKS[usize::from(link & 7)] },
            bytes: if is_udp { &udp } else { &more[..length] },
            length: if is_udp { udp.len() } else { length } as u32 + u32::from(link >> 7),
        });
        rest = &more[length..];
    }
    connections.finish();
    while let Some(found) = connections.next() {
        assert_conserved(&Trace::of(&found.capture));
    }
});

/// A datagram in an IPv4 packet, between one of four pairs of ends.
fn udp(ends: u8, payload: &[u8]) -> Vec<u8> {
    let payload = &payload[..payload.len().min(65_000)];
    let length = |more: usize| ((payload.len() + more) as u16).to_be_bytes();
    let [[high, low], udp] = [length(28), length(8)];
    let (source, target) = if ends & 1 == 0 { (1, 2) } else { (2, 1) };
    let mut packet = vec![0x45, 0, high, low, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, source, 10, 0, 0, target];
    packet.extend([0, source + (ends & 2), 0, target + (ends & 2), udp[0], udp[1], 0, 0]);
    packet.extend_from_slice(payload);
    packet
}

//! Arbitrary packets of any link layer: nothing panics, whatever they carry.
//!
//! The input is a list of packets: the link layer, two bytes of length, then that many bytes.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tls_trace::packet::{Connections, Keep, Packet};
use tls_trace::trace::Trace;
use tls_trace_fuzz::assert_conserved;

const LINKS: [u32; 8] = [0, 1, 101, 108, 113, 228, 229, 276];

fuzz_target!(|input: &[u8]| {
    let mut connections = Connections::new(Keep::ALL);
    let mut rest = input;
    let mut number = 0;
    while let [link, high, low, more @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(more.len());
        number += 1;
        connections.packet(&Packet {
            number,
            at: Some(Duration::from_millis(number)),
            link: LINKS[usize::from(link & 7)],
            bytes: &more[..length],
            length: length as u32 + u32::from(link >> 7),
        });
        rest = &more[length..];
    }
    connections.finish();
    while let Some(found) = connections.next() {
        assert_conserved(&Trace::of(&found.capture));
    }
});

//! What two sides say before TLS: nothing panics, and TLS begins within what was said.
//!
//! The input is where TLS may begin in either direction, two bytes each, then a list of events: who speaks (bit 7) and how many bytes, then
//! those.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tls_trace::capture::Event;
use tls_trace::preamble;
use tls_trace::wire::Direction;

fuzz_target!(|input: &[u8]| {
    let [a, b, c, d, rest @ ..] = input else { return };
    let mut rest = rest;
    let (mut events, mut said, mut at) = (Vec::new(), [0_u64; 2], Duration::ZERO);
    while let [head, more @ ..] = rest {
        let direction = Direction::BOTH[usize::from(head >> 7)];
        let (bytes, behind) = more.split_at(usize::from(head & 0x7f).min(more.len()));
        at += Duration::from_millis(1);
        said[direction.index()] += bytes.len() as u64;
        events.push(Event::Bytes { direction, at, bytes: bytes.to_vec() });
        rest = behind;
    }
    let heuristic = [[*a, *b], [*c, *d]].map(|at| u64::from(u16::from_be_bytes(at)));
    let heuristic = [heuristic[0].min(said[0]), heuristic[1].min(said[1])];
    let Some(found) = preamble::recognise(&events, heuristic) else { return };
    for direction in Direction::BOTH {
        assert!(found.tls_from[direction.index()] <= said[direction.index()], "{found:?}");
    }
    for secret in &found.secrets {
        assert!(secret.start <= secret.end && secret.end <= said[0], "{found:?}");
    }
});

//! A stream of TLS records in segments as the input says: cut, repeated, swapped, lost. What is read of it is what was
//! sent, and what is missing is said.

#![no_main]

use std::net::SocketAddr;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tls_trace::capture::Event;
use tls_trace::packet::ip::{Tcp, TcpHeader};
use tls_trace::packet::{Connections, Keep};
use tls_trace::wire::Direction;

fuzz_target!(|input: &[u8]| {
    let Some((first, steps)) = input.split_first_chunk::<4>() else { return };
    let first = u32::from_be_bytes(*first);
    // A ClientHello's record, and bytes that tell where they stand.
    let hello = [22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3];
    let stream: Vec<u8> =
        hello.into_iter().chain((0_u32..4096).flat_map(u32::to_be_bytes)).take(0x4005).collect();
    let client: SocketAddr = ([192, 0, 2, 1], 50000).into();
    let server: SocketAddr = ([192, 0, 2, 2], 443).into();
    let mut connections = Connections::new(Keep::ALL);
    let mut segment = |sequence: u32, flags: u8, payload: &[u8]| {
        let header = TcpHeader { sequence, acknowledgement: 0, flags, window: 0, options: &[] };
        connections.segment(
            &Tcp { source: client, target: server, header, payload, cut: 0 },
            1,
            Duration::ZERO,
        );
    };
    segment(first, 2, &[]);
    let mut there = vec![false; stream.len()];
    segment(first.wrapping_add(1), 16, &stream[..11]);
    there[..11].fill(true);
    for step in steps.chunks_exact(4) {
        let start = usize::from(u16::from_be_bytes([step[0], step[1]])) % stream.len();
        let end = (start + 1 + usize::from(u16::from_be_bytes([step[2], step[3]])) % 2048).min(stream.len());
        segment(first.wrapping_add(1).wrapping_add(start as u32), 16, &stream[start..end]);
        there[start..end].fill(true);
    }
    connections.finish();
    let found = connections.next().expect("a connection with a ClientHello's record");
    let mut at = 0;
    for event in &found.capture.events {
        match event {
            Event::Bytes { direction: Direction::Client, bytes, .. } => {
                assert_eq!(bytes[..], stream[at..at + bytes.len()]);
                assert!(there[at..at + bytes.len()].iter().all(|there| *there));
                at += bytes.len();
            }
            Event::Gap { direction: Direction::Client, len: Some(len), .. } => {
                let len = *len as usize;
                assert!(there[at..at + len].iter().all(|there| !*there), "it was there");
                at += len;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(there[at..].iter().all(|there| !*there), "the rest was there");
});

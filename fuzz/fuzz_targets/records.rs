//! Arbitrary bytes in arbitrary pieces, both ways, without secrets.
//!
//! The input is a list of pieces: two bytes (direction in the top bit, length below), then that many bytes.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tls_trace::capture::{Event, Limits};
use tls_trace::trace::{Fold, Trace};
use tls_trace::wire::Direction;
use tls_trace_fuzz::assert_conserved;

fuzz_target!(|input: &[u8]| {
    let pieces = pieces(input);
    let whole = fold(pieces.iter().copied());
    assert_conserved(&whole);
    // Where the pieces are cut makes no difference.
    let bytes = fold(pieces.iter().flat_map(|(direction, bytes)| bytes.chunks(1).map(|b| (*direction, b))));
    assert_eq!(whole.records, bytes.records);
    assert_eq!(whole.flows, bytes.flows);
    assert_eq!(whole.messages.len(), bytes.messages.len());
    for (a, b) in whole.messages.iter().zip(&bytes.messages) {
        assert_eq!((&a.name, a.kind, &a.bytes, a.tree()), (&b.name, b.kind, &b.bytes, b.tree()));
    }
});

fn pieces(mut input: &[u8]) -> Vec<(Direction, &[u8])> {
    let mut pieces = Vec::new();
    while let [high, low, rest @ ..] = input {
        let length = usize::from(u16::from_be_bytes([high & 0x7f, *low])).min(rest.len());
        pieces.push((Direction::BOTH[usize::from(high >> 7)], &rest[..length]));
        input = &rest[length..];
    }
    pieces
}

fn fold<'a>(pieces: impl Iterator<Item = (Direction, &'a [u8])>) -> Trace {
    let mut fold = Fold::new(Limits::DEFAULT, [0, 0]);
    for (direction, bytes) in pieces {
        fold.event(&Event::Bytes { direction, at: Duration::ZERO, bytes: bytes.to_vec() });
    }
    fold.finish()
}

//! The recordings, and tools to change them.

use std::time::Duration;

use tls_trace::capture::{Capture, Event, Session, saved};
use tls_trace::trace::Trace;
use tls_trace::wire::Direction;

/// A recording, and which expectations it has.
pub struct Golden {
    pub name: &'static str,
    recording: &'static [u8],
    /// Every field (`-v`) and JSON too, not only the timeline.
    pub in_full: bool,
}

impl Golden {
    pub fn session(&self) -> Session {
        saved::parse(self.recording).unwrap()
    }
}

macro_rules! goldens {
    ($($name:literal $in_full:literal,)*) => {
        &[$(Golden {
            name: $name,
            recording: include_bytes!(concat!("../goldens/", $name, ".json")),
            in_full: $in_full,
        }),*]
    };
}

pub const GOLDENS: &[Golden] = goldens![
    "tls13" true,
    "tls12" true,
    "retry" false,
    "resumption" false,
    "client-cert" false,
    "client-cert-missing" true,
    "compressed" false,
    "large-chain" false,
    "expired" false,
    "untrusted" false,
    "alpn-mismatch" false,
    "plaintext" true,
    "silent" false,
    "reset" false,
    "truncated" false,
];

/// Every capture of every recording, with its name.
pub fn captures() -> impl Iterator<Item = (String, Capture)> {
    GOLDENS.iter().flat_map(|golden| {
        let captures = golden.session().captures;
        captures.into_iter().enumerate().map(|(n, capture)| (format!("{} {}", golden.name, n + 1), capture))
    })
}

/// The one capture of a recording.
pub fn capture(name: &str) -> Capture {
    let golden = GOLDENS.iter().find(|golden| golden.name == name).unwrap();
    golden.session().captures.into_iter().next().unwrap()
}

/// All that a side sent.
pub fn sent(capture: &Capture, side: Direction) -> Vec<u8> {
    let bytes = capture.events.iter().filter_map(|event| match event {
        Event::Bytes { direction, bytes, .. } if *direction == side => Some(bytes.as_slice()),
        _ => None,
    });
    bytes.collect::<Vec<_>>().concat()
}

/// A side's bytes, changed; those of one event stay one event.
pub fn change(capture: &mut Capture, side: Direction, mut work: impl FnMut(&mut Vec<u8>)) {
    for event in &mut capture.events {
        if let Event::Bytes { direction, bytes, .. } = event
            && *direction == side
        {
            work(bytes);
        }
    }
}

/// Changes the byte at `at` of what a side sent.
pub fn flip(capture: &mut Capture, side: Direction, at: usize) {
    let mut from = 0;
    change(capture, side, |bytes| {
        if let Some(byte) = at.checked_sub(from).and_then(|at| bytes.get_mut(at)) {
            *byte ^= 0x01;
        }
        from += bytes.len();
    });
    assert!(at < from, "there is no byte {at}");
}

/// Where the message called `name` (the first one) begins in the bytes that its sender sent in clear.
pub fn place(trace: &Trace, name: &str) -> (Direction, usize) {
    let message = trace.messages.iter().find(|message| message.name == name).unwrap();
    assert!(!message.encrypted(), "{name} is encrypted");
    let origin = &message.origin[0];
    let record = &trace.records[origin.record];
    (message.direction, usize::try_from(record.offset).unwrap() + 5 + origin.range.start)
}

/// Bytes that a side sends now.
pub fn bytes(direction: Direction, bytes: &[u8]) -> Event {
    Event::Bytes { direction, at: Duration::ZERO, bytes: bytes.to_vec() }
}

/// A record as on the wire.
pub fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[content_type, 3, 3, high, low], content].concat()
}

/// Reproducible numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    pub fn byte(&mut self) -> u8 {
        (self.number() >> 32) as u8
    }
}

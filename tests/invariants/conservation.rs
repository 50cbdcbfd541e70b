//! No byte is lost: from `tls_from` on all are in records or in one tail, and those of handshake records in messages.

use tls_trace::capture::{Capture, Event};
use tls_trace::trace::{Kind, Opened, Trace};
use tls_trace::wire::Direction;

use super::golden::{Random, captures, change, sent};

#[test]
fn recorded_sessions_lose_no_byte() {
    for (name, capture) in captures() {
        assert_conserved(&name, &capture, &Trace::of(&capture));
    }
}

/// Whatever happens to the bytes on the way.
#[test]
fn damaged_sessions_lose_no_byte() {
    for (name, whole) in captures() {
        for seed in 0..40 {
            let mut random = Random(seed);
            let mut capture = whole.clone();
            for side in Direction::BOTH {
                change(&mut capture, side, |bytes| damage(bytes, &mut random));
            }
            assert_conserved(&format!("{name}, seed {seed}"), &capture, &Trace::of(&capture));
        }
    }
}

/// Cuts, garbles or inserts at up to three places.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.below(4) {
        // The headers are more interesting than their contents.
        let within = if random.below(2) == 0 { 64 } else { usize::MAX };
        let at = random.below(bytes.len().min(within) + 1);
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..(at + random.below(9)).min(bytes.len()))),
            2 => drop(bytes.splice(at..at, (0..random.below(9)).map(|_| random.byte()).collect::<Vec<_>>())),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = random.byte();
                }
            }
        }
    }
}

/// How the bytes come in pieces changes times only.
#[test]
fn the_pieces_that_the_bytes_come_in_do_not_matter() {
    for (name, whole) in captures() {
        let expected = told(&Trace::of(&whole));
        for seed in 0..10 {
            let mut random = Random(seed);
            let mut capture = whole.clone();
            capture.events = whole.events.iter().flat_map(|event| pieces(event, &mut random)).collect();
            let trace = Trace::of(&capture);
            assert_eq!(told(&trace), expected, "{name}, seed {seed}");
            assert_conserved(&name, &capture, &trace);
        }
    }
}

fn pieces(event: &Event, random: &mut Random) -> Vec<Event> {
    let Event::Bytes { direction, at, bytes } = event else { return vec![event.clone()] };
    let (mut rest, mut out) = (bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(1 + random.below(rest.len().min(300)));
        out.push(Event::Bytes { direction: *direction, at: *at, bytes: piece.to_vec() });
        rest = behind;
    }
    out
}

/// What was made of the bytes.
fn told(trace: &Trace) -> Vec<String> {
    let messages =
        trace.messages.iter().map(|m| format!("{} {:?} {}", m.name, m.epoch, hex::encode(&m.bytes)));
    let proofs =
        trace.handshakes.iter().flat_map(|handshake| &handshake.proofs).map(|proof| format!("{proof:?}"));
    messages.chain(proofs).collect()
}

/// TLS may begin behind a preamble.
#[test]
fn what_stands_before_tls_is_left_out() {
    let (_, whole) = captures().next().unwrap();
    let mut capture = whole.clone();
    capture.tls_from = [6, 9];
    for (side, preamble) in [(Direction::Server, &b"220 ready"[..]), (Direction::Client, b"EHLO\r\n")] {
        capture.events.insert(0, super::golden::bytes(side, preamble));
    }
    let trace = Trace::of(&capture);
    assert_eq!(told(&trace), told(&Trace::of(&whole)));
    assert_conserved("preamble", &capture, &trace);
}

pub fn assert_conserved(name: &str, capture: &Capture, trace: &Trace) {
    for side in Direction::BOTH {
        let all = sent(capture, side);
        let all = &all[usize::try_from(capture.tls_from[side.index()]).unwrap().min(all.len())..];
        let flow = &trace.flows[side.index()];
        assert_eq!(flow.bytes, all.len() as u64, "{name}");
        let mut at = 0;
        for record in trace.records.iter().filter(|record| record.direction == side) {
            assert_eq!(record.offset, at, "{name}: {record:?}");
            at += (record.header + record.length) as u64;
        }
        if let Some(tail) = &flow.tail {
            assert_eq!(tail.offset, at, "{name}");
            assert!(tail.length > 0, "{name}");
            let rest = &all[usize::try_from(at).unwrap()..];
            assert_eq!(tail.bytes, rest[..tail.bytes.len()], "{name}");
            at += tail.length;
        }
        assert_eq!(at, all.len() as u64, "{name}: {side:?}");
    }
    // Where each record's content went.
    let mut parts: Vec<Vec<(std::ops::Range<usize>, &[u8])>> = vec![Vec::new(); trace.records.len()];
    for message in &trace.messages {
        let mut at = 0;
        for origin in &message.origin {
            assert_eq!(trace.records[origin.record].direction, message.direction, "{name}");
            let bytes = message.bytes.get(at..at + origin.range.len()).unwrap_or_default();
            at += origin.range.len();
            parts[origin.record].push((origin.range.clone(), bytes));
        }
        assert_eq!(at, message.length, "{name}: {}", message.name);
        let counted = matches!(message.kind, Kind::ApplicationData | Kind::Sealed);
        assert_eq!(message.bytes.len(), if counted { 0 } else { message.length }, "{name}: {}", message.name);
    }
    for (record, parts) in trace.records.iter().zip(parts) {
        let content = match record.opened {
            Opened::Decrypted { length, .. } => length,
            Opened::Clear | Opened::Sealed(_) => record.length,
        };
        let mut at = 0;
        for (range, bytes) in parts {
            assert_eq!(range.start, at, "{name}: {record:?}");
            if record.opened == Opened::Clear && !bytes.is_empty() {
                let all = sent(capture, record.direction);
                let from =
                    usize::try_from(record.offset + capture.tls_from[record.direction.index()]).unwrap() + 5;
                assert_eq!(bytes, &all[from + range.start..from + range.end], "{name}");
            }
            at = range.end;
        }
        assert_eq!(at, content, "{name}: {record:?}");
    }
}

/// A client that still knew SSL 2.0 offered newer versions in its form (RFC 5246, appendix E.2).
#[test]
fn a_hello_of_ssl_2_begins_a_handshake() {
    use tls_trace::capture::{Event, Limits};
    use tls_trace::trace::{Fold, Kind};
    use tls_trace::wire::Direction;
    let mut message = vec![1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 0x2f, 1, 0, 0x80];
    message.extend([7; 16]);
    let mut bytes = vec![0x80, message.len() as u8];
    bytes.extend(&message);
    // Whole, and byte by byte.
    for chunk in [bytes.len(), 1] {
        let mut fold = Fold::new(Limits::DEFAULT, [0, 0]);
        for piece in bytes.chunks(chunk) {
            let at = std::time::Duration::ZERO;
            fold.event(&Event::Bytes { direction: Direction::Client, at, bytes: piece.to_vec() });
        }
        let trace = fold.finish();
        let [hello] = trace.messages.as_slice() else { panic!("{:?}", trace.messages) };
        assert_eq!((hello.kind, hello.name.as_ref()), (Kind::Handshake(1), "ClientHello (SSL 2.0)"));
        assert_eq!((hello.bytes.as_slice(), hello.problem), (message.as_slice(), None));
        assert_eq!(
            trace.handshakes[0].facts.client.unwrap().legacy_version,
            tls_trace::wire::codepoints::ProtocolVersion::TLS_1_0
        );
        assert_eq!((trace.records[0].header, trace.records[0].length), (2, message.len()));
        assert!(trace.flows[0].tail.is_none());
    }
}

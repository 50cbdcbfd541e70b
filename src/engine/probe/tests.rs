use super::*;
use crate::capture::{Event, saved};
use crate::wire::record::Cut;
use std::num::NonZeroUsize;

/// What the server of a golden trace sent.
fn server(golden: &[u8]) -> Vec<u8> {
    let session = saved::parse(golden).unwrap();
    let events = session.captures[0].events.iter();
    events
        .filter_map(|event| match event {
            Event::Bytes { direction: Direction::Server, bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        })
        .collect::<Vec<_>>()
        .concat()
}

/// What it ends with, and after how many bytes, however they are cut.
fn ends(bytes: &[u8]) -> (Step, usize) {
    let follow = |piece: usize| {
        let mut flight = Flight::new(1 << 20);
        let mut end = 0;
        for piece in bytes.chunks(piece) {
            end += piece.len();
            let step = flight.push(piece);
            if step != Step::More {
                return (step, end);
            }
        }
        (Step::More, end)
    };
    let exact = follow(1);
    for piece in [2, 7, 100, 1 << 16] {
        assert_eq!(follow(piece).0, exact.0);
    }
    exact
}

fn records(content_type: u8, content: &[u8]) -> Vec<u8> {
    let pieces = Cut::Whole.ranges(content.len(), NonZeroUsize::new(1 << 14).unwrap());
    record::write(content_type, 0x0303, content, pieces)
}

#[test]
fn tls_13_ends_with_its_server_hello() {
    for golden in [
        &include_bytes!("../../../tests/goldens/tls13.json")[..],
        include_bytes!("../../../tests/goldens/retry.json"),
    ] {
        let bytes = server(golden);
        let hello = record::HEADER + usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
        assert_eq!(ends(&bytes), (Step::Done, hello));
    }
}

#[test]
fn tls_12_ends_with_server_hello_done() {
    let bytes = server(include_bytes!("../../../tests/goldens/tls12.json"));
    let done = bytes.windows(4).position(|four| four == [14, 0, 0, 0]).unwrap();
    assert_eq!(ends(&bytes), (Step::Done, done + 4));
    assert_eq!(ends(&bytes[..done + 3]).0, Step::More);
}

#[test]
fn an_abbreviated_handshake_ends_with_its_change_cipher_spec() {
    let bytes = server(include_bytes!("../../../tests/goldens/tls12.json"));
    let hello = record::HEADER + handshake::HEADER + usize::from(u16::from_be_bytes([bytes[7], bytes[8]]));
    let mut resumed = records(HANDSHAKE, &bytes[record::HEADER..hello]);
    resumed.extend([20, 3, 3, 0, 1, 1]);
    assert_eq!(ends(&resumed), (Step::Done, resumed.len()));
    assert!(matches!(ends(&[20, 3, 3, 0, 1, 1]).0, Step::Refused(_)));
}

#[test]
fn alerts_end_it_but_warnings_do_not() {
    assert_eq!(ends(&records(ALERT, &[2, 40])).0, Step::Alert(40));
    assert_eq!(ends(&records(ALERT, &[1, 0])).0, Step::Alert(0));
    let mut bytes = records(ALERT, &[1, 112]);
    assert_eq!(ends(&bytes).0, Step::More);
    bytes.extend(server(include_bytes!("../../../tests/goldens/tls13.json")));
    assert_eq!(ends(&bytes).0, Step::Done);
    assert!(matches!(ends(&records(ALERT, &[2])).0, Step::Refused(_)));
}

#[test]
fn what_is_no_first_flight_is_refused() {
    assert!(matches!(ends(b"HTTP/1.1 400 Bad Request\r\n"), (Step::Refused(_), 1)));
    assert!(matches!(ends(&records(23, b"data")).0, Step::Refused(_)));
    assert_eq!(ends(b"\x16\x03").0, Step::More);
}

#[test]
fn a_flood_ends_at_the_limit() {
    let mut flight = Flight::new(100_000);
    let warning = records(ALERT, &[1, 112]);
    let mut steps = 0;
    let last = loop {
        let step = flight.push(&warning);
        steps += 1;
        if step != Step::More {
            break step;
        }
    };
    assert_eq!(last, Step::Refused("its first flight is longer than the limit of 100000 bytes".into()));
    assert_eq!(steps, 100_000 / warning.len() + 1);
    assert!(flight.pending.is_empty() && flight.message.is_empty());
    // A message that never ends is no way around it.
    let endless = records(HANDSHAKE, &[&[11, 0xff, 0xff, 0xff][..], &[0; 99_999]].concat());
    assert!(matches!(Flight::new(100_000).push(&endless), Step::Refused(_)));
}

#[test]
fn every_prefix_and_every_mutation_comes_to_an_end() {
    let bytes = server(include_bytes!("../../../tests/goldens/tls12.json"));
    for at in 0..bytes.len().min(400) {
        for flip in [1, 0x10, 0x80, 0xff] {
            let mut mutated = bytes.clone();
            mutated[at] ^= flip;
            let mut flight = Flight::new(1 << 20);
            mutated.chunks(50).find(|piece| flight.push(piece) != Step::More);
        }
    }
}

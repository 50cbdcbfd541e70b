//! What `diff` says of two messages is whole: each byte that is not the same lies in a field that is told, or is a length;
//! and it costs no more than the messages are long.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tls_trace::report::diff::Differences;
use tls_trace::report::field::is_frame;
use tls_trace::trace::{Kind, Trace};
use tls_trace::wire::Direction;
use tls_trace::wire::facts::Facts;
use tls_trace::wire::field::Field;
use tls_trace::wire::handshake;

use super::golden::captures;

fn tree(bytes: &[u8], direction: Direction, mut before: Facts) -> Field {
    handshake::dissect(bytes, direction, &mut before, true).root.unwrap()
}

/// One message of each kind and version.
fn messages() -> Vec<(String, Direction, Facts, Vec<u8>)> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (name, capture) in captures() {
        let trace = Trace::of(&capture);
        let facts = trace.handshakes.first().map(|handshake| handshake.facts).unwrap_or_default();
        for message in trace.messages {
            let mut new = || seen.insert((message.name.clone(), message.direction.index(), facts.version));
            if matches!(message.kind, Kind::Handshake(_)) && message.incomplete.is_none() && new() {
                out.push((format!("{name} {}", message.name), message.direction, facts, message.bytes));
            }
        }
    }
    out
}

#[test]
fn every_byte_that_differs_is_told() {
    const MOST: usize = 600;
    let all = messages();
    assert!(all.len() > 15, "{}", all.len());
    for (name, direction, facts, bytes) in all {
        let whole = tree(&bytes, direction, facts);
        let same = Differences::of([&whole, &whole], [&bytes, &bytes], usize::MAX);
        assert_eq!(same, Differences::default(), "{name}");
        let frames: Vec<_> = whole.leaves().into_iter().filter(|leaf| is_frame(leaf)).collect();
        let mut changed = bytes.clone();
        for at in (0..bytes.len()).step_by(bytes.len() / MOST + 1) {
            for flip in [1, 0xff] {
                changed[at] ^= flip;
                let other = tree(&changed, direction, facts);
                let found = Differences::of([&whole, &other], [&bytes, &changed], usize::MAX);
                let turned = Differences::of([&other, &whole], [&changed, &bytes], usize::MAX);
                assert_eq!((found.real, found.more), (turned.real, turned.more), "{name}: byte {at}");
                let tells = |here: &Option<_>| {
                    here.as_ref().is_some_and(|here: &tls_trace::report::diff::Here| here.range.contains(&at))
                };
                let told = found.fields.iter().any(|field| field.sides.iter().any(tells));
                let length = frames.iter().any(|leaf| leaf.range.contains(&at));
                assert!(told || length || found.more > 0, "{name}: byte {at}: {found:#?}");
                changed[at] ^= flip;
            }
            // What was cut off.
            let cut = tree(&bytes[..at], direction, facts);
            Differences::of([&whole, &cut], [&bytes, &bytes[..at]], usize::MAX);
        }
    }
}

/// A ClientHello with so many suites and so many extensions that no registry knows, the first of them last.
fn large(suites: u16, extensions: u16, turned: bool) -> Vec<u8> {
    let mut codes: Vec<u16> = (0..suites).collect();
    let mut types: Vec<u16> = (0..extensions).map(|n| 0x4000 + n).collect();
    if turned {
        codes.reverse();
        types.reverse();
    }
    let two = |len: usize| u16::try_from(len).unwrap().to_be_bytes();
    let mut body = [&[3, 3][..], &[u8::from(turned); 32], &[0]].concat();
    body.extend(two(codes.len() * 2));
    codes.iter().for_each(|code| body.extend(code.to_be_bytes()));
    body.extend([1, 0]);
    body.extend(two(types.len() * 5));
    types.iter().for_each(|code| body.extend([&code.to_be_bytes()[..], &[0, 1, u8::from(turned)]].concat()));
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[1], &length[1..], &body].concat()
}

#[test]
fn large_messages_cost_no_more_than_they_are_long() {
    let began = Instant::now();
    let sides = [false, true].map(|turned| large(30_000, 12_000, turned));
    let trees = [0, 1].map(|side| tree(&sides[side], Direction::Client, Facts::default()));
    let found = Differences::of([&trees[0], &trees[1]], [&sides[0], &sides[1]], usize::MAX);
    assert!(found.real && found.fields.len() <= 1_000 && found.more > 10_000, "{}", found.more);
    let suites = found.fields.iter().find(|field| field.path == ["cipher_suites"]).unwrap();
    assert!(suites.list.as_ref().unwrap().reordered);
    assert!(suites.sides.iter().flatten().all(|here| here.text.len() < 4_000));
    // With each compared to each other it would be minutes.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

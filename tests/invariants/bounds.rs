//! Every buffer that a peer can fill has a limit, and reaching it is told.

use tls_trace::capture::{Capture, Limits, Session};
use tls_trace::report::Report;
use tls_trace::trace::{Fold, Message, Opened, Trace, Why};
use tls_trace::wire::Direction::{Client, Server};
use tls_trace::wire::field::Wrong;

use super::conservation::assert_conserved;
use super::golden::{bytes, capture, record};

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind, a, b, c], body].concat()
}

/// A server's content of one type, in full records.
fn records(content_type: u8, content: &[u8], size: usize) -> Vec<u8> {
    content.chunks(size).flat_map(|part| record(content_type, part)).collect()
}

fn folded(limits: Limits, server: &[u8]) -> Trace {
    let mut fold = Fold::new(limits, [0, 0]);
    server.chunks(16_384).for_each(|piece| fold.event(&bytes(Server, piece)));
    fold.finish()
}

fn assert_told(trace: &Trace, needle: &str) {
    assert!(trace.limits_reached.iter().any(|told| told.contains(needle)), "{:?}", trace.limits_reached);
}

/// A limit that was reached is a finding of the report.
#[test]
fn a_limit_is_a_finding() {
    let mut capture = capture("tls13");
    let flood = record(ALERT, &[1, 90]).repeat(Limits::DEFAULT.messages + 10);
    capture.events = vec![bytes(Server, &flood)];
    capture.limits_reached = vec!["recorded_bytes".into()];
    let report = Report::of(Session { captures: vec![capture], ..Session::default() }).unwrap();
    let limits: Vec<_> =
        report.connections[0].findings.iter().filter(|finding| finding.id == "limit").collect();
    assert_eq!(limits.len(), 2, "{limits:#?}");
    assert!(limits.iter().any(|limit| limit.what.contains("messages")), "{limits:#?}");
}

#[test]
fn records_are_bounded() {
    let trace = folded(Limits { records: 10, ..Limits::DEFAULT }, &record(ALERT, &[1, 90]).repeat(100));
    assert_eq!(trace.records.len(), 10);
    assert_eq!(trace.flows[1].bytes, 700);
    assert_told(&trace, "90 records");
}

#[test]
fn messages_are_bounded() {
    let limits = Limits { messages: 10, ..Limits::DEFAULT };
    let trace = folded(limits, &records(HANDSHAKE, &handshake(0, &[]).repeat(100), 400));
    assert_eq!(trace.messages.len(), 10);
    assert_told(&trace, "90 messages");
    // Each would begin a handshake.
    let hello = capture("tls13");
    let hello = &Trace::of(&hello).messages[0].bytes;
    let trace = folded(limits, &records(HANDSHAKE, &hello.repeat(50), 16_384));
    assert!(trace.handshakes.len() <= 10, "{}", trace.handshakes.len());
}

#[test]
fn a_message_is_bounded() {
    let mut flood = vec![11, 0xff, 0xff, 0xff];
    flood.resize(3 << 20, 0);
    let trace = folded(Limits::DEFAULT, &records(HANDSHAKE, &flood, 16_384));
    let first = &trace.messages[0];
    assert_eq!(first.problem.unwrap().kind, Wrong::TooLong { limit: Limits::DEFAULT.message_bytes });
    assert_eq!(first.incomplete, Some(4 + 0x00ff_ffff));
    assert!(trace.messages.iter().all(|message| message.bytes.len() <= Limits::DEFAULT.message_bytes));
    let limits = Limits { message_bytes: 100, ..Limits::DEFAULT };
    assert!(folded(limits, &record(HANDSHAKE, &handshake(11, &[0; 97]))).messages[0].problem.is_some());
    assert!(folded(limits, &record(HANDSHAKE, &handshake(20, &[0; 96]))).messages[0].problem.is_none());
}

/// One byte a record: as many parts as there are records.
#[test]
fn a_message_in_very_many_records_is_joined() {
    let mut message = handshake(11, &vec![0; 40_000]);
    message[7..].fill(0);
    let trace = folded(Limits::DEFAULT, &records(HANDSHAKE, &message, 1));
    assert_eq!((trace.messages.len(), trace.messages[0].origin.len()), (1, 40_004));
}

/// Four bytes a message: as many messages as fit into what is recorded.
#[test]
fn very_many_small_messages_are_counted() {
    let all = handshake(0, &[]).repeat(1 << 20);
    let trace = folded(Limits::DEFAULT, &records(HANDSHAKE, &all, 16_384));
    assert_eq!(trace.messages.len(), Limits::DEFAULT.messages);
    assert_told(&trace, &format!("{} messages", (1 << 20) - Limits::DEFAULT.messages));
}

/// Each leaf of a tree takes some hundred bytes, for two bytes on the wire.
#[test]
fn trees_are_bounded() {
    let suites = vec![0x13; 60_000];
    let mut hello = [&[3, 3][..], &[7; 32], &[0], &60_000u16.to_be_bytes(), &suites, &[1, 0]].concat();
    hello = handshake(1, &hello);
    let limits = Limits { fields: 100_000, ..Limits::DEFAULT };
    let trace = folded(limits, &records(HANDSHAKE, &hello.repeat(20), 16_384));
    assert_eq!(trace.messages.len(), 20);
    let leaves: usize = trace.messages.iter().filter_map(Message::tree).map(|root| root.leaves().len()).sum();
    assert!(leaves < 150_000, "{leaves}");
    for message in &trace.messages {
        super::tiling::assert_tiles(&message.tree().unwrap(), message.bytes.len());
        assert_eq!(message.name, "ClientHello");
    }
    assert_told(&trace, "fields");
}

/// Each one is hashed over all that came before it.
#[test]
fn proofs_are_bounded() {
    let mut capture = capture("tls12");
    let finished = handshake(20, &[9; 12]).repeat(2_000);
    let trace = Trace::of(&capture);
    let first = trace.records.iter().find(|record| record.direction == Server).unwrap();
    let flight = super::golden::sent(&capture, Server)[..5 + first.length].to_vec();
    let client = super::golden::sent(&capture, Client);
    capture.events = vec![
        bytes(Client, &client),
        bytes(Server, &[flight, record(HANDSHAKE, &finished[..16_000])].concat()),
    ];
    let mut fold = Fold::new(Limits { proofs: 20, ..Limits::DEFAULT }, [0, 0]);
    capture.secrets.0.iter().for_each(|secret| fold.secret(secret));
    capture.events.iter().for_each(|event| fold.event(event));
    let trace = fold.finish();
    let proofs: Vec<_> = trace.handshakes.iter().flat_map(|handshake| &handshake.proofs).collect();
    assert_eq!(proofs.len(), 20);
    assert_told(&trace, "proofs");
}

#[test]
fn waiting_records_are_bounded() {
    let mut capture = capture("tls13");
    capture.secrets.0.clear();
    let flood = record(APPLICATION_DATA, &[0; 64]).repeat(5_000);
    capture.events.push(bytes(Server, &flood));
    capture.events.push(bytes(Client, &flood));
    let mut fold = Fold::new(Limits { waiting_records: 100, ..Limits::DEFAULT }, [0, 0]);
    capture.events.iter().for_each(|event| fold.event(event));
    // The secrets come too late for those that could not wait.
    let secrets = super::golden::capture("tls13").secrets;
    secrets.0.iter().for_each(|secret| fold.secret(secret));
    let trace = fold.finish();
    let given_up =
        trace.records.iter().filter(|record| record.opened == Opened::Sealed(Why::TooMany)).count();
    assert!((9_700..=10_010).contains(&given_up), "{given_up}");
    assert_told(&trace, &format!("{given_up} records"));
    assert_conserved("flood", &capture, &trace);
}

#[test]
fn a_decompression_bomb_does_not_go_off() {
    let limits = Limits { decompressed_bytes: 10_000, ..Limits::DEFAULT };
    // zlib: a hundred thousand zeros, and what it says that it is.
    let bomb = hex::decode(BOMB).unwrap();
    for (announced, problem) in [(100_000u32, "limit"), (10_000, "does not decompress")] {
        let [_, a, b, c] = announced.to_be_bytes();
        let [_, d, e, f] = u32::try_from(bomb.len()).unwrap().to_be_bytes();
        let body = [&[0, 1, a, b, c, d, e, f], bomb.as_slice()].concat();
        let trace = folded(limits, &record(HANDSHAKE, &handshake(25, &body)));
        let message = &trace.messages[0];
        assert!(message.derived.is_empty());
        assert!(message.problem.unwrap().to_string().contains(problem), "{:?}", message.problem);
    }
}

/// `zlib.compress(bytes(100_000), 9)`
const BOMB: &str = "78daedc13101000000c2a0f54f6d0d0fa000000000000000000000000000000000000000000000000000000000\
    000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
    000000000000000000000000000000000000000000000080570386af0001";

#[test]
fn what_is_no_tls_is_not_kept() {
    let trace = folded(Limits::DEFAULT, &b"HTTP/1.1 200 OK\r\n".repeat(100_000));
    let tail = trace.flows[1].tail.as_ref().unwrap();
    assert_eq!(tail.length, 1_700_000);
    assert!(tail.bytes.len() <= 4_096);
}

#[test]
fn application_data_is_counted_not_kept() {
    let mut capture: Capture = capture("tls12");
    // Sealed, for want of a right one.
    let flood = record(APPLICATION_DATA, &[0; 16_000]).repeat(200);
    capture.events.insert(4, bytes(Server, &flood));
    let trace = Trace::of(&capture);
    let kept: usize = trace.messages.iter().map(|message| message.bytes.len()).sum();
    assert!(kept < 10_000, "{kept}");
    assert!(trace.messages.iter().any(|message| message.length == 3_200_000));
    assert_conserved("application data", &capture, &trace);
}

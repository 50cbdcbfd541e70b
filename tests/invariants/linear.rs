//! Whatever a peer sends: twice as much of it costs twice the work. Work is counted, not timed.

use tls_trace::capture::{Capture, Event, Label};
use tls_trace::crypto::hkdf;
use tls_trace::crypto::record::Sealer;
use tls_trace::crypto::suite::Suite;
use tls_trace::trace::{Epoch, Opened, Trace};
use tls_trace::wire::Direction::{self, Client, Server};

use super::golden::{bytes, capture, record};

const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// The server's application keys of a recorded handshake, one KeyUpdate after the other.
struct Keys {
    suite: Suite,
    secret: Vec<u8>,
    sealer: Sealer,
}

impl Keys {
    fn of(capture: &Capture) -> Self {
        let suite = Suite::of(Trace::of(capture).handshakes[0].facts.cipher_suite.unwrap()).unwrap();
        let secret = capture.secrets.0.iter().find(|secret| secret.label == Label::ServerTraffic).unwrap();
        Keys { suite, secret: secret.secret.clone(), sealer: Sealer::tls13(suite, &secret.secret).unwrap() }
    }

    fn seal(&mut self, content_type: u8, content: &[u8]) -> Vec<u8> {
        self.sealer.seal(content_type, 0x0303, content).unwrap()
    }

    /// A KeyUpdate; what follows is under the next keys.
    fn update(&mut self) -> Vec<u8> {
        let sealed = self.seal(HANDSHAKE, &[24, 0, 0, 1, 0]);
        self.secret = hkdf::updated(self.suite.hash, &self.secret);
        self.sealer = Sealer::tls13(self.suite, &self.secret).unwrap();
        sealed
    }
}

/// TLS 1.3 with what the server sends behind its Finished replaced, before the client's Finished.
fn with_server_data(data: impl FnOnce(&mut Keys) -> Vec<u8>) -> Capture {
    let mut capture = capture("tls13");
    let mut keys = Keys::of(&capture);
    let from = |event: &Event, side: Direction| matches!(event, Event::Bytes { direction, .. } if *direction == side);
    let flight = capture.events.iter().position(|event| from(event, Server)).unwrap();
    let finished = flight + capture.events[flight..].iter().position(|event| from(event, Client)).unwrap();
    let later = capture.events.split_off(finished);
    capture.events.push(bytes(Server, &data(&mut keys)));
    capture.events.extend(later.into_iter().filter(|event| from(event, Client)));
    capture
}

/// A sender may update its keys once its own Finished is out, whether or not the other one's came.
#[test]
fn a_key_update_before_the_other_sides_finished_is_followed() {
    let capture = with_server_data(|keys| {
        let updates = [keys.update(), keys.update()].concat();
        [updates, keys.seal(APPLICATION_DATA, b"early")].concat()
    });
    let trace = Trace::of(&capture);
    assert!(trace.handshakes[0].complete_at.is_some());
    assert!(trace.records.iter().all(|record| !matches!(record.opened, Opened::Sealed(_))));
    let data = trace.messages.iter().find(|message| message.name == "application data").unwrap();
    assert_eq!((data.epoch, data.length), (Epoch::Application(2), 5));
}

/// A Certificate after the handshake does not take the place of the one that was proven.
#[test]
fn what_a_server_says_unasked_settles_nothing() {
    let whole = Trace::of(&capture("tls13"));
    let mut capture = with_server_data(|_| Vec::new());
    let mut keys = Keys::of(&capture);
    // An empty request context, and one entry of three bytes without extensions.
    let certificate = [11, 0, 0, 12, 0, 0, 0, 8, 0, 0, 3, 1, 2, 3, 0, 0];
    capture.events.push(bytes(Server, &keys.seal(HANDSHAKE, &certificate)));
    let trace = Trace::of(&capture);
    let last = trace.messages.last().unwrap();
    assert!((last.name.as_ref(), last.post_handshake) == ("Certificate", true), "{last:?}");
    assert!(whole.chain(0, Server).len() > 1);
    assert_eq!(trace.chain(0, Server), whole.chain(0, Server));
    assert_eq!(trace.handshakes.len(), 1);
}

/// All counts of a trace of `n` units, and of twice as many.
fn assert_linear(name: &str, of: impl Fn(usize) -> Trace, n: usize) {
    let counts = |trace: Trace| {
        let work = trace.work;
        [work.derived, work.tried, work.looked_at, work.moved, work.hashed]
    };
    let (once, twice) = (counts(of(n)), counts(of(2 * n)));
    for (at, (once, twice)) in once.into_iter().zip(twice).enumerate() {
        assert!(twice <= 5 * once / 2 + 1_000, "{name}: count {at} grows from {once} to {twice}");
    }
}

#[test]
fn key_updates() {
    let of = |n: usize| Trace::of(&with_server_data(|keys| (0..n).flat_map(|_| keys.update()).collect()));
    let trace = of(500);
    assert_eq!(trace.work.derived, 499, "the last one protects nothing");
    assert_linear("key updates", of, 500);
}

/// Each change of keys in TLS 1.2 is an epoch of its own.
#[test]
fn changes_of_cipher_spec() {
    let of = |n: usize| {
        let mut capture = capture("tls12");
        let pair = [record(20, &[1]), record(APPLICATION_DATA, &[7; 40])].concat();
        capture.events.push(bytes(Server, &pair.repeat(n)));
        Trace::of(&capture)
    };
    assert_linear("changes of cipher spec", of, 500);
}

#[test]
fn records_that_no_key_opens() {
    let of = |n: usize| {
        let mut capture = capture("tls13");
        capture.events.push(bytes(Server, &record(APPLICATION_DATA, &[7; 40]).repeat(n)));
        Trace::of(&capture)
    };
    assert_linear("records that no key opens", of, 500);
}

/// All of it read at once, as from a file.
#[test]
fn one_large_read() {
    let of = |n: usize| {
        let mut capture = capture("tls13");
        capture.events = vec![bytes(Server, &record(HANDSHAKE, &[77, 0, 3, 0xfc].repeat(256)).repeat(n))];
        Trace::of(&capture)
    };
    assert_linear("one large read", of, 500);
}

#[test]
fn many_finished() {
    let of = |n: usize| {
        let mut capture = capture("tls12");
        let finished = [&[20, 0, 0, 12][..], &[9; 12]].concat();
        capture.events.insert(1, bytes(Server, &record(HANDSHAKE, &finished.repeat(100)).repeat(n)));
        Trace::of(&capture)
    };
    assert_linear("many Finished", of, 20);
}

/// A capture in which the server sends these bytes and nothing else happens.
fn server_says(all: Vec<u8>) -> Trace {
    let mut capture = capture("tls12");
    capture.events.truncate(1);
    capture.events.push(bytes(Server, &all));
    Trace::of(&capture)
}

#[test]
fn empty_records_fragments_alerts_and_small_messages() {
    let ticket = [4, 0, 0, 6, 0, 0, 0, 0, 0, 0];
    for (name, unit) in [
        ("empty records", record(HANDSHAKE, &[])),
        // A message that a byte is added to with each record.
        ("tiny fragments", record(HANDSHAKE, &[4])),
        ("alerts", record(21, &[1, 0])),
        ("messages, one a record", record(HANDSHAKE, &ticket)),
        ("many messages in a record", record(HANDSHAKE, &ticket.repeat(64))),
        ("Certificates", record(HANDSHAKE, &[11, 0, 0, 6, 0, 0, 3, 0, 0, 0])),
    ] {
        assert_linear(name, |n| server_says(unit.repeat(n)), 500);
    }
    // The same, and each byte an event of its own.
    let of = |n: usize| {
        let mut capture = capture("tls12");
        capture.events.truncate(1);
        let all = record(HANDSHAKE, &ticket).repeat(n);
        capture.events.extend(all.iter().map(|byte| bytes(Server, &[*byte])));
        Trace::of(&capture)
    };
    assert_linear("bytes that come one by one", of, 200);
}

/// A ServerHello with many extensions, and lists of many certificates: how often their bytes are looked at must not grow
/// with how many there are.
#[test]
fn many_extensions_and_certificates() {
    let message = |kind: u8, body: Vec<u8>| {
        let len = u32::try_from(body.len()).unwrap().to_be_bytes();
        let whole = [&[kind], &len[1..], &body].concat();
        whole.chunks(16_384).flat_map(|part| record(HANDSHAKE, part)).collect::<Vec<u8>>()
    };
    let hello = |n: usize| {
        let list = [0x12, 0x34, 0, 0].repeat(n);
        let head = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2f, 0]].concat();
        message(2, [&head[..], &u16::try_from(list.len()).unwrap().to_be_bytes(), &list].concat())
    };
    assert_linear("extensions", |n| server_says(hello(n)), 4_000);
    let certificates = |n: usize| {
        let list = [&[0, 0, 5, 0x30, 3, 2, 1, 9][..]].concat().repeat(n);
        let len = u32::try_from(list.len()).unwrap().to_be_bytes();
        server_says([hello(1), message(11, [&len[1..], &list].concat())].concat())
    };
    // From a size on at which what is moved to make room shows.
    assert_linear("certificates", certificates, 50_000);
}

//! The lab engine against a small server of old TLS: servers that misbehave are refused, with a finding and in time; one
//! that ordinary clients have nothing in common with is named.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod authority;

use std::io::{self, Cursor, Read, Write};
use std::net::TcpListener;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use tls_trace::capture::{Offer, Role};
use tls_trace::demo::classic_server::{Mischief, Server};
use tls_trace::engine::hello::Fresh;
use tls_trace::engine::lab::{Lab, Setup, of_offer};
use tls_trace::engine::{Engine, Request};
use tls_trace::run::{Run, Source};
use tls_trace::wire::codepoints::{CipherSuite, ProtocolVersion};

const RSA_GCM: u16 = 0x009c;
const RSA_CBC: u16 = 0x003c;
const DHE_GCM: u16 = 0x009e;
const ECDHE_GCM: u16 = 0xc02f;

const SERVER_HELLO: u8 = 2;
const SERVER_KEY_EXCHANGE: u8 = 12;
const FINISHED: u8 = 20;

/// A self-signed RSA certificate and its key, DER.
static IDENTITY: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| authority::self_signed_rsa("localhost"));

/// What the engine said of the server, and the verdict's id and exit code.
fn against(suite: u16, server: Server) -> (Option<String>, bool, String, i32) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (certificate, key) = IDENTITY.clone();
    let server = Server { cipher_suite: CipherSuite(suite), chain: vec![certificate], key, ..server };
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let _ = server.serve(&stream);
    });
    let version = ProtocolVersion::TLS_1_2.0;
    let request = Request {
        engine: Engine::Lab,
        offer: Offer { min: version, max: version, ciphers: Some(vec![suite]), ..Offer::default() },
        settle: Some(Duration::from_millis(300)),
        ..Request::to("127.0.0.1", port)
    };
    let began = Instant::now();
    let report = Run::new(Source::One(request)).report().unwrap();
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    thread.join().unwrap();
    let end = report.connections[0].capture.engine.clone().unwrap();
    let verdict = report.verdict().unwrap();
    let id = verdict.id.clone().unwrap_or_default().into_owned();
    (end.error, end.refused, id, report.exit_code().into())
}

/// It is refused, for this reason.
#[track_caller]
fn refused(suite: u16, mischief: Mischief, why: &str) {
    let (error, refused, id, code) = against(suite, Server { mischief, ..Server::default() });
    let error = error.unwrap_or_default();
    assert!(refused && error.contains(why), "{error:?} does not say {why:?}");
    assert_eq!(code, 4, "{id}");
}

fn params(parts: &[&[u8]]) -> Mischief {
    let vector = |part: &&[u8]| [&(part.len() as u16).to_be_bytes(), *part].concat();
    Mischief { params: Some(parts.iter().flat_map(vector).collect()), ..Mischief::default() }
}

fn message(of: u8, change: fn(&mut Vec<u8>)) -> Mischief {
    Mischief { message: Some((of, change)), ..Mischief::default() }
}

#[test]
fn a_good_server_is_not_refused() {
    for suite in [RSA_GCM, RSA_CBC, DHE_GCM, ECDHE_GCM] {
        let (error, refused, id, _) = against(suite, Server::default());
        assert_eq!((error, refused), (None, false), "{suite:#x} {id}");
    }
    let (error, ..) = against(ECDHE_GCM, Server { renegotiates: true, ..Server::default() });
    assert_eq!(error, None);
}

#[test]
fn bad_groups() {
    let p = rustls::ffdhe_groups::FFDHE2048.p;
    let ending = |last: u8| [&p[..p.len() - 1], &[last]].concat();
    let (even, composite, minus_one) = (ending(0xfe), ending(0xfd), ending(0xfe));
    refused(DHE_GCM, params(&[&[23], &[5], &[8]]), "5 bits");
    refused(DHE_GCM, params(&[&[0xff; 48], &[2], &[8]]), "384 bits");
    refused(DHE_GCM, params(&[&[0xff; 2000], &[2], &[8]]), "16000 bits");
    refused(DHE_GCM, params(&[&even, &[2], &[8]]), "even");
    refused(DHE_GCM, params(&[&composite, &[2], &[8]]), "no prime");
    refused(DHE_GCM, params(&[p, &[1], &[8]]), "generator");
    for value in [&[0][..], &[1], &minus_one, p, &[0xff; 256]] {
        refused(DHE_GCM, params(&[p, &[2], value]), "public value");
    }
    refused(DHE_GCM, params(&[p, &[2]]), "");
}

#[test]
fn bad_points() {
    let x25519 = |share: &[u8]| Mischief {
        params: Some([&[3, 0, 29, share.len() as u8], share].concat()),
        ..Mischief::default()
    };
    // A point of small order, a share that is too short, a curve that was not offered, an explicit one.
    refused(ECDHE_GCM, x25519(&[0; 32]), "point");
    refused(ECDHE_GCM, x25519(&[9; 31]), "point");
    let off = Mischief { params: Some([&[3, 0, 23, 65, 4][..], &[7; 64]].concat()), ..Mischief::default() };
    refused(ECDHE_GCM, off, "point");
    let strange = Mischief { params: Some(vec![3, 0, 22, 1, 4]), ..Mischief::default() };
    refused(ECDHE_GCM, strange, "not offered");
}

#[test]
fn what_does_not_fit() {
    refused(ECDHE_GCM, message(SERVER_KEY_EXCHANGE, |body| *body.last_mut().unwrap() ^= 1), "signature");
    refused(RSA_GCM, message(FINISHED, |body| body[0] ^= 1), "Finished");
    // version, random, session id, suite, compression
    refused(RSA_GCM, message(SERVER_HELLO, |body| body[1] = 1), "TLS 1.0");
    refused(RSA_GCM, message(SERVER_HELLO, |body| body[36] = 0x9d), "not offered");
    refused(RSA_GCM, message(SERVER_HELLO, |body| body[37] = 1), "compression");
}

#[test]
fn bad_records() {
    let record = |change: fn(&mut Vec<u8>)| Mischief { record: Some(change), ..Mischief::default() };
    refused(RSA_GCM, record(|record| *record.last_mut().unwrap() ^= 1), "MAC");
    refused(RSA_CBC, record(|record| record[5] ^= 1), "MAC");
    // The last block but one decides on the padding.
    refused(
        RSA_CBC,
        record(|record| {
            let at = record.len() - 17;
            record[at] ^= 0x40;
        }),
        "padding",
    );
    refused(
        RSA_CBC,
        record(|record| {
            record.truncate(20);
            record[4] = 15;
        }),
        "length",
    );
}

#[test]
fn a_renegotiation_without_its_binding() {
    let mischief = Mischief { unbound: true, ..Mischief::default() };
    let server = Server { renegotiates: true, mischief, ..Server::default() };
    let (error, refused, id, code) = against(ECDHE_GCM, server);
    assert!(refused && error.unwrap().contains("renegotiation_info"), "{id}");
    assert_eq!(code, 4, "{id}");
}

/// What a server that has only RSA key exchange comes to, with and without a second attempt.
fn legacy(retry: bool) -> (Vec<(Role, String, bool)>, String, i32) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (certificate, key) = IDENTITY.clone();
    let server =
        Server { cipher_suite: CipherSuite(RSA_GCM), chain: vec![certificate], key, ..Server::default() };
    let thread = thread::spawn(move || {
        for _ in 0..if retry { 2 } else { 1 } {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let _ = server.serve(&stream);
        }
    });
    let request = Request { retry, ..Request::to("127.0.0.1", port) };
    let report = Run::new(Source::One(request)).report().unwrap();
    thread.join().unwrap();
    let connections = report.connections.iter().map(|judged| {
        let end = judged.capture.engine.clone().unwrap();
        (judged.capture.role.clone(), end.name, end.complete)
    });
    let id = report.verdict().unwrap().id.clone().unwrap_or_default().into_owned();
    (connections.collect(), id, report.exit_code().into())
}

#[test]
fn a_server_that_only_the_lab_engine_gets_through_to() {
    let (connections, id, code) = legacy(true);
    assert_eq!(connections, [(Role::Superseded, "rustls".into(), false), (Role::Retry, "lab".into(), true)]);
    assert_eq!((id.as_str(), code), ("server.legacy_only", 4));
    let (connections, id, code) = legacy(false);
    assert_eq!(connections, [(Role::Main, "rustls".into(), false)]);
    assert_eq!((id.as_str(), code), ("alert.handshake_failure", 4));
}

/// Arbitrary server bytes: whatever is changed in a flight, and wherever it ends, the engine comes to an end by itself.
#[test]
fn any_change_of_a_flight_is_survived() {
    for (suite, version) in [(ECDHE_GCM, 0x0303), (DHE_GCM, 0x0303), (RSA_GCM, 0x0303), (0x002f, 0x0301)] {
        let flight = first_flight(suite, version);
        for at in 0..flight.len() {
            // Certificates are not looked into: one byte in sixteen of them will do.
            if at > 120 && at + 600 < flight.len() && at % 16 > 0 {
                continue;
            }
            let mut changed = flight.clone();
            changed[at] ^= 0x41;
            hear(suite, version, &changed);
            hear(suite, version, &flight[..at]);
        }
        // One byte a read, and everything twice.
        let mut lab = lab(suite, version);
        for byte in flight.iter().chain(&flight) {
            let _ = lab.hear(&[*byte], &mut Vec::new());
        }
    }
}

fn lab(suite: u16, version: u16) -> Lab {
    let offer = Offer { min: version, max: version, ciphers: Some(vec![suite]), ..Offer::default() };
    let mut fresh = Fresh::default();
    let hello = of_offer(&offer, Some("localhost"), None, None, &mut fresh).unwrap();
    let setup = Setup { min: version, client: None, psk: None, enforced: false, judge: Box::new(|_| Ok(())) };
    Lab::new(setup, hello, fresh, None).unwrap()
}

/// What it says is bounded whatever comes.
fn hear(suite: u16, version: u16, bytes: &[u8]) {
    let mut lab = lab(suite, version);
    let mut data = Vec::new();
    let _ = lab.hear(bytes, &mut data);
    assert!(lab.take_outgoing().len() < 4096 && data.is_empty());
}

/// ServerHello to ServerHelloDone.
fn first_flight(suite: u16, version: u16) -> Vec<u8> {
    let (certificate, key) = IDENTITY.clone();
    let server = Server {
        version: ProtocolVersion(version),
        cipher_suite: CipherSuite(suite),
        chain: vec![certificate],
        key,
        ..Server::default()
    };
    let mut stream = Heard { asked: Cursor::new(lab(suite, version).take_outgoing()), said: Vec::new() };
    // It waits for an answer, which does not come.
    assert!(server.serve(&mut stream).is_err());
    stream.said
}

/// A client that says one thing, and keeps what it hears.
struct Heard {
    asked: Cursor<Vec<u8>>,
    said: Vec<u8>,
}

impl Read for Heard {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.asked.read(buf)
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.said.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

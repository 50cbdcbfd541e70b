//! Servers that break the protocol, or choose what nobody should accept.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use tls_trace::capture::Offer;
use tls_trace::demo::classic_server::{Mischief, Server};
use tls_trace::engine::lab::Psk;
use tls_trace::engine::{Engine, Request};
use tls_trace::run::{Run, Source};
use tls_trace::wire::codepoints::content_type::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE};
use tls_trace::wire::codepoints::{CipherSuite, ProtocolVersion};

use crate::{DHE_GCM, ECDHE_GCM, IDENTITY, RSA_CBC, RSA_GCM};

const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const SERVER_HELLO_DONE: u8 = 14;
const FINISHED: u8 = 20;

/// What the engine said of the server, and the verdict's id and exit code.
fn against(suite: u16, server: Server) -> (Option<String>, bool, String, i32) {
    let (certificate, key) = IDENTITY.clone();
    against_server(suite, Server { chain: vec![certificate], key, ..server })
}

fn against_server(suite: u16, server: Server) -> (Option<String>, bool, String, i32) {
    performed(Server { cipher_suite: CipherSuite(suite), ..server }, None)
}

fn performed(server: Server, psk: Option<Psk>) -> (Option<String>, bool, String, i32) {
    let suite = server.cipher_suite.0;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let _ = server.serve(&stream);
    });
    let version = ProtocolVersion::TLS_1_2.0;
    let request = Request {
        engine: Engine::Lab,
        offer: Offer { min: version, max: version, ciphers: Some(vec![suite]), ..Offer::default() },
        settle: Some(Duration::from_millis(300)),
        psk,
        ..Request::to("127.0.0.1", port)
    };
    let began = Instant::now();
    let report = Run::new(Source::One(request)).report().unwrap();
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
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
    refused(DHE_GCM, params(&[&composite, &[2], &[8]]), "not a prime");
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

/// Whether the handshake is complete, however unusual what the server does may be.
#[track_caller]
fn accepted(suite: u16, mischief: Mischief) {
    let (error, refused, id, _) = against(suite, Server { mischief, ..Server::default() });
    assert_eq!((error, refused), (None, false), "{id}");
}

fn before(of: u8, contents: &[(u8, &[u8])]) -> Mischief {
    let contents = contents.iter().map(|(kind, content)| (*kind, content.to_vec())).collect();
    Mischief { before: Some((of, contents)), ..Mischief::default() }
}

#[test]
fn unusual_framing() {
    for suite in [RSA_GCM, RSA_CBC, DHE_GCM, ECDHE_GCM] {
        for fragment in [1, 3, 100] {
            accepted(suite, Mischief { fragment: Some(fragment), ..Mischief::default() });
        }
        accepted(suite, Mischief { joined: true, ..Mischief::default() });
        accepted(suite, Mischief { joined: true, fragment: Some(7), ..Mischief::default() });
    }
    // Records without content, a few; then without end.
    let empty = |n: usize| vec![(HANDSHAKE, &[][..]); n];
    accepted(RSA_CBC, before(SERVER_HELLO_DONE, &empty(3)));
    accepted(RSA_CBC, before(FINISHED, &empty(3)));
    refused(RSA_CBC, before(SERVER_HELLO_DONE, &empty(10_000)), "do not end");
}

#[test]
fn warnings_are_passed_over_but_not_without_end() {
    // unrecognized_name, and a level that is none
    let warnings = |n: usize| vec![(ALERT, &[1, 112][..]); n];
    accepted(RSA_GCM, before(SERVER_HELLO, &warnings(1)));
    accepted(RSA_GCM, before(FINISHED, &warnings(3)));
    refused(RSA_GCM, before(SERVER_HELLO_DONE, &warnings(10_000)), "do not end");
    refused(RSA_GCM, before(SERVER_HELLO_DONE, &[(ALERT, &[1])]), "alert");
    // A HelloRequest within a handshake means nothing.
    accepted(RSA_GCM, before(SERVER_HELLO_DONE, &[(HANDSHAKE, &[0, 0, 0, 0])]));
    refused(RSA_GCM, before(SERVER_HELLO_DONE, &vec![(HANDSHAKE, &[0, 0, 0, 0][..]); 10_000]), "do not end");
}

#[test]
fn what_comes_at_the_wrong_place() {
    let message = |kind: u8, body: &[u8]| [&[kind, 0, 0, body.len() as u8], body].concat();
    for (of, content_type, content) in [
        (SERVER_HELLO, CHANGE_CIPHER_SPEC, vec![1]),
        (SERVER_HELLO_DONE, CHANGE_CIPHER_SPEC, vec![1]),
        (SERVER_HELLO_DONE, APPLICATION_DATA, b"too early".to_vec()),
        // heartbeat_request, and a type that nobody knows
        (SERVER_HELLO_DONE, 24, vec![1, 0, 0]),
        (SERVER_HELLO_DONE, 99, vec![0]),
        // ServerKeyExchange with RSA key exchange; the next ones: ServerHello twice, Certificate twice, NewSessionTicket
        // and CertificateStatus that nobody promised, HelloVerifyRequest, SupplementalData, NextProtocol, Finished
        (SERVER_HELLO_DONE, HANDSHAKE, message(SERVER_KEY_EXCHANGE, &[3, 0, 29, 0])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(SERVER_HELLO, &[3, 3])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(11, &[0, 0, 0])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(4, &[0, 0, 0, 0, 0, 0])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(3, &[3, 3, 0])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(23, &[0, 0, 0])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(67, &[0, 0])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(FINISHED, &[0; 12])),
        (SERVER_HELLO_DONE, HANDSHAKE, message(200, &[])),
        // A message of 16 MB.
        (SERVER_HELLO_DONE, HANDSHAKE, vec![11, 0xff, 0xff, 0xff]),
        // A Certificate without a certificate.
        (CERTIFICATE, HANDSHAKE, message(CERTIFICATE, &[0, 0, 0])),
    ] {
        refused(RSA_GCM, before(of, &[(content_type, &content)]), "");
    }
}

/// SubjectPublicKeyInfo of an RSA key, in place of the leaf's.
fn with_key(n: &[u8], e: &[u8]) -> Server {
    let (certificate, key) = IDENTITY.clone();
    let der = |tag: u8, content: &[u8]| {
        let len = (content.len() as u32).to_be_bytes();
        let len = &len[len.iter().position(|byte| *byte != 0).unwrap_or(3)..];
        match content.len() {
            short if short < 128 => [&[tag, short as u8], content].concat(),
            _ => [&[tag, 0x80 | len.len() as u8], len, content].concat(),
        }
    };
    let (_, parsed) = x509_parser::parse_x509_certificate(&certificate).unwrap();
    let spki = parsed.public_key().raw;
    let rsa = der(0x30, &[der(2, &[&[0], n].concat()), der(2, &[&[0], e].concat())].concat());
    let algorithm = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    let spki_made = der(0x30, &[&algorithm[..], &der(3, &[&[0][..], &rsa].concat())].concat());
    let tbs = parsed.tbs_certificate.as_ref();
    let at = tbs.windows(spki.len()).position(|part| part == spki).unwrap();
    // The header of the old one has four bytes: it is longer than 255.
    let inside = [&tbs[4..at], &spki_made, &tbs[at + spki.len()..]].concat();
    let rest = &certificate[4 + tbs.len()..];
    let made = der(0x30, &[&der(0x30, &inside)[..], rest].concat());
    Server { chain: vec![made], key, ..Server::default() }
}

#[test]
fn bad_rsa_keys() {
    let good = &IDENTITY.1;
    assert!(!good.is_empty());
    let odd = |len: usize| [&vec![0xc3; len - 1][..], &[0x11]].concat();
    for (n, e) in [
        // Too short for a premaster secret, even, of a size that nobody computes with.
        (odd(32), vec![1, 0, 1]),
        (odd(58), vec![1, 0, 1]),
        ([&odd(255)[..], &[2]].concat(), vec![1, 0, 1]),
        (odd(9000), vec![1, 0, 1]),
        (vec![0], vec![1, 0, 1]),
        // Exponents: 0, 1, an even one, as large as the modulus.
        (odd(256), vec![0]),
        (odd(256), vec![1]),
        (odd(256), vec![2]),
        (odd(256), odd(256)),
    ] {
        let what = format!("{} bytes, exponent of {} bytes", n.len(), e.len());
        let (error, refused, id, code) = against_server(RSA_GCM, with_key(&n, &e));
        assert!(refused && code == 4, "{what}: {error:?} {id}");
    }
}

/// The hint is the server's to choose, and of no use to us.
#[test]
fn a_giant_hint_for_a_pre_shared_key() {
    let psk = Psk { identity: b"me".to_vec(), key: b"shared".to_vec() };
    let hint = [&[SERVER_KEY_EXCHANGE, 1, 0, 1, 0xff, 0xff][..], &[b'h'; 0xffff]].concat();
    let parts: Vec<(u8, &[u8])> = hint.chunks(1 << 14).map(|part| (HANDSHAKE, part)).collect();
    // TLS_PSK_WITH_AES_128_GCM_SHA256
    for mischief in [Mischief::default(), before(SERVER_HELLO_DONE, &parts)] {
        let server = Server { psk: psk.key.clone(), mischief, ..Server::default() };
        let server = Server { cipher_suite: CipherSuite(0x00a8), ..server };
        let (error, refused, id, code) = performed(server, Some(psk.clone()));
        assert_eq!((error, refused, id.as_str(), code), (None, false, "", 0));
    }
}

/// Whoever takes over the connection would bring a certificate of his own.
#[test]
fn a_renegotiation_with_another_certificate() {
    let mischief = Mischief { other_chain: Some(vec![crate::other_certificate()]), ..Mischief::default() };
    let server = Server { renegotiates: true, mischief, ..Server::default() };
    let (error, refused, id, code) = against(RSA_GCM, server);
    assert!(refused && error.clone().unwrap().contains("another certificate"), "{id} {error:?}");
    assert_eq!(code, 4, "{id}");
}

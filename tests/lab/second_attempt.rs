//! `--engine auto`: what becomes of a server that rustls can't speak to.

use std::io::{self, Cursor, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tls_trace::capture::{Argument, Role};
use tls_trace::demo::classic_server::Server;
use tls_trace::engine::Request;
use tls_trace::report::Report;
use tls_trace::run::{Run, Source};
use tls_trace::wire::handshake::client_hello::Hello;

use crate::{DHE_GCM, ECDHE_GCM, RSA_CBC, RSA_GCM, old_server, server};

const TLS_1_0: u16 = 0x0301;

const SUPERSEDED: Role = Role::Superseded;
fn experiment() -> Role {
    Role::Experiment("server_choice".into())
}

/// What the server does with a ClientHello that offers TLS 1.3.
#[derive(Clone, Copy)]
enum Modern {
    /// As with any other: it goes by the version and the suites.
    Served,
    Alert(u8),
    Closed,
    Reset,
}

/// Serves as many connections as come; how many those were.
fn serve(server: Server, modern: Modern) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            counter.fetch_add(1, Ordering::SeqCst);
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            // What the client makes of a failure is what the test is about.
            let _ = answer(&server, modern, stream);
        }
    });
    (port, count)
}

fn answer(server: &Server, modern: Modern, mut stream: TcpStream) -> io::Result<()> {
    let mut header = [0; 5];
    stream.read_exact(&mut header)?;
    let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut hello)?;
    let supported_versions = Hello::read(&hello).unwrap().extension(43).is_some();
    match modern {
        Modern::Alert(description) if supported_versions => {
            stream.write_all(&[21, 3, 1, 0, 2, 2, description])?;
        }
        Modern::Closed if supported_versions => {}
        Modern::Reset if supported_versions => {
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
            return Ok(());
        }
        _ => {
            let heard = [&header[..], &hello].concat();
            server.serve(Ahead { heard: Cursor::new(heard), stream: stream.try_clone()? })?;
        }
    }
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// A stream of which something was read already.
struct Ahead {
    heard: Cursor<Vec<u8>>,
    stream: TcpStream,
}

impl Read for Ahead {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.heard.read(buf)? {
            0 => self.stream.read(buf),
            len => Ok(len),
        }
    }
}

impl Write for Ahead {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn request(port: u16) -> Request {
    Request { retry: true, settle: Some(Duration::from_millis(30)), ..Request::to("127.0.0.1", port) }
}

fn report(source: Source) -> Report {
    let mut run = Run::new(source);
    run.question.arguments = vec![Argument::word("old.example")];
    run.report().unwrap()
}

/// Each connection's role and engine, and whether the handshake was completed.
fn connections(report: &Report) -> Vec<(Role, String, bool)> {
    let of = |judged: &tls_trace::judged::Judged| {
        let end = judged.capture.engine.clone().unwrap();
        (judged.capture.role.clone(), end.name, end.complete)
    };
    report.connections.iter().map(of).collect()
}

fn id(report: &Report) -> String {
    report.verdict().unwrap().id.clone().unwrap_or_default().into_owned()
}

/// rustls, probe and lab engine, of which the last gets through.
#[track_caller]
fn performed(report: &Report, words: &str) {
    let expected = [
        (SUPERSEDED, "rustls".into(), false),
        (experiment(), "probe".into(), false),
        (Role::Retry, "lab".into(), true),
    ];
    assert_eq!(connections(report), expected);
    let verdict = report.verdict().unwrap();
    let expected = if words.contains("ClientHello") { "server.lab_only" } else { "server.legacy_only" };
    assert_eq!((id(report).as_str(), report.exit_code()), (expected, 4));
    assert!(verdict.summary.contains(words), "{}", verdict.summary);
}

#[test]
fn the_lab_engine_gets_through_where_ordinary_clients_fail() {
    for (suite, modern, words) in [
        (RSA_GCM, Modern::Served, "RSA key exchange"),
        (RSA_CBC, Modern::Served, "RSA key exchange"),
        (DHE_GCM, Modern::Served, "finite-field DHE"),
        // handshake_failure, protocol_version, internal_error, illegal_parameter, decode_error
        (RSA_GCM, Modern::Alert(40), "RSA key exchange"),
        (RSA_GCM, Modern::Alert(70), "RSA key exchange"),
        (RSA_GCM, Modern::Alert(80), "RSA key exchange"),
        (RSA_GCM, Modern::Alert(47), "RSA key exchange"),
        (RSA_GCM, Modern::Alert(50), "RSA key exchange"),
        (RSA_GCM, Modern::Closed, "RSA key exchange"),
        (RSA_GCM, Modern::Reset, "RSA key exchange"),
        // Its cryptography is of today, but it does not tolerate a ClientHello of today.
        (ECDHE_GCM, Modern::Closed, "fails on a modern ClientHello"),
    ] {
        let (port, _) = serve(server(suite), modern);
        performed(&report(Source::One(request(port))), words);
    }
}

/// rustls refuses the suite that the server chooses although nobody offered it.
#[test]
fn a_suite_that_was_not_offered_is_one_that_rustls_cannot_speak() {
    let stubborn = Server { regardless: true, ..server(RSA_GCM) };
    let (port, _) = serve(stubborn, Modern::Served);
    performed(&report(Source::One(request(port))), "RSA key exchange");
}

#[test]
fn what_is_below_the_lowest_version_is_named_and_not_performed() {
    for modern in [Modern::Served, Modern::Alert(70), Modern::Closed] {
        let (port, count) = serve(old_server(TLS_1_0, 0x002f), modern);
        let report = report(Source::One(request(port)));
        let expected = [(SUPERSEDED, "rustls".into(), false), (Role::Retry, "probe".into(), false)];
        assert_eq!(connections(&report), expected);
        assert_eq!((id(&report).as_str(), report.exit_code()), ("server.legacy_only", 4));
        let verdict = report.verdict().unwrap();
        assert!(verdict.summary.contains("TLS 1.0, RSA key exchange"), "{}", verdict.summary);
        assert_eq!(verdict.next.join(" "), "tls-trace old.example --tls-min 1.0 --tls-max 1.0");
        let failure = verdict.failure.as_ref().unwrap();
        assert!(
            failure.evidence[0].message.is_some() && failure.seen.as_ref().unwrap().contains("AES_128_CBC")
        );
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}

/// DSS is beyond tls-trace itself; anonymous suites nobody should be given unasked.
#[test]
fn what_is_not_performed_is_named() {
    // TLS_DHE_DSS_WITH_AES_128_CBC_SHA
    let (port, _) = serve(server(0x0032), Modern::Served);
    let dss = report(Source::One(request(port)));
    assert_eq!((id(&dss).as_str(), dss.exit_code()), ("server.legacy_only", 4));
    let failure = dss.verdict().unwrap().failure.clone().unwrap();
    assert!(failure.summary.contains("DSS") && failure.also[0].contains("its own limit"), "{failure:?}");
    assert!(dss.verdict().unwrap().next.is_empty());

    // TLS_DH_anon_WITH_AES_128_CBC_SHA
    let (port, _) = serve(Server { chain: vec![], ..server(0x0034) }, Modern::Served);
    let anonymous = report(Source::One(request(port)));
    let verdict = anonymous.verdict().unwrap();
    assert!(verdict.summary.contains("anonymous"), "{}", verdict.summary);
    assert_eq!(verdict.next.join(" "), "tls-trace old.example --tls-max 1.2 --ciphers ADH-AES128-SHA");
}

#[test]
fn one_attempt_is_enough() {
    // Nothing that the server could want: the first attempt counts, and is what is shown.
    let (port, count) = serve(server(0xfefe), Modern::Served);
    let nothing = report(Source::One(request(port)));
    let expected = [(Role::Main, "rustls".into(), false), (experiment(), "probe".into(), false)];
    assert_eq!(connections(&nothing), expected);
    assert_eq!((id(&nothing).as_str(), nothing.exit_code()), ("alert.handshake_failure", 4));
    assert_eq!(count.load(Ordering::SeqCst), 2);

    // --no-retry
    let (port, count) = serve(server(RSA_GCM), Modern::Served);
    let once = report(Source::One(Request { retry: false, ..request(port) }));
    assert_eq!(connections(&once), [(Role::Main, "rustls".into(), false)]);
    assert_eq!((id(&once).as_str(), once.exit_code()), ("alert.handshake_failure", 4));
    assert_eq!(count.load(Ordering::SeqCst), 1);

    // unrecognized_name would come again, whoever asks.
    let (port, count) = serve(server(RSA_GCM), Modern::Alert(112));
    let name = report(Source::One(request(port)));
    assert_eq!((id(&name).as_str(), count.load(Ordering::SeqCst)), ("alert.unrecognized_name", 1));
}

#[test]
fn of_a_repetition_the_first_finds_out_and_the_others_follow() {
    let (port, count) = serve(server(RSA_GCM), Modern::Served);
    let report = report(Source::Repeat(request(port), 3));
    let retry = (Role::Retry, "lab".to_owned(), true);
    let expected = [
        (SUPERSEDED, "rustls".into(), false),
        (experiment(), "probe".into(), false),
        retry.clone(),
        retry.clone(),
        retry,
    ];
    assert_eq!(connections(&report), expected);
    assert_eq!((id(&report).as_str(), report.exit_code()), ("server.legacy_only", 4));
    assert_eq!((report.rows.len(), count.load(Ordering::SeqCst)), (3, 5));
}

#[test]
fn each_address_is_asked_what_it_wants() {
    let (port, count) = serve(server(RSA_GCM), Modern::Served);
    let report = report(Source::EachAddress(request(port)));
    performed(&report, "RSA key exchange");
    assert_eq!((report.rows.len(), count.load(Ordering::SeqCst)), (1, 3));
}

#[test]
fn a_session_is_resumed_by_the_engine_that_got_it() {
    let (port, _) = serve(server(RSA_GCM), Modern::Served);
    let report = report(Source::Resume(request(port)));
    let last = connections(&report).pop().unwrap();
    assert_eq!(last, (Role::Resumed, "lab".into(), true));
    // The self-signed certificate weighs more than the old cryptography.
    assert_eq!((report.connections[2].verdict.exit_code, report.exit_code()), (4, 1));
}

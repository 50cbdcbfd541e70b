//! The live side against servers on loopback.

#![allow(clippy::unwrap_used, reason = "this is a test: what goes wrong shall end it")]

mod authority;
#[path = "live/server.rs"]
mod server;

use std::net::SocketAddr;
use std::time::Duration;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use authority::Authority;
use rustls::ServerConnection;
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::version::{TLS12, TLS13};
use server::{Clients, Setup, accept, converse, serve, serve_tls};
use tls_trace::capture::{
    Anchor, Capture, Dns, EarlyData, Event, How, Intent, Label, Limits, Offer, Question, StepKind, Stopped,
    Tcp,
};
use tls_trace::connect::Plan;
use tls_trace::engine::{self, ClientIdentity, Request, Sessions};
use tls_trace::wire::Direction;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn trace(request: &Request) -> Capture {
    run(engine::trace(request)).unwrap()
}

/// A request for localhost, which is at `address`.
fn request(address: SocketAddr) -> Request {
    Request {
        intent: Intent {
            host: "localhost".into(),
            port: address.port(),
            sni: Some("localhost".into()),
            verify_name: Some("localhost".into()),
            ..Intent::default()
        },
        connect: Plan { host: address.ip().to_string(), port: address.port(), ..Plan::default() },
        connect_timeout: Some(Duration::from_secs(5)),
        max_time: Some(Duration::from_secs(20)),
        ..Request::default()
    }
}

/// All that one side sent, as far as it was recorded.
fn sent(capture: &Capture, side: Direction) -> Vec<u8> {
    let bytes = capture.events.iter().filter_map(|event| match event {
        Event::Bytes { direction, bytes, .. } if *direction == side => Some(bytes.clone()),
        _ => None,
    });
    bytes.flatten().collect()
}

/// Types of the records that one side sent.
fn records(capture: &Capture, side: Direction) -> Vec<u8> {
    let all = sent(capture, side);
    let (mut types, mut rest) = (Vec::new(), all.as_slice());
    while let [kind, _, _, high, low, behind @ ..] = rest {
        types.push(*kind);
        rest = behind.get(usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
    }
    types
}

fn end(capture: &Capture, side: Direction) -> Option<&How> {
    capture.events.iter().find_map(|event| match event {
        Event::End { direction, how, .. } if *direction == side => Some(how),
        _ => None,
    })
}

fn error(capture: &Capture) -> &str {
    capture.engine.as_ref().unwrap().error.as_deref().unwrap_or("no error")
}

fn labels(capture: &Capture) -> Vec<Label> {
    capture.secrets.0.iter().map(|secret| secret.label).collect()
}

#[test]
fn a_tls13_handshake_is_traced() {
    let (address, server) = serve_tls(Setup::default().config(&Authority::new()));
    let capture = trace(&request(address));
    assert_eq!(server.join().unwrap(), Ok(String::new()));

    let engine = capture.engine.as_ref().unwrap();
    assert!(engine.complete && !engine.refused && !engine.resumed, "{engine:?}");
    assert_eq!((engine.error.as_deref(), engine.early_data), (None, None));
    assert!(engine.settle_from.is_some());
    assert_eq!(capture.stopped, None);
    let StepKind::Tcp { address: tried, outcome: Tcp::Connected { .. } } = &capture.steps[0].what else {
        panic!("{:?}", capture.steps)
    };
    assert_eq!((*tried, capture.steps.len()), (address, 1));
    assert_eq!(
        labels(&capture),
        [
            Label::ClientHandshakeTraffic,
            Label::ServerHandshakeTraffic,
            Label::ClientTraffic,
            Label::ServerTraffic,
            Label::Exporter
        ]
    );
    assert!(capture.secrets.0.iter().all(|secret| secret.client_random.len() == 32));
    // ClientHello; ChangeCipherSpec, Finished, close_notify
    assert_eq!(records(&capture, Direction::Client), [22, 20, 23, 23]);
    assert_eq!(end(&capture, Direction::Client), Some(&How::Fin));
    #[cfg(target_os = "linux")]
    assert!(capture.tcp.unwrap().mss.unwrap() > 500);
    assert!(capture.events.is_sorted_by_key(Event::at));
    assert!(capture.total >= capture.events.last().unwrap().at());
}

#[test]
fn a_tls12_handshake_is_traced() {
    let (address, server) = serve_tls(Setup::default().config(&Authority::new()));
    let offer = Offer { max: 0x0303, ..Offer::default() };
    let capture = trace(&Request { offer, ..request(address) });
    assert_eq!(server.join().unwrap(), Ok(String::new()));
    assert!(capture.engine.as_ref().unwrap().complete);
    assert_eq!(labels(&capture), [Label::ClientRandom]);
    // ClientHello; ClientKeyExchange, ChangeCipherSpec, Finished; close_notify
    assert_eq!(records(&capture, Direction::Client), [22, 22, 20, 22, 21]);
}

#[test]
fn a_retry_is_two_client_hellos() {
    let mut provider = default_provider();
    provider.kx_groups = vec![kx_group::SECP384R1];
    let (address, server) = serve_tls(Setup { provider, ..Setup::default() }.config(&Authority::new()));
    let capture = trace(&request(address));
    assert_eq!(server.join().unwrap(), Ok(String::new()));
    assert!(capture.engine.as_ref().unwrap().complete);
    assert_eq!(records(&capture, Direction::Client), [22, 20, 22, 23, 23]);
}

#[test]
fn the_offer_goes_out_as_wanted() {
    let (address, server) = serve_tls(Setup::default().config(&Authority::new()));
    let offer = Offer {
        alpn: vec![b"h2".to_vec()],
        min: 0x0304,
        ciphers: Some(vec![0x1303, 0x1301]),
        groups: Some(vec![0x0019, 0x0018]),
        sigalgs: Some(vec![0x0804, 0x0403]),
        no_tickets: true,
        ..Offer::default()
    };
    let capture = trace(&Request { offer, ..request(address) });
    assert!(capture.engine.as_ref().unwrap().complete, "{}", error(&capture));
    server.join().unwrap().unwrap();
    let hello = sent(&capture, Direction::Client);
    let has = |bytes: &[u8]| hello.windows(bytes.len()).any(|window| window == bytes);
    assert!(has(&[0, 4, 0x13, 3, 0x13, 1]), "cipher_suites");
    assert!(has(&[0, 10, 0, 6, 0, 4, 0, 0x19, 0, 0x18]), "supported_groups");
    assert!(has(&[0, 51, 0, 139, 0, 137, 0, 0x19, 0, 133, 4]), "key_share");
    assert!(has(&[0, 13, 0, 6, 0, 4, 8, 4, 4, 3]), "signature_algorithms");
    assert!(has(&[0, 43, 0, 3, 2, 3, 4]), "supported_versions");
    assert!(has(&[0, 16, 0, 5, 0, 3, 2, b'h', b'2']), "ALPN");
    assert!(has(&[0, 58, 0, 2, 0, 0]), "ticket_request");
}

#[test]
fn grease_is_offered_and_harmless() {
    let (address, server) = serve_tls(Setup::default().config(&Authority::new()));
    let capture = trace(&Request { offer: Offer { grease: true, ..Offer::default() }, ..request(address) });
    assert_eq!(server.join().unwrap(), Ok(String::new()));
    assert!(capture.engine.as_ref().unwrap().complete);
    let hello = sent(&capture, Direction::Client);
    // record 5, handshake 4, version 2, random 32, session id 33, length 2
    let suite = [hello[78], hello[79]];
    assert!(suite[0] == suite[1] && suite[0] & 15 == 10, "{suite:02x?}");
    // One round trip: the key share is not GREASE's.
    assert_eq!(records(&capture, Direction::Client), [22, 20, 23, 23]);
}

#[test]
fn without_sni_none_is_sent() {
    let (address, server) = serve_tls(Setup::default().config(&Authority::new()));
    let mut request = request(address);
    request.intent.sni = None;
    let capture = trace(&request);
    server.join().unwrap().unwrap();
    let hello = sent(&capture, Direction::Client);
    assert!(!hello.windows(9).any(|window| window == b"localhost"));
}

/// What the engine needs to know of an authority.
fn anchors(authority: &Authority) -> Arc<[Anchor]> {
    let der = authority.der();
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).unwrap();
    Arc::new([Anchor {
        subject: parsed.subject().as_raw().to_vec(),
        spki: parsed.public_key().raw.to_vec(),
        name_constraints: None,
        certificate: Some(der.to_vec()),
    }])
}

/// Enforced against a server of `authority`: what the server saw, and the capture.
fn enforce(authority: &Authority, change: impl FnOnce(&mut Request)) -> (Result<String, String>, Capture) {
    let (address, server) = serve_tls(Setup::default().config(authority));
    let mut request = request(address);
    request.question = Arc::new(Question { enforce: true, ..Question::default() });
    request.anchors = anchors(authority);
    change(&mut request);
    let capture = trace(&request);
    (server.join().unwrap(), capture)
}

#[test]
fn enforce_lets_a_good_server_pass() {
    let (server, capture) = enforce(&Authority::new(), |_| {});
    assert_eq!(server, Ok(String::new()));
    let engine = capture.engine.unwrap();
    assert!(engine.complete && !engine.refused_certificate, "{engine:?}");
}

#[test]
fn enforce_sends_the_proper_alert() {
    let authority = Authority::new();
    type Change = fn(&mut Request);
    let cases: [(&str, Change); 4] = [
        ("UnknownCA", |request| request.anchors = Arc::new([])),
        ("BadCertificate", |request| request.intent.verify_name = Some("other".into())),
        ("CertificateExpired", |request| Arc::make_mut(&mut request.question).at = Some(95_617_584_000)),
        ("AccessDenied", |request| Arc::make_mut(&mut request.question).pins = vec!["AAAA".into()]),
    ];
    for (alert, change) in cases {
        let (server, capture) = enforce(&authority, change);
        assert_eq!(server, Err(format!("received fatal alert: {alert}")));
        let engine = capture.engine.as_ref().unwrap();
        assert!(!engine.complete && engine.refused && engine.refused_certificate, "{engine:?}");
        // ClientHello; then ChangeCipherSpec and the alert, both of them, the latter encrypted.
        assert_eq!(records(&capture, Direction::Client), [22, 20, 23], "{alert}");
        assert_eq!(end(&capture, Direction::Server), Some(&How::Fin));
    }
}

/// A leaf that is itself the anchor has dates too.
#[test]
fn enforce_heeds_the_dates_of_a_leaf_that_is_the_anchor() {
    let config = Setup::default().config(&Authority::new());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        (0..4).map(|_| converse(&config, listener.accept().unwrap().0).is_ok()).collect::<Vec<_>>()
    });
    let mut request = request(address);
    let leaf = tls_trace::trace::Trace::of(&trace(&request)).chain(0, Direction::Server)[0].to_vec();
    request.anchors = Arc::new([tls_trace::trust::anchor(leaf).unwrap()]);
    // rcgen's certificates are from 1975 to 4096.
    for (at, refused) in [(None, false), (Some(0), true), (Some(95_617_584_000), true)] {
        request.question = Arc::new(Question { enforce: true, at, ..Question::default() });
        assert_eq!(trace(&request).engine.unwrap().refused_certificate, refused, "{at:?}");
    }
    assert_eq!(server.join().unwrap(), [true, true, false, false]);
}

#[test]
fn enforce_works_with_tls12_too() {
    let (server, capture) = enforce(&Authority::new(), |request| {
        request.offer.max = 0x0303;
        request.anchors = Arc::new([]);
    });
    assert_eq!(server, Err("received fatal alert: UnknownCA".into()));
    assert!(capture.engine.unwrap().refused_certificate);
    let (server, _) = enforce(&Authority::new(), |request| request.offer.max = 0x0303);
    assert_eq!(server, Ok(String::new()));
}

#[test]
fn a_silent_server_runs_into_max_time() {
    let (address, server) = serve(|mut tcp| tcp.read_to_end(&mut Vec::new()));
    // Enough for the ClientHello, on a busy machine too.
    let max_time = Some(Duration::from_secs(1));
    let capture = trace(&Request { max_time, ..request(address) });
    assert_eq!(capture.stopped, Some(Stopped::MaxTime));
    assert_eq!(records(&capture, Direction::Client), [22]);
    assert_eq!(end(&capture, Direction::Server), Some(&How::LocalStop));
    let engine = capture.engine.unwrap();
    assert!(!engine.complete && engine.error.is_none());
    assert!(server.join().unwrap().unwrap() > 200);
}

#[test]
fn max_time_while_listening_is_no_timeout() {
    // The server goes on reading, and so does the client.
    let config = Setup::default().config(&Authority::new());
    let (address, server) = serve_tls(config);
    let capture = trace(&Request {
        max_time: Some(Duration::from_secs(2)),
        settle: Some(Duration::from_secs(3600)),
        ..request(address)
    });
    assert_eq!(capture.stopped, None);
    assert!(capture.engine.unwrap().complete);
    assert_eq!(server.join().unwrap(), Ok(String::new()));
}

#[test]
fn a_signal_ends_the_trace_in_every_phase() {
    for signal in [Stopped::Interrupt, Stopped::Terminate] {
        // Before the server has said anything …
        let (began, hello) = tokio::sync::oneshot::channel();
        let (address, server) = serve(move |mut tcp| {
            tcp.read_exact(&mut [0])?;
            began.send(()).unwrap();
            tcp.read_to_end(&mut Vec::new())
        });
        let (stop, receiver) = tokio::sync::watch::channel(None);
        let request = Request { stop: Some(receiver), ..request(address) };
        let capture = run(async {
            let prepared = engine::prepare(&request).unwrap();
            let (capture, ()) = tokio::join!(prepared.trace(), async {
                hello.await.unwrap();
                stop.send(Some(signal)).unwrap();
            });
            capture
        });
        assert_eq!(capture.stopped, Some(signal));
        assert_eq!(records(&capture, Direction::Client), [22]);
        server.join().unwrap().unwrap();
    }
    // … and while listening afterwards, when close_notify still goes out.
    let config = Setup::default().config(&Authority::new());
    let (complete, told) = tokio::sync::oneshot::channel();
    let (address, server) = serve(move |tcp| {
        let mut stream = accept(&config, tcp)?;
        complete.send(()).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).map_err(|error| error.to_string())?;
        Ok::<_, String>(all)
    });
    let (stop, receiver) = tokio::sync::watch::channel(None);
    let settle = Some(Duration::from_secs(3600));
    let request = Request { stop: Some(receiver), settle, ..request(address) };
    let capture = run(async {
        let prepared = engine::prepare(&request).unwrap();
        let (capture, ()) = tokio::join!(prepared.trace(), async {
            told.await.unwrap();
            stop.send(Some(Stopped::Interrupt)).unwrap();
        });
        capture
    });
    assert_eq!(capture.stopped, Some(Stopped::Interrupt));
    assert!(capture.engine.unwrap().complete);
    assert_eq!(server.join().unwrap(), Ok(String::new()));
}

#[test]
fn a_reset_is_recorded_as_one() {
    let (address, server) = serve(|mut tcp| {
        tcp.read_exact(&mut [0; 5]).unwrap();
        socket2::SockRef::from(&tcp).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let capture = trace(&request(address));
    server.join().unwrap();
    assert_eq!(end(&capture, Direction::Server), Some(&How::Reset));
    let engine = capture.engine.unwrap();
    assert!(!engine.complete && !engine.refused);
}

#[test]
fn a_close_in_the_middle_is_recorded_as_one() {
    let (address, server) = serve(|mut tcp| {
        let _ = tcp.read(&mut [0; 4096]).unwrap();
        tcp.write_all(&[22, 3, 3, 0, 100, 2]).unwrap();
    });
    let capture = trace(&request(address));
    server.join().unwrap();
    assert_eq!(end(&capture, Direction::Server), Some(&How::Fin));
    assert_eq!(sent(&capture, Direction::Server), [22, 3, 3, 0, 100, 2]);
    assert_eq!(error(&capture), "the server closed the connection");
}

#[test]
fn a_plaintext_answer_is_recorded_to_its_end() {
    let (address, server) = serve(|mut tcp| {
        let _ = tcp.read(&mut [0; 4096]).unwrap();
        tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n").unwrap();
        tcp.flush().unwrap();
        // Waits until rustls has seen it, and says more.
        let _ = tcp.read(&mut [0; 4096]);
        tcp.write_all(b"\r\nsorry").unwrap();
    });
    let capture = trace(&request(address));
    server.join().unwrap();
    assert_eq!(sent(&capture, Direction::Server), b"HTTP/1.1 400 Bad Request\r\n\r\nsorry");
    let engine = capture.engine.unwrap();
    assert!(engine.refused && !engine.refused_certificate);
}

#[test]
fn an_alert_and_the_end_behind_it_are_recorded() {
    let (address, server) =
        serve_tls(Setup { versions: vec![&TLS12], ..Setup::default() }.config(&Authority::new()));
    let offer = Offer { min: 0x0304, ..Offer::default() };
    let capture = trace(&Request { offer, ..request(address) });
    assert!(server.join().unwrap().is_err());
    assert_eq!(error(&capture), "received fatal alert: ProtocolVersion");
    assert!(!capture.engine.as_ref().unwrap().refused);
    assert_eq!(records(&capture, Direction::Server), [21]);
    assert!(matches!(end(&capture, Direction::Server), Some(How::Fin | How::Reset)));
}

#[test]
fn a_refused_port_is_a_step() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let capture = trace(&request(address));
    assert_eq!(capture.steps[0].what, StepKind::Tcp { address, outcome: Tcp::Refused });
    assert_eq!((capture.engine, capture.stopped), (None, None));
    assert!(capture.events.is_empty());
}

#[test]
fn a_name_that_cannot_be_resolved_is_a_step() {
    let mut request = request("127.0.0.1:443".parse().unwrap());
    request.connect.host = "a".repeat(64);
    let capture = trace(&request);
    let StepKind::Dns { outcome: Dns::Failed { code, .. }, .. } = &capture.steps[0].what else {
        panic!("{:?}", capture.steps)
    };
    assert!(*code != 0 && capture.steps.len() == 1);
}

#[test]
fn a_name_is_resolved_and_every_attempt_is_a_step() {
    // Whatever localhost stands for here, only one of its addresses is listened on.
    let (address, server) = serve_tls(Setup::default().config(&Authority::new()));
    let mut request = request(address);
    request.connect.host = "localhost".into();
    let capture = trace(&request);
    server.join().unwrap().unwrap();
    let StepKind::Dns { name, outcome: Dns::Addresses(found) } = &capture.steps[0].what else {
        panic!("{:?}", capture.steps)
    };
    assert!(name == "localhost" && found.contains(&address.ip()));
    assert!(capture.steps.iter().any(
        |step| matches!(&step.what, StepKind::Tcp { outcome: Tcp::Connected { .. }, address: to } if *to == address)
    ));
}

#[test]
fn limits_are_kept_and_told() {
    let (address, server) = serve_tls(Setup::default().config(&Authority::new()));
    let limits = Limits { recorded_bytes: 100, ..Limits::DEFAULT };
    let capture = trace(&Request { limits, ..request(address) });
    server.join().unwrap().unwrap();
    assert!(capture.engine.as_ref().unwrap().complete);
    assert_eq!(capture.limits_reached, ["recorded_bytes"]);
    for side in Direction::BOTH {
        assert_eq!(sent(&capture, side).len(), 100);
        let gap = |event: &&Event| matches!(event, Event::Gap { direction, .. } if *direction == side);
        assert_eq!(capture.events.iter().filter(gap).count(), 1);
    }
}

fn client(authority: &Authority) -> ClientIdentity {
    let (certificate, key) = authority.issue("client");
    ClientIdentity::new(vec![certificate], key).unwrap()
}

#[test]
fn a_client_certificate_is_sent() {
    let authority = Authority::new();
    for max in [0x0303, 0x0304] {
        let setup = Setup { clients: Clients::Required, ..Setup::default() };
        let (address, server) = serve_tls(setup.config(&authority));
        let offer = Offer { max, ..Offer::default() };
        let capture = trace(&Request { offer, client: Some(client(&authority)), ..request(address) });
        assert_eq!(server.join().unwrap(), Ok(String::new()), "{max}");
        assert_eq!(error(&capture), "no error");
    }
}

#[test]
fn a_missing_client_certificate_is_told_every_time() {
    let authority = Authority::new();
    let config = Setup { clients: Clients::Required, ..Setup::default() }.config(&authority);
    for _ in 0..100 {
        let (address, server) = serve_tls(config.clone());
        let capture = trace(&request(address));
        assert!(server.join().unwrap().is_err());
        let engine = capture.engine.as_ref().unwrap();
        assert!(engine.complete && !engine.refused);
        assert_eq!(error(&capture), "received fatal alert: CertificateRequired");
        assert!(end(&capture, Direction::Server).is_some_and(|how| *how != How::LocalStop));
    }
}

#[test]
fn a_client_certificate_of_strangers_is_told_every_time() {
    let authority = Authority::new();
    let config = Setup { clients: Clients::Required, ..Setup::default() }.config(&authority);
    let client = client(&Authority::new());
    for _ in 0..20 {
        let (address, server) = serve_tls(config.clone());
        let capture = trace(&Request { client: Some(client.clone()), ..request(address) });
        assert!(server.join().unwrap().is_err());
        let refused = error(&capture);
        assert!(refused.starts_with("received fatal alert: "), "{refused}");
    }
}

#[test]
fn an_optional_client_certificate_may_be_missing() {
    let authority = Authority::new();
    // Without tickets nothing tells that all is well: that is waited for, and then we go.
    for tickets in [2, 0] {
        let setup = Setup { clients: Clients::Optional, tickets, ..Setup::default() };
        let (address, server) = serve_tls(setup.config(&authority));
        let capture = trace(&request(address));
        assert_eq!(server.join().unwrap(), Ok(String::new()));
        assert_eq!(error(&capture), "no error");
        assert_eq!(end(&capture, Direction::Server), Some(&How::Fin));
    }
}

/// How long the client listens where the server's close_notify, which stands behind its tickets, ends that.
const UNTIL_CLOSED: Option<Duration> = Some(Duration::from_secs(3600));

/// Says goodbye as soon as the handshake is complete and the tickets are out.
fn leave(config: &Arc<rustls::ServerConfig>, tcp: std::net::TcpStream) -> Result<(), String> {
    let mut stream = accept(config, tcp)?;
    stream.conn.send_close_notify();
    let _ = stream.flush();
    let _ = stream.read_to_end(&mut Vec::new());
    Ok(())
}

/// Two connections with one session store; the second one sends early data.
fn resume(setup: Setup, offer: Offer) -> (Capture, Capture, Result<String, String>) {
    let config = setup.config(&Authority::new());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        leave(&config, listener.accept().unwrap().0).unwrap();
        converse(&config, listener.accept().unwrap().0)
    });
    let resumption = Some(Sessions::new());
    let first = Request { resumption, offer, settle: UNTIL_CLOSED, ..request(address) };
    let early_data = Some(b"hello, early".to_vec());
    let second = Request { early_data, settle: Some(Duration::ZERO), ..first.clone() };
    (trace(&first), trace(&second), server.join().unwrap())
}

#[test]
fn a_session_is_resumed_with_early_data() {
    let setup = Setup { early_data: 1024, ..Setup::default() };
    let (first, second, server) = resume(setup, Offer::default());
    let (first, second) = (first.engine.unwrap(), (second.engine.as_ref().unwrap(), &second));
    assert!(first.complete && !first.resumed && first.early_data.is_none());
    assert!(second.0.complete && second.0.resumed, "{:?}", second.0);
    assert_eq!(second.0.early_data, Some(EarlyData::Accepted));
    assert_eq!(labels(second.1)[0], Label::ClientEarlyTraffic);
    assert_eq!(server, Ok("hello, early".into()));
}

/// What was accepted under one policy is not taken on trust under a stricter one.
#[test]
fn a_session_is_not_resumed_under_another_policy() {
    type Change = fn(&mut Request);
    let changes: [(&str, bool, Change); 7] = [
        ("the same", true, |_| {}),
        ("anchors", false, |request| request.anchors = Arc::new([])),
        ("name", false, |request| request.intent.verify_name = Some("other".into())),
        ("time", false, |request| Arc::make_mut(&mut request.question).at = Some(95_617_584_000)),
        ("pins", false, |request| Arc::make_mut(&mut request.question).pins = vec!["AAAA".into()]),
        ("no longer -k", false, |request| {
            Arc::make_mut(&mut request.question).insecure = false;
            request.intent.verify_name = Some("other".into());
        }),
        ("enforced at all", false, |request| {
            Arc::make_mut(&mut request.question).enforce = true;
            request.anchors = Arc::new([]);
        }),
    ];
    for (what, resumed, change) in changes {
        let authority = Authority::new();
        let config = Setup::default().config(&authority);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let _ = leave(&config, listener.accept().unwrap().0);
            converse(&config, listener.accept().unwrap().0)
        });
        let mut first = request(address);
        let question = Question {
            enforce: what != "enforced at all",
            insecure: what == "no longer -k",
            ..Question::default()
        };
        first.question = Arc::new(question);
        first.anchors = anchors(&authority);
        first.resumption = Some(Sessions::new());
        first.settle = UNTIL_CLOSED;
        let mut second = Request { settle: Some(Duration::ZERO), ..first.clone() };
        change(&mut second);
        assert!(trace(&first).engine.unwrap().complete, "{what}");
        let engine = trace(&second).engine.unwrap();
        assert_eq!((engine.resumed, engine.refused_certificate), (resumed, !resumed), "{what}: {engine:?}");
        assert_eq!(server.join().unwrap().is_ok(), resumed, "{what}");
    }
}

#[test]
fn early_data_is_not_sent_where_it_is_not_wanted() {
    let (_, second, server) = resume(Setup::default(), Offer::default());
    let engine = second.engine.unwrap();
    assert!(engine.resumed && engine.early_data == Some(EarlyData::NotSent));
    assert_eq!(server, Ok(String::new()));
}

#[test]
fn a_tls12_session_is_resumed() {
    let (_, second, server) = resume(Setup::default(), Offer { max: 0x0303, ..Offer::default() });
    assert!(second.engine.as_ref().unwrap().resumed);
    assert_eq!(labels(&second), [Label::ClientRandom]);
    assert_eq!(server, Ok(String::new()));
}

#[test]
fn application_data_while_listening_is_recorded() {
    let config = Setup { tickets: 0, ..Setup::default() }.config(&Authority::new());
    let (address, server) = serve(move |tcp| {
        let mut stream = accept(&config, tcp).unwrap();
        stream.write_all(&[b'x'; 100_000]).unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        stream.sock.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let settle = Some(Duration::from_secs(3600));
    let capture = trace(&Request { settle, ..request(address) });
    server.join().unwrap();
    assert_eq!(error(&capture), "no error");
    assert!(sent(&capture, Direction::Server).len() > 100_000);
}

#[test]
fn what_is_impossible_is_said_before_connecting() {
    let refused = |change: fn(&mut Request)| {
        let mut request = request("127.0.0.1:1".parse().unwrap());
        change(&mut request);
        engine::prepare(&request).unwrap_err().to_string()
    };
    assert_eq!(
        refused(|request| request.offer.ciphers = Some(vec![0x000a])),
        "rustls can't offer cipher suite TLS_RSA_WITH_3DES_EDE_CBC_SHA"
    );
    assert_eq!(
        refused(|request| (request.offer.min, request.offer.max) = (0x0304, 0x0303)),
        "no version is at least TLS 1.3 and at most TLS 1.2"
    );
    assert_eq!(
        refused(|request| {
            request.offer.min = 0x0304;
            request.offer.ciphers = Some(vec![0xc02b]);
        }),
        "no cipher suite of TLS 1.3 is left to be offered"
    );
    assert_eq!(
        refused(|request| request.intent.sni = Some("192.0.2.1".into())),
        "`192.0.2.1` can't be sent in server_name: RFC 6066 allows no addresses in it"
    );
    assert_eq!(
        refused(|request| request.intent.sni = Some("a b".into())),
        "`a b` can't be sent in server_name: it is no DNS name"
    );
    assert_eq!(
        refused(|request| request.connect.family = tls_trace::connect::Family::V6),
        "127.0.0.1 is not an IPv6 address"
    );
}

#[test]
fn a_key_that_does_not_belong_to_its_certificate_is_refused() {
    let authority = Authority::new();
    let ((certificate, _), (_, key)) = (authority.issue("a"), authority.issue("b"));
    let error = ClientIdentity::new(vec![certificate], key).unwrap_err().to_string();
    assert_eq!(error, "the client's key does not belong to its certificate (the first one counts)");
}

/// Pipes `input` to a server that does `talk`: what it returned, the output, the capture.
fn pipe<T: Send + 'static>(
    mut input: impl tokio::io::AsyncRead + Unpin,
    limits: Limits,
    talk: impl FnOnce(server::Stream) -> T + Send + 'static,
) -> (T, Vec<u8>, Capture) {
    let config = Setup::default().config(&Authority::new());
    let (address, server) = serve(move |tcp| talk(accept(&config, tcp).unwrap()));
    let request = Request { max_time: None, limits, ..request(address) };
    let mut output = Vec::new();
    let capture =
        run(async { engine::prepare(&request).unwrap().pipe(&mut input, &mut output).await.unwrap() });
    (server.join().unwrap(), output, capture)
}

#[test]
fn the_end_of_the_input_closes_our_direction_only() {
    let (received, output, capture) = pipe(&b"question"[..], Limits::DEFAULT, |mut stream| {
        let mut all = String::new();
        // Ends only with our close_notify.
        stream.read_to_string(&mut all).unwrap();
        stream.write_all(b"answer").unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        all
    });
    assert_eq!((received.as_str(), output.as_slice()), ("question", &b"answer"[..]));
    assert_eq!(end(&capture, Direction::Client), Some(&How::Fin));
    assert_eq!(error(&capture), "no error");
}

#[test]
fn our_direction_can_be_held_open_for_the_answer() {
    let config = Setup::default().config(&Authority::new());
    let (address, server) = serve(move |tcp| {
        let mut stream = accept(&config, tcp).unwrap();
        let mut buf = [0; 64];
        let len = stream.read(&mut buf).unwrap();
        // As a server that looks whether its client is still there before it answers.
        stream.sock.set_nonblocking(true).unwrap();
        let there = stream.read(&mut buf).unwrap_err().kind() == std::io::ErrorKind::WouldBlock;
        stream.sock.set_nonblocking(false).unwrap();
        stream.write_all(b"answer").unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        (len, there)
    });
    let pipe_hold = Duration::from_secs(3600);
    let (request, mut output) = (Request { pipe_hold, ..request(address) }, Vec::new());
    run(async {
        let prepared = engine::prepare(&request).unwrap();
        prepared.pipe(&mut &b"question"[..], &mut output).await.unwrap()
    });
    assert_eq!((server.join().unwrap(), output.as_slice()), ((8, true), &b"answer"[..]));
}

#[test]
fn the_servers_end_ends_the_pipe_with_the_input_still_open() {
    let (input, _kept_open) = tokio::io::duplex(64);
    let ((), output, capture) = pipe(input, Limits::DEFAULT, |mut stream| {
        stream.write_all(b"bye").unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
    });
    assert_eq!(output, b"bye");
    assert_eq!(error(&capture), "no error");
}

#[test]
fn piping_goes_on_when_recording_has_stopped() {
    const MUCH: usize = 20 << 20;
    let input = tokio::io::AsyncReadExt::take(tokio::io::repeat(b'x'), MUCH as u64);
    let limits = Limits { recorded_bytes: 100_000, ..Limits::DEFAULT };
    let (received, output, capture) = pipe(input, limits, |mut stream| {
        // Back at once, in both directions at the same time.
        let (mut all, mut buf) = (0, vec![0; 1 << 16]);
        loop {
            let len = stream.read(&mut buf).unwrap();
            if len == 0 {
                break;
            }
            all += len;
            stream.write_all(&buf[..len]).unwrap();
        }
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        all
    });
    assert_eq!((received, output.len()), (MUCH, MUCH));
    assert_eq!(capture.limits_reached, ["recorded_bytes"]);
    let recorded: usize = Direction::BOTH.map(|side| sent(&capture, side).len()).iter().sum();
    assert_eq!(recorded, 200_000);
    assert!(capture.events.len() < 100);
}

#[test]
fn a_late_refusal_ends_the_pipe() {
    let authority = Authority::new();
    let setup = Setup { clients: Clients::Required, ..Setup::default() };
    let (address, server) = serve_tls(setup.config(&authority));
    let request = request(address);
    let (mut input, _kept_open) = tokio::io::duplex(64);
    let capture = run(async {
        engine::prepare(&request).unwrap().pipe(&mut input, &mut tokio::io::sink()).await.unwrap()
    });
    assert!(server.join().unwrap().is_err());
    assert_eq!(error(&capture), "received fatal alert: CertificateRequired");
    assert!(capture.engine.unwrap().complete);
}

/// A server that says `hello` with its last flight, and then `more` of its own in the very same write.
fn speaks_first(
    version: &'static rustls::SupportedProtocolVersion,
    more: &'static [u8],
) -> (Vec<u8>, Capture) {
    let mut config = Setup { versions: vec![version], ..Setup::default() }.config(&Authority::new());
    Arc::get_mut(&mut config).unwrap().send_half_rtt_data = true;
    let (address, server) = serve(move |mut tcp| {
        let mut conn = ServerConnection::new(config).unwrap();
        loop {
            conn.read_tls(&mut tcp).unwrap();
            conn.process_new_packets().unwrap();
            let ready = version == &TLS13 || !conn.is_handshaking();
            if ready {
                conn.writer().write_all(b"hello").unwrap();
            }
            let mut flight = Vec::new();
            while conn.wants_write() {
                conn.write_tls(&mut flight).unwrap();
            }
            if ready {
                flight.extend_from_slice(more);
            }
            tcp.write_all(&flight).unwrap();
            if ready {
                break;
            }
        }
        tcp.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = tcp.read_to_end(&mut Vec::new());
    });
    let (request, mut output) = (request(address), Vec::new());
    let (mut input, _kept_open) = tokio::io::duplex(64);
    let capture = run(async {
        let prepared = engine::prepare(&request).unwrap();
        prepared.pipe(&mut input, &mut output).await.unwrap()
    });
    server.join().unwrap();
    (output, capture)
}

#[test]
fn what_comes_with_the_servers_finished_reaches_the_output() {
    for version in [&TLS12, &TLS13] {
        let (output, capture) = speaks_first(version, b"");
        assert_eq!(output, b"hello", "{version:?}");
        assert!(capture.engine.unwrap().complete);
    }
}

#[test]
fn what_is_good_before_a_bad_record_reaches_the_output() {
    const BAD: &[u8] = &[
        23, 3, 3, 0, 32, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
        23, 24, 25, 26, 27, 28, 29, 30, 31,
    ];
    for version in [&TLS12, &TLS13] {
        let (output, capture) = speaks_first(version, BAD);
        assert_eq!(output, b"hello", "{version:?}");
        // A flight is one event, with all that is in it.
        let flights = capture.events.iter().filter(|event| {
            matches!(event, Event::Bytes { direction: Direction::Server, bytes, .. } if bytes.ends_with(BAD))
        });
        assert_eq!(flights.count(), 1);
        let engine = capture.engine.as_ref().unwrap();
        assert!(engine.complete && engine.refused, "{engine:?}");
        assert_eq!(error(&capture), "cannot decrypt peer's message");
        // Our alert went out.
        assert_eq!(
            records(&capture, Direction::Client).last(),
            Some(if version == &TLS12 { &21 } else { &23 })
        );
    }
}

#[test]
fn early_data_and_a_pipe_do_not_go_together() {
    let request = Request { early_data: Some(vec![1]), ..request("127.0.0.1:1".parse().unwrap()) };
    let refused = run(async {
        let prepared = engine::prepare(&request).unwrap();
        prepared.pipe(&mut tokio::io::empty(), &mut tokio::io::sink()).await
    });
    assert_eq!(refused.unwrap_err().to_string(), "early data can't be sent with --pipe");
}

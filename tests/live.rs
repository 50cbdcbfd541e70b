//! The live side against servers on loopback.

#![allow(clippy::unwrap_used, reason = "this is a test: what goes wrong shall end it")]

#[path = "live/server.rs"]
mod server;

use std::net::SocketAddr;
use std::time::Duration;

use server::{Authority, Setup, serve_tls};
use tls_trace::capture::{Capture, Event, How, Intent, Label, StepKind, Tcp};
use tls_trace::connect::Plan;
use tls_trace::engine::{self, Offer, Request, Version};
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
    let offer = Offer { max: Version::Tls12, ..Offer::default() };
    let capture = trace(&Request { offer, ..request(address) });
    assert_eq!(server.join().unwrap(), Ok(String::new()));
    assert!(capture.engine.as_ref().unwrap().complete);
    assert_eq!(labels(&capture), [Label::ClientRandom]);
    // ClientHello; ClientKeyExchange, ChangeCipherSpec, Finished; close_notify
    assert_eq!(records(&capture, Direction::Client), [22, 22, 20, 22, 21]);
}

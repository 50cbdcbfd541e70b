//! What is named as the cause of a failure is what ended the handshake: changed recordings, each ended by something else.

use tls_trace::capture::{Capture, Event, Session};
use tls_trace::judged::Judged;
use tls_trace::report::Report;
use tls_trace::trace::Trace;
use tls_trace::wire::Direction;

use super::golden::{capture, flip, place, sent};

fn judged(capture: Capture) -> Judged {
    let report = Report::of(Session { captures: vec![capture], ..Session::default() }).unwrap();
    report.connections.into_iter().next().unwrap()
}

fn id(judged: &Judged) -> &str {
    judged.verdict.id.as_deref().unwrap_or("none")
}

/// A TLS 1.2 recording up to the server's first flight, which the engine refused with these words.
fn refused(words: &str) -> Capture {
    let mut capture = capture("tls12");
    let second = capture
        .events
        .iter()
        .enumerate()
        .filter(|(_, event)| matches!(event, Event::Bytes { direction: Direction::Client, .. }))
        .nth(1)
        .unwrap()
        .0;
    capture.events.truncate(second);
    let engine = capture.engine.as_mut().unwrap();
    (engine.complete, engine.refused, engine.error) = (false, true, Some(words.to_owned()));
    capture
}

/// A certificate is the chain's to judge: TLS passes it on as it is.
#[test]
fn what_is_odd_inside_a_certificate_is_not_why_a_handshake_failed() {
    let mut capture = refused("peer misbehaved: something");
    let trace = Trace::of(&capture);
    let (side, at) = place(&trace, "Certificate");
    let message = trace.messages.iter().find(|message| message.name == "Certificate").unwrap();
    // A BOOLEAN that is TRUE, which DER writes as ff.
    let inside = message.bytes.windows(3).position(|three| three == [1, 1, 0xff]).unwrap();
    flip(&mut capture, side, at + inside + 2);
    let changed = Trace::of(&capture);
    let certificate = changed.messages.iter().find(|message| message.name == "Certificate").unwrap();
    assert!(certificate.carried_problem.is_some() && certificate.problem.is_none(), "{certificate:?}");
    assert_eq!(id(&judged(capture)), "engine.refused");
}

/// The ServerHello of a refused answer with a session id of 33 bytes.
fn with_a_bad_hello(words: &str) -> Capture {
    let mut capture = refused(words);
    let (side, at) = place(&Trace::of(&capture), "ServerHello");
    let length = at + 4 + 2 + 32;
    assert_eq!(sent(&capture, side)[length], 32);
    flip(&mut capture, side, length);
    assert!(Trace::of(&capture).messages[1].problem.is_some());
    capture
}

#[test]
fn a_malformed_message_is_the_cause_where_the_client_refused_its_form() {
    let judged = judged(with_a_bad_hello("received corrupt message of type Handshake"));
    assert_eq!(id(&judged), "malformed");
    assert!(judged.verdict.summary.contains("ServerHello is malformed"), "{}", judged.verdict.summary);
}

#[test]
fn a_malformed_message_is_not_the_cause_where_something_else_ended_the_handshake() {
    let other = judged(with_a_bad_hello(
        "received unexpected handshake message: got ServerHello when expecting Finished",
    ));
    assert_eq!(id(&other), "engine.refused");
    // The server left by itself.
    let mut capture = with_a_bad_hello("");
    let engine = capture.engine.as_mut().unwrap();
    (engine.refused, engine.error) = (false, None);
    let left = judged(capture);
    assert!(id(&left).starts_with("closed."), "{}", id(&left));
}

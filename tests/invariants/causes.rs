//! What is named as the cause of a failure is what ended the handshake: changed recordings, each ended by something else.

use std::time::Duration;

use tls_trace::capture::{Capture, Event, How, Session};
use tls_trace::judged::Judged;
use tls_trace::report::Report;
use tls_trace::trace::Trace;
use tls_trace::wire::Direction;

use super::golden::{bytes, capture, flip, place, record, sent};

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
    assert_eq!(judged.verdict.summary, "malformed ServerHello from the server");
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

/// A recording of TLS 1.2 in which the server's answer is `messages` of its own and then `records`, before it closes.
fn answered(messages: &[&str], records: &[u8]) -> Judged {
    let mut capture = refused("");
    let trace = Trace::of(&capture);
    let said = messages.iter().flat_map(|name| {
        let message = trace.messages.iter().find(|message| message.name == *name).unwrap();
        record(22, &message.bytes)
    });
    let answer: Vec<u8> = said.chain(records.iter().copied()).collect();
    capture.events.retain(|event| !matches!(event, Event::Bytes { direction: Direction::Server, .. }));
    capture.events.push(bytes(Direction::Server, &answer));
    capture.events.push(Event::End { direction: Direction::Server, at: Duration::ZERO, how: How::Fin });
    let engine = capture.engine.as_mut().unwrap();
    (engine.refused, engine.error) = (false, None);
    judged(capture)
}

fn causes(judged: &Judged) -> String {
    let causes = judged.verdict.failure.iter().flat_map(|failure| &failure.causes);
    causes.map(|cause| format!("{}\n", cause.text)).collect()
}

/// Java, for example, without a key (JSSE: "No available authentication scheme").
#[test]
fn a_server_that_agreed_on_a_suite_and_gives_up_may_have_no_certificate() {
    let failure: &[u8] = &record(21, &[2, 40]);
    let before = answered(&[], failure);
    assert!(before.verdict.summary.contains("no common parameters"), "{}", before.verdict.summary);
    assert!(causes(&before).contains("cipher suite") && causes(&before).contains("no certificate"));
    let after = answered(&["ServerHello"], failure);
    assert!(!after.verdict.summary.contains("no common"), "{}", after.verdict.summary);
    assert!(causes(&after).starts_with("it has no certificate or key"), "{}", causes(&after));
    assert_eq!(after.verdict.failure.as_ref().unwrap().remedy.text, None);
    let late = answered(&["ServerHello", "Certificate"], failure);
    assert!(!causes(&late).contains("certificate or key"), "{}", causes(&late));
}

#[test]
fn a_warning_right_before_the_end_is_the_cause() {
    let warned = answered(&[], &record(21, &[1, 112]));
    assert_eq!(id(&warned), "closed.fin");
    assert!(warned.verdict.summary.contains("unrecognized_name"), "{}", warned.verdict.summary);
    assert!(!causes(&warned).contains("instead of sending an alert"), "{}", causes(&warned));
    let silent = answered(&[], &[]);
    assert!(causes(&silent).contains("instead of sending an alert"), "{}", causes(&silent));
}

#[test]
fn the_version_that_an_alert_is_written_in_is_told() {
    let seen = |record: &[u8]| {
        let judged = answered(&[], record);
        assert_eq!(id(&judged), "alert.protocol_version");
        judged.verdict.failure.unwrap().seen.unwrap()
    };
    assert!(seen(&[21, 3, 2, 0, 2, 2, 70]).contains("alert's record is one of TLS 1.1"));
    assert!(!seen(&[21, 3, 3, 0, 2, 2, 70]).contains("record"));
}

/// An alert straight after the ClientHello can't be about what was not sent yet.
#[test]
fn no_alert_is_about_what_had_not_been_sent() {
    for alert in [42, 43, 44, 45, 46, 48, 49, 51, 20, 114, 116] {
        let judged = answered(&[], &record(21, &[2, alert]));
        assert!(id(&judged).starts_with("alert."), "{alert}: {}", id(&judged));
        let causes = causes(&judged);
        let fits = causes.contains("not asked for") || causes.contains("can't have happened yet");
        assert!(fits && !causes.contains("Finished"), "{alert}: {causes}");
    }
    // After the server's flight a signature or a Finished may be wrong.
    let later = answered(&["ServerHello", "Certificate"], &record(21, &[2, 51]));
    assert!(causes(&later).contains("signature"), "{}", causes(&later));
}

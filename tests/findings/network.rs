//! Before TLS: the name, the address, the time.

use std::time::Duration;

use tls_trace::capture::{Dns, Question, Step, StepKind, Stopped, Tcp};
use tls_trace::finding::{By, Certainty, Outcome};
use tls_trace::judged::Judged;

use crate::{blank, failure, id, judged, typed};

fn step(what: StepKind) -> Step {
    Step { at: Duration::ZERO, took: Duration::from_millis(20), what }
}

fn dns(outcome: Dns) -> Step {
    step(StepKind::Dns { name: "example.com".into(), outcome })
}

fn tcp(address: &str, outcome: Tcp) -> Step {
    step(StepKind::Tcp { address: address.parse().unwrap(), outcome })
}

fn after(steps: Vec<Step>, flags: &[&str]) -> Judged {
    let mut capture = blank();
    capture.steps = steps;
    judged(capture, &Question { arguments: typed(flags), ..Question::default() })
}

#[test]
fn a_name_without_an_address() {
    let failed =
        |not_found| dns(Dns::Failed { code: -2, text: "Name or service not known".into(), not_found });
    for (step, expected) in
        [(failed(true), "dns.not_found"), (failed(false), "dns.failed"), (dns(Dns::Timeout), "dns.timeout")]
    {
        let judged = after(vec![step], &[]);
        assert_eq!((id(&judged), judged.verdict.exit_code), (expected, 3));
        let failure = failure(&judged);
        assert_eq!((failure.phase, failure.by), ("dns", Some(By::Network)), "{expected}");
        assert!(judged.verdict.next.contains(&"--connect".to_owned()), "{:?}", judged.verdict.next);
        let resolver = failure.who.as_deref().is_some_and(|who| who.contains("not known"));
        assert_eq!(resolver, expected != "dns.timeout", "{:?}", failure.who);
    }
    // The family that was asked for is part of the name that was not found.
    for (flag, word) in [("--ipv6", "IPv6"), ("--ipv4", "IPv4")] {
        let judged = after(vec![failed(true)], &[flag]);
        assert!(judged.verdict.summary.contains(word), "{}", judged.verdict.summary);
    }
    assert!(!after(vec![failed(true)], &[]).verdict.summary.contains("IPv"));
}

#[test]
fn an_address_that_does_not_answer() {
    let unreachable = || Tcp::Unreachable { text: "Network is unreachable".into() };
    let rows = [
        (tcp("192.0.2.1:443", Tcp::Refused), "tcp.refused", By::Server, None),
        (tcp("192.0.2.1:443", unreachable()), "tcp.unreachable", By::Network, None),
        (tcp("[2001:db8::1]:443", unreachable()), "tcp.unreachable", By::Network, Some("--ipv4")),
        (tcp("192.0.2.1:443", Tcp::Failed { text: "odd".into() }), "tcp.failed", By::Network, None),
        (tcp("192.0.2.1:443", Tcp::Timeout), "tcp.timeout", By::Network, Some("--connect-timeout")),
    ];
    for (step, expected, by, flag) in rows {
        let judged = after(vec![step], &["--ipv6"]);
        assert_eq!((id(&judged), judged.verdict.exit_code), (expected, 3));
        let failure = failure(&judged);
        assert_eq!((failure.phase, failure.by), ("tcp", Some(by)), "{expected}");
        assert_eq!(failure.causes[0].certainty <= Certainty::Likely, expected != "tcp.failed");
        match flag {
            Some(flag) => assert!(judged.verdict.next.contains(&flag.to_owned()), "{expected}"),
            None => assert!(judged.verdict.next.is_empty(), "{expected}: {:?}", judged.verdict.next),
        }
    }
}

/// Who typed an IPv6 address can't have it in IPv4.
#[test]
fn an_address_has_no_other_family() {
    for host in ["2001:db8::1", "fe80::1%eth0"] {
        let mut capture = blank();
        capture.intent.host = host.into();
        let outcome = Tcp::Unreachable { text: "Network is unreachable".into() };
        capture.steps = vec![tcp("[2001:db8::1]:443", outcome)];
        let judged = judged(capture, &Question { arguments: typed(&[]), ..Question::default() });
        assert_eq!(id(&judged), "tcp.unreachable");
        assert!(judged.verdict.next.is_empty(), "{:?}", judged.verdict.next);
    }
}

/// What a host said counts more than silence, and all that was tried is counted.
#[test]
fn of_several_addresses_the_clearest_answer() {
    let judged = after(vec![tcp("192.0.2.1:443", Tcp::Timeout), tcp("192.0.2.2:443", Tcp::Refused)], &[]);
    assert_eq!(id(&judged), "tcp.refused");
    let (summary, detail) = (&judged.verdict.summary, judged.verdict.detail.as_deref().unwrap());
    assert!(summary.contains("192.0.2.2") && detail.contains("2 addresses"), "{summary}: {detail}");
    let alone = after(vec![tcp("192.0.2.2:443", Tcp::Refused)], &[]);
    assert_eq!(alone.verdict.detail, None);
    assert_eq!(id(&after(Vec::new(), &[])), "tcp.timeout");
}

#[test]
fn a_signal_comes_before_all_else() {
    for (stopped, expected, code) in
        [(Stopped::Interrupt, "interrupted", 130), (Stopped::Terminate, "terminated", 143)]
    {
        let mut capture = blank();
        capture.steps = vec![dns(Dns::Timeout)];
        capture.stopped = Some(stopped);
        let judged = judged(capture, &Question::default());
        assert_eq!((id(&judged), judged.verdict.exit_code), (expected, code));
        assert_eq!(judged.verdict.outcome, Outcome::Interrupted);
    }
}

//! `--ech` without a server that has it: what is wrong with a configuration, HTTPS records, and a server that rejects.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
#[path = "support/dns.rs"]
mod dns;

use std::fs;

use common::{Run, file, run, scratch, text};
use dns::{Answer, record};
use tls_trace::capture::Session;

use tls_trace::report::Report;
use tls_trace::trace::{State, Trace};

/// An ECHConfigList with one configuration of X25519.
fn list(public_name: &str) -> Vec<u8> {
    let mut contents = vec![7, 0, 0x20, 0, 32];
    // Any 32 bytes are a public key.
    contents.extend([9; 32]);
    contents.extend([0, 4, 0, 1, 0, 1, 0, public_name.len() as u8]);
    contents.extend(public_name.as_bytes());
    contents.extend([0, 0]);
    let config = [&[0xfe, 0x0d][..], &(contents.len() as u16).to_be_bytes(), &contents].concat();
    [&(config.len() as u16).to_be_bytes()[..], &config].concat()
}

/// A trace of the demo's server with ECH.
fn demo(ech: &str, flags: &[&str]) -> Run {
    run(["demo", "tls13", "--ech", ech].iter().chain(flags))
}

#[test]
fn a_list_that_cannot_be_used_is_a_usage_error_that_says_where_and_what_to_do() {
    let directory = scratch();
    let path = file(&directory, "list");
    let wrong = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let run = demo(text(&path), &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.contains("HTTPS record"), "{run:?}");
        run.err
    };
    let good = list("demo.tls-trace.test");
    assert!(wrong(&good[..30]).contains("at byte 2"));
    assert!(wrong(&[&good[..], &[1]].concat()).contains("extra bytes"));
    assert!(wrong(&list("192.0.2.1")).contains("is not a host name"));
    let mut other = good.clone();
    other[6 + 1] = 0xff;
    assert!(wrong(&other).contains("is not supported"));
    let run = demo("no-such-file", &[]);
    assert!(run.code == 2 && run.err.contains("is no file, and not the base64"), "{run:?}");
    fs::write(&path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    assert!(demo(text(&path), &[]).err.contains("no ECHCONFIG block"));
    // What would show the name, or can't have ECH.
    for flags in [&["--diagnose"][..], &["--like", "chrome"], &["--tls-max", "1.2"], &["--engine", "lab"]] {
        let run = demo("grease", flags);
        assert!(run.code == 2 && run.err.contains("--ech"), "{run:?}");
    }
}

#[test]
fn a_server_without_ech_rejects_and_is_verified_for_the_public_name() {
    let directory = scratch();
    let path = file(&directory, "list");
    fs::write(&path, list("demo.tls-trace.test")).unwrap();
    let rejected = demo(text(&path), &["--sni", "secret.example", "--json"]);
    assert_eq!(rejected.code, 4, "{rejected:?}");
    let document = rejected.json();
    assert_eq!(document["verdict"]["id"], "ech.rejected", "{}", document["verdict"]);
    let of = &document["connections"][0];
    assert_eq!(
        (&of["ech"]["accepted"], &of["ech"]["inner_name"]),
        (&"fails".into(), &"secret.example".into())
    );
    assert_eq!(document["facts"]["ech"], false);

    fs::write(&path, list("other.example")).unwrap();
    let other = demo(text(&path), &[]);
    assert_eq!(other.code, 1, "{other:?}");
    assert!(other.out.contains("not authenticated for the public name other.example"), "{other:?}");

    let grease = demo("grease", &["--json"]);
    assert_eq!((grease.code, &grease.json()["facts"]["ech"]), (0, &serde_json::Value::Null), "{grease:?}");
}

#[test]
fn configurations_come_from_the_https_record() {
    let good = list("demo.tls-trace.test");
    let zone = |name: &str, answer: Answer| (name.to_owned(), answer);
    let ech = |priority, target: &str, list: &[u8]| record(priority, target, &[(5, list)]);
    let dns = dns::serve(vec![
        zone("good.example", Answer::Records(vec![ech(2, "wrong.example", b"x"), ech(1, ".", &good)])),
        zone("alias.example", Answer::Records(vec![record(0, "good.example", &[])])),
        zone("loop.example", Answer::Records(vec![record(0, "loop.example", &[])])),
        zone("bare.example", Answer::Records(vec![record(1, ".", &[(1, b"\x02h2")])])),
        zone("bad.example", Answer::Records(vec![ech(1, ".", &good[..20])])),
        zone("fails.example", Answer::Failure),
        zone("silent.example", Answer::Silence),
    ]);
    let flag = format!("dns@{}", dns.address);
    let at = |name: &str| run([name, "--ech", &flag, "--connect", "127.0.0.1:1", "--connect-timeout", "5"]);
    for name in ["good.example", "alias.example"] {
        let found = at(name);
        assert_eq!(found.code, 3, "{found:?}");
        assert!(
            found.out.contains("HTTPS record") && found.out.contains("1 good.example · ech, "),
            "{found:?}"
        );
        assert!(found.out.contains("connection refused"), "{found:?}");
    }
    assert!(at("good.example:8443").out.contains("none for _8443._https.good.example"));
    for (name, words) in [
        ("none.example", "no HTTPS record, so no ECH"),
        ("bare.example", "no ECH configuration in the HTTPS record"),
        ("bad.example", "at byte 2"),
        ("fails.example", "HTTPS query failed"),
        ("loop.example", "no ECH configuration in the HTTPS record"),
    ] {
        let run = at(name);
        assert_eq!(run.code, 3, "{run:?}");
        let said = run.out.contains(words) && run.out.contains("ech.no_configuration");
        assert!(said && !run.out.contains("TCP connect"), "{words}: {run:?}");
        assert!(run.out.contains("try       tls-trace"), "{run:?}");
    }
    let silent =
        run(["silent.example", "--ech", &flag, "--connect", "127.0.0.1:1", "--connect-timeout", "0.5"]);
    assert!(silent.code == 3 && silent.out.contains("no answer to the HTTPS query"), "{silent:?}");
    assert!(dns.asked().len() < 30, "{:?}", dns.asked());
    // A live run and what was saved of it.
    let directory = scratch();
    let saved = file(&directory, "trace.json");
    let live = run(["bare.example", "--ech", &flag, "--save", text(&saved)]);
    assert_eq!(run(["read", text(&saved)]).out, live.out);
    let address = run(["192.0.2.1", "--ech", "dns"]);
    assert!(address.code == 2 && address.err.contains("an address has no HTTPS record"), "{address:?}");
    assert_eq!(run(["a.example", "--ech", "dns@nowhere"]).code, 2);
}

/// The record names the endpoint that its configurations are for (RFC 9460, section 2.4.2).
#[test]
fn the_endpoint_of_the_record_is_where_the_connection_goes() {
    let good = list("demo.tls-trace.test");
    let dns = dns::serve(vec![(
        "good.example".to_owned(),
        Answer::Records(vec![record(1, "localhost", &[(3, &[0, 1]), (5, &good)])]),
    )]);
    let run = run(["good.example", "--ech", &format!("dns@{}", dns.address), "-4"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.out.contains("127.0.0.1:1 refused"), "{run:?}");
}

fn recorded() -> tls_trace::capture::Capture {
    let bytes = fs::read("src/demo/recorded/ech.json").unwrap();
    tls_trace::capture::saved::parse(&bytes).unwrap().captures.remove(0)
}

fn states(capture: &tls_trace::capture::Capture) -> (State, Vec<State>) {
    let trace = Trace::of(capture);
    let handshake = trace.handshake().unwrap();
    (
        handshake.ech.as_ref().unwrap().accepted.clone(),
        handshake.proofs.iter().map(|it| it.state.clone()).collect(),
    )
}

/// The confirmation and Finished are over every byte of the inner hello.
#[test]
fn another_inner_hello_is_not_the_one_that_was_accepted() {
    let capture = recorded();
    let (accepted, proofs) = states(&capture);
    assert!(
        accepted.holds() && proofs.len() == 3 && proofs.iter().all(State::holds),
        "{accepted:?} {proofs:?}"
    );
    for at in 0..capture.ech.as_ref().unwrap().inner[0].len() {
        let mut other = capture.clone();
        other.ech.as_mut().unwrap().inner[0][at] ^= 1;
        let (accepted, proofs) = states(&other);
        // What can't be read is not evaluated, but for what the secrets show: that it was some inner hello.
        let unknown = proofs.iter().all(|proof| matches!(proof, State::NotEvaluated(_)));
        assert!(accepted.fails() || unknown, "byte {at}: {accepted:?} {proofs:?}");
    }
    // And of the ServerHello, whose random has it.
    let trace = Trace::of(&capture);
    let hello = trace.messages.iter().find(|message| message.name == "ServerHello").unwrap();
    assert_eq!(
        trace.handshake().unwrap().ech.as_ref().unwrap().confirmations[0].expected,
        hello.bytes[30..38]
    );
}

/// A capture of others: the outer hello, what the secrets show, and no more.
#[test]
fn what_others_hid_is_not_evaluated_unless_secrets_show_it() {
    let mut capture = recorded();
    capture.ech = None;
    let (accepted, proofs) = states(&capture);
    assert!(accepted.holds(), "the records open with the inner hello's secrets: {accepted:?}");
    let hidden =
        |proof: &State| matches!(proof, State::NotEvaluated(why) if why.contains("inner ClientHello"));
    assert!(proofs.iter().all(hidden), "{proofs:?}");
    // A file of packets may name them by the random that is seen. The outer hello fits nothing, which proves nothing.
    let outer = Trace::of(&capture).handshake().unwrap().facts.client.unwrap().random;
    let mut named = capture.clone();
    named.secrets.0.iter_mut().for_each(|secret| secret.client_random = outer.to_vec());
    let (accepted, proofs) = states(&named);
    assert!(
        matches!(accepted, State::NotEvaluated(_)) && proofs.iter().all(hidden),
        "{accepted:?} {proofs:?}"
    );
    capture.secrets = Default::default();
    let (accepted, _) = states(&capture);
    assert!(matches!(accepted, State::NotEvaluated(_)), "{accepted:?}");
    let report = Report::of(Session { captures: vec![capture], ..Session::default() }).unwrap();
    assert!(report.connections[0].findings.iter().any(|finding| finding.id == "ech.seen"));

    let bytes = fs::read("src/demo/recorded/ech-rejected.json").unwrap();
    let mut rejected = tls_trace::capture::saved::parse(&bytes).unwrap().captures.remove(0);
    rejected.ech = None;
    let (accepted, proofs) = states(&rejected);
    assert!(accepted.fails() && proofs.iter().all(State::holds), "{accepted:?} {proofs:?}");
}

#[test]
fn a_recording_takes_no_flags_that_would_change_nothing() {
    let refused = run(["demo", "ech", "--tls-max", "1.2"]);
    assert!(refused.code == 2 && refused.err.contains("--tls-max would change nothing"), "{refused:?}");
    assert_eq!(run(["demo", "ech", "-v"]).code, 0);
}

/// ECH needs TLS 1.3, and nothing else is offered with it.
#[test]
fn a_server_without_tls_1_3_is_told_from_one_without_ech() {
    let stage = tls_trace::demo::start(tls_trace::demo::find("tls12").unwrap()).unwrap();
    let (target, address) = (format!("{}:{}", stage.host, stage.address.port()), stage.address.to_string());
    let refused = run([&target, "--connect", &address, "--ech", "grease"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(
        refused.out.contains("only TLS 1.3 was offered, because of --ech (ech.tls13_only)"),
        "{refused:?}"
    );
}

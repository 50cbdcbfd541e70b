//! Encrypted Client Hello with Go's server: accepted, rejected with and without other configurations, after a
//! HelloRetryRequest, and by a server that is not the one of the public name.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use common::{Run, file, run, scratch, text};
use serde_json::Value;
use support::ech::{self, Ech};

/// A trace of secret.example with this list and these flags.
fn traced(served: &Ech, list: &str, flags: &[&str]) -> Run {
    let port = served.server.address.port();
    let (target, address) = (format!("secret.example:{port}"), format!("127.0.0.1:{port}"));
    let (list, root) = (served.file(list), served.file("root.pem"));
    let list = if list.exists() { text(&list) } else { "grease" };
    let words = [&target, "--connect", &address, "--cacert", text(&root), "--ech", list];
    run(words.iter().chain(flags))
}

fn connection(run: &Run, place: usize) -> Value {
    run.json()["connections"][place].clone()
}

fn state(connection: &Value, check: &str) -> String {
    let checks = connection["checks"].as_array().unwrap();
    let found = checks.iter().find(|found| found["id"] == check);
    found.map_or("none", |found| found["state"].as_str().unwrap()).to_owned()
}

/// All that a handshake proves was recomputed over the ClientHello that counts.
fn proven(connection: &Value) {
    for check in ["finished.server", "finished.client", "certificate_verify.server"] {
        assert_eq!(state(connection, check), "holds", "{check}");
    }
}

#[test]
fn accepted_whether_or_not_the_server_asks_for_another_key_share() {
    for (mode, retry) in [("accept", false), ("retry", true)] {
        let served = ech::serve(mode);
        for list in ["list.b64", "list.pem"] {
            let shown = traced(&served, list, &["--json"]);
            assert_eq!(shown.code, 0, "{mode}: {shown:?}");
            let of = connection(&shown, 0);
            proven(&of);
            assert_eq!(state(&of, "ech.accepted"), "holds");
            let said = &of["ech"];
            assert_eq!(said["outer_name"], "public.example", "{said}");
            assert_eq!(said["inner_name"], "secret.example", "{said}");
            let facts = &shown.json()["facts"];
            assert_eq!(
                (&facts["ech"], &facts["retry"]),
                (&Value::Bool(true), &Value::Bool(retry)),
                "{facts}"
            );
        }
        assert!(
            served.server.log().contains("accepted true name \"secret.example\""),
            "{}",
            served.server.log()
        );
    }
}

/// The name of the target is nowhere in what an observer has.
#[test]
fn the_name_does_not_leave_in_the_clear_and_a_saved_trace_shows_the_same() {
    let served = ech::serve("accept");
    let directory = scratch();
    let saved = file(&directory, "trace.json");
    let live = traced(&served, "list.b64", &["--save", text(&saved), "-v"]);
    assert_eq!(live.code, 0, "{live:?}");
    assert_eq!(run(["read", "-v", text(&saved)]).out, live.out);
    let session = tls_trace::capture::saved::parse(&std::fs::read(&saved).unwrap()).unwrap();
    let sent: Vec<u8> = session.captures[0]
        .events
        .iter()
        .filter_map(|event| match event {
            tls_trace::capture::Event::Bytes { bytes, .. } => Some(bytes.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    let has = |name: &[u8]| sent.windows(name.len()).any(|window| window == name);
    assert!(has(b"public.example") && !has(b"secret"));
    for words in [
        "ClientHelloInner",
        "SNI secret.example",
        "SNI public.example",
        "an observer sees server_name public.example",
    ] {
        assert!(live.out.contains(words), "{words}: {}", live.out);
    }
    // Another inner hello is not the one that the server confirmed, nor the one that its Finished is over.
    let mut session = session;
    let inner = &mut session.captures[0].ech.as_mut().unwrap().inner[0];
    inner[10] ^= 1;
    let other = tls_trace::report::Report::of(session).unwrap();
    let checks = &other.connections[0].checks;
    let failed = |id: &str| checks.iter().any(|check| check.id == id && check.state.fails());
    assert!(failed("ech.accepted") && failed("finished.server"), "{checks:?}");
}

#[test]
fn rejected_with_other_configurations_is_retried_once_with_those() {
    for mode in ["accept", "retry"] {
        let served = ech::serve(mode);
        let shown = traced(&served, "old.b64", &["--json"]);
        assert_eq!(shown.code, 0, "{shown:?}");
        let (first, second) = (connection(&shown, 0), connection(&shown, 1));
        assert_eq!((&first["role"], &second["role"]), (&"superseded".into(), &"retry".into()));
        proven(&first);
        proven(&second);
        assert_eq!(
            (state(&first, "ech.accepted"), state(&second, "ech.accepted")),
            ("fails".into(), "holds".into())
        );
        assert_eq!(second["ech"]["source"], "retry");

        let once = traced(&served, "old.b64", &["--json", "--no-retry"]);
        assert_eq!(once.code, 4, "{once:?}");
        let verdict = &once.json()["verdict"];
        assert_eq!(verdict["id"], "ech.rejected", "{verdict}");
        // What it proposes works.
        let next: Vec<String> = serde_json::from_value(verdict["try"].clone()).unwrap();
        let again = run(&next[1..]);
        assert_eq!(again.code, 0, "{next:?}: {again:?}");
    }
}

/// Repetitions go on with the server's configurations; each address is offered the user's.
#[test]
fn every_way_of_connecting_retries_with_the_configurations_that_the_server_sent() {
    let served = ech::serve("accept");
    let roles = |run: &Run| -> Vec<String> {
        let report = run.json();
        let connections = report["connections"].as_array().unwrap().iter();
        connections.map(|connection| connection["role"].as_str().unwrap().to_owned()).collect()
    };
    let repeated = traced(&served, "old.b64", &["--json", "--repeat", "3"]);
    assert_eq!(repeated.code, 0, "{repeated:?}");
    assert_eq!(roles(&repeated), ["superseded", "retry", "repeated", "repeated"]);
    let repeated = traced(&served, "old.b64", &["--repeat", "3"]);
    assert!(repeated.out.contains("(retry configurations)"), "{}", repeated.out);
    let rejected = traced(&served, "old.b64", &["--json", "--repeat", "2", "--no-retry"]);
    assert_eq!(
        (rejected.code, roles(&rejected).as_slice()),
        (4, &["repeated", "repeated"].map(String::from)[..])
    );

    let port = served.server.address.port();
    let (target, resolve) =
        (format!("secret.example:{port}"), format!("secret.example:{port}:127.0.0.1,127.0.0.2"));
    let (list, root) = (served.file("old.b64"), served.file("root.pem"));
    let words =
        [&target, "--each-address", "--resolve", &resolve, "--cacert", text(&root), "--ech", text(&list)];
    let each = run(words.iter().copied().chain(["--json"]));
    // Nobody listens at the second one.
    assert_eq!(
        (each.code, roles(&each).as_slice()),
        (3, &["superseded", "retry", "each_address"].map(String::from)[..])
    );
    assert!(run(words).out.contains("(retry configurations)"), "{each:?}");
}

/// A reader of packets sees the outer ClientHello alone, and finds the secrets by its random.
#[test]
fn the_packets_that_are_taken_away_are_opened_by_others() {
    let served = ech::serve("retry");
    let directory = scratch();
    let packets = file(&directory, "packets.pcapng");
    let live = traced(&served, "list.b64", &["--pcap", text(&packets), "--json"]);
    assert_eq!(live.code, 0, "{live:?}");
    let mut command = support::program("tshark", "tshark");
    command.env("HOME", directory.path()).env("XDG_CONFIG_HOME", directory.path());
    let output =
        command.arg("-r").arg(&packets).args(["-T", "fields", "-e", "tls.handshake.type"]).output().unwrap();
    let types = String::from_utf8(output.stdout).unwrap();
    let mut types: Vec<&str> = types.split([',', '\n', '\t']).filter(|kind| !kind.is_empty()).collect();
    types.sort_unstable();
    // Two of the client's hellos, two of the server's; EncryptedExtensions, Certificate, CertificateVerify, twice Finished.
    for (kind, count) in [("1", 2), ("2", 2), ("8", 1), ("11", 1), ("15", 1), ("20", 2)] {
        assert_eq!(types.iter().filter(|of| **of == kind).count(), count, "{kind}: {types:?}");
    }
    let root = served.file("root.pem");
    let read =
        run(["read", text(&packets), "--cacert", text(&root), "--verify-name", "secret.example", "--json"]);
    let messages = |run: &Run| -> Vec<String> {
        let of = connection(run, 0);
        let messages = of["messages"].as_array().unwrap().iter();
        messages.map(|message| format!("{} {}", message["direction"], message["type"])).collect()
    };
    // What was encrypted to the server within its hello stays so.
    let mut ours = messages(&live);
    ours.retain(|message| !message.contains("Inner"));
    assert_eq!(messages(&read), ours);
    // Whose signature and Finished they are only the inner hello would show: nothing is called wrong.
    assert_eq!(read.code, 7, "{read:?}");
    for check in ["finished.server", "finished.client", "certificate_verify.server"] {
        assert_eq!(state(&connection(&read, 0), check), "not_evaluated", "{check}");
    }
}

/// Nothing of the input is lost to the handshake that failed.
#[test]
fn what_is_piped_goes_over_the_second_connection() {
    use std::io::Write;
    use std::process::Stdio;
    let served = ech::serve("accept");
    let port = served.server.address.port();
    let (target, address) = (format!("secret.example:{port}"), format!("127.0.0.1:{port}"));
    let (list, root) = (served.file("old.b64"), served.file("root.pem"));
    let words = [&target, "--connect", &address, "--cacert", text(&root), "--ech", text(&list), "--pipe"];
    let mut child = common::command(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"echo this\n").unwrap();
    let piped = common::finish(child.wait_with_output().unwrap());
    assert_eq!((piped.code, piped.out.as_str()), (0, "echo this\n"), "{piped:?}");
    assert!(piped.err.contains("the second attempt, with the ECH configurations"), "{}", piped.err);
}

#[test]
fn rejected_without_configurations() {
    let served = ech::serve("none");
    let shown = traced(&served, "list.b64", &[]);
    assert_eq!(shown.code, 4, "{shown:?}");
    assert!(
        shown.last_line().is_empty() || shown.out.contains("Encrypted Client Hello rejected, none available")
    );
    // The certificate is that of the public name.
    assert!(shown.out.contains("✓ name") && shown.out.contains("ech_required"), "{}", shown.out);
}

/// Who has no certificate for the public name can't make a client use its configurations.
#[test]
fn the_configurations_of_a_server_that_is_not_authenticated_are_not_used() {
    let served = ech::serve("accept");
    for flags in [&["--json"][..], &["--json", "--enforce"]] {
        let shown = traced(&served, "wrong.b64", flags);
        assert_eq!(shown.code, 1, "{shown:?}");
        let document = shown.json();
        assert_eq!(document["verdict"]["id"], "ech.public_name", "{}", document["verdict"]);
        assert_eq!(document["connections"].as_array().unwrap().len(), 1);
    }
    let other = ech::serve("accept");
    let port = served.server.address.port();
    let (target, address) = (format!("secret.example:{port}"), format!("127.0.0.1:{port}"));
    let (list, root) = (served.file("old.b64"), other.file("root.pem"));
    let shown =
        run([&target, "--connect", &address, "--cacert", text(&root), "--ech", text(&list), "--json"]);
    assert_eq!(
        (shown.code, shown.json()["verdict"]["id"].as_str()),
        (1, Some("ech.public_name")),
        "{shown:?}"
    );
    // With --enforce the certificate of an accepting and of a rejecting server is judged for the right name.
    let enforced = traced(&served, "old.b64", &["--enforce", "-q"]);
    assert_eq!(enforced.code, 0, "{enforced:?}");
}

#[test]
fn grease_finds_out_whether_the_server_has_ech() {
    for (mode, configurations) in [("accept", true), ("none", false)] {
        let served = ech::serve(mode);
        let shown = traced(&served, "grease", &["--json"]);
        assert_eq!(shown.code, 0, "{shown:?}");
        let of = connection(&shown, 0);
        proven(&of);
        assert_eq!(of["ech"]["retry_configs"].is_string(), configurations, "{}", of["ech"]);
        assert_eq!(of["ech"]["outer_name"], "secret.example");
        assert_eq!(
            (state(&of, "ech.accepted"), &shown.json()["facts"]["ech"]),
            ("none".into(), &Value::Null)
        );
    }
}

/// A session of an accepted hello is resumed in the next inner one.
#[test]
fn a_session_is_resumed_within_ech() {
    let served = ech::serve("accept");
    let shown = traced(&served, "list.b64", &["--json", "--resume"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let second = connection(&shown, 1);
    assert_eq!(shown.json()["facts"]["resumed"], true, "{}", shown.json()["facts"]);
    assert_eq!(
        (state(&second, "ech.accepted"), state(&second, "finished.server")),
        ("holds".into(), "holds".into())
    );
}

#[test]
fn configurations_come_from_the_dns() {
    let served = ech::serve("accept");
    let list = std::fs::read_to_string(served.file("list.b64")).unwrap();
    let list = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, list.trim()).unwrap();
    let port = served.server.address.port();
    let name = format!("_{port}._https.secret.example");
    let dns = support::dns::serve(vec![(
        name.clone(),
        support::dns::Answer::Records(vec![support::dns::record(1, "localhost", &[(5, &list)])]),
    )]);
    let (target, root) = (format!("secret.example:{port}"), served.file("root.pem"));
    let flag = format!("dns@{}", dns.address);
    let shown = run([&target, "-4", "--cacert", text(&root), "--ech", &flag, "--json"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let of = connection(&shown, 0);
    proven(&of);
    assert_eq!((&of["ech"]["source"], &of["ech"]["inner_name"]), (&"dns".into(), &"secret.example".into()));
    assert_eq!(dns.asked(), [name]);
}

/// What `demo ech` and `demo ech-rejected` show: made anew with --ignored.
#[test]
#[ignore = "writes src/demo/recorded"]
fn the_recordings_of_the_demo_are_made() {
    use tls_trace::capture::{Argument, StepKind, Tcp, saved};
    let served = ech::serve("accept");
    let directory = scratch();
    let path = file(&directory, "trace.json");
    for (list, name) in [("list.b64", "ech"), ("old.b64", "ech-rejected")] {
        traced(&served, list, &["--no-retry", "--save", text(&path)]);
        let mut session = saved::parse(&std::fs::read(&path).unwrap()).unwrap();
        session.question.arguments =
            vec![Argument::word("secret.example"), Argument::flag("--ech", Some("list.pem"))];
        session.question.stores.iter_mut().for_each(|store| store.name = "demo".into());
        for capture in &mut session.captures {
            let intent = &mut capture.intent;
            (intent.input, intent.port, intent.connect) = ("secret.example".into(), 443, None);
            capture.tcp = None;
            for step in &mut capture.steps {
                if let StepKind::Tcp { address, outcome } = &mut step.what {
                    *address = "192.0.2.1:443".parse().unwrap();
                    *outcome = Tcp::Connected { local: "198.51.100.7:40000".parse().unwrap() };
                }
            }
        }
        let mut bytes = Vec::new();
        saved::write(&session, &mut bytes).unwrap();
        std::fs::create_dir_all("src/demo/recorded").unwrap();
        std::fs::write(format!("src/demo/recorded/{name}.json"), bytes).unwrap();
    }
}

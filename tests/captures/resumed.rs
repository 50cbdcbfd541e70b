//! Resumed sessions: what they stand on is another connection of the capture.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;
use tls_trace::capture::{Capture, Question, saved};
use tls_trace::finding::authenticated;
use tls_trace::finding::authenticated::Standard;
use tls_trace::judged::{Judge, Judged, Originals};
use tls_trace::trace::{State, Trace};

use super::{pcap, pcapng, read, write};
use crate::common::{Run, file, run, scratch, text};

/// A session and the connection that resumes it, of either version; and the demo's root.
fn resumed(folder: &TempDir, version: &str) -> ([Capture; 2], std::path::PathBuf) {
    let path = file(folder, &format!("{version}.json"));
    let (scenario, more) = if version == "1.2" { ("tls12", "--resume") } else { ("resumption", "-q") };
    run(["demo", scenario, more, "--save", text(&path), "--secrets", "all", "-q"]);
    let captures = saved::parse(&std::fs::read(path).unwrap()).unwrap().captures;
    let [first, second] = <[Capture; 2]>::try_from(captures).unwrap();
    let anchors = first.candidates.iter().flat_map(|store| &store.anchors);
    let root = anchors.filter_map(|anchor| anchor.certificate.as_ref()).next().unwrap();
    let pem =
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(root));
    let root = write(folder, "root.pem", pem.as_bytes());
    ([first, second], root)
}

/// A file with these connections, and the secrets of those that are marked.
fn with_secrets(folder: &TempDir, captures: &[(&Capture, bool)]) -> std::path::PathBuf {
    let classic = pcap::several(captures.iter().map(|(capture, _)| *capture));
    let logs = captures.iter().filter(|(_, open)| *open).map(|(capture, _)| capture.secrets.key_log());
    write(folder, "t.pcapng", &pcapng(&classic, &logs.collect::<String>(), false))
}

fn at_recording(path: &std::path::Path, root: &std::path::Path, more: &[&str]) -> Run {
    // The packets say 2027, in which the demo's certificate is no longer valid.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = now.to_string();
    read(path, &[&["--cacert", text(root), "--at", &at], more].concat())
}

#[test]
fn a_resumed_session_takes_the_verdict_of_its_original() {
    let folder = scratch();
    for version in ["1.3", "1.2"] {
        let ([first, second], root) = resumed(&folder, version);
        let path = with_secrets(&folder, &[(&first, true), (&second, true)]);
        let one = at_recording(&path, &root, &["--stream", "1"]);
        assert_eq!(one.code, 0, "{version}: {one:#?}");
        for wanted in
            ["resumes the session of stream 0", "certificates of the original handshake, stream 0", "TRUSTED"]
        {
            assert!(one.out.contains(wanted), "{version}: no {wanted:?} in {}", one.out);
        }
        let document = at_recording(&path, &root, &["--stream", "1", "--json"]).json();
        let connection = &document["connections"][0];
        assert_eq!((&connection["chain_inherited"], &connection["chain_from"]), (&true.into(), &"0".into()));
        assert_eq!(
            (&document["facts"]["verified"], &document["facts"]["resumed"]),
            (&true.into(), &true.into())
        );
        let original = at_recording(&path, &root, &["--stream", "0", "--json"]).json();
        assert!(original["connections"][0]["chain_from"].is_null());

        // A root that is not trusted is no better for the session that was resumed.
        let untrusted = read(&path, &["--stream", "1"]);
        assert_eq!(untrusted.code, 1, "{untrusted:#?}");
        let lines = at_recording(&path, &root, &["--format", "jsonl"]);
        assert_eq!((lines.code, lines.out.lines().count()), (0, 2), "{lines:#?}");
    }
}

/// What is not known to be the same session proves nothing.
#[test]
fn without_its_original_a_resumed_session_is_not_evaluated() {
    let folder = scratch();
    for version in ["1.3", "1.2"] {
        let ([first, second], root) = resumed(&folder, version);
        for captures in [&[(&second, true)][..], &[(&second, true), (&first, true)]] {
            let path = with_secrets(&folder, captures);
            let shown = at_recording(&path, &root, &["--stream", "0"]);
            assert_eq!(shown.code, 7, "{version}: {shown:#?}");
            let said = shown.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("none is proven to be the one that it resumes"), "{version}: {said}");
            assert!(!shown.out.contains("TRUSTED"), "{}", shown.out);
        }
        // An original whose records could not be decrypted.
        let path = with_secrets(&folder, &[(&first, false), (&second, true)]);
        let shown = at_recording(&path, &root, &["--stream", "1"]);
        assert_eq!(shown.code, 7, "{version}: {shown:#?}");
    }
}

/// A classic file in which the first connection ends after all others.
fn open_to_the_end(classic: &[u8]) -> Vec<u8> {
    const HEADER: usize = 24;
    let (mut packets, mut rest) = (Vec::new(), &classic[HEADER..]);
    while !rest.is_empty() {
        let length = 16 + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        packets.push(&rest[..length]);
        rest = &rest[length..];
    }
    // Ports follow the headers of the packet, of Ethernet and of IPv4; the flags are 13 bytes further on.
    let ports = |packet: &[u8]| [&packet[50..52], &packet[52..54]].concat();
    let first = ports(packets[0]);
    let is_first =
        |packet: &[u8]| ports(packet) == first || ports(packet) == [&first[2..], &first[..2]].concat();
    let fin = packets.iter().position(|packet| is_first(packet) && packet[63] & 1 != 0).unwrap();
    let (last, others): (Vec<_>, Vec<_>) =
        packets.iter().enumerate().partition(|(place, packet)| *place >= fin && is_first(packet));
    let packets = others.into_iter().chain(last).flat_map(|(_, packet)| packet.to_vec());
    classic[..HEADER].iter().copied().chain(packets).collect()
}

#[test]
fn an_original_that_is_still_open_is_found() {
    let folder = scratch();
    for version in ["1.3", "1.2"] {
        let ([first, second], root) = resumed(&folder, version);
        let classic = open_to_the_end(&pcap::several([&first, &second].into_iter()));
        let log = [&first, &second].map(|capture| capture.secrets.key_log()).concat();
        let embedded = write(&folder, "t.pcapng", &pcapng(&classic, &log, false));
        let (bare, log) = (write(&folder, "t.pcap", &classic), write(&folder, "keys.txt", log.as_bytes()));
        for (path, keys) in [(&embedded, &[][..]), (&bare, &["--decrypt-with", text(&log)])] {
            let one = at_recording(path, &root, &[&["--stream", "1"], keys].concat());
            assert_eq!((one.code, one.err.as_str()), (0, ""), "{version}: {one:#?}");
            for wanted in ["resumes the session of stream 0", "TRUSTED"] {
                assert!(one.out.contains(wanted), "{version}: no {wanted:?} in {}", one.out);
            }
            // Each is reported once, as it ends.
            let lines = at_recording(path, &root, &[&["--format", "jsonl"], keys].concat());
            let streams = lines.out.lines().map(|line| line.parse::<serde_json::Value>().unwrap());
            let streams: Vec<_> = streams.map(|line| line["facts"]["stream"].to_string()).collect();
            assert_eq!((lines.code, streams.join(" ").as_str()), (0, "1 0"), "{version}: {lines:#?}");
            let table = at_recording(path, &root, keys);
            assert!(table.out.contains("\n2 connections, none of them verified"), "{version}: {table:#?}");
            let filtered = at_recording(path, &root, &[&["--filter", "verified"], keys].concat());
            assert!(filtered.out.contains("\n2 connections of 2,"), "{version}: {filtered:#?}");
        }
        let diff = run(["diff", &format!("{}#1", text(&embedded)), text(&embedded)]);
        assert!(diff.err.contains("has several connections"), "{version}: {diff:#?}");
    }
}

/// The master secret of a session in the file opens those that resume it, without a key log of theirs.
#[test]
fn embedded_secrets_open_the_sessions_that_are_resumed() {
    let folder = scratch();
    let ([first, second], root) = resumed(&folder, "1.2");
    let path = with_secrets(&folder, &[(&first, true), (&second, false)]);
    let shown = at_recording(&path, &root, &["--stream", "1"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{shown:#?}");
    assert_eq!(shown.out.matches("recomputed over the transcript, equal").count(), 2, "{shown:#?}");
}

/// As a run judges the connections of a capture.
fn judged(captures: &[Capture], question: &Question) -> Vec<Judged> {
    let judge = Judge::new(question.clone()).unwrap();
    let mut originals = Originals::default();
    let one = |capture: &Capture| {
        let trace = Trace::of(capture);
        let earlier = originals.find(capture, &trace);
        let judged = judge.judge_traced(capture.clone(), trace, earlier.as_ref());
        originals.remember(&judged, question, earlier.as_ref());
        judged
    };
    captures.iter().map(one).collect()
}

fn reason(judged: &Judged, question: &Question) -> String {
    match authenticated::of(&judged.case(question), Standard::Full) {
        State::Holds => "holds".into(),
        State::Fails(why) | State::NotEvaluated(why) => why,
    }
}

#[test]
fn a_verdict_is_for_one_name_and_one_session() {
    let folder = scratch();
    for version in ["1.3", "1.2"] {
        let path = file(&folder, &format!("{version}.json"));
        let (mut captures, _) = resumed(&folder, version);
        let question = saved::parse(&std::fs::read(path).unwrap()).unwrap().question;
        for (number, capture) in captures.iter_mut().enumerate() {
            capture.intent.stream = Some(number as u64);
            // What an engine says of it nobody knows who was not there.
            capture.engine = None;
        }
        let good = judged(&captures, &question);
        assert_eq!(reason(&good[1], &question), "holds", "{version}");
        assert_eq!(good[1].original.as_ref().unwrap().stream.as_deref(), Some("0"));

        let mut other = captures.clone();
        other[1].intent.verify_name = Some("other.test".into());
        let why = reason(&judged(&other, &question)[1], &question);
        assert_eq!(
            why,
            "stream 0, which it resumes, was verified for demo.tls-trace.test, and not for other.test"
        );

        // The same name of a session, with another secret.
        let mut forged = captures.clone();
        forged[0].secrets.0.iter_mut().for_each(|secret| secret.secret[0] ^= 1);
        let forged = judged(&forged, &question);
        assert!(forged[1].judgement.is_none(), "{version}");
        assert_ne!(reason(&forged[1], &question), "holds", "{version}");

        // One that says to resume, and whose Finished does not hold.
        let mut claimed = captures.clone();
        claimed[1].secrets.0.clear();
        let claimed = judged(&claimed, &question);
        assert!(claimed[1].judgement.is_none() && claimed[1].verdict.exit_code == 7, "{version}");
    }
}

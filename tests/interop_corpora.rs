//! Other people's captures, read by us and, independently, by tshark: `../shared/corpora/expected.json` has what tshark
//! says.

#![cfg(feature = "interop")]
#![allow(
    clippy::expect_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod corpora;

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tls_trace::capture::{Capture, Dialogue, Label, Secret, Secrets, Step, StepKind};
use tls_trace::certificate::{self, Question, Sent};
use tls_trace::trace::{Epoch, Kind, Message, Opened, Proven, Trace};
use tls_trace::wire::Direction;
use tls_trace::wire::codepoints::{AlertDescription, AlertLevel, ProtocolVersion};
use tls_trace::wire::extension;
use tls_trace::wire::facts::ClientHello;
use tls_trace::wire::fingerprint::{Offer, Transport};
use tls_trace::wire::handshake::lists;

/// Of a row in `expected.json`, what says nothing about TLS, or says again what another value says.
const LEFT_OUT: &[&str] = &[
    "stream",      // its place in the list
    "encap",       // the link layer
    "first_time",  // of a frame
    "first_frame", // its number
    "n_frames",    // that have TLS in them
    "c_msgs",      // msgs by direction
    "s_msgs",
];

#[test]
fn we_read_what_tshark_reads() {
    let mut found = Vec::new();
    let mut streams = 0;
    for capture in captures() {
        let file = text(&capture, "file");
        let bytes = corpora::read(file);
        assert_eq!(hex::encode(sha256(&bytes)), text(&capture, "sha256"), "{file}: another capture");
        let there = list(&capture, "streams");
        let here = corpora::streams(&bytes);
        // A connection without a byte of TLS has no row.
        for (number, there) in there.iter().enumerate() {
            streams += 1;
            let ends = [text(there, "client"), text(there, "server")];
            let stream = here.iter().find(|stream| [&stream.client, &stream.server] == ends);
            let stream = stream.unwrap_or_else(|| panic!("{file}: no connection {ends:?}"));
            let captured = capture_of(stream, Secrets::default());
            assert_eq!(captured.tls_from != [0, 0], file.contains("starttls"), "{file}: a preamble");
            let dialogues: Vec<_> = captured.steps.iter().filter_map(dialogue).collect();
            let expected: &[&str] = if file.contains("starttls") { &["smtp"] } else { &[] };
            assert_eq!(dialogues, expected, "{file}");
            let trace = Trace::of(&captured);
            assert_eq!(Some(stream.number), there["stream"].as_u64(), "{file}: tshark's number");
            let here = describe(stream, &trace);
            compare(file, number, "", &here, there, &mut found);
            check_whole(file, &trace);
        }
        let Some(keys) = capture.get("keys").and_then(Value::as_str) else { continue };
        let secrets = key_log(&corpora::read(keys));
        for there in list(&capture, "decrypted") {
            let number = there["stream"].as_u64().expect("a number");
            let stream = here.iter().find(|stream| stream.number == number).expect("the connection");
            let trace = Trace::of(&capture_of(stream, secrets.clone()));
            let number = number as usize;
            let here = describe_opened(&trace);
            compare(file, number, "decrypted.", &here, there, &mut found);
            check_whole(file, &trace);
        }
    }
    assert_eq!(streams, 11, "connections in all");
    // Names that we write otherwise are in NUMBERED; beyond them there is nothing to explain.
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// With the keys, every record opens and every proof holds.
#[test]
fn captures_with_keys_are_opened_and_proven() {
    for (file, proofs) in [
        (
            "illustrated-tls13.pcap",
            [Proven::ServerCertificateVerify, Proven::ServerFinished, Proven::ClientFinished],
        ),
        (
            "tls12-decryption.pcap",
            [Proven::ServerKeyExchange, Proven::ClientFinished, Proven::ServerFinished],
        ),
    ] {
        let stream = &corpora::streams(&corpora::read(file))[0];
        let secrets = key_log(&corpora::read(&format!("{file}.keylog")));
        let trace = Trace::of(&capture_of(stream, secrets));
        for record in &trace.records {
            assert!(!matches!(record.opened, Opened::Sealed(_)), "{file}: {record:?}");
        }
        let found: Vec<_> = trace.handshakes[0].proofs.iter().map(|proof| proof.what).collect();
        assert_eq!(found, proofs, "{file}");
        for proof in &trace.handshakes[0].proofs {
            assert!(proof.state.holds(), "{file}: {} {:?}", proof.what.id(), proof.state);
        }
    }
}

/// The signature of a ServerKeyExchange needs no keys to be checked.
#[test]
fn signed_parameters_hold() {
    let mut held = 0;
    for capture in captures() {
        let file = text(&capture, "file");
        for stream in corpora::streams(&corpora::read(file)) {
            let trace = Trace::of(&capture_of(&stream, Secrets::default()));
            for proof in trace.handshakes.iter().flat_map(|handshake| &handshake.proofs) {
                assert!(!proof.state.fails(), "{file}: {} {:?}", proof.what.id(), proof.state);
                held += usize::from(proof.state.holds());
            }
        }
    }
    // client-certificate (and its CertificateVerify), smtp-starttls, tls-early-alert, tls12-decryption; two more since
    // signatures of before TLS 1.2 and of small RSA keys are recomputed too.
    assert_eq!(held, 7);
}

fn captures() -> Vec<Value> {
    let expected: Value = serde_json::from_slice(&corpora::read("expected.json")).expect("JSON");
    let captures = list(&expected, "captures").to_vec();
    assert_eq!(captures.len(), 10);
    captures
}

fn capture_of(stream: &corpora::Stream, secrets: Secrets) -> Capture {
    Capture { secrets, ..stream.capture.clone() }
}

/// The protocol of a dialogue before TLS that a step stands for.
fn dialogue(step: &Step) -> Option<&str> {
    match &step.what {
        StepKind::Preamble { protocol, outcome: Dialogue::Agreed { injected: 0 } } => Some(protocol),
        _ => None,
    }
}

/// What `expected.json` says of a stream, said by us.
fn describe(stream: &corpora::Stream, trace: &Trace) -> Map<String, Value> {
    let handshake = trace.handshake().expect("a handshake");
    let facts = &handshake.facts;
    let first: &ClientHello = &handshake.client_hellos[0];
    let hello = &trace.messages[handshake.first_message].bytes;
    let offer = Offer::of(hello).expect("a ClientHello");
    let codes = |span: Option<_>| -> Vec<u16> {
        lists::codes(span.map(|span| trace.bytes(span)).unwrap_or_default()).collect()
    };
    let hexadecimal =
        |codes: Vec<u16>| json!(codes.iter().map(|code| format!("{code:04x}")).collect::<Vec<_>>());
    let versions: Vec<_> = match codes(first.supported_versions) {
        versions if versions.is_empty() => vec![first.legacy_version],
        versions => {
            versions.into_iter().map(ProtocolVersion).filter(|version| !version.is_grease()).collect()
        }
    };
    let names = |list: &[u8]| lists::alpn_names(list).map(string).collect::<Vec<_>>();
    let key_shares = first.key_shares.map(|span| trace.bytes(span)).unwrap_or_default();
    // The first hello of a server that is not a HelloRetryRequest.
    let server_hello = trace.messages.iter().find(|message| message.name == "ServerHello");
    let settled = facts.server_random.is_some() && server_hello.is_some();
    let server_extensions: Option<Vec<u16>> =
        server_hello.map(|message| extension::codes(&extensions(&message.bytes)).collect());
    // We have no JA3S, but what it is made of: version, suite, extensions.
    let ja3s = server_hello.zip(server_extensions.as_ref()).map(|(message, codes)| {
        let legacy_version = u16::from_be_bytes([message.bytes[4], message.bytes[5]]);
        let codes: Vec<String> = codes.iter().map(u16::to_string).collect();
        format!("{legacy_version},{},{}", facts.cipher_suite.expect("a suite").0, codes.join("-"))
    });
    let value = json!({
        "client": stream.client,
        "server": stream.server,
        "client_random": hex::encode(first.random),
        "sni": first.server_name.map(|span| string(trace.bytes(span))),
        "offered_versions": versions.into_iter().map(version).collect::<Vec<_>>(),
        "alpn_offered": first.alpn.map(|span| names(trace.bytes(span))).unwrap_or_default(),
        "ciphers_offered": first.cipher_suites.len() / 2,
        "groups": hexadecimal(codes(first.supported_groups)),
        "key_shares": hexadecimal(lists::key_share_groups(key_shares).collect()),
        "psk_offered": first.psk_identities.is_some(),
        "ech": first.extensions.contains(0xfe0d),
        "server_random": facts.server_random.filter(|_| settled).map(hex::encode),
        "negotiated_version": facts.version.filter(|_| settled).map(version),
        "cipher": facts.cipher_suite.filter(|_| settled).map(|suite| format!("{:04x}", suite.0)),
        "alpn": facts.alpn.map(|span| string(trace.bytes(span))),
        "hrr": facts.retry.is_some(),
        "resumed": settled.then_some(facts.abbreviated || facts.psk.is_some()),
        "curve": facts.group.filter(|_| settled).map(|group| format!("{:04x}", group.0)),
        "ja3": offer.ja3(|text| Md5::digest(text).into()),
        "ja3_full": offer.ja3_text(),
        "ja4": offer.ja4(Transport::Tcp, sha256),
        "ja4_r": offer.ja4_text(Transport::Tcp),
        "client_hellos": handshake.client_hellos.len(),
        "legacy_version": version(first.legacy_version),
        "ext_types": extension::codes(&extensions(hello)).collect::<Vec<_>>(),
        "server_ext_types": server_extensions,
        "ja3s": ja3s.as_ref().map(|text| hex::encode(Md5::digest(text))),
        "ja3s_full": ja3s,
        "psk_accepted": settled.then_some(facts.psk.is_some()),
        "msgs": messages(trace, |message| message.epoch == Epoch::Clear),
        "alerts": alerts(trace, |message| message.epoch == Epoch::Clear),
        "ccs": by_sender(|sender| trace.messages.iter().filter(|m| m.direction == sender && m.kind == Kind::ChangeCipherSpec).count()),
        "enc_handshake": records(trace, 22),
        "appdata": records(trace, 23),
        "enc_alert": records(trace, 21),
        "heartbeat": records(trace, 24),
        "certs": certificates(trace),
    });
    value.as_object().expect("an object").clone()
}

/// What it says behind opening.
fn describe_opened(trace: &Trace) -> Map<String, Value> {
    let facts = &trace.handshake().expect("a handshake").facts;
    let protected = |sender: Direction, wanted: u8| {
        let of_type = trace.records.iter().filter(|record| match record.opened {
            Opened::Decrypted { content_type, .. } => content_type == wanted,
            _ => false,
        });
        of_type.filter(|record| record.direction == sender).count()
    };
    let value = json!({
        "msgs": messages(trace, |_| true),
        "alpn": facts.alpn.map(|span| string(trace.bytes(span))),
        "certs": certificates(trace),
        "alerts": alerts(trace, |_| true),
        "enc_handshake": records(trace, 22),
        "appdata": by_sender(|sender| protected(sender, 23)),
    });
    value.as_object().expect("an object").clone()
}

/// Handshake messages and ChangeCipherSpecs, with their senders.
fn messages(trace: &Trace, which: impl Fn(&Message) -> bool) -> Value {
    let all = trace.messages.iter().filter(|message| message.incomplete.is_none() && which(message));
    let name = |message: &Message| match message.kind {
        Kind::ChangeCipherSpec => Some("CCS".to_owned()),
        Kind::Handshake(_) => Some(message.name.to_string()),
        _ => None,
    };
    json!(all.filter_map(|message| Some((letter(message.direction), name(message)?))).collect::<Vec<_>>())
}

fn alerts(trace: &Trace, which: impl Fn(&Message) -> bool) -> Value {
    let alert = |(_, message, level, description): (usize, &Message, AlertLevel, AlertDescription)| {
        let name = description.to_string().replace('_', " ");
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        let name = name.split(' ').map(capital).collect::<Vec<_>>().join(" ");
        let level = level.to_string();
        json!({ "dir": letter(message.direction), "level": level, "desc": description.0, "name": name })
    };
    trace.alerts().filter(|(_, message, ..)| which(message)).map(alert).collect()
}

/// Records of this type whose content is not to be seen.
fn records(trace: &Trace, content_type: u8) -> Value {
    by_sender(|sender| {
        let sealed = |opened| matches!(opened, Opened::Sealed(_));
        let of_type = trace.records.iter().filter(|record| record.content_type == content_type);
        of_type.filter(|record| record.direction == sender && sealed(record.opened)).count()
    })
}

fn certificates(trace: &Trace) -> Value {
    let mut lists = Vec::new();
    for message in trace.messages.iter().filter(|message| message.kind == Kind::Handshake(11)) {
        let chain = trace.chain(0, message.direction);
        let judgement = certificate::judge(&Sent::chain(&chain), &Question::server(None, 0, &[]));
        let certificate = |element: &certificate::Element| {
            let date = |unix: Option<i64>| {
                let date = OffsetDateTime::from_unix_timestamp(unix.expect("a date")).expect("in range");
                date.format(&Rfc3339).expect("a date")
            };
            json!({
                "sha256": element.sha256,
                "len": element.der.len(),
                "serial": element.serial.as_ref().map(|serial| serial.trim_start_matches('0')),
                "subject": distinguished_name(&element.subject_dn),
                "issuer": element.issuer_dn.as_ref().map(|name| distinguished_name(name)),
                "not_before": date(element.not_before),
                "not_after": date(element.not_after),
            })
        };
        let sent = judgement.elements.iter().filter(|element| element.sent.is_some());
        lists.push(json!({
            "from": letter(message.direction),
            "count": chain.len(),
            "certs": sent.map(certificate).collect::<Vec<_>>(),
        }));
    }
    json!(lists)
}

/// As RFC 4514 has it: the last attribute first, and numbers for those that it gives no name.
fn distinguished_name(name: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in name.split(", ") {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            // A comma in a value.
            Some(last) => {
                last.push_str(", ");
                last.push_str(part);
            }
            None => parts.push(part.to_owned()),
        }
    }
    parts.reverse();
    let numbered = parts.iter().map(|part| {
        let (name, value) = part.split_once('=').expect("an attribute");
        let number = NUMBERED.iter().find(|(ours, _)| *ours == name);
        format!("{}={value}", number.map_or(name, |(_, number)| number))
    });
    numbered.collect::<Vec<_>>().join(",")
}

/// Attributes that we call otherwise.
const NUMBERED: [(&str, &str); 7] = [
    ("street", "STREET"),
    ("serialNumber", "2.5.4.5"),
    ("businessCategory", "2.5.4.15"),
    ("postalCode", "2.5.4.17"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("jurisdictionST", "1.3.6.1.4.1.311.60.2.1.2"),
    ("jurisdictionC", "1.3.6.1.4.1.311.60.2.1.3"),
];

fn compare(
    file: &str,
    stream: usize,
    prefix: &str,
    here: &Map<String, Value>,
    there: &Value,
    found: &mut Vec<String>,
) {
    let there = there.as_object().expect("an object");
    for (name, value) in there.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
        let Some(ours) = here.get(name) else { panic!("{file}: nothing is said on {name}") };
        if ours != value {
            found.push(format!("{file}, stream {stream}, {prefix}{name}: {ours}, there {value}"));
        }
    }
}

/// Whatever the capture, no byte is lost: records, and in them messages whose leaves lie side by side.
fn check_whole(file: &str, trace: &Trace) {
    for sender in Direction::BOTH {
        let records = trace.records.iter().filter(|record| record.direction == sender);
        let length: u64 = records.map(|record| record.length as u64 + 5).sum();
        let flow = &trace.flows[sender.index()];
        let tail = flow.tail.as_ref().map_or(0, |tail| tail.length);
        assert_eq!(length + tail, flow.bytes, "{file}: {sender:?}");
    }
    for message in &trace.messages {
        assert_eq!(message.problem, None, "{file}: {}", message.name);
        let Some(root) = message.tree() else { continue };
        let mut end = 0;
        for leaf in root.leaves() {
            assert_eq!(leaf.range.start, end, "{file}: {} in {}", leaf.name, message.name);
            end = leaf.range.end;
        }
        assert_eq!(end, message.bytes.len(), "{file}: {}", message.name);
    }
}

/// The extensions of a ClientHello or ServerHello, without their length.
fn extensions(message: &[u8]) -> Vec<u8> {
    let client = message[0] == 1;
    let mut rest = &message[4 + 2 + 32..];
    let mut skip = |width: usize, fixed: usize| {
        let length = rest[..width].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = &rest[width + length + fixed..];
    };
    if client {
        skip(1, 0);
        skip(2, 0);
        skip(1, 0);
    } else {
        // cipher_suite, legacy_compression_method
        skip(1, 3);
    }
    rest.get(2..).unwrap_or_default().to_vec()
}

fn key_log(text: &[u8]) -> Secrets {
    let secret = |line: &str| {
        let [label, random, secret] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Secret {
            label: Label::parse(label).expect("a label"),
            client_random: hex::decode(random).expect("hexadecimal"),
            secret: hex::decode(secret).expect("hexadecimal"),
        }
    };
    Secrets(string(text).lines().filter(|line| !line.is_empty()).map(secret).collect())
}

/// tshark writes `TLS 1.3 draft-23`.
fn version(version: ProtocolVersion) -> String {
    version.to_string().replace("(draft ", "draft-").replace(')', "")
}

fn by_sender<T: Into<Value>>(of: impl Fn(Direction) -> T) -> Value {
    let counts = Direction::BOTH.map(|sender| (letter(sender).to_owned(), of(sender).into()));
    json!(BTreeMap::<String, Value>::from(counts))
}

fn letter(direction: Direction) -> &'static str {
    match direction {
        Direction::Client => "c",
        Direction::Server => "s",
    }
}

fn string(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name}"))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name}"))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().expect("32 bytes")
}

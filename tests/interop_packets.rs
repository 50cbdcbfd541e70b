//! `--packets` for real: the packets of a connection over loopback, from a packet socket. It needs CAP_NET_RAW.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::fs;
use std::path::Path;

use common::{Run, command, file, finish, run, scratch, text};
use support::pki::{Key, Pki};
use support::{openssl, program};
use tls_trace::capture::{LivePackets, Segment, saved};
use tls_trace::wire::Direction;

/// What tshark says of a file.
fn tshark(wire: &Path, words: &[&str]) -> String {
    let home = scratch();
    let mut command = program("tshark", "tshark");
    command.env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path());
    command.args(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]);
    let output = command.arg("-r").arg(wire).args(words).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_packets_of_a_connection_from_the_syn_on() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
    let (target, resolve) = {
        let port = server.address.port();
        (format!("localhost:{port}"), format!("localhost:{port}:127.0.0.1"))
    };
    let directory = scratch();
    let (wire, trace) = (file(&directory, "t.pcapng"), file(&directory, "t.json"));
    let words = [&target, "--resolve", &resolve, "--cacert", text(&pki.root), "--packets", "-v"];
    let files = ["--pcap", text(&wire), "--save", text(&trace), "--secrets", "all"];
    let shown = run(words.iter().copied().chain(files));
    assert_eq!(shown.code, 0, "{shown:#?}");
    assert!(!shown.out.contains("packets.not_captured"), "CAP_NET_RAW is missing: {}", shown.out);

    let session = saved::parse(&fs::read(&trace).unwrap()).unwrap();
    let capture = &session.captures[0];
    let segments = &capture.segments;
    let [syn, syn_ack, ack, ..] = segments.as_slice() else { panic!("{segments:?}") };
    assert_eq!((syn.direction, syn.flags), (Direction::Client, Segment::SYN));
    assert_eq!((syn_ack.direction, syn_ack.flags), (Direction::Server, Segment::SYN | Segment::ACK));
    assert_eq!((ack.direction, ack.flags, ack.length), (Direction::Client, Segment::ACK, 0));
    assert_eq!(syn_ack.acknowledgement, Some(syn.sequence.wrapping_add(1)));
    assert!(!syn.options.is_empty(), "{syn:?}");
    // Each once, although loopback shows it twice.
    let Some(LivePackets::Captured { again, lost: 0 }) = capture.packets else {
        panic!("{:?}", capture.packets)
    };
    assert!(again as usize >= segments.len() / 2, "{again} of {}", segments.len());
    let mut places: Vec<_> = segments
        .iter()
        .filter(|segment| segment.length > 0)
        .map(|segment| (segment.direction.index(), segment.sequence))
        .collect();
    let carried = places.len();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), carried);
    // Every recorded byte was in a packet.
    for direction in Direction::BOTH {
        let sent = segments.iter().filter(|segment| segment.direction == direction);
        let sent = sent.filter_map(|segment| Some(segment.offset? + u64::from(segment.length))).max();
        let recorded: usize = capture
            .events
            .iter()
            .map(|event| match event {
                tls_trace::capture::Event::Bytes { direction: its, bytes, .. } if *its == direction => {
                    bytes.len()
                }
                _ => 0,
            })
            .sum();
        assert!(sent >= Some(recorded as u64), "{sent:?} of {recorded}");
    }
    assert!(shown.out.contains("packet 1 from the client: SYN seq 0"), "{}", shown.out);
    assert!(shown.out.contains("duplicates left out"), "{}", shown.out);
    assert_eq!(run(["read", text(&trace), "-v"]).out, shown.out);

    // The file has the headers as they were, and its secrets open it.
    let options =
        tshark(&wire, &["-Y", "tcp.flags.syn==1", "-T", "fields", "-e", "tcp.options.wscale.shift"]);
    assert!(options.lines().count() == 2 && options.lines().all(|shift| !shift.is_empty()), "{options}");
    assert!(tshark(&wire, &["-T", "fields", "-e", "tls.handshake.type"]).contains("20"));
    let wrong = "tcp.checksum.status == Bad || ip.checksum.status == Bad || _ws.malformed";
    assert_eq!(tshark(&wire, &["-Y", wrong]), "");
    assert_eq!(tshark(&wire, &["-T", "fields", "-e", "frame.number"]).lines().count(), segments.len());
    assert_eq!(tshark(&wire, &["-Y", "tcp.analysis.lost_segment || tcp.analysis.retransmission"]), "");
}

#[test]
fn also_over_ipv6_and_beside_other_connections() {
    let directory = scratch();
    let trace = file(&directory, "t.json");
    let words = ["demo", "tls13", "--repeat", "3", "--packets", "--save", text(&trace), "-q"];
    assert_eq!(run(words).code, 0);
    let session = saved::parse(&fs::read(&trace).unwrap()).unwrap();
    assert_eq!(session.captures.len(), 3);
    for capture in &session.captures {
        let syns = capture.segments.iter().filter(|segment| segment.has(Segment::SYN)).count();
        assert_eq!(syns, 2, "{:?}", capture.segments);
    }
    let listener = std::net::TcpListener::bind("[::1]:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || drop(listener.accept()));
    let words = [&address.to_string(), "--packets", "--save", text(&trace), "-q", "--max-time", "3"];
    run(words);
    server.join().unwrap();
    let session = saved::parse(&fs::read(&trace).unwrap()).unwrap();
    let first: Vec<_> = session.captures[0].segments.iter().map(|segment| segment.flags).take(3).collect();
    assert_eq!(first, [Segment::SYN, Segment::SYN | Segment::ACK, Segment::ACK]);
}

/// The program, without the capability.
fn without_capability(words: &[&str]) -> Run {
    let inner = command(words);
    let mut outer = program("setpriv", "util-linux");
    outer
        .args(["--bounding-set=-net_raw", "--inh-caps=-net_raw"])
        .arg(inner.get_program())
        .args(inner.get_args());
    outer.env("LC_ALL", "C.UTF-8");
    finish(outer.output().unwrap())
}

#[test]
fn without_the_capability_the_trace_goes_on() {
    let shown = without_capability(&["demo", "tls13", "--packets"]);
    assert_eq!(shown.code, 0, "{shown:#?}");
    assert!(shown.out.contains("packets not captured") && shown.out.contains("CAP_NET_RAW"), "{}", shown.out);
    let json = without_capability(&["demo", "tls13", "--packets", "--json"]).json();
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["id"] == "packets.not_captured"), "{findings:#?}");
}

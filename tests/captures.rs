//! `read` of capture files, made of the demo's own connections: what is shown, what a damaged file costs, how it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
#[path = "captures/demo.rs"]
mod demo;
#[path = "captures/endless.rs"]
mod endless;
#[path = "captures/missing.rs"]
mod missing;
#[path = "captures/opened.rs"]
mod opened;
#[path = "support/pcap.rs"]
mod pcap;
#[path = "captures/resumed.rs"]
mod resumed;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::{Run, command, file, run, scratch, text};
use serde_json::Value;
use tempfile::TempDir;
use tls_trace::capture::{Capture, saved};

/// What a demo leaves behind.
fn demo(folder: &TempDir, scenario: &str) -> Capture {
    let path = file(folder, &format!("{scenario}.json"));
    run(["demo", scenario, "--save", text(&path), "--secrets", "all", "-q"]);
    saved::parse(&std::fs::read(path).unwrap()).unwrap().captures.remove(0)
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = file(folder, name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn read(path: &Path, more: &[&str]) -> Run {
    run([&["read", text(path)], more].concat())
}

/// The classic file as pcapng, with the connection's secrets in a block of their own.
fn pcapng(classic: &[u8], secrets: &str, big_endian: bool) -> Vec<u8> {
    let word = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let block = |kind: u32, body: &[u8]| {
        let padded = body.len().next_multiple_of(4);
        let total = word(u32::try_from(padded + 12).unwrap());
        [&word(kind)[..], &total, body, &vec![0; padded - body.len()], &total].concat()
    };
    let short = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let version = [word(0x1a2b_3c4d).to_vec(), short(1).to_vec(), short(0).to_vec(), vec![0xff; 8]].concat();
    // Ethernet; nanoseconds.
    let interface = [
        short(1).to_vec(),
        vec![0, 0],
        word(0).to_vec(),
        short(9).to_vec(),
        short(1).to_vec(),
        vec![9, 0, 0, 0],
        vec![0; 4],
    ];
    let mut out = [block(0x0a0d_0d0a, &version), block(1, &interface.concat())].concat();
    let log = [&word(0x544c_534b)[..], &word(secrets.len() as u32), secrets.as_bytes()].concat();
    out.extend(block(10, &log));
    let mut rest = &classic[24..];
    while !rest.is_empty() {
        let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let length = number(8);
        let at = u64::from(number(0)) * 1_000_000_000 + u64::from(number(4)) * 1000;
        let head = [0, (at >> 32) as u32, at as u32, length, length].map(word).concat();
        out.extend(block(6, &[&head[..], &rest[16..16 + length as usize]].concat()));
        rest = &rest[16 + length as usize..];
    }
    out
}

/// With its secrets in the file a captured handshake is verified as the live one was.
#[test]
fn a_capture_with_its_secrets_is_verified() {
    let folder = scratch();
    let capture = demo(&folder, "tls13");
    let key_log = capture.secrets.key_log();
    for big_endian in [false, true] {
        let path = write(&folder, "t.pcapng", &pcapng(&pcap::pcap(&capture), &key_log, big_endian));
        let shown = read(&path, &["--json"]).json();
        let checks = &shown["connections"][0]["checks"];
        for id in ["finished.server", "finished.client", "certificate_verify.server"] {
            let check = checks.as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
            assert_eq!(check["state"], "holds", "{check}");
        }
        // The demo's CA is in no store.
        assert_eq!(shown["verdict"]["outcome"], "untrusted");
        assert_eq!(shown["target"]["sni"], "demo.tls-trace.test");
        assert_eq!(shown["started_at"], "2027-01-15T08:00:00Z");
    }
}

/// Without them nothing is said to be true that was not checked, and nothing as if we had sent it.
#[test]
fn a_capture_without_secrets_is_not_evaluated() {
    let folder = scratch();
    let path = write(&folder, "t.pcap", &pcap::pcap(&demo(&folder, "tls13")));
    let shown = read(&path, &[]);
    assert_eq!(shown.code, 7, "{shown:#?}");
    for wanted in [
        "demo.tls-trace.test:443 at 192.0.2.2",
        "SNI demo.tls-trace.test",
        "no secret for it",
        "NOT EVALUATED",
        "from the client",
    ] {
        assert!(shown.out.contains(wanted), "no {wanted:?} in {}", shown.out);
    }
    for live in ["our ", "sent, ", "tls-trace read"] {
        assert!(!shown.out.contains(live), "{live:?} in {}", shown.out);
    }
    // Compressed it is the same.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&std::fs::read(&path).unwrap()).unwrap();
    let compressed = write(&folder, "t.gz", &gzip.finish().unwrap());
    assert_eq!(read(&compressed, &[]), shown);
}

#[test]
fn of_several_connections_there_is_a_table() {
    let folder = scratch();
    let captures = [demo(&folder, "tls13"), demo(&folder, "tls12"), demo(&folder, "tls13")];
    let path = write(&folder, "t.pcap", &pcap::several(captures.iter()));
    let table = read(&path, &["--width", "200"]);
    assert_eq!(table.code, 0, "{table:#?}");
    let rows: Vec<&str> = table.out.lines().filter(|line| line.contains("192.0.2.2:443 ")).collect();
    assert!(rows.len() == 3 && rows.iter().all(|row| row.contains(" demo.tls-trace.test ")), "{}", table.out);
    assert!(table.out.starts_with("stream  time"), "{}", table.out);
    let narrow = read(&path, &["--width", "80"]);
    assert_eq!(narrow.out.lines().count(), 1 + 3 + 1, "a header, a line each, a summary: {}", narrow.out);
    assert!(narrow.out.lines().all(|line| line.chars().count() <= 80), "{}", narrow.out);
    assert!(table.out.contains("3 connections, none of them verified"), "{}", table.out);

    let old = read(&path, &["--filter", "tls<1.3"]);
    assert!(old.out.contains("TLS 1.2") && !old.out.contains("TLS 1.3"), "{}", old.out);
    let none = read(&path, &["--filter", "tls=1.0"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""));
    assert!(none.err.contains("--filter: it is true of none of 3 connections"), "{none:#?}");

    // What the table does not know is verified for the filter.
    let verified = read(&path, &["--filter", "chain>=1 and tls=1.2"]);
    assert!(verified.out.contains("TLS 1.2") && !verified.out.contains("TLS 1.3"), "{}", verified.out);
    assert!(verified.out.contains("1 connection of 3, each of them verified"), "{}", verified.out);
    assert_eq!(verified.code, read(&path, &["--stream", "1"]).code, "of the one that is shown");

    let one = read(&path, &["--stream", "1", "--json"]).json();
    assert_eq!(one["facts"]["tls"], "1.2");
    assert_eq!(read(&path, &["--stream", "7"]).code, 2);

    let all = read(&path, &["--all"]);
    assert_eq!(all.code, 7, "the worst of them");
    assert_eq!(all.out.lines().filter(|line| line.starts_with("stream ")).count(), 3, "{}", all.out);

    let lines = read(&path, &["--format", "jsonl", "--filter", "stream!=1"]);
    let documents: Vec<Value> = lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), 2);
    assert!(documents.iter().all(|document| document["facts"]["tls"] == "1.3"));
    let together = read(&path, &["--json"]).json();
    assert_eq!(together["connections"].as_array().unwrap().len(), 3);
}

/// The protected packets of the RFCs: version, whose, bytes.
fn quic_vector(version: &str, whose: &str) -> Vec<u8> {
    let lines = include_str!("vectors/quic.txt").lines();
    let line = lines.filter_map(|line| line.strip_prefix(&format!("{version} {whose} "))).next();
    hex::decode(line.unwrap()).unwrap()
}

/// A capture file of datagrams between a client and port 443; `true`: the client's.
fn datagrams(sent: &[(bool, Vec<u8>)]) -> Vec<u8> {
    let mut file =
        [0xa1b2_c3d4_u32.to_le_bytes(), [2, 0, 4, 0], [0; 4], [0; 4], 65535_u32.to_le_bytes()].concat();
    file.extend(101_u32.to_le_bytes());
    for (second, (client, payload)) in (1_800_000_000_u32..).zip(sent) {
        let length = u16::try_from(payload.len() + 28).unwrap();
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
        let ends = [[192, 0, 2, 1, 0xc3, 0x50], [192, 0, 2, 2, 0x01, 0xbb]];
        let (source, target) = if *client { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
        packet.extend([&source[..4], &target[..4], &source[4..], &target[4..]].concat());
        packet.extend((length - 20).to_be_bytes());
        packet.extend([0, 0]);
        packet.extend(payload);
        let captured = u32::try_from(packet.len()).unwrap();
        file.extend([second, 0, captured, captured].map(u32::to_le_bytes).concat());
        file.extend(packet);
    }
    file
}

/// A table has connections of TCP and QUIC; what can't be read beside them is counted, and said.
#[test]
fn a_table_has_tcp_and_quic_and_counts_the_rest() {
    let folder = scratch();
    let mut file = pcap::pcap(&demo(&folder, "tls12"));
    let dtls = [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3][..], &[1, 2, 3]].concat();
    let sent = [
        (true, dtls.clone()),
        (false, dtls),
        (false, quic_vector("v1", "server")),
        (true, quic_vector("v1", "client")),
        (false, quic_vector("v1", "server")),
    ];
    // The same packets behind a header of Ethernet, in place of none.
    let mut raw = &datagrams(&sent)[24..];
    while let Some((header, rest)) = raw.split_first_chunk::<16>() {
        let length = u32::from_le_bytes(header[8..12].try_into().unwrap());
        let (packet, behind) = rest.split_at(length as usize);
        file.extend([&header[..8], &(length + 14).to_le_bytes(), &(length + 14).to_le_bytes()].concat());
        file.extend([&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0][..], packet].concat());
        raw = behind;
    }
    let table = read(&write(&folder, "t.pcap", &file), &["--width", "200"]);
    assert_eq!(table.code, 0, "{table:#?}");
    let row = |start: &str| table.out.lines().find(|line| line.trim_start().starts_with(start));
    assert!(row("0 ").is_some_and(|row| row.contains("TLS 1.2")), "{}", table.out);
    assert!(row("udp:0 ").is_some_and(|row| row.contains("QUIC v1: went on encrypted")), "{}", table.out);
    assert!(
        table
            .out
            .ends_with("2 connections, none of them verified: --all verifies each, --stream N shows one\n")
    );
    for wanted in ["1 datagram of QUIC not decoded", "DTLS is not decoded: 2 datagrams in 1 conversation"] {
        assert!(table.err.contains(wanted), "no {wanted:?} in {}", table.err);
    }
}

/// The Initial packets of RFC 9001 and RFC 9369: both hellos are shown, and what follows is said not to be decoded.
#[test]
fn the_hellos_of_quic_are_read() {
    let folder = scratch();
    for (version, number) in [("v1", 1_u64), ("v2", 0x6b33_43cf)] {
        // Handshake and 1-RTT packets behind the server's Initial packet, in its datagram.
        let handshake_type = if version == "v1" { 0xe0 } else { 0xf0 };
        let [a, b, c, d] = (number as u32).to_be_bytes();
        let mut answer = quic_vector(version, "server");
        answer.extend([handshake_type, a, b, c, d, 0, 0, 3, 1, 2, 3, 0x40, 1, 2]);
        let sent = [(true, quic_vector(version, "client")), (false, answer)];
        let path = write(&folder, "quic.pcap", &datagrams(&sent));
        let shown = read(&path, &[]);
        assert_eq!(shown.code, 7, "{shown:#?}");
        let wanted = [
            "example.com:443 at 192.0.2.2",
            &format!("{version} · 2 Initial packets decrypted · packets not"),
            "decoded: 1 Handshake, 1 1-RTT",
            "SNI example.com",
            "TLS_AES_128_GCM_SHA256",
            "QUIC packets behind the Initial packets are not decoded",
        ];
        for wanted in wanted {
            assert!(shown.out.contains(wanted), "no {wanted:?} in {}", shown.out);
        }
        for wrong in ["our ", "--decrypt-with", "TCP"] {
            assert!(!shown.out.contains(wrong), "{wrong:?} in {}", shown.out);
        }
        assert_eq!(read(&path, &["--stream", "udp:0"]).code, 7);
        let other = read(&path, &["--stream", "0"]);
        assert!(other.code == 2 && other.err.contains("no TLS in its TCP connection 0"), "{other:#?}");

        let json = read(&path, &["--json"]).json();
        let quic = &json["connections"][0]["quic"];
        assert_eq!(
            (&quic["version"], &quic["initial"], &quic["handshake"]),
            (&number.into(), &2.into(), &1.into())
        );
        assert_eq!(json["target"]["sni"], "example.com");
        assert!(json["facts"]["ja4"].as_str().unwrap().starts_with('q'), "{}", json["facts"]);
        let capture = read(&path, &["--pcap", text(&file(&folder, "out.pcapng"))]);
        assert!(capture.err.contains("stream udp:0 is QUIC"), "{capture:#?}");
    }
}

/// A Retry packet changes the keys; what nobody can read is counted.
#[test]
fn quic_behind_a_retry_and_dtls_are_counted() {
    let folder = scratch();
    let dtls = [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3][..], &[1, 2, 3]].concat();
    let sent = [
        (true, quic_vector("v1", "client")),
        (false, quic_vector("v1", "retry")),
        (true, quic_vector("v1", "client")),
        (false, quic_vector("v1", "server")),
    ];
    let shown = read(&write(&folder, "retry.pcap", &datagrams(&sent)), &["--json"]).json();
    assert_eq!(shown["connections"][0]["quic"]["retry"], true);

    let unread = [(false, quic_vector("v1", "server")), (true, dtls.clone()), (true, dtls)];
    let shown = read(&write(&folder, "unread.pcap", &datagrams(&unread)), &[]);
    assert_eq!(shown.code, 2, "{shown:#?}");
    for wanted in [
        "1 datagram of QUIC not decoded",
        "DTLS is not decoded: 2 datagrams in 1 conversation",
        "there is no TLS in it: 3 packets, 0 TCP connections, 3 UDP datagrams",
    ] {
        assert!(shown.err.contains(wanted), "no {wanted:?} in {}", shown.err);
    }
}

/// `--data` shows what was said, escaped; with `-o` it is raw; where it can't be decrypted that is said.
#[test]
fn application_data_is_shown_or_written_raw() {
    let folder = scratch();
    let saved = file(&folder, "t.json");
    let mut pipe =
        command(["demo", "tls13", "--pipe", "-k", "--save", text(&saved), "--secrets", "all", "-q"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
    pipe.stdin.take().unwrap().write_all(b"GET /\x01 HTTP/1.0\r\n\r\n").unwrap();
    let answer = pipe.wait_with_output().unwrap().stdout;
    let capture = saved::parse(&std::fs::read(saved).unwrap()).unwrap().captures.remove(0);
    let opened =
        write(&folder, "t.pcapng", &pcapng(&pcap::pcap(&capture), &capture.secrets.key_log(), false));
    let shown = read(&opened, &["--stream", "0", "--data"]);
    assert!(shown.out.contains("GET /\\u{1} HTTP/1.0"), "{}", shown.out);
    assert!(!shown.out.contains('\u{1}'));

    let raw = file(&folder, "raw");
    let written = read(&opened, &["--stream", "0", "--data", "-o", text(&raw)]);
    assert_eq!((written.code, written.out.as_str()), (1, ""), "the demo's CA is in no store: {written:#?}");
    let said = [&b"GET /\x01 HTTP/1.0\r\n\r\n"[..], &answer].concat();
    assert_eq!(std::fs::read(&raw).unwrap(), said);
    let piped = command(["read", text(&opened), "--stream", "0", "--data", "-o", "-"]).output().unwrap();
    assert_eq!(piped.stdout, said);

    let sealed = write(&folder, "t.pcap", &pcap::pcap(&capture));
    let none = read(&sealed, &["--stream", "0", "--data", "-o", "-"]);
    assert_eq!((none.code, none.out.as_str()), (7, ""));
    assert!(none.err.contains("not decrypted: no secret for it"), "{}", none.err);
}

#[test]
fn a_wrong_filter_is_pointed_at() {
    let folder = scratch();
    let path = write(&folder, "t.pcap", &pcap::pcap(&demo(&folder, "tls12")));
    for (filter, needles) in [
        ("tls>>1.2", &["a value is expected here", "  tls>>1.2\n      ^"][..]),
        ("tsl=1.2", &["there is no field \"tsl\"", "cipher"]),
    ] {
        let said = read(&path, &["--filter", filter]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:#?}");
        assert!(needles.iter().all(|needle| said.err.contains(needle)), "{said:#?}");
    }
}

/// What can't be read is said with its place, and the rest is read.
#[test]
fn a_damaged_file_is_read_as_far_as_it_goes() {
    let folder = scratch();
    let captures = [demo(&folder, "tls12"), demo(&folder, "tls13")];
    let whole = pcap::several(captures.iter());
    // A length that no packet has, in the header of the first one.
    let mut garbled = whole.clone();
    garbled[24 + 8..24 + 12].fill(0xff);
    for (name, bytes, said) in [
        ("cut", &whole[..whole.len() - 5], "in the middle of packet".to_owned()),
        ("garbled", &garbled[..], "byte 24: no packet can have 4294967295 bytes".to_owned()),
    ] {
        let shown = read(&write(&folder, name, bytes), &[]);
        assert_eq!(shown.code, 0, "{shown:#?}");
        assert!(shown.err.contains(&said), "{shown:#?}");
        assert!(shown.out.contains("2 connections"), "{shown:#?}");
    }
    let ng = pcapng(&pcap::pcap(&captures[0]), "", false);
    // The second of the lengths of the first packet's block.
    let mut garbled = ng.clone();
    let first = 28 + 32 + 20 + 4;
    let at = garbled.windows(4).skip(first).position(|word| word == [6, 0, 0, 0]).unwrap() + first;
    let total = u32::from_le_bytes(garbled[at + 4..at + 8].try_into().unwrap()) as usize;
    garbled[at + total - 4] ^= 1;
    let shown = read(&write(&folder, "garbled.pcapng", &garbled), &[]);
    assert!(shown.err.contains(&format!("byte {at}: the two lengths of a block differ")), "{shown:#?}");
    assert!(shown.out.contains("ClientHello"), "{shown:#?}");
    let nothing = read(&write(&folder, "nothing", &whole[..24]), &[]);
    assert_eq!((nothing.code, nothing.out.as_str()), (2, ""));
    assert!(nothing.err.contains("no TLS in it: 0 packets"), "{nothing:#?}");
}

/// A segment that was not captured costs the record that it was of; what comes behind is read, and nothing is said to
/// be wrong that was only not seen.
#[test]
fn a_lost_segment_costs_its_record_alone() {
    let folder = scratch();
    let capture = demo(&folder, "tls12");
    let classic = pcap::pcap(&capture);
    let mut packets: Vec<&[u8]> = Vec::new();
    let mut rest = &classic[24..];
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        packets.push(&rest[..16 + length]);
        rest = &rest[16 + length..];
    }
    let whole = read(&write(&folder, "whole.pcap", &classic), &["--json"]).json();
    let records = |document: &Value| document["connections"][0]["records"].as_array().unwrap().len();
    for lost in 3..packets.len() - 3 {
        let left: Vec<&[u8]> = packets
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != lost)
            .map(|(_, packet)| *packet)
            .collect();
        let path = write(&folder, "lost.pcap", &[&classic[..24], &left.concat()].concat());
        let shown = read(&path, &[]);
        assert!(shown.out.contains("B are missing here") || shown.code == 2, "packet {lost}: {}", shown.out);
        // What was not seen is no failure of the handshake; the demo's CA is in no store.
        assert!([1, 2, 7].contains(&shown.code), "packet {lost}: {}", shown.out);
        if shown.code != 2 {
            let document = read(&path, &["--json"]).json();
            assert!(records(&document) > 0 && records(&document) < records(&whole), "packet {lost}");
            for check in document["connections"][0]["checks"].as_array().unwrap() {
                let id = check["id"].as_str().unwrap();
                let of_handshake =
                    id.starts_with("finished") || id.contains("verify") || id.contains("key_exchange");
                assert!(!of_handshake || check["state"] != "fails", "packet {lost}: {check}");
            }
        }
    }
}

/// Bytes as they are pasted from somewhere.
#[test]
fn bare_bytes_are_read() {
    let folder = scratch();
    let capture = demo(&folder, "tls12");
    let tls_trace::capture::Event::Bytes { bytes, .. } = &capture.events[0] else {
        panic!("{:?}", capture.events[0])
    };
    let shown = read(&write(&folder, "hello.hex", hex::encode(bytes).as_bytes()), &["-v"]);
    for wanted in
        ["ClientHello", "server_name", "demo.tls-trace.test", "recording ends after the client's ClientHello"]
    {
        assert!(shown.out.contains(wanted), "no {wanted:?} in {shown:#?}");
    }
    assert!(!shown.out.contains("cause     likely"), "nothing is known of a server: {}", shown.out);
    assert_eq!((shown.code, read(&write(&folder, "hello.bin", bytes), &["-q"]).code), (7, 7));
}

/// A connection is told when it ends, not when the file does; an interrupt ends the run with what there is.
#[test]
fn a_stream_is_reported_while_it_runs() {
    let folder = scratch();
    let captures = [demo(&folder, "tls13"), demo(&folder, "tls12")];
    let bytes = pcap::several(captures.iter());
    let mut child = command(["read", "-", "--format", "jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&bytes).unwrap();
    input.flush().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let document: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(document["facts"]["tls"], "1.3");
    assert!(child.try_wait().unwrap().is_none(), "the input is still open");
    drop(input);
    child.wait().unwrap();
}

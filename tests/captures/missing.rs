//! Captures in which a part of a connection is missing: what is not there proves nothing against anybody.

use std::path::Path;

use tempfile::TempDir;
use tls_trace::capture::Capture;

use super::{demo, pcap, read, write};
use crate::common::{Run, scratch, text};

/// A packet of a classic file, with its header there.
type Packet = Vec<u8>;

/// Bytes of a packet's header in the file.
const HEADER: usize = 16;

fn packets(capture: &Capture) -> Vec<Packet> {
    let classic = pcap::pcap(capture);
    let (mut packets, mut rest) = (Vec::new(), &classic[24..]);
    while !rest.is_empty() {
        let length = HEADER + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        packets.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    packets
}

/// Whether a packet is the client's: the server's port is 443.
fn is_client(packet: &Packet) -> bool {
    packet[HEADER + 36..HEADER + 38] == 443_u16.to_be_bytes()
}

/// What a packet carries, behind the headers of Ethernet, IPv4 and TCP.
fn payload(packet: &Packet) -> &[u8] {
    &packet[HEADER + 54..]
}

/// A file with these packets of the capture, and its key log.
fn files(folder: &TempDir, capture: &Capture, kept: &[Packet]) -> [std::path::PathBuf; 2] {
    let classic = pcap::pcap(capture);
    let path = write(folder, "t.pcap", &[&classic[..24], &kept.concat()].concat());
    [path, write(folder, "keys.txt", capture.secrets.key_log().as_bytes())]
}

/// Nothing is known to be wrong, nothing that is encrypted is read as if it were not, and no secret is called another's.
fn is_not_evaluated(shown: &Run, what: &str) {
    assert_eq!(shown.code, 7, "{what}: {shown:#?}");
    assert!(shown.out.contains("NOT EVALUATED"), "{what}: {}", shown.out);
    for wrong in ["INCOMPLETE", "unknown (", "malformed", "✗ recomputed", "FAILED", "cert.none"] {
        assert!(!shown.out.contains(wrong), "{what}: {wrong:?} in {}", shown.out);
    }
    assert!(!shown.err.contains("another session"), "{what}: {}", shown.err);
}

fn both_ways(files: &[std::path::PathBuf; 2], what: &str) {
    let [path, keys]: [&Path; 2] = [&files[0], &files[1]];
    is_not_evaluated(&read(path, &[]), what);
    is_not_evaluated(&read(path, &["--decrypt-with", text(keys)]), what);
}

#[test]
fn a_capture_that_begins_in_the_middle_is_not_evaluated() {
    let folder = scratch();
    for scenario in ["tls12", "tls13"] {
        let capture = demo(&folder, scenario);
        let packets = packets(&capture);
        let with_bytes = packets.iter().filter(|packet| !payload(packet).is_empty()).count();
        let first = packets.len() - with_bytes - 3;
        assert_eq!(first, 3, "SYN, SYN-ACK, ACK");
        for begin in first + 1..first + with_bytes {
            both_ways(&files(&folder, &capture, &packets[begin..]), &format!("{scenario} from {begin}"));
        }
    }
}

#[test]
fn a_capture_of_one_direction_is_not_evaluated() {
    let folder = scratch();
    for scenario in ["tls12", "tls13"] {
        let capture = demo(&folder, scenario);
        for client in [true, false] {
            let kept: Vec<_> =
                packets(&capture).into_iter().filter(|packet| is_client(packet) == client).collect();
            let files = files(&folder, &capture, &kept);
            both_ways(&files, &format!("{scenario}, client: {client}"));
            let shown = read(&files[0], &[]);
            assert_eq!(shown.out.contains("no answer was recorded"), client, "{}", shown.out);
        }
    }
}

/// Each packet with bytes is lost in turn.
#[test]
fn a_lost_packet_is_nobodys_fault() {
    let folder = scratch();
    for scenario in ["tls12", "tls13"] {
        let capture = demo(&folder, scenario);
        let whole = packets(&capture);
        for lost in (0..whole.len()).filter(|lost| !payload(&whole[*lost]).is_empty()) {
            let mut kept = whole.clone();
            kept.remove(lost);
            let [path, keys] = files(&folder, &capture, &kept);
            let shown = read(&path, &["--decrypt-with", text(&keys)]);
            let what = format!("{scenario} without packet {lost}");
            for wrong in ["✗ recomputed", "FAILED", "cert.none", "cert.untrusted_root", "another session"] {
                // The demo's root is in no store: a chain that is there is not trusted.
                let known = wrong == "cert.untrusted_root";
                let said = shown.out.contains(wrong) || shown.err.contains(wrong);
                assert!(known || !said, "{what}: {wrong:?} in {shown:#?}");
            }
        }
    }
}

/// Each direction was captured by itself, and one clock is behind: what answers something stands before it.
#[test]
fn directions_in_the_wrong_order_are_put_in_order() {
    let folder = scratch();
    for scenario in ["tls12", "tls13"] {
        let capture = demo(&folder, scenario);
        let whole = packets(&capture);
        let shown = |kept: &[Packet]| {
            let [path, keys] = files(&folder, &capture, kept);
            let mut facts = read(&path, &["--decrypt-with", text(&keys), "--json"]).json()["facts"].take();
            facts["roundtrips"].take();
            facts
        };
        let (right, shown) = (shown(&whole), |kept: &[Packet]| shown(kept));
        assert_eq!(right["complete"], true, "{right}");
        for client_first in [true, false] {
            let mut wrong = whole.clone();
            wrong.sort_by_key(|packet| is_client(packet) != client_first);
            assert_eq!(shown(&wrong), right, "{scenario}, client first: {client_first}");
        }
        let swapped: Vec<_> = whole.chunks(2).flat_map(|two| two.iter().rev().cloned()).collect();
        assert_eq!(shown(&swapped), right, "{scenario}, each two");
    }
}

/// `tcpdump -s`: of the packet with the certificate only the start is there.
#[test]
fn a_certificate_that_was_cut_off_was_not_refused() {
    let folder = scratch();
    let capture = demo(&folder, "rsa-kx");
    for captured in [300, 600] {
        let mut kept = packets(&capture);
        let theirs = kept.iter_mut().filter(|packet| !is_client(packet));
        let packet = theirs.max_by_key(|packet| packet.len()).unwrap();
        assert!(packet.len() > HEADER + captured);
        packet.truncate(HEADER + captured);
        packet[8..12].copy_from_slice(&u32::try_from(captured).unwrap().to_le_bytes());
        let [path, keys] = files(&folder, &capture, &kept);
        let shown = read(&path, &["--decrypt-with", text(&keys)]);
        is_not_evaluated(&shown, &format!("{captured} bytes"));
        assert!(shown.out.contains("the certificate was not recorded"), "{}", shown.out);
    }
}

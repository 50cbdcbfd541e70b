//! Other people's captures: packets of a pcap file, put together to TCP streams. Just enough for tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tls_trace::capture::{Event, How};
use tls_trace::wire::Direction;

/// Where the captures lie; they are not part of the package.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(name)
}

/// A file there. One that is missing fails the test: one that passes because it could not read is worse than none.
pub fn read(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// One TCP connection.
#[derive(Debug, Default)]
pub struct Stream {
    /// `address:port`
    pub client: String,
    pub server: String,
    /// In the order of the packets that completed them; times from the first packet of the file on.
    pub events: Vec<Event>,
    /// By sender.
    halves: [Half; 2],
}

#[derive(Debug, Default)]
struct Half {
    /// The sequence number that comes next, once one is known.
    next: Option<u32>,
    /// What came too early, by sequence number.
    early: BTreeMap<u32, Vec<u8>>,
    ended: bool,
}

struct Segment<'a> {
    from: String,
    to: String,
    sequence: u32,
    flags: u8,
    payload: &'a [u8],
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;

/// The TCP connections in a pcap file, in the order of their first packets.
pub fn streams(file: &[u8]) -> Vec<Stream> {
    assert_eq!(file[..4], [0xd4, 0xc3, 0xb2, 0xa1], "little endian, microseconds");
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes"));
    let link = word(20);
    let mut streams: Vec<Stream> = Vec::new();
    let mut began = None;
    let mut at = 24;
    while at < file.len() {
        let (seconds, micros, kept, length) = (word(at), word(at + 4), word(at + 8), word(at + 12));
        assert_eq!(kept, length, "a packet that was cut");
        let packet = &file[at + 16..][..kept as usize];
        at += 16 + kept as usize;
        let time = Duration::new(seconds.into(), micros * 1000);
        let time = time - *began.get_or_insert(time);
        if let Some(segment) = segment(link, packet) {
            take(&mut streams, &segment, time);
        }
    }
    for stream in &mut streams {
        for direction in Direction::BOTH {
            if !stream.halves[direction.index()].early.is_empty() {
                let at = stream.events.last().map_or(Duration::ZERO, Event::at);
                stream.events.push(Event::Gap { direction, at, len: None });
            }
        }
    }
    streams
}

/// The TCP segment in a packet, if there is one.
fn segment(link: u32, packet: &[u8]) -> Option<Segment<'_>> {
    let ip = match link {
        // BSD loopback: an address family of four bytes.
        0 => &packet[4..],
        // Ethernet.
        1 if packet[12..14] == [0x08, 0x00] => &packet[14..],
        1 => return None,
        other => panic!("link type {other}"),
    };
    assert_eq!(ip[0] >> 4, 4, "IPv4");
    if ip[9] != 6 {
        return None;
    }
    let short = |bytes: &[u8], at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    // Behind the packet's length Ethernet may have padding.
    let tcp = &ip[usize::from(ip[0] & 15) * 4..usize::from(short(ip, 2))];
    let address = |at: usize, port: usize| {
        let octets: [u8; 4] = ip[at..at + 4].try_into().expect("four bytes");
        format!("{}:{}", std::net::Ipv4Addr::from(octets), short(tcp, port))
    };
    Some(Segment {
        from: address(12, 0),
        to: address(16, 2),
        sequence: u32::from_be_bytes(tcp[4..8].try_into().expect("four bytes")),
        flags: tcp[13],
        payload: &tcp[usize::from(tcp[12] >> 4) * 4..],
    })
}

fn take(streams: &mut Vec<Stream>, segment: &Segment<'_>, at: Duration) {
    let known = streams.iter().position(|stream| {
        [&stream.client, &stream.server] == [&segment.from, &segment.to]
            || [&stream.server, &stream.client] == [&segment.from, &segment.to]
    });
    let stream = match known {
        Some(place) => &mut streams[place],
        None => {
            let (client, server) = (segment.from.clone(), segment.to.clone());
            streams.push(Stream { client, server, ..Stream::default() });
            streams.last_mut().expect("just added")
        }
    };
    let direction = if stream.client == segment.from { Direction::Client } else { Direction::Server };
    let half = &mut stream.halves[direction.index()];
    let mut sequence = segment.sequence;
    if segment.flags & SYN != 0 {
        sequence = sequence.wrapping_add(1);
        half.next = Some(sequence);
    }
    let next = half.next.get_or_insert(sequence);
    if !segment.payload.is_empty() {
        half.early.insert(sequence, segment.payload.to_vec());
    }
    while let Some((&from, bytes)) = half.early.iter().find(|(from, _)| next.wrapping_sub(**from) < 1 << 31) {
        // Sent again, in part or as a whole: what is new of it.
        let known = next.wrapping_sub(from) as usize;
        let bytes = bytes.get(known..).unwrap_or_default().to_vec();
        half.early.remove(&from);
        *next = next.wrapping_add(bytes.len() as u32);
        if !bytes.is_empty() {
            stream.events.push(Event::Bytes { direction, at, bytes });
        }
    }
    let end = match segment.flags {
        flags if flags & RST != 0 => Some(How::Reset),
        flags if flags & FIN != 0 => Some(How::Fin),
        _ => None,
    };
    if let Some(how) = end.filter(|_| !half.ended) {
        half.ended = true;
        stream.events.push(Event::End { direction, at, how });
    }
}

//! Records and the TCP segments that carried them: two layers that fall together as they like.

use crate::capture::{Capture, LivePackets, Seen, Segment};
use crate::finding::Case;
use crate::finding::summary::counted;
use crate::wire::Direction;

/// Segments that are listed; a further line counts the others.
const LISTED: usize = 200;

/// The segments of a connection by the bytes that they carry.
pub(super) struct Carriers {
    /// Of each direction: start and end among its bytes, and the packet; by start.
    by_start: [Vec<(u64, u64, u64)>; 2],
    tls_from: [u64; 2],
}

impl Carriers {
    /// Of a connection whose packets were seen.
    pub(super) fn of(case: &Case<'_>) -> Option<Carriers> {
        let capture = case.capture;
        if capture.segments.is_empty() {
            return None;
        }
        let mut by_start = [Vec::new(), Vec::new()];
        for segment in &capture.segments {
            // What came again carried nothing.
            if let (Some(start), Seen::New | Seen::Overlap | Seen::OutOfOrder) =
                (segment.offset, segment.seen)
            {
                let carried = (start, start + u64::from(segment.length), segment.packet);
                by_start[segment.direction.index()].push(carried);
            }
        }
        by_start.iter_mut().for_each(|carried| carried.sort_unstable());
        Some(Carriers { by_start, tls_from: capture.tls_from })
    }

    /// The packets that carried these bytes of TLS: `packet 4`, `packets 4, 5 and 7`.
    pub(super) fn text(&self, direction: Direction, start: u64, end: u64) -> Option<String> {
        let from = self.tls_from[direction.index()];
        let (start, end) = (start + from, end + from);
        let carried = &self.by_start[direction.index()];
        // Segments do not lie in each other: their ends rise with their starts.
        let first = carried.partition_point(|(_, until, _)| *until <= start);
        let packets: Vec<u64> =
            carried[first..].iter().take_while(|(at, ..)| *at < end).map(|(.., packet)| *packet).collect();
        Some(match packets.as_slice() {
            [] => return None,
            [one] => format!("in packet {one}"),
            [first, .., last] if packets.len() > 4 => {
                format!("in {} packets, {first} to {last}", packets.len())
            }
            [most @ .., last] => {
                let most: Vec<_> = most.iter().map(ToString::to_string).collect();
                format!("in packets {} and {last}", most.join(", "))
            }
        })
    }
}

/// What a TCP connect was: `SYN, SYN-ACK, ACK`, as far as they were captured.
pub(super) fn handshake(case: &Case<'_>) -> String {
    let is = |flags: u8| move |segment: &&Segment| segment.flags & (Segment::SYN | Segment::ACK) == flags;
    let segments = &case.capture.segments;
    let syn = segments.iter().find(is(Segment::SYN));
    let syn_ack = segments.iter().find(is(Segment::SYN | Segment::ACK));
    let seen: Vec<_> =
        [(syn, "SYN"), (syn_ack, "SYN-ACK")].into_iter().filter(|(seen, _)| seen.is_some()).collect();
    match seen.as_slice() {
        [] => "its start was not captured".into(),
        [(_, one)] => format!("only its {one} was captured"),
        _ => "SYN, SYN-ACK, ACK".into(),
    }
}

/// A line for each segment: its numbers, its options, the records in it.
pub(super) fn lines(case: &Case<'_>) -> Vec<String> {
    let capture = case.capture;
    let first_of = |direction: Direction| {
        capture
            .segments
            .iter()
            .filter(|segment| segment.direction == direction)
            .map(|segment| segment.sequence)
            .next()
    };
    let first = Direction::BOTH.map(first_of);
    let by_offset = Direction::BOTH.map(|direction| {
        let records =
            case.trace().records.iter().enumerate().filter(move |(_, record)| record.direction == direction);
        let range = records.map(|(index, record)| {
            let start = record.offset + capture.tls_from[direction.index()];
            (start, start + (record.header + record.length) as u64, index)
        });
        let mut records: Vec<_> = range.collect();
        records.sort_unstable();
        records
    });
    let line = |segment: &Segment| {
        let relative = |number: u32, direction: Direction| {
            number.wrapping_sub(first[direction.index()].unwrap_or(number))
        };
        let arrow =
            if segment.direction == Direction::Client { "from the client" } else { "from the server" };
        let mut parts = vec![format!(
            "packet {} {arrow}: {} seq {} ({})",
            segment.packet,
            flags(segment.flags),
            relative(segment.sequence, segment.direction),
            segment.sequence
        )];
        if let Some(ack) = segment.acknowledgement {
            parts.push(format!("ack {} ({ack})", relative(ack, segment.direction.other())));
        }
        parts.push(format!("window {}", segment.window));
        if segment.length > 0 {
            parts.push(format!("{} B", segment.length));
        }
        parts.extend(options(&segment.options));
        match segment.seen {
            Seen::New => {}
            Seen::Retransmission => parts.push("a retransmission".into()),
            Seen::Overlap => parts.push("some of it again".into()),
            Seen::OutOfOrder => parts.push("out of order".into()),
            Seen::KeepAlive => parts.push("a keep-alive".into()),
        }
        if let Some(start) = segment.offset {
            let records = &by_offset[segment.direction.index()];
            let end = start + u64::from(segment.length);
            let at = records.partition_point(|(_, until, _)| *until <= start);
            let within: Vec<usize> = records[at..]
                .iter()
                .take_while(|(from, ..)| *from < end)
                .map(|(.., index)| index + 1)
                .collect();
            match within.as_slice() {
                [] => {}
                [one] => parts.push(format!("record {one}")),
                [first, .., last] => parts.push(format!("records {first} to {last}")),
            }
        }
        parts.join(" · ")
    };
    let mut lines: Vec<String> = capture.segments.iter().take(LISTED).map(line).collect();
    let more = capture.segments.len().saturating_sub(LISTED) as u64 + capture.segments_dropped;
    if more > 0 {
        lines.push(format!("and {}", counted(usize::try_from(more).unwrap_or(usize::MAX), "more segment")));
    }
    lines.extend(as_the_kernel_has_them(capture));
    lines
}

/// How the packets of a connection of ours stand to those on the wire.
fn as_the_kernel_has_them(capture: &Capture) -> Option<String> {
    let Some(LivePackets::Captured { again, .. }) = capture.packets else { return None };
    if capture.segments.is_empty() {
        return Some("no packet of this connection was captured".into());
    }
    let mut parts = vec!["segments as this machine's kernel has them".to_owned()];
    let mss = capture.tcp.and_then(|tcp| tcp.mss).unwrap_or(u32::MAX);
    let larger = capture.segments.iter().filter(|segment| segment.length > mss).count();
    if larger > 0 {
        let are = if larger == 1 { "1 is".to_owned() } else { format!("{larger} are") };
        parts.push(format!("{are} larger than the MSS: several packets on the wire (offloading)"));
    }
    if again > 0 {
        let duplicates = counted(usize::try_from(again).unwrap_or(usize::MAX), "duplicate");
        parts.push(format!("{duplicates} left out: loopback and bridges show a packet more than once"));
    }
    Some(parts.join("; "))
}

/// `SYN, ACK`
fn flags(flags: u8) -> String {
    const NAMES: [&str; 8] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
    let set: Vec<_> = NAMES
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| flags >> bit & 1 == 1)
        .map(|(_, name)| name)
        .collect();
    if set.is_empty() { "no flags".into() } else { set.join(", ") }
}

/// The options of a TCP header, in words (RFC 9293, section 3.2; RFC 7323; RFC 2018).
fn options(mut bytes: &[u8]) -> Vec<String> {
    let mut words = Vec::new();
    while let [kind, rest @ ..] = bytes {
        match kind {
            0 => break,
            1 => {
                bytes = rest;
                continue;
            }
            _ => {}
        }
        let Some((body, behind)) = rest
            .first()
            .and_then(|len| usize::from(*len).checked_sub(2))
            .and_then(|len| rest[1..].split_at_checked(len))
        else {
            words.push("malformed options".into());
            break;
        };
        words.push(match (kind, body) {
            (2, [a, b]) => format!("MSS {}", u16::from_be_bytes([*a, *b])),
            (3, [shift]) => format!("window scale {shift}"),
            (4, []) => "SACK permitted".into(),
            (5, blocks) => counted(blocks.len() / 8, "SACK block"),
            (8, [a, b, c, d, e, f, g, h]) => {
                let [value, echo] = [[*a, *b, *c, *d], [*e, *f, *g, *h]].map(u32::from_be_bytes);
                format!("timestamps {value}, {echo}")
            }
            (kind, _) => format!("option {kind}"),
        });
        bytes = behind;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_packet_socket_shows_is_said() {
        let mut capture = Capture::new(Default::default(), std::time::UNIX_EPOCH);
        assert_eq!(as_the_kernel_has_them(&capture), None);
        capture.packets = Some(LivePackets::Captured { again: 2, lost: 0 });
        assert_eq!(as_the_kernel_has_them(&capture).unwrap(), "no packet of this connection was captured");
        capture.tcp = Some(crate::capture::TcpFacts { mss: Some(1448), ..Default::default() });
        let segment = |length| Segment {
            direction: Direction::Server,
            at: Default::default(),
            packet: 1,
            sequence: 0,
            acknowledgement: None,
            flags: 0,
            window: 0,
            options: Vec::new(),
            length,
            offset: None,
            seen: Seen::New,
        };
        capture.segments = vec![segment(1448), segment(2896)];
        assert_eq!(
            as_the_kernel_has_them(&capture).unwrap(),
            "segments as this machine's kernel has them; 1 is larger than the MSS: several packets on the wire \
             (offloading); 2 duplicates left out: loopback and bridges show a packet more than once"
        );
    }

    #[test]
    fn options_are_said_in_words() {
        let syn = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7];
        assert_eq!(options(&syn), ["MSS 1460", "SACK permitted", "timestamps 9, 0", "window scale 7"]);
        assert_eq!(options(&[1, 1, 254, 4, 0, 0, 0, 99]), ["option 254"]);
        for broken in [&[2][..], &[2, 1], &[2, 200, 1], &[8, 0]] {
            assert_eq!(options(broken), ["malformed options"], "{broken:?}");
        }
        assert_eq!((flags(0x12), flags(0)), ("SYN, ACK".into(), "no flags".into()));
    }
}

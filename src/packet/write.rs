//! Captures as a pcapng file: packets that carry the recorded bytes, and the secrets that open them.
//!
//! Where the packets of a connection were seen, their headers are as they were; else they are made up around the bytes:
//! the addresses, ports, order and times are true, the borders between segments are not.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etherparse::{PacketBuilder, TcpHeader, TcpOptions};

use crate::capture::{Capture, Event, How, Secret, Secrets, Segment, StepKind, Tcp, hello};
use crate::wire::Direction;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// Of a Decryption Secrets Block: an NSS key log.
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// A packet starts with its IP header. What the addresses of the link layer were, nobody told us.
const LINKTYPE_RAW: u16 = 101;

const OPTION_COMMENT: u16 = 1;
const OPTION_APPLICATION: u16 = 4;

const TTL: u8 = 64;

/// Writes a capture file, one connection after the other.
pub struct Writer<W> {
    to: W,
}

impl<W: Write> Writer<W> {
    /// Starts the file.
    ///
    /// # Errors
    /// Writing fails.
    pub fn new(to: W) -> io::Result<Self> {
        let mut writer = Writer { to };
        let comment = "TLS connections that tls-trace recorded. Unless the packets themselves were captured, the headers of IP and \
                       TCP are made up around the recorded bytes; addresses, ports, order and times are as they were.";
        let application = concat!("tls-trace ", env!("CARGO_PKG_VERSION"));
        // Version 1.0, a section of unknown length.
        let mut section = [0x1a2b_3c4d_u32.to_le_bytes(), [1, 0, 0, 0], [0xff; 4], [0xff; 4]].concat();
        section.extend(option(OPTION_COMMENT, comment));
        section.extend(option(OPTION_APPLICATION, application));
        section.extend([0; 4]);
        writer.block(SECTION_HEADER, &section)?;
        // No limit on the length of a packet; times in microseconds, as the format has them unless it is said.
        writer.block(INTERFACE_DESCRIPTION, &[&LINKTYPE_RAW.to_le_bytes()[..], &[0; 6]].concat())?;
        Ok(writer)
    }

    /// Adds a connection, with the secrets that open it. False if there was none that could be written: nothing was
    /// recorded of it.
    ///
    /// # Errors
    /// Writing fails.
    pub fn capture(&mut self, capture: &Capture, secrets: &Secrets) -> io::Result<bool> {
        if capture.events.is_empty() && capture.segments.is_empty() {
            return Ok(false);
        }
        let keys = as_found(secrets, capture).key_log();
        if !keys.is_empty() {
            // Readers want it before the packets that it opens.
            let length = u32::try_from(keys.len()).map_err(io::Error::other)?;
            let head = [TLS_KEY_LOG.to_le_bytes(), length.to_le_bytes()].concat();
            self.block(DECRYPTION_SECRETS, &[&head[..], keys.as_bytes()].concat())?;
        }
        let ends = Ends::of(capture);
        let began = capture.began.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut give = |packet: Made<'_>| {
            let micros = u64::try_from((began + packet.at).as_micros()).unwrap_or(u64::MAX);
            self.packet(micros, &ends.packet(&packet)?, packet.missing)
        };
        match capture.segments_dropped == 0 && !capture.segments.is_empty() {
            true => as_seen(capture, &mut give)?,
            false => made_up(capture, &ends, &mut give)?,
        }
        Ok(true)
    }

    /// What is written is in the file.
    ///
    /// # Errors
    /// Writing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    fn packet(&mut self, micros: u64, bytes: &[u8], missing: u32) -> io::Result<()> {
        let captured = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let (high, low) = ((micros >> 32) as u32, micros as u32);
        let mut body: Vec<u8> = [0, high, low, captured, captured.saturating_add(missing)]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        body.extend(bytes);
        self.block(ENHANCED_PACKET, &body)
    }

    /// A block with its length before and behind it, padded to 32 bits.
    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let padding = body.len().next_multiple_of(4) - body.len();
        let total = u32::try_from(12 + body.len() + padding).map_err(io::Error::other)?.to_le_bytes();
        self.to.write_all(&kind.to_le_bytes())?;
        self.to.write_all(&total)?;
        self.to.write_all(body)?;
        self.to.write_all(&[0; 3][..padding])?;
        self.to.write_all(&total)
    }
}

/// An option of a block: text.
fn option(code: u16, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or_default();
    let mut option = [code.to_le_bytes(), length.to_le_bytes()].concat();
    option.extend(&text.as_bytes()[..length.into()]);
    option.resize(option.len().next_multiple_of(4), 0);
    option
}

/// A segment that is to be written.
#[derive(Debug, Clone, Copy)]
struct Made<'a> {
    direction: Direction,
    at: Duration,
    sequence: u32,
    acknowledgement: Option<u32>,
    flags: u8,
    window: u16,
    options: &'a [u8],
    payload: &'a [u8],
    /// Bytes of its payload behind `payload` that we don't have.
    missing: u32,
}

/// The secrets, so that a reader finds them by the random that it sees: with an accepted ECH that is the outer
/// ClientHello's, and the session's own is hidden.
fn as_found(secrets: &Secrets, capture: &Capture) -> Secrets {
    let hello = capture.ech.as_ref().and_then(|_| hello::first(&capture.events, capture.tls_from[0]));
    let Some(hello) =
        hello.filter(|hello| secrets.0.iter().all(|secret| secret.client_random != hello.random))
    else {
        return secrets.clone();
    };
    let outer =
        secrets.0.iter().map(|secret| Secret { client_random: hello.random.to_vec(), ..secret.clone() });
    Secrets(secrets.0.iter().cloned().chain(outer).collect())
}

/// Who talks to whom; both of one family.
#[derive(Debug, Clone, Copy)]
struct Ends {
    client: SocketAddr,
    server: SocketAddr,
}

impl Ends {
    /// As they were; of bytes without packets, addresses that documentation uses (RFC 5737).
    fn of(capture: &Capture) -> Ends {
        let connected = capture.steps.iter().rev().find_map(|step| match &step.what {
            StepKind::Tcp { address, outcome: Tcp::Connected { local } } => Some((*local, *address)),
            _ => None,
        });
        let port = if capture.intent.port == 0 { 443 } else { capture.intent.port };
        let (mut client, mut server) = connected.unwrap_or((
            (Ipv4Addr::new(192, 0, 2, 1), 49_152).into(),
            (Ipv4Addr::new(192, 0, 2, 2), port).into(),
        ));
        client.set_ip(client.ip().to_canonical());
        server.set_ip(server.ip().to_canonical());
        if client.is_ipv4() != server.is_ipv4() {
            let mapped = |ip: IpAddr| match ip {
                IpAddr::V4(ip) => ip.to_ipv6_mapped().into(),
                IpAddr::V6(_) => ip,
            };
            client.set_ip(mapped(client.ip()));
            server.set_ip(mapped(server.ip()));
        }
        Ends { client, server }
    }

    /// Largest payload of a packet whose headers have no options.
    fn largest(&self) -> usize {
        if self.client.is_ipv4() { 1460 } else { 1440 }
    }

    /// The packet: IP, TCP, payload, with the right checksums.
    fn packet(&self, made: &Made<'_>) -> io::Result<Vec<u8>> {
        let (from, to) = match made.direction {
            Direction::Client => (self.client, self.server),
            Direction::Server => (self.server, self.client),
        };
        let has = |flag: u8| made.flags & flag != 0;
        let mut tcp = TcpHeader::new(from.port(), to.port(), made.sequence, made.window);
        tcp.acknowledgment_number = made.acknowledgement.unwrap_or(0);
        (tcp.fin, tcp.syn, tcp.rst) = (has(Segment::FIN), has(Segment::SYN), has(Segment::RST));
        (tcp.psh, tcp.ack) = (has(Segment::PSH), has(Segment::ACK));
        (tcp.urg, tcp.ece, tcp.cwr) = (has(0x20), has(0x40), has(0x80));
        tcp.options = TcpOptions::try_from_slice(made.options).unwrap_or_default();
        // The lengths in the headers are those of the whole packet, also where its end is missing.
        let whole = made.payload.len() + made.missing as usize;
        let mut payload = made.payload.to_vec();
        payload.resize(whole, 0);
        let mut packet = Vec::with_capacity(60 + whole);
        let built = match (from.ip(), to.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), TTL)
                .tcp_header(tcp)
                .write_to_vec(&mut packet, &payload),
            (from, to) => {
                let octets = |ip: IpAddr| match ip {
                    IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
                    IpAddr::V6(ip) => ip.octets(),
                };
                PacketBuilder::ipv6(octets(from), octets(to), TTL)
                    .tcp_header(tcp)
                    .write_to_vec(&mut packet, &payload)
            }
        };
        built.map_err(io::Error::other)?;
        packet.truncate(packet.len() - made.missing as usize);
        Ok(packet)
    }
}

/// The segments that were captured, with what is known of their payload.
fn as_seen(capture: &Capture, give: &mut dyn FnMut(Made<'_>) -> io::Result<()>) -> io::Result<()> {
    /// A segment is not longer than an IP packet.
    const LARGEST: u32 = 65_000;
    let streams = Direction::BOTH.map(|direction| Stream::of(capture, direction));
    for segment in &capture.segments {
        let length = segment.length.min(LARGEST);
        let payload = segment
            .offset
            .map_or(&[][..], |offset| streams[segment.direction.index()].at(offset, length as usize));
        give(Made {
            direction: segment.direction,
            at: segment.at,
            sequence: segment.sequence,
            acknowledgement: segment.acknowledgement,
            flags: segment.flags,
            window: segment.window,
            options: &segment.options,
            payload,
            missing: length - payload.len() as u32,
        })?;
    }
    Ok(())
}

/// The bytes of one direction in runs without a gap: where each begins, and what it has.
struct Stream(Vec<(u64, Vec<u8>)>);

impl Stream {
    fn of(capture: &Capture, wanted: Direction) -> Stream {
        let mut runs: Vec<(u64, Vec<u8>)> = Vec::new();
        let (mut offset, mut open) = (0_u64, false);
        for event in &capture.events {
            match event {
                Event::Bytes { direction, bytes, .. } if *direction == wanted => {
                    match runs.last_mut().filter(|_| open) {
                        Some((_, run)) => run.extend(bytes),
                        None => runs.push((offset, bytes.clone())),
                    }
                    open = true;
                    offset += bytes.len() as u64;
                }
                Event::Gap { direction, len, .. } if *direction == wanted => {
                    open = false;
                    offset = offset.saturating_add(len.unwrap_or(0));
                }
                _ => {}
            }
        }
        Stream(runs)
    }

    /// What is known from `offset` on, up to `length` bytes or the next gap.
    fn at(&self, offset: u64, length: usize) -> &[u8] {
        let after = self.0.partition_point(|(start, _)| *start <= offset);
        let Some((start, run)) = after.checked_sub(1).and_then(|place| self.0.get(place)) else { return &[] };
        let from = usize::try_from(offset - start).unwrap_or(usize::MAX).min(run.len());
        &run[from..run.len().min(from.saturating_add(length))]
    }
}

/// Segments around the recorded bytes.
fn made_up(
    capture: &Capture,
    ends: &Ends,
    give: &mut dyn FnMut(Made<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let connected = capture
        .steps
        .iter()
        .rev()
        .find(|step| matches!(step.what, StepKind::Tcp { outcome: Tcp::Connected { .. }, .. }));
    let (syn, syn_ack) = connected.map_or((Duration::ZERO, Duration::ZERO), |it| (it.at, it.at + it.took));
    let mss = capture.tcp.and_then(|tcp| tcp.mss).map_or(ends.largest(), |mss| mss as usize);
    // Loopback's packets are large; IP has 16 bits for the length.
    let mss = mss.clamp(536, 65_000);
    let mut talk = Talk { give, next: initial_sequences(capture.began, syn), open: [true; 2] };
    talk.send(Direction::Client, syn, Segment::SYN, mss, &[])?;
    talk.send(Direction::Server, syn_ack, Segment::SYN | Segment::ACK, mss, &[])?;
    talk.send(Direction::Client, syn_ack, Segment::ACK, mss, &[])?;
    for event in &capture.events {
        match event {
            Event::Bytes { direction, at, bytes } => {
                let mut pieces = bytes.chunks(mss).peekable();
                while let Some(piece) = pieces.next() {
                    let push = if pieces.peek().is_none() { Segment::PSH } else { 0 };
                    talk.send(*direction, *at, Segment::ACK | push, mss, piece)?;
                }
            }
            // Sequence numbers tell a reader how much is missing.
            Event::Gap { direction, len, .. } => {
                let next = &mut talk.next[direction.index()];
                *next = next.wrapping_add(len.unwrap_or(1) as u32);
            }
            Event::End { direction, at, how: How::Fin | How::LocalStop } => {
                talk.send(*direction, *at, Segment::FIN | Segment::ACK, mss, &[])?;
            }
            Event::End { direction, at, how: How::Reset } => {
                talk.send(*direction, *at, Segment::RST | Segment::ACK, mss, &[])?;
            }
            // The socket failed; nothing says that a packet came.
            Event::End { how: How::Error(_), .. } => {}
        }
    }
    Ok(())
}

/// By the clock, as TCP makes them (RFC 9293, section 3.4.1): where a pair of ports is used again, a reader must not take the
/// new connection for the old one's packets sent again.
fn initial_sequences(began: SystemTime, syn: Duration) -> [u32; 2] {
    let at = began.duration_since(UNIX_EPOCH).unwrap_or_default() + syn;
    let ticks = (at.as_micros() / 4) as u32;
    [ticks, ticks.wrapping_add(1 << 31)]
}

struct Talk<'a> {
    give: &'a mut dyn FnMut(Made<'_>) -> io::Result<()>,
    /// The next sequence number of each direction.
    next: [u32; 2],
    /// Whether a direction has not ended.
    open: [bool; 2],
}

impl Talk<'_> {
    fn send(
        &mut self,
        direction: Direction,
        at: Duration,
        flags: u8,
        mss: usize,
        payload: &[u8],
    ) -> io::Result<()> {
        let place = direction.index();
        if !self.open[place] {
            return Ok(());
        }
        let sequence = self.next[place];
        let has = |flag: u8| flags & flag != 0;
        // The largest scale: no window of ours is ever full (RFC 7323, section 2).
        let [high, low] = u16::try_from(mss).unwrap_or(u16::MAX).to_be_bytes();
        let options = [2, 4, high, low, 3, 3, 14, 0];
        (self.give)(Made {
            direction,
            at,
            sequence,
            acknowledgement: has(Segment::ACK).then_some(self.next[1 - place]),
            flags,
            window: u16::MAX,
            options: if has(Segment::SYN) { &options } else { &[] },
            payload,
            missing: 0,
        })?;
        let counted = payload.len() as u32 + u32::from(has(Segment::SYN | Segment::FIN));
        self.next[place] = sequence.wrapping_add(counted);
        if has(Segment::RST) {
            self.open = [false; 2];
        } else if has(Segment::FIN) {
            self.open[place] = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use etherparse::{SlicedPacket, TransportSlice};

    use super::*;
    use crate::capture::{Intent, Label, Secret, Step};
    use crate::packet::{Captures, Keep};

    /// A connection whose client says something that looks like a ClientHello, in a piece that is longer than a packet.
    fn recorded(client: &str, server: &str) -> Capture {
        let mut capture = Capture::new(Intent::default(), UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        let outcome = Tcp::Connected { local: client.parse().unwrap() };
        capture.steps.push(Step {
            at: Duration::from_millis(1),
            took: Duration::from_millis(20),
            what: StepKind::Tcp { address: server.parse().unwrap(), outcome },
        });
        let hello = [&[22, 3, 1, 15, 160, 1, 0, 15, 156, 3, 3][..], &[7; 3994]].concat();
        let ms = Duration::from_millis;
        let bytes = |direction, at, bytes| Event::Bytes { direction, at: ms(at), bytes };
        let end = |direction, at, how| Event::End { direction, at: ms(at), how };
        capture.events = vec![
            bytes(Direction::Client, 22, hello),
            bytes(Direction::Server, 43, vec![21, 3, 3, 0, 2, 2, 40]),
            end(Direction::Server, 44, How::Fin),
            end(Direction::Client, 45, How::Reset),
        ];
        capture
    }

    fn file(captures: &[&Capture], secrets: &Secrets) -> Vec<u8> {
        let mut file = Vec::new();
        let mut writer = Writer::new(&mut file).unwrap();
        captures.iter().for_each(|capture| assert!(writer.capture(capture, secrets).unwrap()));
        file
    }

    fn read(file: &[u8]) -> Vec<Capture> {
        let mut captures = Captures::new(file, Keep::ALL).unwrap();
        let found: Vec<_> = captures.by_ref().map(|found| found.capture).collect();
        assert_eq!(captures.notices(), []);
        found
    }

    fn said(capture: &Capture) -> [Vec<u8>; 2] {
        Direction::BOTH.map(|direction| Stream::of(capture, direction).0.remove(0).1)
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (client, server) in [
            ("192.0.2.7:50000", "198.51.100.1:443"),
            ("[2001:db8::7]:50000", "[2001:db8::1]:8443"),
            ("[::ffff:192.0.2.7]:50001", "198.51.100.1:443"),
        ] {
            let capture = recorded(client, server);
            let found = read(&file(&[&capture], &Secrets::default()));
            assert_eq!(found.len(), 1);
            assert_eq!(said(&found[0]), said(&capture), "{client}");
            assert_eq!(found[0].began, capture.began + Duration::from_millis(1));
            let ends = Ends::of(&capture);
            assert_eq!((Ends::of(&found[0]).client, Ends::of(&found[0]).server), (ends.client, ends.server));
            assert!(found[0].events.iter().any(|event| matches!(event, Event::End { how: How::Reset, .. })));
            // Its segments are written as they were.
            let again = read(&file(&[&found[0]], &Secrets::default()));
            assert_eq!((&again[0].segments, &again[0].events), (&found[0].segments, &found[0].events));
        }
    }

    /// A busy machine soon gives a port again, on loopback after a second.
    #[test]
    fn connections_between_the_same_ports_are_told_apart() {
        let first = recorded("192.0.2.7:50000", "192.0.2.1:443");
        let mut second = first.clone();
        second.began += Duration::from_secs(1);
        let found = read(&file(&[&first, &second], &Secrets::default()));
        let began: Vec<_> = found.iter().map(|found| found.began).collect();
        assert_eq!(began, [&first, &second].map(|capture| capture.began + Duration::from_millis(1)));
    }

    #[test]
    fn secrets_are_found_again_and_only_in_their_block() {
        let capture = recorded("192.0.2.7:50000", "198.51.100.1:443");
        let client_random = vec![7; 32];
        let secrets =
            Secrets(vec![Secret { label: Label::ClientRandom, client_random, secret: vec![9; 47] }]);
        assert_eq!(read(&file(&[&capture], &secrets))[0].secrets, secrets);
        let without = file(&[&capture], &Secrets::default());
        assert!(!String::from_utf8_lossy(&without).contains("CLIENT_RANDOM"));
        assert!(read(&without)[0].secrets.0.is_empty());
    }

    #[test]
    fn packets_fit_and_their_checksums_are_right() {
        let capture = recorded("192.0.2.7:50000", "198.51.100.1:443");
        let ends = Ends::of(&capture);
        let mut flags = Vec::new();
        let mut check = |made: Made<'_>| {
            let packet = ends.packet(&made).unwrap();
            let sliced = SlicedPacket::from_ip(&packet).unwrap();
            let ip = sliced.net.as_ref().unwrap().ipv4_ref().unwrap().header();
            assert_eq!(ip.to_header().calc_header_checksum(), ip.header_checksum());
            let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { panic!("{sliced:?}") };
            assert_eq!(tcp.calc_checksum_ipv4(ip.source(), ip.destination()).unwrap(), tcp.checksum());
            assert!(packet.len() <= 1500);
            flags.push(made.flags);
            Ok(())
        };
        made_up(&capture, &ends, &mut check).unwrap();
        // SYN, SYN-ACK, ACK; three packets of hello, the last one pushed; alert, FIN, RST.
        assert_eq!(flags, [0x02, 0x12, 0x10, 0x10, 0x10, 0x18, 0x18, 0x11, 0x14]);
    }

    #[test]
    fn what_is_missing_is_missing_in_the_file_too() {
        let mut capture = recorded("192.0.2.7:50000", "198.51.100.1:443");
        let gap = Event::Gap { direction: Direction::Server, at: Duration::from_millis(43), len: Some(100) };
        let more = Event::Bytes {
            direction: Direction::Server,
            at: Duration::from_millis(44),
            bytes: vec![1, 2, 3],
        };
        capture.events.splice(2..2, [gap, more]);
        let found = read(&file(&[&capture], &Secrets::default()));
        let lens: Vec<_> = found[0]
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Gap { len, .. } => *len,
                _ => None,
            })
            .collect();
        assert_eq!(lens, [100]);
        let again = read(&file(&[&found[0]], &Secrets::default()));
        assert_eq!(again[0].events, found[0].events);
    }

    #[test]
    fn of_what_never_connected_there_is_nothing_to_write() {
        let mut file = Vec::new();
        let capture = Capture::new(Intent::default(), UNIX_EPOCH);
        assert!(!Writer::new(&mut file).unwrap().capture(&capture, &Secrets::default()).unwrap());
    }
}

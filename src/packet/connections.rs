//! All TCP connections of a capture file at once.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::connection::{Connection, is_syn};
use super::datagrams::{DatagramCounts, Datagrams};
use super::file::Packet;
use super::ip::{Packets, Tcp, Transport};
use crate::capture::{Capture, KeyLog, Label, Limits, Secret, hello};

/// What is kept of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Bytes of application data of each direction, in whole records. What a TLS 1.3 server sends in its handshake
    /// looks like application data too.
    pub data: usize,
    /// The segments that carried it.
    pub segments: bool,
}

impl Keep {
    /// For a view of single connections.
    pub const ALL: Keep = Keep { data: 1 << 20, segments: true };
    /// For a table: the handshake alone.
    pub const HANDSHAKE: Keep = Keep { data: 1 << 16, segments: false };
}

/// A connection with TLS in it.
#[derive(Debug)]
pub struct Found {
    /// Its place among the TCP connections or the UDP conversations of the file, from 0: Wireshark's `tcp.stream` or
    /// `udp.stream`.
    pub number: u64,
    pub capture: Capture,
    /// It has ended. Else it is what there is of it so far, since the next one may resume its session; it comes again.
    pub ended: bool,
    /// Premaster secrets that the file had since the last connection. No client random says whose they are.
    pub premasters: Vec<Secret>,
}

impl Found {
    pub(super) fn ended(number: u64, capture: Capture) -> Found {
        Found { number, capture, ended: true, premasters: Vec::new() }
    }
}

/// What was in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub packets: u64,
    /// TCP connections.
    pub connections: u64,
    /// Those of them that have TLS in them, as far as they have ended.
    pub tls: u64,
    /// Connections that ended for us because there was no room for more.
    pub evicted: u64,
    /// Packets of which a part was captured.
    pub cut: u64,
    /// Packets of a link layer that is not read.
    pub other_links: u64,
    /// The first such link layer, as the file says it (`LINKTYPE_`).
    pub other_link: Option<u32>,
    /// Fragments of IP packets that did not become whole.
    pub fragments_lost: u64,
    pub udp: DatagramCounts,
}

/// The two ends of a connection, the smaller address first.
type Ends = (SocketAddr, SocketAddr);

/// Two hosts. The port of a server is left out: a data connection of FTP resumes the session of the control connection.
type Hosts = (IpAddr, IpAddr);

/// Packets in, captures out as their connections end.
pub struct Connections {
    keep: Keep,
    packets: Packets,
    open: HashMap<Ends, Connection>,
    /// Open connections by activity, the oldest first.
    order: BTreeSet<(u64, Ends)>,
    /// Connections that have ended: what still comes of them is late. The oldest in front.
    past: HashSet<Ends>,
    past_order: VecDeque<Ends>,
    secrets: KeyLog,
    /// Lines `RSA` of embedded key logs that were not handed over yet.
    premasters: Vec<Secret>,
    /// Something of what is encrypted can be opened, with secrets of the file or others.
    opens: bool,
    /// Open connections whose sessions others may resume before they have ended, if something can be opened: without that
    /// nothing of it can be proven. Each is taken out when it is shown, and put in again when half as much again was said in it.
    originals: HashMap<Hosts, BTreeSet<(u64, Ends)>>,
    /// Bytes of embedded key logs that were read.
    secrets_bytes: usize,
    /// Bytes that the open connections take.
    bytes: usize,
    udp: Datagrams,
    ready: VecDeque<Ready>,
    counts: Counts,
    now: Duration,
}

/// What is given out next.
enum Ready {
    Ended(Box<Found>),
    /// It is open.
    Original(Ends),
}

/// After so many packets a connection is moved in the order of activity.
const STEP: u64 = 256;

impl Connections {
    pub fn new(keep: Keep) -> Self {
        Connections {
            keep,
            packets: Packets::default(),
            open: HashMap::new(),
            order: BTreeSet::new(),
            past: HashSet::new(),
            past_order: VecDeque::new(),
            secrets: KeyLog::default(),
            premasters: Vec::new(),
            opens: false,
            originals: HashMap::new(),
            secrets_bytes: 0,
            bytes: 0,
            udp: Datagrams::default(),
            ready: VecDeque::new(),
            counts: Counts::default(),
            now: Duration::ZERO,
        }
    }

    /// Keeps more or less of what follows.
    pub fn keep(&mut self, keep: Keep) {
        self.keep = keep;
    }

    /// What came so far.
    pub fn counts(&self) -> Counts {
        Counts { fragments_lost: self.packets.lost, udp: self.udp.counts, ..self.counts }
    }

    /// Something can be opened with secrets that are not in the file: connections that resume a session are preceded by
    /// those that are still open and may be its original.
    pub fn opens(&mut self) {
        self.opens = true;
    }

    /// The next connection that has ended, or whose session one that has ended may resume.
    #[allow(clippy::should_implement_trait, reason = "more may come after None")]
    pub fn next(&mut self) -> Option<Found> {
        loop {
            let found = match self.ready.pop_front()? {
                Ready::Ended(found) => Some(*found),
                // A copy is made only now: there may be many.
                Ready::Original(ends) => self.so_far(ends),
            };
            if let Some(found) = found {
                return Some(Found { premasters: std::mem::take(&mut self.premasters), ..found });
            }
        }
    }

    /// An open connection, as if it had ended.
    fn so_far(&self, ends: Ends) -> Option<Found> {
        let connection = self.open.get(&ends)?;
        let capture = connection.clone().finish(&self.secrets, &self.keep, false)?;
        Some(Found { ended: false, ..Found::ended(connection.number, capture) })
    }

    /// A key log that the file has.
    pub fn secrets(&mut self, text: &str) {
        self.secrets_bytes += text.len();
        if self.secrets_bytes > Limits::DEFAULT.key_log_bytes {
            return;
        }
        for secret in KeyLog::parse(text).iter() {
            self.opens = true;
            match secret.label {
                Label::Rsa => self.premasters.push(secret),
                _ => self.secrets.add(secret),
            }
        }
    }

    /// The next packet.
    pub fn packet(&mut self, packet: &Packet<'_>) {
        self.counts.packets += 1;
        self.counts.cut += u64::from((packet.bytes.len() as u64) < packet.length.into());
        if !super::link::is_known(packet.link) {
            self.counts.other_links += 1;
            self.counts.other_link.get_or_insert(packet.link);
            return;
        }
        self.now = packet.at.unwrap_or(self.now);
        let (number, at) = (packet.number, self.now);
        let mut packets = std::mem::take(&mut self.packets);
        packets.read(packet.link, packet.bytes, &mut |transport| match transport {
            Transport::Tcp(tcp) => self.segment(&tcp, number, at),
            Transport::Udp { source, target, payload } => {
                let ready = &mut |found: Found| self.ready.push_back(Ready::Ended(found.into()));
                self.udp.datagram(source, target, payload, at, &self.secrets, ready);
            }
        });
        self.packets = packets;
    }

    /// A TCP segment, in packet `number`, since 1970.
    pub fn segment(&mut self, tcp: &Tcp<'_>, number: u64, at: Duration) {
        let ends = if tcp.source <= tcp.target { (tcp.source, tcp.target) } else { (tcp.target, tcp.source) };
        if self.open.get(&ends).is_some_and(|connection| connection.is_followed_by(tcp)) {
            self.end(ends, false);
        }
        if !self.open.contains_key(&ends) {
            if self.past.contains(&ends) && !is_syn(tcp) {
                return;
            }
            let new = Connection::new(self.counts.connections, tcp, at);
            self.counts.connections += 1;
            self.open.insert(ends, new);
        }
        let Some(connection) = self.open.get_mut(&ends) else { return };
        let over = connection.segment(tcp, number, at, &self.keep);
        let weight = connection.measure();
        self.bytes = self.bytes + weight - connection.weight;
        connection.weight = weight;
        if connection.touched == 0 || connection.touched + STEP < number {
            self.order.remove(&(connection.touched, ends));
            connection.touched = number;
            self.order.insert((number, ends));
        }
        if self.opens && connection.is_news() {
            let hosts = (ends.0.ip(), ends.1.ip());
            self.originals.entry(hosts).or_default().insert((connection.number, ends));
        }
        if over {
            self.end(ends, false);
        }
        while self.bytes > Limits::DEFAULT.captured_bytes {
            let Some((_, oldest)) = self.order.first().copied() else { break };
            self.counts.evicted += 1;
            self.end(oldest, true);
        }
    }

    fn end(&mut self, ends: Ends, evicted: bool) {
        let Some(connection) = self.open.remove(&ends) else { return };
        self.order.remove(&(connection.touched, ends));
        self.bytes -= connection.weight;
        if self.past.insert(ends) {
            self.past_order.push_back(ends);
            if self.past_order.len() > Limits::DEFAULT.past_connections
                && let Some(oldest) = self.past_order.pop_front()
            {
                self.past.remove(&oldest);
            }
        }
        let number = connection.number;
        let hosts = (ends.0.ip(), ends.1.ip());
        if let Some(originals) = self.originals.get_mut(&hosts) {
            originals.remove(&(number, ends));
            if originals.is_empty() {
                self.originals.remove(&hosts);
            }
        }
        let Some(capture) = connection.finish(&self.secrets, &self.keep, evicted) else { return };
        self.counts.tls += 1;
        if self.opens && hello::resumes(&capture.events, capture.tls_from) {
            for (_, ends) in self.originals.remove(&hosts).unwrap_or_default() {
                if let Some(original) = self.open.get_mut(&ends) {
                    original.is_shown();
                    self.ready.push_back(Ready::Original(ends));
                }
            }
        }
        self.ready.push_back(Ready::Ended(Found::ended(number, capture).into()));
    }

    /// No more will come: all connections end, in the order in which they began.
    pub fn finish(&mut self) {
        let mut open: Vec<_> =
            self.open.iter().map(|(ends, connection)| (connection.number, *ends)).collect();
        open.sort_unstable();
        open.into_iter().for_each(|(_, ends)| self.end(ends, false));
        self.udp.finish(&self.secrets, &mut |found: Found| self.ready.push_back(Ready::Ended(found.into())));
    }
}

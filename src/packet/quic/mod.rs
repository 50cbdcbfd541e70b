//! QUIC: the Initial packets of a connection are opened, and the hellos in them read; all else is counted.
//!
//! The CRYPTO data becomes the bytes of a [`Capture`], in TLS records of our own making, so that everything behind it
//! reads it as it reads TLS over TCP. A CONNECTION_CLOSE that carries an alert becomes an alert (RFC 9001, section 4.8).

mod crypto;
mod header;

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use self::crypto::Crypto;
use self::header::{Kind, Long, Reader};
use crate::capture::hello;
use crate::capture::{Capture, Event, Intent, KeyLog, Origin, Quic, Secrets, Step, StepKind};
use crate::crypto::quic::{self, InitialKeys, Version};
use crate::wire::Direction;
use crate::wire::codepoints::content_type::{ALERT, HANDSHAKE};

/// Whether a datagram starts like a QUIC packet with a long header of a version that is read here.
pub(super) fn is_known(datagram: &[u8]) -> bool {
    header::long(datagram).is_some_and(|(packet, _)| Version::of(packet.number).is_some())
}

/// One connection, from the client's first Initial packet on.
#[derive(Debug)]
pub(super) struct Connection {
    /// Its place among the UDP conversations of the file, from 0.
    number: u64,
    seen: Quic,
    version: Version,
    /// What the keys were computed from.
    connection_id: Vec<u8>,
    /// By sender.
    keys: [InitialKeys; 2],
    largest: [Option<u64>; 2],
    streams: [Crypto; 2],
    events: Vec<Event>,
    /// Bytes in `events`.
    kept: usize,
    /// Since 1970.
    began: Duration,
    pub(super) last_at: Duration,
}

/// What a connection takes besides what it keeps.
const BASE: usize = 2048;
/// The most content of a TLS record.
const RECORD: usize = 1 << 14;

impl Connection {
    /// The connection that a client's first Initial packet begins; None if the datagram has none.
    pub(super) fn begin(
        number: u64,
        (source, target): (SocketAddr, SocketAddr),
        datagram: &[u8],
        at: Duration,
    ) -> Option<Connection> {
        let (packet, _) = header::long(datagram)?;
        let version = Version::of(packet.number).filter(|_| packet.kind == Kind::Initial)?;
        let keys = quic::initial_keys(version, packet.to)?;
        // It is authentic under keys that come of it: neither chance nor the server's answer.
        keys[0].open(packet.bytes, packet.number_at, None)?;
        let seen = Quic {
            local: source,
            address: target,
            version: packet.number,
            retry: false,
            initial: 0,
            unopened: 0,
            zero_rtt: 0,
            handshake: 0,
            protected: 0,
            closed: None,
        };
        let mut connection = Connection {
            number,
            seen,
            version,
            connection_id: packet.to.to_vec(),
            keys,
            largest: [None; 2],
            streams: Default::default(),
            events: Vec::new(),
            kept: 0,
            began: at,
            last_at: at,
        };
        connection.datagram(source, datagram, at);
        Some(connection)
    }

    /// Whether a datagram of the client begins another connection between the same ends.
    pub(super) fn is_followed_by(&self, source: SocketAddr, datagram: &[u8]) -> bool {
        let Some((packet, _)) = header::long(datagram).filter(|(packet, _)| packet.kind == Kind::Initial)
        else {
            return false;
        };
        let answered = self.streams[1].next > 0;
        let opens = |keys: &InitialKeys| keys.open(packet.bytes, packet.number_at, None).is_some();
        answered
            && source == self.seen.local
            && packet.to != self.connection_id
            && !opens(&self.keys[0])
            && Version::of(packet.number)
                .and_then(|version| quic::initial_keys(version, packet.to))
                .is_some_and(|[client, _]| opens(&client))
    }

    /// The next datagram between its ends.
    pub(super) fn datagram(&mut self, source: SocketAddr, datagram: &[u8], at: Duration) {
        let sender = if source == self.seen.local { Direction::Client } else { Direction::Server };
        self.last_at = self.last_at.max(at);
        let mut rest = datagram;
        while !rest.is_empty() {
            let Some((packet, behind)) = header::long(rest) else {
                self.seen.protected += u64::from(header::is_short(rest));
                return;
            };
            match packet.kind {
                Kind::Initial => self.initial(sender, &packet, at),
                Kind::ZeroRtt => self.seen.zero_rtt += 1,
                Kind::Handshake => self.seen.handshake += 1,
                Kind::Retry => {
                    self.seen.retry |= quic::retry_holds(self.version, &self.connection_id, packet.bytes);
                }
                Kind::VersionNegotiation | Kind::Other => {}
            }
            rest = behind;
        }
    }

    fn initial(&mut self, sender: Direction, packet: &Long<'_>, at: Duration) {
        let place = sender.index();
        let open =
            |keys: &[InitialKeys; 2], largest| keys[place].open(packet.bytes, packet.number_at, largest);
        let mut opened = open(&self.keys, self.largest[place]);
        // Behind a Retry, or in another version, the client's packets have other keys.
        if opened.is_none()
            && sender == Direction::Client
            && self.streams[1].next == 0
            && let Some(version) = Version::of(packet.number)
            && let Some(keys) = quic::initial_keys(version, packet.to)
        {
            opened = open(&keys, None);
            if opened.is_some() {
                (self.keys, self.version) = (keys, version);
                (self.connection_id, self.seen.version) = (packet.to.to_vec(), packet.number);
                self.largest = [None; 2];
            }
        }
        let Some(initial) = opened else {
            self.seen.unopened += 1;
            return;
        };
        self.seen.initial += 1;
        self.largest[place] = self.largest[place].max(Some(initial.number));
        self.frames(sender, &initial.payload, at);
    }

    /// The frames that an Initial packet may have (RFC 9000, section 17.2.2).
    fn frames(&mut self, sender: Direction, payload: &[u8], at: Duration) -> Option<()> {
        let mut reader = Reader { bytes: payload, at: 0 };
        while reader.at < payload.len() {
            match reader.number()? {
                // PADDING, PING
                0 | 1 => {}
                // ACK
                kind @ (2 | 3) => {
                    reader.number()?;
                    reader.number()?;
                    let ranges = reader.number()?;
                    reader.number()?;
                    let numbers = ranges.checked_mul(2)?.checked_add(if kind == 3 { 3 } else { 0 })?;
                    for _ in 0..numbers {
                        reader.number()?;
                    }
                }
                // CRYPTO
                6 => {
                    let offset = reader.number()?;
                    let length = usize::try_from(reader.number()?).ok()?;
                    let bytes = reader.take(length)?;
                    let mut stream = std::mem::take(&mut self.streams[sender.index()]);
                    stream.push(offset, bytes, &mut |bytes| {
                        bytes.chunks(RECORD).for_each(|chunk| self.record(sender, HANDSHAKE, chunk, at));
                    });
                    self.streams[sender.index()] = stream;
                }
                // CONNECTION_CLOSE
                0x1c => {
                    let error = reader.number()?;
                    reader.number()?;
                    let reason = usize::try_from(reader.number()?).ok()?;
                    reader.take(reason)?;
                    if self.seen.closed.is_none() {
                        self.seen.closed = Some((sender, error));
                        if let (0x100..=0x1ff, Ok(alert)) = (error, u8::try_from(error & 0xff)) {
                            self.record(sender, ALERT, &[2, alert], at);
                        }
                    }
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn record(&mut self, direction: Direction, content_type: u8, content: &[u8], at: Duration) {
        let Ok(length) = u16::try_from(content.len()) else { return };
        let [high, low] = length.to_be_bytes();
        let bytes = [&[content_type, 3, 3, high, low], content].concat();
        self.kept += bytes.len() + size_of::<Event>();
        self.events.push(Event::Bytes { direction, at: at.saturating_sub(self.began), bytes });
    }

    /// Bytes that it takes.
    pub(super) fn measure(&self) -> usize {
        BASE + self.kept + self.streams.iter().map(|stream| stream.held).sum::<usize>()
    }

    /// No more will come. None if nothing of a hello was there.
    pub(super) fn finish(mut self, secrets: &KeyLog, evicted: bool) -> Option<(u64, Capture)> {
        if self.events.is_empty() {
            return None;
        }
        let (local, server) = (self.seen.local, self.seen.address);
        let hello = hello::first(&self.events, 0);
        let name = hello.as_ref().and_then(|hello| hello.name.clone());
        let intent = Intent {
            origin: Origin::Datagrams,
            stream: Some(self.number),
            input: format!("{local} → {server}"),
            port: server.port(),
            host: name.clone().unwrap_or_else(|| server.ip().to_string()),
            sni: name.clone(),
            verify_name: name,
            ..Intent::default()
        };
        let mut capture = Capture::new(intent, UNIX_EPOCH + self.began);
        if let Some(hello) = hello {
            capture.secrets = Secrets(secrets.of(&hello.random).to_vec());
        }
        self.events.sort_by_key(Event::at);
        capture.total = self.last_at.saturating_sub(self.began);
        capture.events = self.events;
        let what = StepKind::Quic(self.seen);
        capture.steps = vec![Step { at: Duration::ZERO, took: Duration::ZERO, what }];
        let left_out: u64 = self.streams.iter().map(|stream| stream.left_out).sum();
        if left_out > 0 {
            capture.limits_reached.push(format!("{left_out} CRYPTO frames beyond the limit were not kept"));
        }
        if evicted {
            capture.limits_reached.push(
                "the connection is shown as far as it was read when there was no room for more of QUIC"
                    .into(),
            );
        }
        capture.cut_times();
        Some((self.number, capture))
    }
}

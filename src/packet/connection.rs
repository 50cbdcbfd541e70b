//! One TCP connection: its segments in, a capture out.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use super::connections::Keep;
use super::half::{Half, Piece};
use super::ip::Tcp;
use super::order::{self, Place};
use super::tls::{First, Records, Start};
use crate::capture::hello;
use crate::capture::{
    Capture, Event, How, Intent, KeyLog, Limits, Origin, Secrets, Segment, Step, StepKind, Tcp as Outcome,
    TcpFacts, dialogue,
};
use crate::preamble;
use crate::wire::Direction;

/// One connection. Until it is over, `Client` stands for the end in `ends[0]`; whose that is may turn out later.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    /// Its place among the TCP connections of the file, from 0.
    pub(super) number: u64,
    ends: [SocketAddr; 2],
    /// The client's place in `ends`, once a SYN said so.
    client: Option<usize>,
    halves: [Half; 2],
    starts: [Start; 2],
    records: [Records; 2],
    events: Vec<Event>,
    /// Of each event: the end of its bytes, and what the segment acknowledged that it came with.
    places: Vec<(u64, Option<u32>)>,
    /// Bytes of each direction that are in `events`, gaps included.
    told: [u64; 2],
    /// What the segment acknowledges that is being read.
    acknowledges: Option<u32>,
    /// Of each direction: the gap at its end so far, in `events`.
    open_gap: [Option<usize>; 2],
    segments: Vec<Segment>,
    segments_dropped: u64,
    /// Bytes kept in `events`, of each direction.
    kept: [u64; 2],
    /// Bytes of the other direction that were there when TLS was found in this one.
    other_at_start: [u64; 2],
    /// Bytes beyond our limit that were left out.
    beyond: u64,
    /// Since 1970.
    began: Duration,
    last_at: Duration,
    syn: Option<Duration>,
    syn_ack: Option<(Duration, Option<u16>)>,
    /// From the SYN to the client's first answer to the SYN-ACK.
    shaken: Option<Duration>,
    resets: [Option<Duration>; 2],
    /// What the other end acknowledged of each direction.
    acknowledged: [Option<Acknowledged>; 2],
    /// Sequence numbers behind each FIN.
    fins: [Option<u32>; 2],
    /// Nothing of TLS was found where it should be: it is no longer looked at.
    pub(super) not_tls: bool,
    /// Number of the packet at which it was last put into the order of activity.
    pub(super) touched: u64,
    /// What it adds to the budget.
    pub(super) weight: usize,
    /// More than so many bytes kept are news for those that may resume its session. None while news is waiting for them.
    news: Option<u64>,
}

/// The first acknowledgement number and the greatest, and when that came.
#[derive(Debug, Clone, Copy)]
struct Acknowledged {
    first: u32,
    last: u32,
    at: Duration,
}

/// What a connection takes besides what it keeps.
const BASE: usize = 1024;

impl Connection {
    pub(super) fn new(number: u64, tcp: &Tcp<'_>, at: Duration) -> Self {
        Connection {
            number,
            ends: [tcp.source, tcp.target],
            client: None,
            halves: Default::default(),
            starts: Default::default(),
            records: Default::default(),
            events: Vec::new(),
            places: Vec::new(),
            told: [0, 0],
            acknowledges: None,
            open_gap: [None, None],
            segments: Vec::new(),
            segments_dropped: 0,
            kept: [0, 0],
            other_at_start: [0, 0],
            beyond: 0,
            began: at,
            last_at: at,
            syn: None,
            syn_ack: None,
            shaken: None,
            resets: [None, None],
            acknowledged: [None, None],
            fins: [None, None],
            not_tls: false,
            touched: 0,
            weight: 0,
            news: Some(0),
        }
    }

    /// Whether this SYN begins another connection between the same ends.
    pub(super) fn is_followed_by(&self, tcp: &Tcp<'_>) -> bool {
        let place = usize::from(tcp.source != self.ends[0]);
        is_syn(tcp) && self.halves[place].is_other_syn(tcp.header.sequence)
    }

    /// Bytes that it takes.
    pub(super) fn measure(&self) -> usize {
        let kept = self.kept[0] + self.kept[1];
        let early: usize = self.halves.iter().map(Half::early_bytes).sum();
        let events = self.events.len() * (size_of::<Event>() + size_of::<Place>())
            + self.segments.len() * (size_of::<Segment>() + 16);
        BASE + usize::try_from(kept).unwrap_or(usize::MAX) + early + events
    }

    /// Whether there is more of TLS in it, by half of what was there when it was shown last; once each time.
    pub(super) fn is_news(&mut self) -> bool {
        let kept = self.kept[0] + self.kept[1];
        let tls = self.starts.iter().all(|start| start.found.is_some());
        let news = tls && !self.not_tls && self.news.is_some_and(|most| kept > most);
        if news {
            self.news = None;
        }
        news
    }

    /// What there is of it was shown before it has ended.
    pub(super) fn is_shown(&mut self) {
        let kept = self.kept[0] + self.kept[1];
        self.news = Some(kept + kept / 2);
    }

    /// Both directions ended, and that was acknowledged; or it was reset.
    pub(super) fn is_over(&self) -> bool {
        self.resets.iter().any(Option::is_some)
    }

    /// The next segment. Whether the connection is over with it.
    pub(super) fn segment(&mut self, tcp: &Tcp<'_>, packet: u64, at: Duration, keep: &Keep) -> bool {
        let place = usize::from(tcp.source != self.ends[0]);
        let header = &tcp.header;
        let has = |flag: u8| header.flags & flag != 0;
        self.last_at = self.last_at.max(at);
        self.shake(tcp, place, at);
        let ack = has(Segment::ACK).then_some(header.acknowledgement);
        if let Some(last) = ack.filter(|_| !has(Segment::RST)) {
            let new = Acknowledged { first: last, last, at };
            let known = self.acknowledged[1 - place].get_or_insert(new);
            if last.wrapping_sub(known.last).cast_signed() > 0 {
                (known.last, known.at) = (last, at);
            }
        }
        let over =
            self.fins.iter().all(Option::is_some) && ack == self.fins[1 - place] && tcp.payload.is_empty();
        if self.not_tls {
            self.reset_or_fin(tcp, place, at);
            return over || self.is_over();
        }
        let sequence = header.sequence.wrapping_add(u32::from(has(Segment::SYN)));
        // Bytes that a reset may carry are none of the stream.
        let (payload, cut) = if has(Segment::RST) { (&[][..], 0) } else { (tcp.payload, tcp.cut) };
        self.acknowledges = ack;
        let mut half = std::mem::take(&mut self.halves[place]);
        let (seen, offset) =
            half.segment(at, sequence, payload, cut, &mut |piece| self.piece(place, piece, keep));
        self.halves[place] = half;
        if keep.segments {
            let segment = Segment {
                direction: Direction::BOTH[place],
                at,
                packet,
                sequence: header.sequence,
                acknowledgement: ack,
                flags: header.flags,
                window: header.window,
                options: header.options.to_vec(),
                length: u32::try_from(tcp.payload.len()).unwrap_or(u32::MAX).saturating_add(tcp.cut),
                offset,
                seen,
            };
            match self.segments.len() < Limits::DEFAULT.segments {
                true => self.segments.push(segment),
                false => self.segments_dropped += 1,
            }
        }
        self.reset_or_fin(tcp, place, at);
        over || self.is_over()
    }

    /// What the segment says of the connection's beginning (RFC 9293, section 3.5).
    fn shake(&mut self, tcp: &Tcp<'_>, place: usize, at: Duration) {
        let header = &tcp.header;
        match (header.flags & Segment::SYN != 0, header.flags & Segment::ACK != 0) {
            (true, false) => {
                self.halves[place].syn(header.sequence);
                self.client.get_or_insert(place);
                self.syn.get_or_insert(at);
            }
            (true, true) => {
                self.halves[place].syn(header.sequence);
                self.client.get_or_insert(1 - place);
                self.syn_ack.get_or_insert((at, segment_size(header.options)));
            }
            (false, true) if self.client == Some(place) && self.syn_ack.is_some() => {
                self.shaken.get_or_insert(at);
            }
            _ => {}
        }
    }

    fn reset_or_fin(&mut self, tcp: &Tcp<'_>, place: usize, at: Duration) {
        let header = &tcp.header;
        if header.flags & Segment::RST != 0 {
            self.resets[place].get_or_insert(at);
        } else if header.flags & Segment::FIN != 0 {
            let len = tcp.payload.len() + tcp.cut as usize;
            let syn = u32::from(header.flags & Segment::SYN != 0);
            self.halves[place].fin(at, header.sequence.wrapping_add(syn), len);
            let behind = header.sequence.wrapping_add(len as u32).wrapping_add(syn + 1);
            self.fins[place].get_or_insert(behind);
        }
    }

    /// The next bytes of a direction, in order.
    fn piece(&mut self, place: usize, piece: Piece<'_>, keep: &Keep) {
        match piece {
            Piece::Gap { at, len } => {
                self.records[place].lose();
                self.gap(place, at, len);
            }
            Piece::Bytes { at, end, bytes } => {
                let was = self.starts[place].found;
                self.starts[place].push(end, bytes);
                let found = self.starts[place].found;
                let Some((start, _)) = found else { return self.before_tls(place, at, bytes) };
                if was.is_none() {
                    self.other_at_start[place] = self.halves[1 - place].next();
                }
                // What stands before TLS is no record.
                let before =
                    usize::try_from(start.saturating_sub(end - bytes.len() as u64)).unwrap_or(usize::MAX);
                let (before, bytes) = bytes.split_at(before.min(bytes.len()));
                self.keep(place, at, before);
                let mut records = std::mem::take(&mut self.records[place]);
                records.split(bytes, keep.data, &mut |wanted, run| match wanted {
                    true => self.keep(place, at, run),
                    false => self.gap(place, at, run.len() as u64),
                });
                self.records[place] = records;
            }
        }
    }

    /// Bytes of a direction in which TLS has not started.
    fn before_tls(&mut self, place: usize, at: Duration, bytes: &[u8]) {
        let other = self.starts[1 - place].found.is_some();
        if self.kept[place] + bytes.len() as u64 > Limits::DEFAULT.preamble_bytes && !other {
            self.not_tls = true;
            self.events = Vec::new();
            self.places = Vec::new();
            self.segments = Vec::new();
            self.halves = Default::default();
            self.kept = [0, 0];
            return;
        }
        self.keep(place, at, bytes);
    }

    fn keep(&mut self, place: usize, at: Duration, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let limits = Limits::DEFAULT;
        if self.kept[place] + bytes.len() as u64 > limits.recorded_bytes || self.events.len() >= limits.events
        {
            self.beyond += bytes.len() as u64;
            return self.gap(place, at, bytes.len() as u64);
        }
        self.open_gap[place] = None;
        self.kept[place] += bytes.len() as u64;
        self.told[place] += bytes.len() as u64;
        self.places.push((self.told[place], self.acknowledges));
        self.events.push(Event::Bytes { direction: Direction::BOTH[place], at, bytes: bytes.to_vec() });
    }

    fn gap(&mut self, place: usize, at: Duration, more: u64) {
        self.told[place] += more;
        let open = self.open_gap[place].and_then(|index| self.events.get_mut(index));
        if let Some(Event::Gap { len: Some(len), .. }) = open {
            *len += more;
            if let Some((end, _)) = self.open_gap[place].and_then(|index| self.places.get_mut(index)) {
                *end = self.told[place];
            }
            return;
        }
        self.open_gap[place] = Some(self.events.len());
        self.places.push((self.told[place], self.acknowledges));
        self.events.push(Event::Gap { direction: Direction::BOTH[place], at, len: Some(more) });
    }

    /// No more will come. None if there was no TLS in it.
    pub(super) fn finish(mut self, secrets: &KeyLog, keep: &Keep, evicted: bool) -> Option<Capture> {
        let mut ends = Vec::new();
        self.acknowledges = None;
        for place in [0, 1] {
            let mut half = std::mem::take(&mut self.halves[place]);
            let fin = half.finish(&mut |piece| self.piece(place, piece, keep));
            self.halves[place] = half;
            let reset = self.resets[place].map(|at| (at, How::Reset));
            ends.extend(reset.or(fin.map(|at| (at, How::Fin))).map(|(at, how)| Event::End {
                direction: Direction::BOTH[place],
                at,
                how,
            }));
        }
        if self.not_tls || self.starts.iter().all(|start| start.found.is_none()) {
            return None;
        }
        self.put_in_order();
        for place in [0, 1] {
            self.tell_missing(place);
        }
        self.events.extend(ends);
        let client = self.client_place();
        let mut intent = Intent { origin: Origin::Packets, ..Intent::default() };
        let (local, server) = (self.ends[client], self.ends[1 - client]);
        intent.input = format!("{local} → {server}");
        intent.port = server.port();
        intent.stream = Some(self.number);
        let mut capture = Capture::new(intent, UNIX_EPOCH + self.began);
        let turned = |direction: Direction| if client == 0 { direction } else { direction.other() };
        capture.tls_from = Direction::BOTH.map(|direction| {
            let place = turned(direction).index();
            match self.starts[place].found {
                Some((start, _)) => start,
                // It was not found here: it starts behind what was there when it began in the other direction.
                None => self.other_at_start[1 - place],
            }
        });
        for event in &mut self.events {
            match event {
                Event::Bytes { direction, at, .. }
                | Event::Gap { direction, at, .. }
                | Event::End { direction, at, .. } => {
                    *direction = turned(*direction);
                    *at = at.saturating_sub(self.began);
                }
            }
        }
        // What waited for bytes that never came was given out late.
        self.events.sort_by_key(Event::at);
        let dialogues = match capture.tls_from {
            [0, 0] => None,
            heuristic => preamble::recognise(&self.events, heuristic),
        };
        if let Some(found) = &dialogues {
            capture.tls_from = found.tls_from;
            for secret in &found.secrets {
                dialogue::blank(&mut self.events, Direction::Client, secret.clone());
            }
        }
        for segment in &mut self.segments {
            segment.direction = turned(segment.direction);
            segment.at = segment.at.saturating_sub(self.began);
        }
        let hello = hello::first(&self.events, capture.tls_from[0]);
        let name = hello.as_ref().and_then(|hello| hello.name.clone());
        capture.intent.host = name.clone().unwrap_or_else(|| server.ip().to_string());
        capture.intent.sni.clone_from(&name);
        capture.intent.verify_name = name;
        if let Some(hello) = hello {
            capture.secrets = Secrets(secrets.of(&hello.random));
        }
        capture.steps = vec![self.step(local, server)];
        capture.steps.extend(dialogues.into_iter().flat_map(|found| found.steps));
        capture.tcp = Some(TcpFacts {
            rtt_us: self.syn.zip(self.shaken).map(|(syn, ack)| micros(ack.saturating_sub(syn))),
            mss: self.syn_ack.and_then(|(_, mss)| mss).map(u32::from),
            retransmissions: Some(self.halves.iter().map(|half| half.retransmissions).sum()),
            ..TcpFacts::default()
        });
        capture.total = self.last_at.saturating_sub(self.began);
        let left_out: u64 = self.records.iter().map(|records| records.left_out).sum();
        if left_out > 0 {
            let most = keep.data / 1024;
            capture.limits_reached.push(format!(
                "{left_out} records of application data beyond the first {most} KiB of a direction were not kept"
            ));
        }
        if self.beyond > 0 {
            capture.limits_reached.push(format!("{} bytes beyond the limit were not kept", self.beyond));
        }
        if evicted {
            let budget = Limits::DEFAULT.captured_bytes >> 20;
            capture.limits_reached.push(format!(
                "the connection is shown as far as it was read when all connections together had {budget} MiB"
            ));
        }
        (capture.events, capture.segments) = (self.events, self.segments);
        capture.segments_dropped = self.segments_dropped;
        capture.cut_times();
        Some(capture)
    }

    /// Puts the events of both directions in the order in which they were sent.
    fn put_in_order(&mut self) {
        /// Acknowledgement numbers are compared with a distance of half their range.
        const LONG: u64 = 1 << 30;
        let had = |event: &Event, acknowledged: Option<u32>| {
            let other = &self.halves[1 - event.direction().index()];
            let known = other.first().is_some() && other.next() < LONG;
            let had = acknowledged.filter(|_| known).map(|number| other.offset(number));
            had.and_then(|had| u64::try_from(had).ok()).unwrap_or_default()
        };
        let places = std::mem::take(&mut self.places);
        let events = std::mem::take(&mut self.events).into_iter().zip(places);
        let placed = events.map(|(event, (end, acknowledged))| {
            let had = had(&event, acknowledged);
            (event, Place { end, had })
        });
        self.events = order::merged(placed);
    }

    /// Tells of bytes before all that was seen of a direction, and behind it.
    fn tell_missing(&mut self, place: usize) {
        let (half, direction) = (&self.halves[place], Direction::BOTH[place]);
        let acknowledged = self.acknowledged[place];
        let of_it = |event: &&Event| matches!(event, Event::Bytes { direction: of, .. } if *of == direction);
        let began = self.events.iter().find(of_it).map(Event::at);
        let found = self.starts[place].found.map(|(_, first)| first);
        let hello = matches!(found, Some(First::ClientHello | First::ServerHello));
        // What answers a ClientHello that was the first thing said is the first thing said too.
        let answers = self.starts[1 - place].found == Some((0, First::ClientHello))
            && half.first() == acknowledged.map(|it| it.first);
        if let Some(at) = began.filter(|_| !half.from_start && !hello && !answers) {
            self.events.insert(0, Event::Gap { direction, at, len: None });
        }
        if let Some(Acknowledged { at, .. }) = acknowledged.filter(|it| half.lacks(it.first, it.last)) {
            self.events.push(Event::Gap { direction, at, len: None });
        }
    }

    /// The client: who sent the SYN, or the ClientHello; else who has the higher port.
    fn client_place(&self) -> usize {
        let first = |place: usize| self.starts[place].found.map(|(_, first)| first);
        let said = self.client.or_else(|| match [first(0), first(1)] {
            [Some(First::ClientHello), _] | [_, Some(First::ServerHello)] => Some(0),
            [_, Some(First::ClientHello)] | [Some(First::ServerHello), _] => Some(1),
            _ => None,
        });
        said.unwrap_or(usize::from(self.ends[0].port() < self.ends[1].port()))
    }

    fn step(&self, local: SocketAddr, server: SocketAddr) -> Step {
        let took = self.syn.zip(self.shaken).map(|(syn, ack)| ack.saturating_sub(syn));
        let what = StepKind::Tcp { address: server, outcome: Outcome::Connected { local } };
        let at = self.syn.map_or(Duration::ZERO, |syn| syn.saturating_sub(self.began));
        Step { at, took: took.unwrap_or_default(), what }
    }
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// A SYN without ACK: it begins a connection.
pub(super) fn is_syn(tcp: &Tcp<'_>) -> bool {
    tcp.header.flags & (Segment::SYN | Segment::ACK) == Segment::SYN
}

/// The maximum segment size among a SYN's options (RFC 9293, section 3.7.1).
fn segment_size(mut options: &[u8]) -> Option<u16> {
    loop {
        match *options {
            [1, ref rest @ ..] => options = rest,
            [2, 4, high, low, ..] => return Some(u16::from_be_bytes([high, low])),
            [kind, len, ..] if kind != 0 && len >= 2 => options = options.get(len.into()..)?,
            _ => return None,
        }
    }
}

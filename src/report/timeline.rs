//! The timeline: a row a step, made one at a time as a renderer asks for them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::messages;
use super::rows::{Detail, Line, Row, Tone, What};
use super::segments::{self, Carriers};
use crate::capture::quic::error_name;
use crate::capture::{Dialogue, Dns, EngineEnd, How, Origin, Quic, Role, Said, Step, StepKind, Tcp};
use crate::certificate::host::unicode;
use crate::finding::Case;
use crate::finding::summary::counted;
use crate::preamble;
use crate::trace::{Epoch, Kind, Lost, Message, TailKind};
use crate::wire::Direction;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::handshake::types;
use crate::wire::record::HEADER;
use crate::wire::text::{escape, escape_again, escape_bytes};

/// `example.com:443 at 93.184.215.14`, escaped.
pub fn title(case: &Case<'_>) -> String {
    let intent = &case.capture.intent;
    let unix = case.capture.steps.iter().find_map(|step| match &step.what {
        StepKind::Unix { path, .. } => Some(path),
        _ => None,
    });
    if let Some(path) = unix {
        return format!("unix:{}", escape(path));
    }
    let host = if intent.host.contains(':') { format!("[{}]", intent.host) } else { intent.host.clone() };
    let mut title = match intent.port {
        // Of bytes without packets only a name is known.
        0 if intent.origin == Origin::Bytes && intent.host.is_empty() => escape(&intent.input),
        0 if intent.origin == Origin::Bytes => escape(&host),
        port => escape(&format!("{host}:{port}")),
    };
    if let Some(unicode) = unicode(&intent.host) {
        title.push_str(&format!(" ({})", escape(&unicode)));
    }
    if let Some(proxy) = &intent.proxy {
        title.push_str(&format!(" through {}", escape(proxy)));
        return title;
    }
    let connected = case.attempts().find(|(_, _, outcome)| matches!(outcome, Tcp::Connected { .. }));
    let address = connected.map(|(_, address, _)| address).or(case.quic().map(|quic| &quic.address));
    if let Some(address) = address
        && !title.starts_with(&address.to_string())
    {
        let port = if address.port() == intent.port { String::new() } else { format!(":{}", address.port()) };
        title.push_str(&match address.ip() {
            IpAddr::V6(ip) if !port.is_empty() => format!(" at [{ip}]{port}"),
            ip => format!(" at {ip}{port}"),
        });
    }
    title
}

/// The rows of one connection: steps, messages in the order of their time, ends.
pub fn rows<'a>(case: &Case<'a>, detail: Detail) -> impl Iterator<Item = Row> + use<'a> {
    let case = *case;
    let steps = case.capture.steps.iter().enumerate().map(move |(index, step)| {
        let mut row = self::step(&case, index, step);
        row.lines.retain(|line| line.detail <= detail);
        row
    });
    steps.chain(Messages::new(case, detail)).chain(ends(case, detail))
}

/// A step before TLS.
fn step(case: &Case<'_>, index: usize, step: &Step) -> Row {
    let (title, lines, explain) = match &step.what {
        StepKind::Dns { outcome, .. } => ("DNS", resolved(case, step, outcome), "step.dns"),
        StepKind::Https { name, outcome } => {
            ("HTTPS record", super::ech::record(case, step, name, outcome), "ech.no_configuration")
        }
        StepKind::Tcp { address, outcome } => {
            ("TCP connect", connected(case, step, address, outcome), "step.tcp")
        }
        StepKind::Unix { path, error } => {
            let took = case.when(step.took);
            let words = match error {
                None => format!("{} connected in {took}", escape(path)),
                Some(error) => format!("{}: {}", escape(path), escape(error)),
            };
            ("Unix socket", vec![Line::text(words)], "step.unix")
        }
        StepKind::Preamble { protocol, outcome } => {
            let line = dialogue(outcome, protocol, &case.when(step.took));
            let row = Row::new(What::Step(index), protocol_title(protocol));
            return Row {
                at: Some(step.at),
                lines: vec![line],
                explain: Some(explained(protocol).into()),
                ..row
            };
        }
        StepKind::Quic(quic) => ("QUIC", self::quic(quic), "step.quic"),
        StepKind::Said(said) => return self::said(index, step, said),
    };
    Row { at: Some(step.at), lines, explain: Some(explain.to_owned()), ..Row::new(What::Step(index), title) }
}

/// A protocol's name as people call it.
fn protocol_title(name: &str) -> String {
    preamble::find(name).map_or_else(|| escape(name), |row| row.title.to_owned())
}

/// The topic of `explain` on a protocol before TLS.
fn explained(protocol: &str) -> &'static str {
    if is_proxy(protocol) { "concept.proxy" } else { "concept.starttls" }
}

fn is_proxy(protocol: &str) -> bool {
    preamble::find(protocol).is_some_and(|row| row.kind == preamble::Kind::Proxy)
}

/// How a dialogue before TLS ended.
fn dialogue(outcome: &Dialogue, protocol: &str, took: &str) -> Line {
    let who = if is_proxy(protocol) { "proxy" } else { "server" };
    let (tone, words) = match outcome {
        Dialogue::Agreed { injected: 0 } => (Tone::Plain, format!("agreed in {took}")),
        Dialogue::Agreed { injected } => {
            (Tone::Bad, format!("agreed in {took} · {injected} B in the clear behind it"))
        }
        Dialogue::Refused => (Tone::Bad, format!("REFUSED after {took}")),
        Dialogue::NotOffered => (Tone::Bad, format!("NOT OFFERED, and refused after {took}")),
        Dialogue::Unexpected => (Tone::Bad, format!("another protocol answered after {took}")),
        Dialogue::Endless => (Tone::Bad, format!("what the {who} says does not end ({took})")),
        Dialogue::Closed => (Tone::Bad, format!("closed by the {who} after {took}")),
        Dialogue::Failed { text } => (Tone::Bad, format!("FAILED after {took}: {}", escape(text))),
        Dialogue::Unfinished => (Tone::Bad, format!("not finished after {took}")),
    };
    Line::text(words).in_tone(tone)
}

/// What one side said before TLS: its first line beside the protocol's name, the others below.
fn said(index: usize, step: &Step, said: &Said) -> Row {
    let mut lines = said.lines.iter().map(|line| escape_again(line.trim()));
    let first = lines.next().unwrap_or_default();
    let mut rest: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    rest.extend((said.left_out > 0).then(|| format!("{} more", counted(said.left_out as usize, "line"))));
    let mut lines = vec![Line::text(first)];
    lines.extend((!rest.is_empty()).then(|| Line::text(rest.join(" · "))));
    Row {
        at: Some(step.at),
        direction: Some(said.direction),
        lines,
        ..Row::new(What::Step(index), protocol_title(&said.protocol))
    }
}

/// What was seen of QUIC's packets, and what of it was not decoded.
fn quic(quic: &Quic) -> Vec<Line> {
    let version = quic.name();
    let version = version.trim_start_matches("QUIC ");
    let mut parts = vec![version.to_owned()];
    parts.extend(quic.retry.then(|| "Retry: the address was validated".to_owned()));
    parts.push(format!("{} decrypted", counted(quic.initial as usize, "Initial packet")));
    let sealed = [
        (quic.unopened, "Initial"),
        (quic.zero_rtt, "0-RTT"),
        (quic.handshake, "Handshake"),
        (quic.protected, "1-RTT"),
    ];
    let sealed: Vec<_> =
        sealed.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{n} {kind}")).collect();
    if !sealed.is_empty() {
        parts.push(format!("packets not decoded: {}", sealed.join(", ")));
    }
    let mut lines = vec![Line::text(parts.join(" · "))];
    if let Some((who, code)) = quic.closed {
        let name = error_name(code);
        let closed = format!("CONNECTION_CLOSE from the {}: {name} ({code:#x})", who.sender());
        lines.push(Line::text(closed).in_tone(Tone::Bad));
    }
    lines.push(
        Line::text("records below: the content of CRYPTO frames; QUIC has no TLS records")
            .in_tone(Tone::Quiet),
    );
    lines.push(Line::text(format!("from {}", quic.local)).in_full());
    lines
}

fn resolved(case: &Case<'_>, step: &Step, outcome: &Dns) -> Vec<Line> {
    let took = case.when(step.took);
    match outcome {
        Dns::Addresses(addresses) => match addresses.as_slice() {
            [one] => vec![Line::text(format!("1 address: {one} · {took}"))],
            several => {
                let list: Vec<_> = several.iter().map(ToString::to_string).collect();
                vec![
                    Line::text(format!("{} addresses · {took}", list.len())),
                    Line::text(list.join(", ")).in_full(),
                ]
            }
        },
        Dns::Failed { text, .. } => vec![Line::text(format!("FAILED: {} · {took}", escape(text)))],
        Dns::Timeout => vec![Line::text(format!("no answer in {took}"))],
    }
}

fn connected(case: &Case<'_>, step: &Step, address: &SocketAddr, outcome: &Tcp) -> Vec<Line> {
    let took = case.when(step.took);
    let local = match outcome {
        Tcp::Connected { local } => local,
        Tcp::Refused => return vec![Line::text(format!("{address} refused after {took}"))],
        Tcp::Unreachable { text } | Tcp::Failed { text } => {
            return vec![Line::text(format!("{address}: {}", escape(text)))];
        }
        Tcp::Timeout => return vec![Line::text(format!("{address}: no answer in {took}"))],
        Tcp::Abandoned => {
            let text = format!("{address}: abandoned after {took}, another address was faster");
            return vec![Line::text(text)];
        }
    };
    let mut more = Vec::new();
    let mut parts = match (case.capture.intent.origin.is_live(), step.took.is_zero()) {
        (true, _) => vec![format!("SYN, SYN-ACK, ACK in {took}")],
        (false, true) => vec![segments::handshake(case)],
        (false, false) => vec![segments::handshake(case), format!("round trip {took}")],
    };
    if let Some(tcp) = &case.capture.tcp {
        let live = case.capture.intent.origin.is_live();
        parts.extend(tcp.mss.map(|mss| if live { format!("send MSS {mss}") } else { format!("MSS {mss}") }));
        let again = tcp.retransmissions.filter(|n| *n > 0);
        parts.extend(again.map(|n| counted(n as usize, "retransmission")));
        more.extend(
            tcp.rtt_us.filter(|_| live).map(|rtt| format!("smoothed RTT {:.1} ms", f64::from(rtt) / 1000.0)),
        );
    }
    more.push(format!("from {local}"));
    let mut lines = vec![Line::text(parts.join(" · ")), Line::text(more.join(" · ")).in_full()];
    lines.extend(segments::lines(case).into_iter().map(|line| Line::text(line).in_full()));
    lines
}

/// Messages in the order of their time, with the keys that begin and the bytes that are no records between them.
struct Messages<'a> {
    case: Case<'a>,
    detail: Detail,
    /// Indices of messages, by time.
    order: Vec<usize>,
    /// The next one in `order`.
    next: usize,
    /// The keys that the last one was protected with.
    seen: Epoch,
    /// Senders whose tail is still to come.
    tails: Vec<Direction>,
    /// What is missing, by time, and how much of that was told.
    lost: Vec<(Direction, Lost)>,
    told: usize,
    /// In full: how many messages each record has a part in.
    shared: Option<Vec<u32>>,
    /// In full: the packets that carried it all.
    carriers: Option<Carriers>,
}

impl<'a> Messages<'a> {
    fn new(case: Case<'a>, detail: Detail) -> Self {
        let trace = case.trace();
        let mut order: Vec<usize> = (0..trace.messages.len()).collect();
        order.sort_by_key(|index| trace.messages[*index].at);
        let shared = (detail == Detail::Full).then(|| messages::shared(trace));
        let tails = Direction::BOTH.to_vec();
        let of = |direction: Direction| {
            trace.flows[direction.index()].lost.iter().map(move |lost| (direction, *lost))
        };
        let mut lost: Vec<_> = Direction::BOTH.into_iter().flat_map(of).collect();
        lost.sort_by_key(|(_, lost)| lost.at);
        Messages {
            case,
            detail,
            order,
            next: 0,
            seen: Epoch::Clear,
            tails,
            lost,
            told: 0,
            shared,
            carriers: Carriers::of(&case).filter(|_| detail == Detail::Full),
        }
    }

    /// The message in front, unless this view passes over it.
    fn front(&mut self) -> Option<(usize, &'a Message)> {
        while let Some(index) = self.order.get(self.next) {
            let message = &self.case.trace().messages[*index];
            if self.detail == Detail::Full || !is_compatibility(&self.case, message) {
                return Some((*index, message));
            }
            self.next += 1;
        }
        None
    }

    /// Missing bytes that are to be told before `until`.
    fn missing(&mut self, until: Option<Duration>) -> Option<Row> {
        let (direction, lost) = self.lost.get(self.told)?;
        if until.is_some_and(|until| lost.at > until) {
            return None;
        }
        self.told += 1;
        let missing = match lost.missing {
            Some(missing) => format!("{missing} B are missing here"),
            None => "bytes are missing here".to_owned(),
        };
        let rest = match lost.length {
            0 => String::new(),
            length => format!("; {length} B around them belong to no whole record"),
        };
        let row = Row::new(What::Tail(*direction), "gap");
        Some(Row {
            at: Some(lost.at),
            direction: Some(*direction),
            lines: vec![Line::text(missing + &rest)],
            ..row
        })
    }

    /// Bytes that are no record and came before `until`.
    fn tail(&mut self, until: Option<Duration>) -> Option<Row> {
        let flows = &self.case.trace().flows;
        let due = |direction: &Direction| {
            let tail = flows[direction.index()].tail.as_ref();
            tail.is_some_and(|tail| until.is_none_or(|until| tail.at < until))
        };
        let direction = self.tails.remove(self.tails.iter().position(due)?);
        tail(&self.case, direction)
    }

    /// Tickets come in twos, and a peer may send the same thing thousands of times: one row.
    fn equal_ones(&mut self, message: &Message) -> usize {
        let mut times = 1;
        while self.detail == Detail::Brief
            && let Some((_, next)) = self.front()
            && next.kind == message.kind
            && next.direction == message.direction
            && next.epoch <= self.seen
            && (message.kind == Kind::Handshake(types::NEW_SESSION_TICKET) || next.length == message.length)
            // What application data says is shown message by message.
            && (message.kind != Kind::ApplicationData || message.bytes.is_empty())
        {
            times += 1;
            self.next += 1;
        }
        times
    }
}

impl Iterator for Messages<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let Some((index, message)) = self.front() else {
            return self.missing(None).or_else(|| self.tail(None));
        };
        if let Some(row) = self.missing(Some(message.at)) {
            return Some(row);
        }
        if let Some(row) = self.tail(Some(message.at)) {
            return Some(row);
        }
        if message.epoch > self.seen {
            self.seen = message.epoch;
            return Some(keys(message.epoch));
        }
        self.next += 1;
        let times = self.equal_ones(message);
        let mut row = messages::row(&self.case, index, message, self.shared.as_deref());
        row.times = times;
        if let Some(packets) =
            self.carriers.as_ref().and_then(|carriers| carried(&self.case, message, carriers))
        {
            row.lines.push(Line::text(packets).in_full());
        }
        row.lines.retain(|line| line.detail <= self.detail);
        Some(row)
    }
}

/// The packets that a message's records were in.
fn carried(case: &Case<'_>, message: &Message, carriers: &Carriers) -> Option<String> {
    let records = &case.trace().records;
    let record = |place: Option<&crate::trace::Origin>| place.and_then(|origin| records.get(origin.record));
    let (first, last) = (record(message.origin.first())?, record(message.origin.last())?);
    let end = last.offset + (last.header + last.length) as u64;
    carriers.text(message.direction, first.offset, end)
}

/// The ChangeCipherSpec of TLS 1.3 means nothing (RFC 8446, appendix D.4).
fn is_compatibility(case: &Case<'_>, message: &Message) -> bool {
    let version =
        case.trace().handshakes.get(message.handshake).and_then(|handshake| handshake.facts.version);
    message.kind == Kind::ChangeCipherSpec && version.is_some_and(ProtocolVersion::is_tls13)
}

/// What begins when the keys change.
fn keys(epoch: Epoch) -> Row {
    let (title, explain) = match epoch {
        Epoch::Clear => ("no keys", None),
        Epoch::Early => ("early data keys, from the resumed session", Some("concept.resumption")),
        Epoch::Handshake => ("handshake keys: what follows is encrypted", Some("concept.key_schedule")),
        Epoch::Application(0) => ("application keys", Some("concept.key_schedule")),
        Epoch::Application(_) => ("updated application keys", Some("concept.key_schedule")),
        Epoch::Changed(_) => ("session keys: what follows is encrypted", Some("concept.premaster_secret")),
    };
    Row { explain: explain.map(str::to_owned), ..Row::new(What::Keys(epoch), title) }
}

fn tail(case: &Case<'_>, direction: Direction) -> Option<Row> {
    let tail = case.trace().flows[direction.index()].tail.as_ref()?;
    let (title, text) = match tail.kind {
        TailKind::NotTls => {
            let start = escape_bytes(&tail.bytes[..tail.bytes.len().min(40)]);
            ("not TLS", format!("{} B: \"{start}\"", tail.length))
        }
        TailKind::IncompleteRecord { announced: Some(length) } => {
            ("INCOMPLETE record", format!("{} of {} bytes received", tail.length, length + HEADER))
        }
        TailKind::IncompleteRecord { announced: None } => {
            ("INCOMPLETE record", format!("{} of {HEADER} bytes of a record header received", tail.length))
        }
        TailKind::NotRead => {
            ("not read", format!("{} B after missing bytes, or beyond the limit", tail.length))
        }
    };
    Some(Row {
        at: Some(tail.at),
        direction: Some(direction),
        lines: vec![Line::text(text)],
        ..Row::new(What::Tail(direction), title)
    })
}

/// Why this connection was made, where that needs a word.
pub fn why(case: &Case<'_>) -> Option<String> {
    let engine = case.capture.engine.as_ref().map_or("", |engine| engine.name.as_str());
    match (&case.capture.role, engine) {
        (Role::Retry, EngineEnd::PROBE) | (Role::Experiment(_), EngineEnd::PROBE) => {
            Some("a probe: which of everything from SSL 3.0 to TLS 1.2 does the server choose?".into())
        }
        (Role::Retry, _) if case.capture.ech.is_some() => {
            Some("the second attempt, with the ECH configurations that the server sent".into())
        }
        (Role::Proxy, _) => Some("TLS with the proxy; the next connection is within it".into()),
        (Role::Retry, engine) => Some(format!("the second attempt, performed by the {engine} engine")),
        (Role::Experiment(_), engine) => Some(format!("an experiment with the {engine} engine")),
        _ => None,
    }
}

/// How the connection ended.
fn ends(case: Case<'_>, detail: Detail) -> impl Iterator<Item = Row> + use<> {
    let brief = detail == Detail::Brief;
    let mut ends: Vec<_> = Direction::BOTH
        .into_iter()
        .filter_map(|direction| case.end(direction).map(|(at, how)| (direction, *at, how)))
        .filter(|(_, _, how)| match how {
            How::Fin => !(brief && case.complete()),
            How::LocalStop => !brief,
            How::Reset | How::Error(_) => true,
        })
        .map(|(direction, at, how)| {
            let text = match how {
                How::Fin => "FIN: no more data".to_owned(),
                How::Reset => "RST: connection reset".to_owned(),
                How::Error(text) => escape(text),
                How::LocalStop => "closed by us".to_owned(),
            };
            let row = Row::new(What::End(direction), "TCP end");
            Row { at: Some(at), direction: Some(direction), lines: vec![Line::text(text)], ..row }
        })
        .collect();
    ends.sort_by_key(|row| row.at);
    ends.into_iter()
}

//! The timeline: a row a step.

use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;

use super::annotate;
use super::fields;
use super::messages;
use super::screen::{Screen, Style};
use crate::capture::{Dns, How, Step, StepKind, Tcp};
use crate::finding::Case;
use crate::finding::summary::counted;
use crate::trace::{Epoch, Kind, Message, TailKind};
use crate::wire::Direction;
use crate::wire::facts::is_tls13;
use crate::wire::handshake::types;
use crate::wire::record::HEADER;
use crate::wire::text::{escape, escape_bytes};

/// Column of a step's name, and of what is said about it.
pub(super) const NAME: usize = 13;
pub(super) const DETAIL: usize = 33;
pub(super) fn write(screen: &mut Screen<'_>, case: &Case<'_>, number: Option<usize>) {
    header(screen, case, number);
    for step in &case.capture.steps {
        self::step(screen, case, step);
    }
    rows(screen, case);
    ends(screen, case);
}

fn header(screen: &mut Screen<'_>, case: &Case<'_>, number: Option<usize>) {
    let intent = &case.capture.intent;
    let host = if intent.host.contains(':') { format!("[{}]", intent.host) } else { intent.host.clone() };
    let mut title = escape(&format!("{host}:{}", intent.port));
    let connected = case.attempts().find(|(_, _, outcome)| matches!(outcome, Tcp::Connected { .. }));
    if let Some((_, address, _)) = connected
        && !title.starts_with(&address.to_string())
    {
        let port = if address.port() == intent.port { String::new() } else { format!(":{}", address.port()) };
        title.push_str(&match address.ip() {
            std::net::IpAddr::V6(ip) if !port.is_empty() => format!(" at [{ip}]{port}"),
            ip => format!(" at {ip}{port}"),
        });
    }
    if let Some(number) = number {
        title = format!("connection {number}: {title}");
    }
    let at = OffsetDateTime::from(case.capture.began)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"))
        .unwrap_or_default();
    screen.ends(&title, &at);
    let legend = match screen.settings.unicode {
        true => "     ms      step (# = record)   ● encrypted  ✓ holds  ✗ fails  – not evaluated",
        false => "     ms      step (# = record)   * encrypted   ok, FAIL, n/a: not evaluated",
    };
    let legend = screen.paint(Style::Dim, legend);
    screen.line(&legend);
}

/// A step before TLS.
fn step(screen: &mut Screen<'_>, case: &Case<'_>, step: &Step) {
    let took = case.when(step.took);
    match &step.what {
        StepKind::Dns { outcome, .. } => {
            let text = match outcome {
                Dns::Addresses(addresses) => {
                    let list: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                    let n = list.len();
                    let many = if n == 1 { "1 address".to_owned() } else { format!("{n} addresses") };
                    if screen.settings.verbosity > 0 || n == 1 {
                        format!("{many}: {} · {took}", list.join(", "))
                    } else {
                        format!("{many} · {took}")
                    }
                }
                Dns::Failed { text, .. } => format!("FAILED: {} · {took}", escape(text)),
                Dns::Timeout => format!("no answer in {took}"),
            };
            row(screen, Some(step.at), None, false, "DNS", &text, "");
            annotate::step(screen, "step.dns");
        }
        StepKind::Tcp { address, outcome } => {
            let text = match outcome {
                Tcp::Connected { local } => connected(screen, case, &took, local),
                Tcp::Refused => format!("{address} refused after {took}"),
                Tcp::Unreachable { text } => format!("{address}: {}", escape(text)),
                Tcp::Timeout => format!("{address}: no answer in {took}"),
                Tcp::Abandoned => format!("{address}: given up after {took}, another address was faster"),
                Tcp::Failed { text } => format!("{address}: {}", escape(text)),
            };
            row(screen, Some(step.at), None, false, "TCP connect", &text, "");
            annotate::step(screen, "step.tcp");
        }
    }
}

fn connected(screen: &Screen<'_>, case: &Case<'_>, took: &str, local: &std::net::SocketAddr) -> String {
    let mut parts = vec![format!("SYN, SYN-ACK, ACK in {took}")];
    if let Some(tcp) = &case.capture.tcp {
        if let Some(mss) = tcp.mss {
            parts.push(format!("MSS {mss}"));
        }
        if let Some(n) = tcp.retransmissions.filter(|n| *n > 0) {
            parts.push(counted(n as usize, "retransmission"));
        }
        if screen.settings.verbosity > 0
            && let Some(rtt) = tcp.rtt_us
        {
            parts.push(format!("smoothed RTT {:.1} ms", f64::from(rtt) / 1000.0));
        }
    }
    if screen.settings.verbosity > 0 {
        parts.push(format!("from {local}"));
    }
    parts.join(" · ")
}

/// The messages.
fn rows(screen: &mut Screen<'_>, case: &Case<'_>) {
    let trace = case.trace();
    let mut order: Vec<usize> = (0..trace.messages.len()).collect();
    order.sort_by_key(|index| trace.messages[*index].at);
    let mut seen = Epoch::Clear;
    let mut position = 0;
    let mut pending = Direction::BOTH.to_vec();
    while position < order.len() {
        let index = order[position];
        let message = &trace.messages[index];
        position += 1;
        tails(screen, case, &mut pending, Some(message.at));
        if screen.settings.verbosity == 0 && is_compatibility(case, message) {
            continue;
        }
        if let Some(words) = boundary(&mut seen, message.epoch) {
            let words = screen.paint(Style::Dim, &format!("── {words} ──"));
            screen.line(&format!("{:NAME$}{words}", ""));
        }
        // Tickets come in twos, and a peer may send the same thing thousands of times: one row.
        let mut times = 1;
        let same = |next: &Message| {
            let alike = next.kind == message.kind && next.direction == message.direction;
            alike
                && (message.kind == Kind::Handshake(types::NEW_SESSION_TICKET)
                    || next.length == message.length)
        };
        if screen.settings.verbosity == 0 {
            while order.get(position).is_some_and(|next| same(&trace.messages[*next])) {
                times += 1;
                position += 1;
            }
        }
        self::message(screen, case, index, message, times);
    }
    tails(screen, case, &mut pending, None);
}

fn message(screen: &mut Screen<'_>, case: &Case<'_>, index: usize, message: &Message, times: usize) {
    let lines = messages::describe(screen, case, index, message);
    let times = if times > 1 { format!(" ×{times}") } else { String::new() };
    let name = format!("{}{times}", message.name);
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let (start, label) = (message.first_at, records(message));
    let at = if message.direction == Direction::Client { start } else { message.at };
    row(screen, Some(at), Some(message.direction), message.encrypted(), &name, &first.text, &label);
    for line in lines {
        let lead = match line.label {
            Some(label) => format!("{:NAME$}{}", "", screen.paint(Style::Dim, &format!("{label:<20}"))),
            None => format!("{:DETAIL$}", ""),
        };
        screen.wrapped(&lead, DETAIL, line.style, &line.text);
    }
    let version =
        case.trace().handshakes.get(message.handshake).and_then(|handshake| handshake.facts.version);
    annotate::message(screen, message, version.is_some_and(is_tls13));
    fields::write(screen, message);
}

/// `#4`, or `#2-4` if the message spans records.
fn records(message: &Message) -> String {
    match (message.origin.first(), message.origin.last()) {
        (Some(first), Some(last)) if first.record != last.record => {
            format!("#{}-{}", first.record + 1, last.record + 1)
        }
        (Some(first), _) => format!("#{}", first.record + 1),
        _ => String::new(),
    }
}

/// One row: time, direction, lock, name and what is said about it; records at the right edge.
pub(super) fn row(
    screen: &mut Screen<'_>,
    at: Option<Duration>,
    direction: Option<Direction>,
    encrypted: bool,
    name: &str,
    text: &str,
    records: &str,
) {
    let at = at.map(|at| format!("{:7.1}", at.as_secs_f64() * 1000.0)).unwrap_or_else(|| " ".repeat(7));
    let unicode = screen.settings.unicode;
    let (arrow, style) = match direction {
        Some(Direction::Client) => (if unicode { "→ " } else { "->" }, Style::Client),
        Some(Direction::Server) => (if unicode { "← " } else { "<-" }, Style::Server),
        None => ("  ", Style::Plain),
    };
    let lock = if encrypted { if unicode { "●" } else { "*" } } else { " " };
    let room = DETAIL - NAME;
    let padded = format!("{name:<room$}");
    let mut lead = format!(
        "{}  {}{} {}",
        screen.paint(Style::Dim, &at),
        screen.paint(style, arrow),
        screen.paint(Style::Good, lock),
        screen.paint(Style::Bold, &padded)
    );
    // A name that is longer than its column takes room from the first line, as a mark in ASCII does.
    let mut taken = screen.marked_width(text) - super::screen::width(text);
    if super::screen::width(name) >= room {
        lead.push_str("  ");
        taken += super::screen::width(name) + 2 - room;
    }
    let edge = screen.width() - if records.is_empty() { 0 } else { records.len() + 1 };
    let columns = edge.saturating_sub(DETAIL).max(16);
    let mut lines = super::screen::wrap_behind(text, taken, columns).into_iter();
    let first = lines.next().unwrap_or_default();
    let used = taken + super::screen::width(&first) + records.len();
    let fill = (screen.width() - DETAIL).saturating_sub(used);
    let tag = screen.paint(Style::Dim, records);
    let first = screen.marked(&first);
    screen.line(&format!("{lead}{first}{:fill$}{tag}", ""));
    for line in lines {
        screen.line(&format!("{:DETAIL$}{line}", ""));
    }
}

/// The ChangeCipherSpec of TLS 1.3 means nothing (RFC 8446, appendix D.4).
fn is_compatibility(case: &Case<'_>, message: &Message) -> bool {
    let version =
        case.trace().handshakes.get(message.handshake).and_then(|handshake| handshake.facts.version);
    message.kind == Kind::ChangeCipherSpec && version.is_some_and(is_tls13)
}

/// What begins when the keys change.
fn boundary(seen: &mut Epoch, epoch: Epoch) -> Option<&'static str> {
    if epoch <= *seen {
        return None;
    }
    *seen = epoch;
    match epoch {
        Epoch::Clear => None,
        Epoch::Early => Some("early keys, from the session that is resumed"),
        Epoch::Handshake => Some("handshake keys: what follows is encrypted"),
        Epoch::Application(0) => Some("application keys"),
        Epoch::Application(_) => Some("updated application keys"),
        Epoch::Changed(_) => Some("session keys: what follows is encrypted"),
    }
}

/// Bytes that are no record, or not a whole one, as far as they came before `until`.
fn tails(screen: &mut Screen<'_>, case: &Case<'_>, pending: &mut Vec<Direction>, until: Option<Duration>) {
    let tail = |direction: &Direction| case.trace().flows[direction.index()].tail.as_ref();
    let due =
        |direction: &Direction| tail(direction).is_some_and(|tail| until.is_none_or(|until| tail.at < until));
    while let Some(position) = pending.iter().position(due) {
        let direction = pending.remove(position);
        let Some(tail) = tail(&direction) else { continue };
        let (name, text) = match tail.kind {
            TailKind::NotTls => {
                let start = escape_bytes(&tail.bytes[..tail.bytes.len().min(40)]);
                ("not TLS", format!("{} B: \"{start}\"", tail.length))
            }
            TailKind::IncompleteRecord { announced: Some(length) } => {
                ("INCOMPLETE record", format!("{} of {} bytes came", tail.length, length + HEADER))
            }
            TailKind::IncompleteRecord { announced: None } => {
                ("INCOMPLETE record", format!("{} of a header's {HEADER} bytes came", tail.length))
            }
            TailKind::NotRead => {
                ("not read", format!("{} B behind missing bytes, or beyond the limit", tail.length))
            }
        };
        row(screen, Some(tail.at), Some(direction), false, name, &text, "");
    }
}

/// How the connection ended.
fn ends(screen: &mut Screen<'_>, case: &Case<'_>) {
    let mut ends: Vec<_> = Direction::BOTH
        .into_iter()
        .filter_map(|direction| case.end(direction).map(|(at, how)| (direction, *at, how)))
        .collect();
    ends.sort_by_key(|(_, at, _)| *at);
    for (direction, at, how) in ends {
        let text = match how {
            How::Fin if screen.settings.verbosity == 0 && case.complete() => continue,
            How::LocalStop if screen.settings.verbosity == 0 => continue,
            How::Fin => "FIN: no more bytes from here".to_owned(),
            How::Reset => "RST: the connection is gone".to_owned(),
            How::Error(text) => escape(text),
            How::LocalStop => "closed by us".to_owned(),
        };
        row(screen, Some(at), Some(direction), false, "TCP end", &text, "");
    }
}

//! Makes a sequence of the timeline's rows.

use std::time::Duration;

use super::items::{self, Items};
use super::{
    Arrow, End, Failure, Item, Keys, Kind, Line, Note, Notes, Party, Protection, Remark, Sequence, Sort,
    Tone, What, lifelines,
};
use crate::capture::{How, Said, Segment, Step, StepKind, Tcp};
use crate::finding::{By, Case, Outcome, Verdict};
use crate::report::rows::{Detail, Row};
use crate::report::{timeline, verdict as told};
use crate::trace::{Kind as MessageKind, Message, Opened, TailKind};
use crate::wire::Direction;
use crate::wire::text::cut;

/// Columns of a remark.
const REMARK: usize = 320;

pub(super) fn sequence(
    case: &Case<'_>,
    verdict: &Verdict,
    number: Option<usize>,
    mut notes: Option<&mut Notes>,
) -> Sequence {
    let mut explained = |row: &Row| match notes.as_deref_mut() {
        Some(notes) => notes.under(case, row),
        None => Vec::new(),
    };
    let lifelines = lifelines::of(case);
    let proxy = lifelines.iter().any(|line| line.party == Party::Proxy);
    let maker = Maker { case, proxy };
    let mut failing = Failing { case, place: place(case, verdict), told: false };
    let mut before = Vec::new();
    let mut said = Vec::new();
    let mut items = Items::default();
    if failing.place == Some(Place::BeforeTls) {
        failing.told = true;
        items.extend_with_failure(failure(verdict));
    }
    for row in timeline::rows(case, Detail::Brief) {
        let notes = explained(&row);
        let mut made = maker.of(&row);
        if let Some(first) = made.first_mut() {
            first.notes = notes;
        }
        match row.what {
            What::Step(index) if matches!(step(case, index), Some(StepKind::Said(_))) => said.extend(made),
            What::Step(_) => before.extend(made),
            _ => {
                let failed = failing.is_about(&row);
                for mut item in made {
                    if let Kind::Arrow(arrow) = &mut item.kind {
                        arrow.failed = failed;
                    }
                    items.push(item);
                }
                if failed {
                    items.extend_with_failure(failure(verdict));
                }
            }
        }
    }
    before.extend(items::dialogue(said));
    // Attempts to connect race each other.
    before.sort_by_key(|item: &Item| item.at);
    let mut all = before;
    all.extend(items.all());
    if !failing.told
        && let Some(failure) = failure(verdict)
    {
        // What did not come in time failed when time was up.
        let late = verdict.outcome == Outcome::Timeout;
        all.push(item(late.then_some(case.capture.total), None, Kind::Failure(failure)));
    }
    pauses(&mut all);
    Sequence {
        title: cut(&timeline::title(case), REMARK, "…"),
        number,
        why: timeline::why(case),
        lifelines,
        items: all,
        end: End {
            at: case.capture.total,
            word: verdict.word(),
            texts: told::headlines(case, verdict),
            exit_code: verdict.exit_code,
        },
    }
}

fn step<'a>(case: &Case<'a>, index: usize) -> Option<&'a StepKind> {
    case.capture.steps.get(index).map(|step| &step.what)
}

/// What a failure shows itself in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The steps before TLS.
    BeforeTls,
    /// The message of this index.
    Message(usize),
    /// What a direction ends with that is no message.
    Tail(Direction),
    /// The end of a direction.
    End(Direction),
}

/// The server's alert where that ended it, else the last message that it is about; where it is about none, what the server
/// sent instead of one, what whoever gave up said about that, or how the connection ended. A limit of time shows itself in
/// nothing, and neither does what is expected of the whole.
fn place(case: &Case<'_>, verdict: &Verdict) -> Option<Place> {
    let failure = verdict.failure.as_ref()?;
    let failed = failure.outcome == Outcome::Failed;
    if failed
        && failure.by == Some(By::Server)
        && let Some((alert, ..)) = case.server_alert()
    {
        return Some(Place::Message(alert));
    }
    let messages = failure.evidence.iter().filter_map(|evidence| evidence.message);
    let certificate = failure.evidence.iter().any(|evidence| evidence.certificate.is_some());
    let list = case.trace.current().and_then(|handshake| handshake.facts.certificates_of(Direction::Server));
    if let Some(message) = messages.max().or(list.filter(|_| certificate).map(|list| list.list.message)) {
        return Some(Place::Message(message));
    }
    if failure.outcome != Outcome::Timeout && matches!(failure.phase, "dns" | "tcp" | "proxy" | "starttls") {
        return Some(Place::BeforeTls);
    }
    if !failed {
        return None;
    }
    let tail = case.trace.flows[Direction::Server.index()].tail.as_ref();
    let end = || matches!(case.end(Direction::Server), Some((_, How::Fin | How::Reset)));
    match failure.by {
        _ if tail.is_some_and(|tail| {
            !matches!(tail.kind, TailKind::NotRead | TailKind::IncompleteRecord { .. })
        }) =>
        {
            Some(Place::Tail(Direction::Server))
        }
        Some(By::Client) => last_alert(case, Direction::Client).map(Place::Message),
        Some(By::Server | By::Network) if end() => Some(Place::End(Direction::Server)),
        _ => None,
    }
}

/// Index of the last alert that one side sent.
fn last_alert(case: &Case<'_>, sender: Direction) -> Option<usize> {
    let alert =
        |message: &Message| matches!(message.kind, MessageKind::Alert { .. }) && message.direction == sender;
    case.trace.messages.iter().rposition(alert)
}

/// Where the point of failure stands.
struct Failing<'a, 'c> {
    case: &'a Case<'c>,
    place: Option<Place>,
    told: bool,
}

impl Failing<'_, '_> {
    /// Whether a row shows it; it is asked for each in turn.
    fn is_about(&mut self, row: &Row) -> bool {
        let Some(place) = self.place.filter(|_| !self.told) else { return false };
        self.told = match (row.what, place) {
            (What::Message(index), Place::Message(place)) => index == place || self.within(row, index, place),
            (What::Tail(direction), Place::Tail(place)) => direction == place,
            (What::End(direction), Place::End(place)) => direction == place,
            _ => false,
        };
        self.told
    }

    /// A row may stand for several messages.
    fn within(&self, row: &Row, index: usize, place: usize) -> bool {
        let messages = &self.case.trace.messages;
        let (Some(first), Some(wanted)) = (messages.get(index), messages.get(place)) else { return false };
        row.times > 1
            && (first.kind, first.direction) == (wanted.kind, wanted.direction)
            && alike(messages, index).take(row.times).any(|(at, _)| at == place)
    }
}

/// The messages from `index` on of the same kind and sender.
fn alike(messages: &[Message], index: usize) -> impl Iterator<Item = (usize, &Message)> {
    let first = messages.get(index).map(|message| (message.kind, message.direction));
    let same = move |(_, message): &(usize, &Message)| Some((message.kind, message.direction)) == first;
    messages.iter().enumerate().skip(index).filter(same)
}

fn failure(verdict: &Verdict) -> Option<Failure> {
    let failure = verdict.failure.as_ref()?;
    let cause = failure.causes.first();
    Some(Failure {
        word: verdict.word(),
        text: verdict.summary.clone(),
        id: failure.id.clone().into_owned(),
        stage: failure.stage.clone(),
        who: failure.who.clone(),
        by: failure.by,
        cause: cause.map(|cause| format!("{}: {}", cause.certainty.name(), cut(&cause.text, REMARK, "…"))),
    })
}

fn pauses(items: &mut [Item]) {
    let mut before: Option<Duration> = None;
    for item in items {
        item.after = before.zip(item.at).map(|(before, at)| at.saturating_sub(before));
        before = before.max(item.at);
    }
}

fn item(at: Option<Duration>, what: Option<What>, kind: Kind) -> Item {
    Item { at, after: None, what, kind, notes: Vec::<Note>::new() }
}

impl Items {
    fn extend_with_failure(&mut self, failure: Option<Failure>) {
        if let Some(failure) = failure {
            self.push(item(None, None, Kind::Failure(failure)));
        }
    }
}

/// Makes items of rows.
struct Maker<'a, 'c> {
    case: &'a Case<'c>,
    /// Somebody stands between the client and the server.
    proxy: bool,
}

impl Maker<'_, '_> {
    fn of(&self, row: &Row) -> Vec<Item> {
        let item = |kind| item(row.at, Some(row.what), kind);
        match row.what {
            What::Step(index) => match self.case.capture.steps.get(index) {
                Some(step) => self.step(row, step),
                None => Vec::new(),
            },
            What::Keys(epoch) => vec![item(Kind::Keys(Keys {
                protection: Protection::of(epoch),
                text: row.title.clone(),
                explain: row.explain.clone(),
            }))],
            What::Message(index) => match self.case.trace.messages.get(index) {
                Some(message) => vec![item(Kind::Arrow(self.message(row, index, message)))],
                None => Vec::new(),
            },
            What::Tail(direction) => vec![item(self.tail(row, direction))],
            What::End(direction) => vec![item(self.end(row, direction))],
        }
    }

    fn arrow(&self, row: &Row, direction: Direction, to: Party, sort: Sort) -> Arrow {
        let (from, to) = match direction {
            Direction::Client => (Party::Client, to),
            Direction::Server => (to, Party::Client),
        };
        let lines = lines(&row.lines);
        Arrow {
            from,
            to,
            sort,
            name: row.title.clone(),
            times: row.times,
            tone: worst(&lines),
            lines,
            protection: Protection::Clear,
            records: row.records,
            bytes: None,
            lost: false,
            failed: false,
            explain: row.explain.clone(),
        }
    }

    fn message(&self, row: &Row, index: usize, message: &Message) -> Arrow {
        let arrow = self.arrow(row, message.direction, Party::Server, Sort::Message(message.kind));
        let trace = self.case.trace;
        let bytes = alike(&trace.messages, index).take(row.times).map(|(_, message)| message.length as u64);
        let mut arrow = Arrow {
            protection: Protection::of(message.epoch),
            bytes: Some(bytes.sum()),
            lost: message.incomplete.is_some(),
            ..arrow
        };
        // What the bytes say already.
        let length = format!("{} B", message.length);
        arrow.lines.retain(|line| line.text != length);
        match message.kind {
            MessageKind::ApplicationData => arrow.lines.clear(),
            MessageKind::Sealed => {
                let record = message.origin.first().and_then(|origin| trace.records.get(origin.record));
                let why = match record.map(|record| record.opened) {
                    Some(Opened::Sealed(why)) => why.text(),
                    _ => "not opened",
                };
                arrow.lines = vec![Line::text(why)];
            }
            _ => {}
        }
        arrow
    }

    /// Bytes that are missing, that are no record, or not a whole one.
    fn tail(&self, row: &Row, direction: Direction) -> Kind {
        let tail = self.case.trace.flows[direction.index()].tail.as_ref();
        match tail {
            Some(tail) if row.title != "gap" && tail.kind != TailKind::NotRead => {
                let arrow = self.arrow(row, direction, Party::Server, Sort::Bytes);
                let lost = matches!(tail.kind, TailKind::IncompleteRecord { .. });
                Kind::Arrow(Arrow { bytes: Some(tail.length), tone: Tone::Bad, lost, ..arrow })
            }
            _ => self.remark(row, Some(sender(direction)), Tone::Warning),
        }
    }

    fn end(&self, row: &Row, direction: Direction) -> Kind {
        // With a proxy in between the TCP connection is the one with the proxy.
        let peer = self.tcp_peer();
        let name = match self.case.end(direction) {
            Some((_, How::Fin)) => "FIN",
            Some((_, How::Reset)) => "RST",
            _ => return self.remark(row, Some(sender(direction)), Tone::Plain),
        };
        let bad = name == "RST" || !self.case.complete();
        let tone = if bad { Tone::Bad } else { Tone::Plain };
        Kind::Arrow(Arrow {
            name: name.into(),
            lines: Vec::new(),
            tone,
            ..self.arrow(row, direction, peer, Sort::Tcp)
        })
    }

    fn remark(&self, row: &Row, party: Option<Party>, tone: Tone) -> Kind {
        let said = row.lines.first().map(|line| line.text.as_str()).unwrap_or_default();
        let tone =
            row.lines.first().map_or(tone, |line| if line.tone == Tone::Plain { tone } else { line.tone });
        Kind::Remark(Remark {
            title: row.title.clone(),
            text: cut(said, REMARK, "…"),
            tone,
            party,
            explain: row.explain.clone(),
        })
    }

    /// Who is at the other end of the TCP connection.
    fn tcp_peer(&self) -> Party {
        if self.proxy { Party::Proxy } else { Party::Server }
    }

    /// What happened before TLS.
    fn step(&self, row: &Row, step: &Step) -> Vec<Item> {
        match &step.what {
            StepKind::Tcp { address, outcome } => self.tcp(row, step, &address.to_string(), outcome),
            StepKind::Said(said) => vec![self.said(row, said)],
            // Said beside its lines, in the order of time: the agreement is behind them.
            _ => vec![item(row.at, Some(row.what), self.remark(row, None, Tone::Plain))],
        }
    }

    fn said(&self, row: &Row, said: &Said) -> Item {
        let peer = match self.proxy && lifelines::with_proxy(&said.protocol) {
            true => Party::Proxy,
            false => Party::Server,
        };
        let arrow = self.arrow(row, said.direction, peer, Sort::Preamble);
        item(row.at, Some(row.what), Kind::Arrow(arrow))
    }

    /// TCP's own handshake (RFC 9293, section 3.5): as its packets were seen, else as the kernel tells of it.
    fn tcp(&self, row: &Row, step: &Step, address: &str, outcome: &Tcp) -> Vec<Item> {
        let segment = |name: &'static str, direction, at, lines: Vec<Line>| {
            let arrow = self.arrow(row, direction, self.tcp_peer(), Sort::Tcp);
            let arrow = Arrow { name: name.into(), tone: worst(&lines), lines, ..arrow };
            item(Some(at), Some(row.what), Kind::Arrow(arrow))
        };
        let (from, to) = (Direction::Client, Direction::Server);
        let told = step.at + step.took;
        let syn = || segment("SYN", from, step.at, vec![Line::text(format!("to {address}"))]);
        let unanswered = |words: &str, tone: Tone| {
            let mut item = syn();
            if let Kind::Arrow(arrow) = &mut item.kind {
                arrow.lost = true;
                arrow.lines.push(Line::text(words).in_tone(tone));
                arrow.tone = tone;
            }
            item
        };
        let remark = || item(Some(told), Some(row.what), self.remark(row, None, Tone::Bad));
        match outcome {
            Tcp::Connected { .. } if !self.case.capture.segments.is_empty() => {
                let mut seen: Vec<Item> = self
                    .shaken()
                    .map(|(name, segment_seen)| {
                        segment(name, segment_seen.direction, segment_seen.at, Vec::new())
                    })
                    .collect();
                if !seen.iter().any(|item| matches!(&item.kind, Kind::Arrow(arrow) if arrow.name == "SYN")) {
                    seen.insert(0, item(Some(step.at), Some(row.what), self.remark(row, None, Tone::Quiet)));
                }
                seen
            }
            Tcp::Connected { .. } if !self.case.capture.intent.origin.is_live() => {
                vec![item(Some(step.at), Some(row.what), self.remark(row, None, Tone::Quiet))]
            }
            Tcp::Connected { .. } => {
                let facts = row.lines.first().map(|line| line.text.as_str()).unwrap_or_default();
                let facts = facts.strip_prefix("SYN, SYN-ACK, ACK ").unwrap_or(facts);
                vec![
                    syn(),
                    segment("SYN-ACK", to, told, Vec::new()),
                    segment("ACK", from, told, vec![Line::text(format!("connected {facts}"))]),
                ]
            }
            Tcp::Refused => {
                vec![syn(), segment("refused", to, told, vec![Line::bad("no connection is accepted there")])]
            }
            Tcp::Timeout => vec![unanswered("no answer", Tone::Bad), remark()],
            Tcp::Abandoned => vec![unanswered("abandoned: another address was faster", Tone::Quiet)],
            // Nothing may have been sent at all.
            Tcp::Unreachable { .. } | Tcp::Failed { .. } => vec![remark()],
        }
    }

    /// The segments of TCP's handshake that were seen.
    fn shaken(&self) -> impl Iterator<Item = (&'static str, &Segment)> {
        let segments = &self.case.capture.segments;
        let find =
            |flags: u8| segments.iter().find(move |s| s.flags & (Segment::SYN | Segment::ACK) == flags);
        let syn = find(Segment::SYN).map(|segment| ("SYN", segment));
        let answer = find(Segment::SYN | Segment::ACK).map(|segment| ("SYN-ACK", segment));
        let ack = answer.and_then(|(_, answer)| {
            let behind = |s: &&Segment| s.direction != answer.direction && s.at >= answer.at;
            let ack = segments.iter().filter(behind).find(|s| s.has(Segment::ACK) && !s.has(Segment::SYN));
            ack.map(|segment| ("ACK", segment))
        });
        [syn, answer, ack].into_iter().flatten()
    }
}

fn sender(direction: Direction) -> Party {
    match direction {
        Direction::Client => Party::Client,
        Direction::Server => Party::Server,
    }
}

/// No more and no longer ones than a diagram has room for.
fn lines(lines: &[Line]) -> Vec<Line> {
    let short = |line: &Line| Line { text: cut(&line.text, Arrow::COLUMNS, "…"), ..line.clone() };
    lines.iter().filter(|line| !line.text.is_empty()).take(Arrow::LINES).map(short).collect()
}

fn worst(lines: &[Line]) -> Tone {
    let rank = |tone: &Tone| match tone {
        Tone::Plain | Tone::Quiet => 0,
        Tone::Warning => 1,
        Tone::Bad => 2,
    };
    lines.iter().map(|line| line.tone).max_by_key(rank).filter(|tone| rank(tone) > 0).unwrap_or_default()
}

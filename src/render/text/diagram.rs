//! `--diagram`: a connection as a sequence diagram of box characters.

use std::time::Duration;

use super::canvas::Row;
use super::screen::{Screen, Style, width, wrap};
use super::timeline;
use crate::finding::{Case, Verdict};
use crate::report::notes::Notes;
use crate::report::rows::{Line, Tone};
use crate::report::sequence::{Arrow, Failure, Item, Kind, Lifeline, Party, Protection, Sequence, Sort};
use crate::trace::Kind as MessageKind;
use crate::wire::Direction;

/// Column of the client's lifeline; the time stands before it.
const LEFT: usize = 10;
/// Columns that it takes at most: arrows are followed by eye.
const WIDEST: usize = 120;

/// Draws a connection; there is none where a chain from files is judged.
pub(super) fn write(
    screen: &mut Screen<'_>,
    case: &Case<'_>,
    verdict: &Verdict,
    number: Option<usize>,
    notes: &mut Notes,
) {
    let notes = Some(notes).filter(|_| screen.settings.annotate);
    let Some(sequence) = Sequence::of(case, verdict, number, notes) else { return };
    timeline::title(screen, case, number);
    let drawing = Drawing::of(screen, &sequence);
    drawing.legend(screen);
    drawing.head(screen, &sequence.lifelines);
    for item in &sequence.items {
        if !screen.goes_on() {
            return;
        }
        if let Some(pause) = sequence.pause(item) {
            drawing.pause(screen, pause);
        }
        drawing.item(screen, item);
        if !matches!(item.kind, Kind::Keys(_)) {
            screen.step();
        }
    }
    let mut row = Row::new(screen.width());
    for at in &drawing.columns {
        row.put(*at, drawing.ink.foot, Style::Dim);
    }
    row.write(screen);
}

/// What is drawn with, in a locale of UTF-8 and in one of ASCII.
struct Ink {
    life: &'static str,
    pause: &'static str,
    foot: &'static str,
    /// Where an arrow leaves its lifeline: to the right, to the left.
    leaves: [&'static str; 2],
    crosses: &'static str,
    clear: char,
    encrypted: char,
    keys: char,
    failed: char,
    heads: [&'static str; 2],
    lost: &'static str,
    more: &'static str,
}

const UNICODE: Ink = Ink {
    life: "│",
    pause: "┊",
    foot: "┴",
    leaves: ["├", "┤"],
    crosses: "┼",
    clear: '─',
    encrypted: '═',
    keys: '╌',
    failed: '━',
    heads: [">", "<"],
    lost: "✗",
    more: "…",
};

const ASCII: Ink = Ink {
    life: "|",
    pause: ":",
    foot: "+",
    leaves: ["+", "+"],
    crosses: "+",
    clear: '-',
    encrypted: '=',
    keys: '.',
    failed: '*',
    heads: [">", "<"],
    lost: "X",
    more: "...",
};

struct Drawing {
    ink: &'static Ink,
    /// Of the lifelines, from left to right.
    columns: Vec<usize>,
    parties: Vec<Party>,
}

impl Drawing {
    fn of(screen: &Screen<'_>, sequence: &Sequence) -> Drawing {
        let right = screen.width().min(WIDEST) - 2;
        let columns = match sequence.lifelines.len() {
            3 => vec![LEFT, LEFT + (right - LEFT) / 2, right],
            _ => vec![LEFT, right],
        };
        let ink = if screen.settings.unicode { &UNICODE } else { &ASCII };
        Drawing { ink, columns, parties: sequence.lifelines.iter().map(|line| line.party).collect() }
    }

    fn column(&self, party: Party) -> usize {
        let place = self.parties.iter().position(|other| *other == party);
        place.and_then(|place| self.columns.get(place)).or(self.columns.last()).copied().unwrap_or(LEFT)
    }

    fn right(&self) -> usize {
        self.columns.last().copied().unwrap_or(LEFT)
    }

    /// Only lifelines.
    fn row(&self, screen: &Screen<'_>) -> Row {
        let mut row = Row::new(screen.width());
        for at in &self.columns {
            row.put(*at, self.ink.life, Style::Dim);
        }
        row
    }

    fn timed(&self, screen: &Screen<'_>, at: Option<Duration>) -> Row {
        let mut row = self.row(screen);
        if let Some(at) = at {
            row.put(0, &format!("{:7.1}", at.as_secs_f64() * 1000.0), Style::Dim);
        }
        row
    }

    fn legend(&self, screen: &mut Screen<'_>) {
        let (clear, encrypted) =
            (self.ink.clear.to_string().repeat(2), self.ink.encrypted.to_string().repeat(2));
        let legend = format!("     ms   {clear}> in the clear   {encrypted}> encrypted   # = record");
        let legend = screen.paint(Style::Dim, &legend);
        screen.line(&legend);
    }

    /// Roles, and names below them.
    fn head(&self, screen: &mut Screen<'_>, lifelines: &[Lifeline]) {
        let room = (self.right() + 2 - LEFT) / lifelines.len().max(2) - 1;
        let texts: [fn(&Lifeline) -> &str; 2] = [|line| line.role, |line| &line.name];
        for (text, style) in texts.into_iter().zip([Style::Bold, Style::Dim]) {
            let mut row = Row::new(screen.width());
            for (lifeline, at) in lifelines.iter().zip(&self.columns) {
                let text = screen.cut(&screen.shown(&screen.told(text(lifeline))), room);
                let from = match lifeline.party {
                    Party::Client => *at,
                    Party::Proxy => at.saturating_sub(width(&text) / 2),
                    Party::Server => (self.right() + 2).saturating_sub(width(&text)),
                };
                row.put(from, &text, style);
            }
            row.write(screen);
        }
    }

    fn item(&self, screen: &mut Screen<'_>, item: &Item) {
        match &item.kind {
            Kind::Arrow(arrow) => self.arrow(screen, item, arrow),
            Kind::Keys(keys) => self.banner(screen, None, &keys.text, self.ink.keys, Style::Good),
            Kind::Remark(remark) => {
                let text = match remark.text.as_str() {
                    "" => remark.title.clone().into_owned(),
                    text => format!("{}: {text}", remark.title),
                };
                self.centred(screen, item.at, &text, remark.tone.into());
            }
            Kind::Failure(failure) => self.failure(screen, item.at, failure),
            Kind::LeftOut(count) => {
                let text = format!("{} {count} more {}", self.ink.more, self.ink.more);
                self.centred(screen, item.at, &text, Style::Dim);
            }
        }
        for note in &item.notes {
            let text = match note.about {
                Some(about) => format!("{about}: {}", note.text),
                None => note.text.clone(),
            };
            for line in wrap(&screen.shown(&screen.told(&text)), self.right() - LEFT - 6) {
                let mut row = self.row(screen);
                row.put(LEFT + 3, &line, Style::Dim);
                row.write(screen);
            }
        }
    }

    fn arrow(&self, screen: &mut Screen<'_>, item: &Item, arrow: &Arrow) {
        let (from, to) = (self.column(arrow.from), self.column(arrow.to));
        let (left, right) = (from.min(to), from.max(to));
        let rightwards = from < to;
        let style = match (arrow.failed || arrow.tone == Tone::Bad, arrow.direction()) {
            (true, _) => Style::Bad,
            (_, Direction::Client) => Style::Client,
            (_, Direction::Server) => Style::Server,
        };
        let line = if arrow.protection == Protection::Clear { self.ink.clear } else { self.ink.encrypted };
        let mut row = self.timed(screen, item.at);
        // What is lost does not get there.
        let (first, last) = match (arrow.lost, rightwards) {
            (false, _) => (left + 1, right),
            (true, true) => (left + 1, right - (right - left) / 5),
            (true, false) => (left + 1 + (right - left) / 5, right),
        };
        row.fill(first, last, line, style);
        for at in self.columns.iter().filter(|at| (first..last).contains(*at)) {
            row.put(*at, self.ink.crosses, style);
        }
        row.put(from, self.ink.leaves[usize::from(!rightwards)], style);
        let head = if arrow.lost { self.ink.lost } else { self.ink.heads[usize::from(!rightwards)] };
        row.put(if rightwards { last - 1 } else { first }, head, style);
        let label =
            screen.cut(&format!(" {} ", screen.shown(&screen.told(&self.label(arrow)))), last - first - 6);
        let record = records(arrow);
        let free = last - first > width(&label) + width(&record) + 8;
        let bold = if style == Style::Bad { Style::Bad } else { Style::Bold };
        if rightwards {
            row.put(left + 3, &label, bold);
            if free {
                row.put(last - 3 - width(&record), &record, Style::Dim);
            }
        } else {
            row.put(right - 2 - width(&label), &label, bold);
            if free {
                row.put(first + 3, &record, Style::Dim);
            }
        }
        row.write(screen);
        self.said(screen, arrow, left, right);
    }

    /// Under an arrow, at its sender's side.
    fn said(&self, screen: &mut Screen<'_>, arrow: &Arrow, left: usize, right: usize) {
        let text = |line: &Line| match line.mark {
            Some(mark) => format!("{} {}", screen.sign(mark), line.text),
            None => line.text.clone(),
        };
        let room = (right - left).saturating_sub(10).max(16);
        let rows: Vec<(String, Style)> = arrow
            .brief()
            .flat_map(|line| {
                let style: Style = line.tone.into();
                wrap(&screen.shown(&screen.told(&text(line))), room)
                    .into_iter()
                    .take(3)
                    .map(move |text| (text, style))
            })
            .take(6)
            .collect();
        for (text, style) in rows {
            let mut row = self.row(screen);
            let at = match arrow.direction() {
                Direction::Client => left + 5,
                Direction::Server => (right - 4).saturating_sub(width(&text)),
            };
            row.put(at, &text, style);
            row.write(screen);
        }
    }

    fn label(&self, arrow: &Arrow) -> String {
        let data = matches!(
            arrow.sort,
            Sort::Message(MessageKind::ApplicationData | MessageKind::Sealed) | Sort::Bytes
        );
        match arrow.bytes.filter(|_| data) {
            Some(bytes) => format!("{} · {bytes} B", arrow.label()),
            None => arrow.label(),
        }
    }

    /// The point of failure: a bar over all lifelines, and what is known below it.
    fn failure(&self, screen: &mut Screen<'_>, at: Option<Duration>, failure: &Failure) {
        let sign = screen.sign(crate::report::rows::Mark::Fails);
        let text = format!("{sign} {} · {}", failure.word, failure.text);
        self.banner(screen, at, &text, self.ink.failed, Style::Bad);
        for more in failure.who.iter().chain(&failure.cause) {
            self.centred(screen, None, more, Style::Plain);
        }
    }

    /// A text in a line over all lifelines.
    fn banner(&self, screen: &mut Screen<'_>, at: Option<Duration>, text: &str, ink: char, style: Style) {
        let lines = wrap(&screen.shown(&screen.told(text)), self.right() - LEFT - 7);
        for line in lines {
            let mut row = self.timed(screen, at);
            row.fill(LEFT + 1, self.right(), ink, style);
            for column in &self.columns {
                let end = [(LEFT, self.ink.leaves[0]), (self.right(), self.ink.leaves[1])];
                let end = end.iter().find(|(at, _)| at == column);
                row.put(*column, end.map_or(self.ink.crosses, |(_, ink)| ink), style);
            }
            let text = format!(" {line} ");
            row.put(self.middle(&text), &text, style);
            row.write(screen);
        }
    }

    /// A text between the lifelines.
    fn centred(&self, screen: &mut Screen<'_>, at: Option<Duration>, text: &str, style: Style) {
        let mut at = at;
        for line in wrap(&screen.shown(&screen.told(text)), self.right() - LEFT - 5) {
            let mut row = self.timed(screen, at.take());
            row.put(self.middle(&line), &line, style);
            row.write(screen);
        }
    }

    fn middle(&self, text: &str) -> usize {
        let room = self.right() - LEFT - 1;
        LEFT + 1 + room.saturating_sub(width(text)) / 2
    }

    fn pause(&self, screen: &mut Screen<'_>, pause: Duration) {
        let mut row = Row::new(screen.width());
        for at in &self.columns {
            row.put(*at, self.ink.pause, Style::Dim);
        }
        let text = format!("{:.1} ms", pause.as_secs_f64() * 1000.0);
        row.put(self.middle(&text), &text, Style::Dim);
        row.write(screen);
    }
}

/// ` #4 `, or ` #2-4 ` if it spans records.
fn records(arrow: &Arrow) -> String {
    match arrow.records {
        Some((first, last)) if first != last => format!(" #{first}-{last} "),
        Some((first, _)) => format!(" #{first} "),
        None => String::new(),
    }
}

//! The sequence diagram as SVG: by itself, and within a page.
//!
//! Times run downwards: what lies between two arrows is drawn to scale, beyond the room that each needs; a pause that is
//! too long for that is a break in the lifelines, with its length beside it.

mod layout;

use std::borrow::Cow;
use std::io::{self, Write};

use maud::{Markup, PreEscaped, html};

use super::plain::steady;
use super::{Document, Format, Settings, Several};
use crate::report::Report;
use crate::report::many::Untraced;
use crate::report::rows::{Mark, Tone};
use crate::report::sequence::{Arrow, End, Failure, Kind, Party, Protection, Sequence};
use crate::wire::text::{cut, escape, width};
use layout::{Layout, Placed};

/// `--format svg`
pub const FORMAT: Format = Format {
    name: "svg",
    about: "the sequence diagram as a picture",
    suffix: "svg",
    several: Several::Document,
    begin: || Box::new(Picture::default()),
};

/// The colours, for light and dark; a page with diagrams in it needs them too.
pub const STYLE: &str = include_str!("style.css");

/// What is where from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    width: usize,
    /// Where times end.
    time: usize,
    /// The first and the last lifeline.
    first: usize,
    last: usize,
    /// Columns of a name at the head of a lifeline.
    name: usize,
}

const WIDE: Frame = Frame { width: 800, time: 66, first: 104, last: 696, name: 30 };
/// For a phone: without the column of sizes and records.
const NARROW: Frame = Frame { width: 360, time: 38, first: 48, last: 350, name: 21 };

impl Frame {
    fn middle(self) -> usize {
        (self.first + self.last) / 2
    }

    /// Columns of text between the lifelines.
    fn columns(self) -> usize {
        (self.last - self.first) / 7
    }
}

/// So many connections are drawn one below the other.
const DRAWN: usize = 50;

/// A picture while it is made.
#[derive(Default)]
struct Picture {
    drawn: Vec<Sequence>,
    /// What there is to say of targets without a connection.
    untraced: Vec<String>,
    more: usize,
}

impl Document for Picture {
    fn add(&mut self, report: &Report, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        for (place, judged) in report.connections.iter().enumerate() {
            if judged.capture.role.is_experiment() {
                continue;
            }
            if self.drawn.len() == DRAWN {
                self.more += 1;
                continue;
            }
            let number = report.numbers.get(place).copied().filter(|_| report.count > 1);
            let case = judged.case(&report.question);
            self.drawn.extend(Sequence::of(&case, &judged.verdict, number, None));
        }
        Ok(())
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        match self.untraced.len() < DRAWN {
            true => {
                let line = format!("{} · {} · {}", target.name(), target.outcome.word(), escape(&target.why));
                self.untraced.push(cut(&line, 96, "…"));
            }
            false => self.more += 1,
        }
        Ok(())
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        const HEAD: usize = 34;
        let layouts: Vec<_> = self.drawn.iter().map(Layout::of).collect();
        let heights: usize = layouts.iter().map(|layout| layout.height + HEAD + 24).sum();
        let heights = heights + self.untraced.len() * HEAD;
        let height = heights.max(40) + if self.more > 0 { 30 } else { 0 };
        let mut y = 0;
        let picture = html! {
            svg xmlns="http://www.w3.org/2000/svg" class="seq" role="img" aria-label="TLS sequence diagram"
                width=(WIDE.width) height=(height) viewBox={ "0 0 " (WIDE.width) " " (height) } {
                style { (PreEscaped(STYLE)) }
                rect .paper width=(WIDE.width) height=(height) {}
                @if self.drawn.is_empty() && self.untraced.is_empty() {
                    text .quiet x=(WIDE.first) y="24" { "There is no connection to draw." }
                }
                @for (sequence, layout) in self.drawn.iter().zip(&layouts) {
                    g transform={ "translate(0 " (y) ")" } {
                        text .title x="16" y="24" { (cut(&title(sequence), 96, "…")) }
                        g transform={ "translate(0 " (HEAD) ")" } { (drawing(WIDE, sequence, layout, None)) }
                    }
                    ({ y += layout.height + HEAD + 24; "" })
                }
                @for line in &self.untraced {
                    text .title x="16" y=(y + 24) { (line) }
                    ({ y += HEAD; "" })
                }
                @if self.more > 0 {
                    text .quiet x=(WIDE.first) y=(y + 16) { (self.more) " more connections are not drawn" }
                }
            }
        };
        out.write_all(steady(&picture.into_string()).as_bytes())?;
        out.write_all(b"\n")
    }
}

fn title(sequence: &Sequence) -> String {
    let number = sequence.number.map(|number| format!("connection {number}: ")).unwrap_or_default();
    let why = sequence.why.as_ref().map(|why| format!(" · {why}")).unwrap_or_default();
    format!("{number}{}{why}", sequence.title)
}

/// The diagram of one connection, for wide windows and for narrow ones: a page shows one of them. With `links` each message
/// links to the element whose id is that and its index.
pub fn diagram(sequence: &Sequence, links: Option<&str>) -> Markup {
    let layout = Layout::of(sequence);
    html! {
        @for (class, frame) in [("seq wide", WIDE), ("seq narrow", NARROW)] {
            svg xmlns="http://www.w3.org/2000/svg" class=(class) role="group"
                aria-label={ "Sequence diagram of " (sequence.title) }
                viewBox={ "0 0 " (frame.width) " " (layout.height) } {
                (drawing(frame, sequence, &layout, links))
            }
        }
    }
}

/// Which colours stand for what, of those that there are.
pub fn legend(sequence: &Sequence) -> Markup {
    let mut used: Vec<Protection> = Vec::new();
    for item in &sequence.items {
        if let Kind::Arrow(arrow) = &item.kind
            && !used.contains(&arrow.protection)
        {
            used.push(arrow.protection);
        }
    }
    html! {
        ul .seq.legend {
            @for protection in &used { li class=(class(*protection)) { (protection.text()) } }
            @if sequence.failure().is_some() { li .failed { "the point of failure" } }
            li .scale { "distances downwards are to scale; a longer pause is a break" }
        }
    }
}

/// The class that a protection is drawn in.
pub fn class(protection: Protection) -> &'static str {
    match protection {
        Protection::Clear => "clear",
        Protection::EarlyData => "early",
        Protection::Handshake => "handshake",
        Protection::Application | Protection::Session => "application",
    }
}

fn drawing(frame: Frame, sequence: &Sequence, layout: &Layout<'_>, links: Option<&str>) -> Markup {
    html! {
        @for band in &layout.bands {
            rect class={ "band " (class(band.protection)) } x=(frame.first) y=(band.from) width=(frame.last - frame.first)
                height=(band.to - band.from) {}
        }
        (lifelines(frame, sequence, layout))
        @for placed in &layout.items { (item(frame, sequence, placed, links)) }
        (last(frame, &sequence.end, layout))
    }
}

/// Where a party's lifeline is.
fn x_of(frame: Frame, sequence: &Sequence, party: Party) -> usize {
    let (place, last) = (sequence.place(party), sequence.lifelines.len().saturating_sub(1).max(1));
    frame.first + (frame.last - frame.first) * place / last
}

fn lifelines(frame: Frame, sequence: &Sequence, layout: &Layout<'_>) -> Markup {
    html! {
        @for line in &sequence.lifelines {
            @let x = x_of(frame, sequence, line.party);
            // A narrow drawing has no room beside its outermost lifelines.
            @let (at, anchor) = match (frame == NARROW, x) {
                (true, x) if x == frame.first => (4, "start"),
                (true, x) if x == frame.last => (frame.width - 4, "end"),
                _ => (x, "middle"),
            };
            @let room = if sequence.lifelines.len() > 2 { frame.name * 2 / 3 } else { frame.name };
            text .role x=(at) y="18" text-anchor=(anchor) { (line.role) }
            text .quiet x=(at) y="34" text-anchor=(anchor) { (cut(&line.name, room, "…")) }
            path .lifeline d=(path(x, layout)) {}
        }
        @for gap in &layout.breaks {
            @let (at, anchor) = if frame == NARROW { (frame.first + 12, "start") } else { (frame.time, "end") };
            text .pause x=(at) y=(gap.at + 15) text-anchor=(anchor) { (gap.words) }
        }
    }
}

/// Down to the end, with a zigzag at each break.
fn path(x: usize, layout: &Layout<'_>) -> String {
    let mut path = format!("M{x} {}", layout::TOP);
    for gap in &layout.breaks {
        path.push_str(&format!("V{}l-5 3l10 5l-10 5l5 3", gap.at + 3));
    }
    path.push_str(&format!("V{}", layout.bottom));
    path
}

/// Milliseconds in five characters, if need be without their fraction or as seconds: a narrow drawing has no room for more.
fn short(at: &str) -> Cow<'_, str> {
    let whole = at.split('.').next().unwrap_or(at);
    match whole.len() {
        ..4 => Cow::Borrowed(at),
        4 | 5 => Cow::Borrowed(whole),
        digits => Cow::Owned(format!("{} s", whole.get(..digits - 3).unwrap_or(whole))),
    }
}

fn item(frame: Frame, sequence: &Sequence, placed: &Placed<'_>, links: Option<&str>) -> Markup {
    let y = placed.y;
    let middle = frame.middle();
    html! {
        @if let Some(at) = &placed.at {
            text .time x=(frame.time) y=(y + 4) text-anchor="end" {
                @if frame == NARROW { (short(at)) } @else { (at) }
            }
        }
        @match &placed.item.kind {
            Kind::Arrow(arrow) => @match (links, placed.message) {
                (Some(prefix), Some(index)) => a href={ "#" (prefix) (index) } { (self::arrow(frame, sequence, arrow, y)) },
                _ => (self::arrow(frame, sequence, arrow, y)),
            },
            Kind::Keys(keys) => {
                path class={ "turn " (class(keys.protection)) } d={ "M" (frame.first) " " (y) "H" (frame.last) } {}
                text class={ "keys " (class(keys.protection)) } x=(middle) y=(y - 5) text-anchor="middle" { (keys.text) }
            },
            Kind::Remark(remark) => {
                text class={ "remark" (tone(remark.tone)) } x=(middle) y=(y + 4) text-anchor="middle" {
                    tspan .strong { (cut(&remark.title, 30, "…")) }
                    " " (cut(&remark.text, frame.columns() - 6, "…"))
                }
            },
            Kind::Failure(failure) => (self::failure(frame, failure, y)),
            Kind::LeftOut(count) => {
                text .quiet x=(middle) y=(y + 4) text-anchor="middle" { "… " (count) " more …" }
            },
        }
    }
}

/// The name above the line, what is said of it below, bytes and records beside it.
fn arrow(frame: Frame, sequence: &Sequence, arrow: &Arrow, y: usize) -> Markup {
    let (from, to) = (x_of(frame, sequence, arrow.from), x_of(frame, sequence, arrow.to));
    let middle = (from + to) / 2;
    let right = from < to;
    // One that was lost ends before it is there.
    let tip = match (arrow.lost, right) {
        (false, _) => to,
        (true, true) => to - 60,
        (true, false) => to + 60,
    };
    let (base, back) = if right { (tip - 9, -9) } else { (tip + 9, 9) };
    let columns = from.abs_diff(to) / 7;
    let bad = arrow.failed || arrow.tone == Tone::Bad;
    let class = format!("arrow {}{}", class(arrow.protection), if bad { " failed" } else { "" });
    let said = said(arrow);
    html! {
        g class=(class) {
            path .line d={ "M" (from) " " (y) "H" (base) } {}
            @if arrow.lost {
                path .cross d={ "M" (tip - 5) " " (y - 5) "l10 10m0 -10l-10 10" } {}
            } @else {
                path .head d={ "M" (tip) " " (y) "l" (back) " -5v10z" } {}
            }
            text .name x=(middle) y=(y - 6) text-anchor="middle" {
                @if arrow.failed { "✗ " }
                (cut(&arrow.label(), columns, "…"))
            }
            @if let Some(said) = said {
                text .said x=(middle) y=(y + 14) text-anchor="middle" { (cut(&said, columns, "…")) }
            }
            @if let Some(bytes) = arrow.bytes.filter(|_| frame == WIDE) { text .size x=(frame.last + 12) y=(y + 4) { (bytes) " B" } }
            @if let Some((first, last)) = arrow.records.filter(|_| frame == WIDE) {
                text .size x=(frame.last + 12) y=(y + 17) {
                    "#" (first)
                    @if first != last { "–" (last) }
                }
            }
        }
    }
}

/// The first line of what is said of an arrow; with its mark.
fn said(arrow: &Arrow) -> Option<String> {
    let line = arrow.brief().next()?;
    let sign = match line.mark {
        Some(Mark::Holds) => "✓ ",
        Some(Mark::Fails) => "✗ ",
        Some(Mark::NotEvaluated) => "– ",
        None => "",
    };
    Some(format!("{sign}{}", line.text)).filter(|said| width(said) > 0)
}

fn failure(frame: Frame, failure: &Failure, y: usize) -> Markup {
    let headline = format!("✗ {} · {}", failure.word, failure.text);
    html! {
        g .failure {
            rect x=(frame.first + 16) y=(y - 14) width=(frame.last - frame.first - 32) height="42" rx="6" {}
            text .strong x=(frame.first + 30) y=(y + 3) { (cut(&headline, frame.columns() * 3 / 4, "…")) }
            text .said x=(frame.first + 30) y=(y + 19) { (cut(&failure.stage, frame.columns(), "…")) }
        }
    }
}

fn last(frame: Frame, end: &End, layout: &Layout<'_>) -> Markup {
    let y = layout.bottom + 22;
    let room = frame.columns().saturating_sub(width(end.word) * 5 / 4 + 3);
    let fits = |text: &&String| width(text) <= room;
    let text = end.texts.iter().find(fits).or(end.texts.last()).map(String::as_str).unwrap_or_default();
    let class = if end.exit_code == 0 { "end good" } else { "end wrong" };
    html! {
        text class=(class) x=(frame.middle()) y=(y) text-anchor="middle" {
            tspan .strong { (end.word) } " · " (cut(text, room, "…"))
        }
    }
}

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => " wrong",
        Tone::Warning => " warning",
        Tone::Plain | Tone::Quiet => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_drawing_has_short_times() {
        for (at, shown) in [
            ("0.0", "0.0"),
            ("999.9", "999.9"),
            ("2000.8", "2000"),
            ("60000.1", "60000"),
            ("100000.0", "100 s"),
            ("3600000.4", "3600 s"),
        ] {
            assert_eq!(short(at), shown);
        }
    }
}

//! The timeline: a row a step.

use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;

use super::screen::{Screen, Style, width, wrap, wrap_behind};
use super::{detail, fields};
use crate::finding::Case;
use crate::report::notes::{Note, Notes};
use crate::report::rows::{Line, Row, What};
use crate::report::timeline;
use crate::wire::Direction;

/// Column of a step's name, and of what is said about it.
const NAME: usize = 13;
const DETAIL: usize = 33;
/// Below so many columns what is said about a step stands under its name.
const NARROW: usize = 72;

/// The column of what is said about a step.
fn column(screen: &Screen<'_>) -> usize {
    if screen.width() < NARROW { NAME + 2 } else { DETAIL }
}

pub(super) fn write(screen: &mut Screen<'_>, case: &Case<'_>, number: Option<usize>, notes: &mut Notes) {
    header(screen, case, number);
    for row in timeline::rows(case, detail(screen.settings)) {
        if !screen.goes_on() {
            return;
        }
        self::row(screen, &row);
        if screen.settings.annotate {
            for note in notes.under(case, &row) {
                self::note(screen, &note);
            }
        }
        if let What::Message(index) = row.what
            && let Some(message) = case.trace().messages.get(index)
        {
            fields::write(screen, case.trace(), message);
        }
        // New keys are said with the first message that has them.
        if !matches!(row.what, What::Keys(_)) {
            screen.step();
        }
    }
}

fn header(screen: &mut Screen<'_>, case: &Case<'_>, number: Option<usize>) {
    title(screen, case, number);
    let (lock, marks) = match screen.settings.unicode {
        true => ("● encrypted", "✓ holds  ✗ fails  – not evaluated"),
        false => ("* encrypted ", "ok, FAIL, n/a: not evaluated"),
    };
    let head = format!("     ms      step (# = record)   {lock}");
    let lines = match width(&head) + 2 + width(marks) <= screen.width() {
        true => vec![format!("{head}  {marks}")],
        false => vec![head, format!("{:>width$}", marks, width = screen.width().min(DETAIL + width(marks)))],
    };
    for line in lines {
        let line = screen.paint(Style::Dim, &line);
        screen.line(&line);
    }
}

/// Which connection it is, and when it was made.
pub(super) fn title(screen: &mut Screen<'_>, case: &Case<'_>, number: Option<usize>) {
    let mut title = timeline::title(case);
    if let Some(number) = number {
        title = format!("connection {number}: {title}");
    }
    let at = OffsetDateTime::from(case.capture.began)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"))
        .unwrap_or_default();
    screen.ends(&title, &at);
    if let Some(why) = timeline::why(case) {
        screen.wrapped("  ", 2, Style::Dim, &why);
    }
    if !case.question.again.is_empty() {
        let with = case.question.again.join(" ");
        screen.wrapped("", 2, Style::Plain, &format!("saved trace, verified again with {with}"));
    }
}

fn row(screen: &mut Screen<'_>, row: &Row) {
    if let What::Keys(_) = row.what {
        return screen.wrapped(&" ".repeat(NAME), NAME, Style::Dim, &format!("── {} ──", row.title));
    }
    let narrow = column(screen) < DETAIL;
    let beside = if narrow { None } else { row.lines.first() };
    first(screen, row, beside.unwrap_or(&Line::default()));
    for line in row.lines.iter().skip(usize::from(!narrow)) {
        let text = match line.mark {
            Some(mark) => format!("{} {}", screen.sign(mark), line.text),
            None => line.text.clone(),
        };
        let label = line.label.unwrap_or_default();
        // A word that is too long for its column begins further left, and so does the line if it then is whole.
        let first = if label.is_empty() { NAME + 4 } else { NAME + width(label) + 2 };
        let longest = text.split(' ').map(width).max().unwrap_or(0);
        let usual = column(screen).max(if label.is_empty() { 0 } else { first });
        let (room, all) = (screen.width() - usual, width(&text));
        let wanted = match longest {
            word if word > room => word,
            word if word > 24 && all > room && all + first <= screen.width() => all,
            _ => 0,
        };
        let column = screen.width().saturating_sub(wanted).clamp(first.min(usual), usual);
        let fill = column - NAME - width(label);
        let lead = format!("{:NAME$}{}{:fill$}", "", screen.paint(Style::Dim, label), "");
        screen.wrapped(&lead, column, line.tone.into(), &text);
    }
}

/// Time, direction, lock, name and the first line of what is said about it; records at the right edge.
fn first(screen: &mut Screen<'_>, row: &Row, line: &Line) {
    let at =
        row.at.map_or_else(|| " ".repeat(7), |at: Duration| format!("{:7.1}", at.as_secs_f64() * 1000.0));
    let unicode = screen.settings.unicode;
    let (arrow, style) = match row.direction {
        Some(Direction::Client) => (if unicode { "→ " } else { "->" }, Style::Client),
        Some(Direction::Server) => (if unicode { "← " } else { "<-" }, Style::Server),
        None => ("  ", Style::Plain),
    };
    let lock = match (row.encrypted, unicode) {
        (true, true) => "●",
        (true, false) => "*",
        (false, _) => " ",
    };
    let times = if row.times > 1 { format!(" ×{}", row.times) } else { String::new() };
    let name = format!("{}{times}", row.title);
    let room = DETAIL - NAME;
    let mut lead = format!(
        "{}  {}{} {}",
        screen.paint(Style::Dim, &at),
        screen.paint(style, arrow),
        screen.paint(Style::Good, lock),
        screen.paint(Style::Bold, &format!("{name:<room$}"))
    );
    // A name that is longer than its column takes room from the first line, and so does a mark.
    let mut taken = 0;
    if width(&name) >= room {
        lead.push_str("  ");
        taken = width(&name) + 2 - room;
    }
    if let Some(mark) = line.mark {
        lead.push_str(&format!("{} ", screen.bare_mark(mark)));
        taken += width(screen.sign(mark)) + 1;
    }
    let records = records(row);
    let edge = screen.width() - if records.is_empty() { 0 } else { records.len() + 1 };
    let mut lines =
        wrap_behind(&screen.shown(&line.text), taken, edge.saturating_sub(DETAIL).max(16)).into_iter();
    let first = lines.next().unwrap_or_default();
    let fill = (screen.width() - DETAIL).saturating_sub(taken + width(&first) + records.len());
    let tag = screen.paint(Style::Dim, &records);
    screen.line(&format!("{lead}{first}{:fill$}{tag}", ""));
    for line in lines {
        screen.line(&format!("{:DETAIL$}{line}", ""));
    }
}

/// `#4`, or `#2-4` if the message spans records.
fn records(row: &Row) -> String {
    match row.records {
        Some((first, last)) if first != last => format!("#{first}-{last}"),
        Some((first, _)) => format!("#{first}"),
        None => String::new(),
    }
}

fn note(screen: &mut Screen<'_>, note: &Note) {
    let Some(about) = note.about else {
        return screen.wrapped(&" ".repeat(NAME), NAME, Style::Dim, &note.text);
    };
    let lead = format!("{:NAME$}{}: ", "", screen.paint(Style::Bold, about));
    let behind = NAME + width(about) + 2;
    // The first line begins behind the name, the others stand under it.
    let text = format!("{}{}", "\u{a0}".repeat(behind - NAME), note.text);
    let lines = wrap(&text, screen.width() - NAME);
    for (i, line) in lines.iter().enumerate() {
        let line = line.trim_start_matches('\u{a0}');
        let line = screen.paint(Style::Dim, line);
        match i {
            0 => screen.line(&format!("{lead}{line}")),
            _ => screen.line(&format!("{:NAME$}{line}", "")),
        }
    }
}

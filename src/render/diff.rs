//! Two handshakes side by side, as a person reads it: groups of what differs, with `-v` message by message.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::macros::format_description;

use super::Settings;
use super::text::screen::{Screen, Style, width, wrap};
use crate::finding::summary::counted;
use crate::report::diff::{About, Diff, Difference, Entry, Group, Here, Likeness, Names, Pair, Seen};
use crate::report::verdict::command;
use crate::wire::Direction;
use crate::wire::text::{escape, escape_again};

/// Column of the values, where the name leaves room.
const COLUMN: usize = 24;

/// Of a message so many fields are shown; JSON has more.
const FIELDS: usize = 200;

const SIDES: [&str; 2] = ["A", "B"];

/// The whole.
pub fn text(diff: &Diff, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(settings, out);
    if settings.quiet {
        last_line(&mut screen, diff);
        return screen.finish();
    }
    for (name, about) in SIDES.iter().zip(&diff.about) {
        side(&mut screen, name, about);
        let offers = diff.groups.iter().any(|group| group.name == "offer" && group.differs());
        if offers && !about.command.is_empty() {
            let command = escape_again(&command(&about.command));
            screen.wrapped("   ", 3, Style::Dim, &format!("recorded with: tls-trace {command}"));
        }
    }
    screen.gap();
    for group in &diff.groups {
        self::group(&mut screen, group, diff);
    }
    timing(&mut screen, diff);
    if !diff.fresh.is_empty() {
        screen.gap();
        let what: Vec<String> = diff
            .fresh
            .iter()
            .map(|(what, n)| if *n > 1 { format!("{what} ({n} fields)") } else { (*what).to_owned() })
            .collect();
        let words = format!("not compared, since every handshake has its own: {}", what.join(", "));
        screen.wrapped("", 0, Style::Dim, &words);
    }
    if settings.verbosity > 0 {
        messages(&mut screen, diff);
    }
    screen.gap();
    last_line(&mut screen, diff);
    screen.finish()
}

/// `A  saved.json`, and what it is.
fn side(screen: &mut Screen<'_>, name: &str, about: &About) {
    let lead = format!("{}  ", screen.paint(Style::Bold, name));
    screen.wrapped(&lead, 3, Style::Bold, &about.input);
    let mut parts = Vec::new();
    match about.kind {
        "live" => parts.push("now".to_owned()),
        "saved" => parts.push(format!("saved, recorded {}", moment(about.began))),
        "capture" => parts.push(format!("captured {}", moment(about.began))),
        _ => parts.push("bytes from a file".to_owned()),
    }
    let target = about.input.split('#').next().is_none_or(|input| input != about.target);
    match &about.address {
        Some(address) if target && !about.target.is_empty() => {
            parts.push(format!("{} at {address}", about.target));
        }
        Some(address) => parts.push(address.clone()),
        None if target && !about.target.is_empty() => parts.push(about.target.clone()),
        None => {}
    }
    screen.wrapped("   ", 3, Style::Dim, &parts.join(" · "));
    let style = if matches!(about.exit_code, 0) { Style::Good } else { Style::Bad };
    screen.wrapped("   ", 3, style, &about.summary);
}

fn moment(at: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from(at).format(format).unwrap_or_default()
}

fn group(screen: &mut Screen<'_>, group: &Group, diff: &Diff) {
    let title = format!("{:<13}", group.name);
    let count = group.entries.iter().filter(|entry| entry.differs()).count() + group.more;
    let open = group.entries.iter().filter(|entry| !entry.differs()).count();
    let mut words = match (count, open) {
        (0, 0) if group.not_compared.is_some() => {
            format!("not compared: {}", group.not_compared.unwrap_or_default())
        }
        (0, 0) => "the same".to_owned(),
        (0, open) => format!("{} known of one side only", counted(open, "thing")),
        (count, 0) => counted(count, "difference"),
        (count, open) => format!("{}, {open} known of one side only", counted(count, "difference")),
    };
    if count + open == 0 && group.name == "verdict" {
        words = format!("the same: {}", diff.about[0].outcome);
    }
    let style = match (count, open) {
        (0, 0) => Style::Dim,
        (0, _) => Style::Warn,
        _ => Style::Bad,
    };
    let title = screen.paint(Style::Bold, &title);
    screen.wrapped(&title, 13, style, &words);
    for entry in &group.entries {
        self::entry(screen, entry);
    }
    if group.more > 0 {
        screen.line(&screen.paint(Style::Dim, &format!("  and {} more", group.more)));
    }
}

fn entry(screen: &mut Screen<'_>, entry: &Entry) {
    let rows = match &entry.list {
        Some(list) if entry.differs() => of_list(list, &entry.sides),
        _ => {
            SIDES.iter().zip(&entry.sides).map(|(side, seen)| ((*side).to_owned(), seen_text(seen))).collect()
        }
    };
    labelled(screen, 2, &entry.name, &rows);
}

/// What only one side has; both lists whole where that would say nothing.
fn of_list(list: &Names, sides: &[Seen; 2]) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for (side, name) in SIDES.iter().enumerate() {
        if !list.only[side].is_empty() {
            let more =
                if list.more[side] > 0 { format!(", and {} more", list.more[side]) } else { String::new() };
            let names: Vec<String> = list.only[side].iter().map(|one| escape_again(one)).collect();
            rows.push((format!("only in {name}"), format!("{}{more}", names.join(", "))));
        }
    }
    if list.reordered && rows.is_empty() {
        let whole = SIDES.iter().zip(sides).map(|(side, seen)| ((*side).to_owned(), seen_text(seen)));
        rows.extend(whole);
        rows.push(("".into(), "the same, in another order".into()));
    } else if list.reordered {
        rows.push(("".into(), "the others stand in another order".into()));
    }
    rows
}

fn seen_text(seen: &Seen) -> String {
    match seen {
        Seen::Is(text) => text.clone(),
        Seen::Absent => "none".to_owned(),
        Seen::Unknown => "not known: it was not seen".to_owned(),
    }
}

/// A name, and rows behind it; below it, where it is long.
fn labelled(screen: &mut Screen<'_>, indent: usize, name: &str, rows: &[(String, String)]) {
    let beside = indent + width(name) + 2 <= COLUMN;
    if !beside {
        screen.wrapped(&" ".repeat(indent), indent, Style::Plain, name);
    }
    for (place, (label, text)) in rows.iter().enumerate() {
        let head = if beside && place == 0 { name } else { "" };
        let fill = COLUMN - indent - width(head);
        let label = if label.is_empty() { String::new() } else { format!("{label}  ") };
        let lead = format!("{:indent$}{head}{:fill$}{}", "", "", screen.paint(Style::Dim, &label));
        screen.wrapped(&lead, COLUMN + width(&label), Style::Plain, text);
    }
}

fn timing(screen: &mut Screen<'_>, diff: &Diff) {
    let known: Vec<_> = diff.timing.iter().filter(|(_, times)| times.iter().any(Option::is_some)).collect();
    if known.is_empty() {
        return;
    }
    let title = screen.paint(Style::Bold, &format!("{:<13}", "timing"));
    screen.wrapped(&title, 13, Style::Dim, "never counts");
    for (name, times) in known {
        let [a, b] = times.map(|time| time.map_or_else(|| "-".to_owned(), ms));
        let fill = COLUMN - 2 - name.len();
        let line = format!("  {name}{:fill$}A {a:>10}   B {b:>10}", "");
        screen.line(&line);
    }
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn messages(screen: &mut Screen<'_>, diff: &Diff) {
    screen.gap();
    let title = screen.paint(Style::Bold, "message by message: the bytes of each message that differ");
    screen.line(&title);
    if diff.messages.is_empty() {
        screen.line("  all messages are equal, byte for byte");
    }
    for pair in &diff.messages {
        if !screen.goes_on() {
            return;
        }
        message(screen, pair);
    }
    if diff.more_messages > 0 {
        screen.line(&format!("  and {} that differ", counted(diff.more_messages, "more message")));
    }
}

fn message(screen: &mut Screen<'_>, pair: &Pair) {
    let style = if pair.direction == Direction::Client { Style::Client } else { Style::Server };
    let arrow = if pair.direction == Direction::Client { "→" } else { "←" };
    let number = if pair.number > 1 { format!(" #{}", pair.number) } else { String::new() };
    let form = if pair.derived { ", decrypted or decompressed" } else { "" };
    let name = screen.paint(style, &format!("{arrow} {}{number}", escape(&pair.name)));
    let which = match pair.index {
        [Some(_), Some(_)] => form.to_owned(),
        [Some(_), None] => "  only in A".to_owned(),
        [None, _] => "  only in B".to_owned(),
    };
    let why = match pair.index {
        [Some(_), Some(_)] => "",
        _ if pair.unseen => ": the other side has records that could not be decrypted",
        _ if !pair.counts => ": it came after the handshake, which is no difference of it",
        _ => "",
    };
    screen.line(&format!("{name}{which}{why}"));
    for field in pair.differences.fields.iter().take(FIELDS) {
        self::field(screen, field);
    }
    let more = pair.differences.fields.len().saturating_sub(FIELDS) + pair.differences.more;
    if more > 0 {
        screen.line(&screen.paint(Style::Dim, &format!("    and {}", counted(more, "more field"))));
    }
}

fn field(screen: &mut Screen<'_>, field: &Difference) {
    let path = field.path.join(".");
    let path = if path.is_empty() { "message".to_owned() } else { path };
    match field.fresh {
        Some(what) => {
            screen.wrapped("    ", 4, Style::Dim, &format!("{path} · not compared: {what}"));
        }
        None => screen.wrapped("    ", 4, Style::Plain, &path),
    }
    for (side, here) in SIDES.iter().zip(&field.sides) {
        let (place, text) = match here {
            Some(here) => (place(here), here.text.as_str()),
            None => ("-".to_owned(), "not there"),
        };
        let lead = format!("      {side}  {place:<11} ");
        let style = if field.fresh.is_some() { Style::Dim } else { Style::Plain };
        screen.wrapped(&screen.paint(Style::Dim, &lead), width(&lead), style, text);
    }
}

/// `6–37`: the first and the last byte.
fn place(here: &Here) -> String {
    match here.range.len() {
        0 => format!("at {}", here.range.start),
        1 => here.range.start.to_string(),
        _ => format!("{}-{}", here.range.start, here.range.end - 1),
    }
}

fn last_line(screen: &mut Screen<'_>, diff: &Diff) {
    let counts: Vec<String> = diff
        .groups
        .iter()
        .filter_map(|group| {
            let count = group.entries.iter().filter(|entry| entry.differs()).count() + group.more;
            (count > 0).then(|| format!("{count} in {}", group.name))
        })
        .collect();
    let (word, style, text) = match diff.result {
        Likeness::Same => {
            ("SAME", Style::Good, "nothing differs but what every handshake has anew".to_owned())
        }
        Likeness::Different => ("DIFFERENT", Style::Bad, counts.join(", ")),
        Likeness::Unevaluated => {
            let open = diff.groups.iter().flat_map(|group| &group.entries);
            let names: Vec<&str> = open.map(|entry| entry.name.as_str()).take(4).collect();
            let words = format!("nothing is known to differ; known of one side only: {}", names.join(", "));
            ("NOT EVALUATED", Style::Warn, words)
        }
        Likeness::Failed => {
            let failed =
                SIDES.iter().zip(&diff.about).filter(|(_, about)| !matches!(about.exit_code, 0 | 1 | 7));
            let words: Vec<String> =
                failed.map(|(side, about)| format!("{side}: {}", about.summary)).collect();
            let words =
                if words.is_empty() { "no handshake to compare".to_owned() } else { words.join("; ") };
            ("FAILED", Style::Bad, words)
        }
    };
    let exit = format!("[exit {}]", diff.exit_code);
    let lead = format!("{}  ", screen.paint(style, word));
    let indent = word.len() + 2;
    let mut lines = wrap(&text, screen.width().saturating_sub(indent).max(16));
    // The exit code stays in one piece.
    match lines.last_mut().filter(|last| indent + width(last) + 1 + exit.len() <= screen.settings.width) {
        Some(last) => *last = format!("{last} {exit}"),
        None => lines.push(exit),
    }
    for (place, line) in lines.iter().enumerate() {
        match place {
            0 => screen.line(&format!("{lead}{line}")),
            _ => screen.line(&format!("{:indent$}{line}", "")),
        }
    }
}

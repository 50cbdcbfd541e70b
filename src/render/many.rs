//! Many targets as a person reads them: a row as each ends, then their groups.

use std::io::{self, Write};

use super::Settings;
use super::text::screen::{Screen, Style};
use crate::finding::Outcome;
use crate::finding::summary::counted;
use crate::report::many::{Group, Row, Summary};
use crate::wire::text::{cut, escape, width};

/// Columns of the outcome's word.
const WORD: usize = 15;

/// Columns of the target, where it fits.
const TARGET: usize = 32;

/// A row: one line where it fits, else two.
pub fn row(row: &Row, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(settings, out);
    let ellipsis = ellipsis(settings);
    let (target, headline) = (escape(&row.target), escape(&row.headline));
    let word = word(&screen, row.outcome);
    let one = WORD + width(&target).max(TARGET) + 2 + width(&headline);
    if one <= settings.width {
        let gap = TARGET.saturating_sub(width(&target));
        screen.line(&format!("{word}{target}{:gap$}  {headline}", ""));
    } else {
        let room = settings.width - WORD;
        screen.line(&format!("{word}{}", cut(&target, room, ellipsis)));
        screen.line(&format!("{:WORD$}{}", "", cut(&headline, room, ellipsis)));
    }
    screen.finish()
}

/// The groups, the worst first, and the last line.
pub fn summary(summary: &Summary, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(settings, out);
    if !settings.quiet && summary.tally.done > 0 {
        screen.gap();
        for group in summary.tally.groups() {
            self::group(&mut screen, group);
        }
        screen.gap();
    }
    last_line(&mut screen, summary);
    screen.finish()
}

fn group(screen: &mut Screen<'_>, group: &Group) {
    const COUNT: usize = 7;
    let settings = screen.settings;
    let word = word(screen, group.outcome);
    let count = format!("{:>COUNT$}  ", group.count);
    let Some(id) = &group.id else {
        let why = if group.exit_code == 0 { String::new() } else { escape(&group.headline) };
        screen.line(format!("{count}{word}{why}").trim_end());
        return;
    };
    let indent = COUNT + 2 + WORD;
    let room = settings.width.saturating_sub(indent);
    let for_example = if group.alike { "" } else { "e.g. " };
    let headline = format!("{id}: {for_example}{}", escape(&group.headline));
    screen.line(&format!("{count}{word}{}", cut(&headline, room, ellipsis(settings))));
    let others = match group.count - group.targets.len() {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    let named = group.targets.iter().map(|target| escape(target)).collect::<Vec<_>>().join(", ");
    let named = cut(&named, room.saturating_sub(others.len()), ellipsis(settings));
    screen.line(&format!("{:indent$}{}", "", screen.paint(Style::Dim, &format!("{named}{others}"))));
}

/// `9 targets: 5 without a fault, 4 with · 2 skipped · 1.2 s [exit 1]`
fn last_line(screen: &mut Screen<'_>, summary: &Summary) {
    let dot = if screen.settings.unicode { " · " } else { ", " };
    let (done, good) = (summary.tally.done, summary.tally.good());
    let mut parts = vec![match done - good {
        0 => counted(done, "target"),
        bad => format!("{}: {good} good, {bad} not", counted(done, "target")),
    }];
    if summary.skipped > 0 {
        parts.push(format!("{} skipped: they have a result", summary.skipped));
    }
    if summary.wrong > 0 {
        parts.push(format!("{} of the list can't be read", counted(summary.wrong, "line")));
    }
    if let Some(why) = summary.stopped {
        let left = summary.left.map_or_else(|| "the rest".to_owned(), |left| left.to_string());
        parts.push(format!("{why}: {left} not checked"));
    }
    parts.push(format!("{:.1} s", summary.took.as_secs_f64()));
    let style = if summary.exit_code == 0 { Style::Good } else { Style::Bad };
    let text = screen.paint(style, &parts.join(dot));
    screen.line(&format!("{text} [exit {}]", summary.exit_code));
}

fn word(screen: &Screen<'_>, outcome: Outcome) -> String {
    let style = match outcome {
        Outcome::Ok => Style::Good,
        Outcome::Unevaluated => Style::Warn,
        _ => Style::Bad,
    };
    let word = outcome.word();
    format!("{}{:gap$}", screen.paint(style, word), "", gap = WORD.saturating_sub(word.len()))
}

fn ellipsis(settings: &Settings) -> &'static str {
    if settings.unicode { "…" } else { "..." }
}

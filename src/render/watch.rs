//! Changes of what is watched, each as a line: for a person, and as JSON.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::macros::format_description;

use super::Settings;
use super::text::screen::{Screen, Style};
use crate::finding::Outcome;
use crate::finding::summary::counted;
use crate::report::watch::{Change, What};
use crate::wire::text::escape;

/// A change, and where and when it was seen.
pub struct Line<'a> {
    pub at: SystemTime,
    /// Which look it was, from 1.
    pub round: usize,
    /// As typed.
    pub target: &'a str,
    pub change: &'a Change,
}

/// How watching ended.
#[derive(Debug, Clone)]
pub struct Summary {
    pub rounds: usize,
    pub changes: usize,
    pub targets: usize,
    pub addresses: usize,
    pub took: Duration,
    /// What was waited for, and whether it came.
    pub until: Option<(String, bool)>,
    /// Why it ended, if not for that.
    pub stopped: Option<&'static str>,
    pub exit_code: u8,
}

/// The time, the target, and what has changed.
pub fn text(line: &Line<'_>, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(settings, out);
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    let at = OffsetDateTime::from(line.at).format(format).unwrap_or_default();
    let change = line.change;
    let address = change.address.as_deref().map(|address| format!(" at {address}")).unwrap_or_default();
    let lead = format!("{}  ", screen.paint(Style::Dim, &at));
    let whom = format!("{}{address}", escape(line.target));
    let style = match (change.what, &change.now) {
        (What::First | What::Verdict, Some(now)) if now.outcome == Outcome::Ok => Style::Good,
        (What::First | What::Verdict, Some(now)) if now.outcome == Outcome::Unevaluated => Style::Warn,
        (What::First | What::Verdict, Some(_)) => Style::Bad,
        (What::Verdict, None) => Style::Good,
        _ => Style::Warn,
    };
    screen.wrapped(&lead, at.len() + 2, Style::Bold, &whom);
    screen.wrapped("    ", 4, style, &change.text);
    screen.finish()
}

/// The last line.
pub fn summary(summary: &Summary, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(settings, out);
    let mut parts = vec![
        counted(summary.rounds, "round"),
        counted(summary.changes, "change"),
        format!("{} at {}", counted(summary.targets, "target"), addresses(summary.addresses)),
    ];
    match &summary.until {
        Some((expr, true)) => parts.push(format!("{} holds at every address", escape(expr))),
        Some((expr, false)) => parts.push(format!("{} does not hold at every address", escape(expr))),
        None => {}
    }
    parts.extend(summary.stopped.map(str::to_owned));
    parts.push(format!("{:.1} s", summary.took.as_secs_f64()));
    let dot = if settings.unicode { " · " } else { ", " };
    let style = if summary.exit_code == 0 { Style::Good } else { Style::Bad };
    screen.wrapped("", 0, style, &format!("{} [exit {}]", parts.join(dot), summary.exit_code));
    screen.finish()
}

fn addresses(n: usize) -> String {
    if n == 1 { "1 address".to_owned() } else { format!("{n} addresses") }
}

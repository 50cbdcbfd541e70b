//! Several connections side by side.

use std::time::Duration;

use super::screen::{Screen, Style, width};
use crate::report::Report;
use crate::report::comparison::{Comparison, Group, Resumption, Spread};
use crate::report::rows::Mark;

/// The summary of `--each-address` and `--repeat`.
pub(super) fn table(screen: &mut Screen<'_>, comparison: &Comparison) {
    screen.gap();
    let many = comparison.groups.iter().map(|group| group.count).sum::<usize>();
    let title = match (many, comparison.differing.as_slice()) {
        (1, _) => "1 connection".to_owned(),
        (many, []) => format!("{many} connections, all the same"),
        (many, differing) => format!("{many} connections; they differ in {}", differing.join(", ")),
    };
    let style = if comparison.differing.is_empty() { Style::Bold } else { Style::Warn };
    let title = screen.paint(style, &title);
    screen.line(&title);
    if !comparison.common.is_empty() {
        let lead = format!("  {}", screen.paint(Style::Dim, "all  "));
        screen.wrapped(&lead, 7, Style::Plain, &comparison.common.join(" · "));
    }
    let labels = comparison.groups.iter().map(|group| width(&group.label)).max().unwrap_or(0);
    for group in &comparison.groups {
        self::group(screen, group, labels);
    }
    spreads(screen, &comparison.spreads);
}

/// A row: mark, address or how many, the time of the handshake, and what is not common to all.
fn group(screen: &mut Screen<'_>, group: &Group, labels: usize) {
    let mark = if group.exit_code == 0 { Mark::Holds } else { Mark::Fails };
    let fill = labels - width(&group.label);
    let time = group.handshake.map(ms).unwrap_or_default();
    let lead = format!("  {} {}{:fill$}  {time:>10}  ", screen.mark(mark), group.label, "");
    let indent = 2 + screen.mark_width() + 1 + labels + 14;
    let style = if group.exit_code == 0 { Style::Plain } else { Style::Bad };
    screen.wrapped(&lead, indent, style, &group.values.join(" · "));
}

fn spreads(screen: &mut Screen<'_>, spreads: &[Spread]) {
    if spreads.is_empty() {
        return;
    }
    let head = format!("  {:<16}{:>11}{:>11}{:>11}{:>11}", "time", "least", "median", "95 %", "most");
    let head = screen.paint(Style::Dim, &head);
    screen.line(&head);
    for spread in spreads {
        let times =
            [spread.least, spread.median, spread.p95, spread.most].map(|time| format!("{:>11}", ms(time)));
        screen.line(&format!("  {:<16}{}", spread.what, times.concat()));
        if !spread.outliers.is_empty() {
            let list: Vec<_> =
                spread.outliers.iter().map(|(label, time)| format!("{label} {}", ms(*time))).collect();
            let lead = format!("    {}", screen.paint(Style::Dim, "outliers  "));
            screen.wrapped(&lead, 14, Style::Warn, &list.join(", "));
        }
    }
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// What `--resume` came to.
pub(super) fn resumption(screen: &mut Screen<'_>, report: &Report) {
    let Some(resumption) = Resumption::of(report) else { return };
    screen.gap();
    let mark = match resumption.accepted {
        Some(true) => Mark::Holds,
        Some(false) => Mark::Fails,
        None => Mark::NotEvaluated,
    };
    let mut lead = format!("resumption  {} ", screen.mark(mark));
    let indent = 13 + screen.mark_width();
    for words in &resumption.words {
        screen.wrapped(&lead, indent, Style::Plain, words);
        lead = " ".repeat(indent);
    }
}

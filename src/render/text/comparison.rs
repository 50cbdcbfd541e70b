//! Several connections side by side.

use super::screen::{Screen, Style, width};
use crate::report::Report;
use crate::report::comparison::{Comparison, Resumption};
use crate::report::rows::Mark;

/// The table of `--each-address` and `--repeat`.
pub(super) fn table(screen: &mut Screen<'_>, comparison: &Comparison) {
    screen.gap();
    let title = match comparison.differing.as_slice() {
        [] => "connections: all alike".to_owned(),
        differing => format!("connections: they differ in {}", differing.join(", ")),
    };
    let style = if comparison.differing.is_empty() { Style::Bold } else { Style::Warn };
    let title = screen.paint(style, &title);
    screen.line(&title);
    // Alike ones need no row each: only what differs is worth a column.
    let shown: Vec<usize> = comparison
        .columns
        .iter()
        .enumerate()
        .filter(|(_, name)| {
            **name == "verdict" || comparison.differing.contains(name) || comparison.rows.len() <= 8
        })
        .map(|(at, _)| at)
        .collect();
    let label_width = comparison.rows.iter().map(|row| width(&row.label)).max().unwrap_or(0);
    let mut widths: Vec<usize> = shown
        .iter()
        .map(|at| {
            comparison
                .rows
                .iter()
                .map(|row| width(&row.values[*at]))
                .chain([width(comparison.columns[*at])])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let used = |widths: &[usize]| {
        4 + screen.mark_width() + label_width + widths.iter().map(|w| w + 2).sum::<usize>() + 9
    };
    while used(&widths) > screen.width() && widths.iter().any(|w| *w > 9) {
        if let Some(widest) = widths.iter_mut().max() {
            *widest -= 1;
        }
    }
    let mut head = format!("  {:mark$} {:label_width$}", "", "", mark = screen.mark_width());
    for (at, w) in shown.iter().zip(&widths) {
        head.push_str(&format!("  {:<w$}", screen.cut(comparison.columns[*at], *w), w = *w));
    }
    let head = screen.paint(Style::Dim, &format!("{head}  handshake"));
    screen.line(&head);
    for row in &comparison.rows {
        let mark = if row.exit_code == 0 { Mark::Holds } else { Mark::Fails };
        let fill = label_width - width(&row.label);
        let mut line = format!("  {} {}{:fill$}", screen.mark(mark), row.label, "");
        for (at, w) in shown.iter().zip(&widths) {
            let value = screen.cut(&row.values[*at], *w);
            let fill = w - width(&value);
            line.push_str(&format!("  {value}{:fill$}", ""));
        }
        let time = row.handshake.map(|t| format!("{:.1} ms", t.as_secs_f64() * 1000.0)).unwrap_or_default();
        screen.line(&format!("{line}  {time:>9}"));
    }
    for spread in &comparison.spreads {
        let ms = |t: std::time::Duration| format!("{:.1}", t.as_secs_f64() * 1000.0);
        let line = format!(
            "{:<16} {} / {} / {} ms (least / median / most of {})",
            spread.what,
            ms(spread.least),
            ms(spread.median),
            ms(spread.most),
            spread.count
        );
        screen.wrapped("  ", 4, Style::Plain, &line);
    }
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

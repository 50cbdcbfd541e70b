//! The experiments of `--diagnose`, a row each.

use super::screen::{Screen, Style};
use crate::report::diagnosis::Diagnosis;
use crate::report::rows::Mark;

/// So many changes of an experiment are named at least; the smallest set is named in the verdict.
const MOST: usize = 3;

/// What was tried, in order: whether the server went on, how long it took, what was changed, what came of it.
pub(super) fn table(screen: &mut Screen<'_>, diagnosis: &Diagnosis) {
    screen.gap();
    let title = match diagnosis.rows.len() {
        1 => "diagnosis  1 experiment".to_owned(),
        many => format!("diagnosis  {many} experiments"),
    };
    let title = screen.paint(Style::Bold, &title);
    screen.line(&title);
    for row in &diagnosis.rows {
        let mark = if row.outcome.went_on() { Mark::Holds } else { Mark::Fails };
        let time = format!("{:.1} ms", row.took.as_secs_f64() * 1000.0);
        let lead = format!("  {} {time:>10}  ", screen.mark(mark));
        let indent = 2 + screen.mark_width() + 1 + 12;
        let most = if screen.settings.verbosity > 0 { usize::MAX } else { MOST };
        let about = match row.about.as_slice() {
            [] => "unchanged".to_owned(),
            // One more is as short as the word that there is one.
            some if some.len() <= most.saturating_add(1) => some.join(", "),
            many => format!("{}, {} more changes", many[..most].join(", "), many.len() - most),
        };
        screen.wrapped(&lead, indent, Style::Plain, &format!("{about}: {}", row.outcome));
    }
}

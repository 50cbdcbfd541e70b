//! On a terminal: how far a run over many targets has come, with an estimate.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::say::complain;

/// A bar on standard error until it is dropped; nothing at all where that is no terminal.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// `total`: the targets that there are, if that is known.
    pub(super) fn start(total: Option<usize>, silent: bool) -> Bar {
        if silent || !io::stderr().is_terminal() {
            return Bar(None);
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, |total| ProgressBar::new(total as u64));
        let template = match total {
            Some(_) => "[{bar:30}] {pos}/{len} targets, {rate}, {eta} left{msg}",
            None => "{spinner} {pos} targets, {rate}{msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let rate = |state: &ProgressState, out: &mut dyn Write| {
                // What can't be written is not shown.
                let _ = write!(out, "{:.0}/s", state.per_sec());
            };
            bar.set_style(style.with_key("rate", rate).progress_chars("#>-"));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar(Some(bar))
    }

    /// One more has ended; so many were not good.
    pub(super) fn one_more(&self, bad: usize) {
        let Some(bar) = &self.0 else { return };
        bar.inc(1);
        if bad > 0 {
            bar.set_message(format!(", {bad} not good"));
        }
    }

    /// Takes the bar away while something is written to the same terminal.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) if io::stdout().is_terminal() => bar.suspend(write),
            _ => write(),
        }
    }

    /// Says what is wrong with a target, above the bar.
    pub(super) fn complain(&self, why: &str) {
        match &self.0 {
            Some(bar) => bar.suspend(|| complain(why)),
            None => complain(why),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

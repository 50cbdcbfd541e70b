//! On a terminal: what is being waited for, once it takes longer than half a second.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::connect::Progress;

/// Shows progress on standard error until it is dropped.
pub(super) struct Spinner {
    /// Dropped first: that ends the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Spinner {
    /// Begins to watch; shows nothing at all where standard error is no terminal.
    pub(super) fn start(progress: &Progress) -> Spinner {
        if !io::stderr().is_terminal() {
            return Spinner { stop: None, thread: None };
        }
        let (stop, stopped) = mpsc::channel::<()>();
        let progress = progress.clone();
        let show = move || {
            if stopped.recv_timeout(Duration::from_millis(500)) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner();
            loop {
                bar.set_message(crate::wire::text::escape(&progress.now()));
                bar.tick();
                if stopped.recv_timeout(Duration::from_millis(100)) != Err(RecvTimeoutError::Timeout) {
                    bar.finish_and_clear();
                    return;
                }
            }
        };
        // Without a thread there is no progress to see, and everything else goes on.
        let thread = std::thread::Builder::new().name("progress".into()).spawn(show).ok();
        Spinner { stop: Some(stop), thread }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It clears its line; a panic in it would have been shown already.
            let _ = thread.join();
        }
    }
}

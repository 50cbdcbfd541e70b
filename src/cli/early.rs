//! The time before the run: files are opened and read, and nothing has been seen that could be reported. Signals and
//! `--max-time` end the program on the spot. From [`run_begins`] on the run answers for both.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::USAGE;
use super::say::complain;
use crate::wire::text;

/// A signal ends the program at once.
static NOTHING_TO_REPORT: AtomicBool = AtomicBool::new(true);

/// Files are still being opened and read.
static LOADING: AtomicBool = AtomicBool::new(true);

/// Before anything else. Without a signal's handler the system does what it does, so no failure is told.
pub(super) fn install() {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
        use signal_hook::flag;
        static TOO_LARGE: AtomicBool = AtomicBool::new(false);
        let _ = flag::register_conditional_shutdown(SIGINT, 130, &NOTHING_TO_REPORT);
        let _ = flag::register_conditional_shutdown(SIGTERM, 143, &NOTHING_TO_REPORT);
        // At the limit for a file's size the write fails, and that is told, instead of the signal's sudden end.
        let _ = flag::register(SIGXFSZ, &TOO_LARGE);
    }
}

/// Opening a FIFO waits for its other end, for ever if need be, and nothing but another thread can end that.
/// Those of `paths` that may block are given this long.
pub(super) fn limit(paths: impl Iterator<Item = PathBuf>, limit: Duration) {
    let slow: Vec<String> = paths.filter(|path| may_block(path)).map(|path| text::path(&path)).collect();
    if slow.is_empty() {
        return;
    }
    let watch = move || {
        std::thread::sleep(limit);
        if LOADING.load(Ordering::SeqCst) {
            let seconds = limit.as_secs_f64();
            complain(&format!("nothing was read from {} within {seconds} s (--max-time)", slow.join(", ")));
            std::process::exit(i32::from(USAGE));
        }
    };
    // Without a thread there is no limit, and everything else goes on.
    let _ = std::thread::Builder::new().name("early".into()).spawn(watch);
}

/// A FIFO, also one of the shell's `<(…)`, or standard input.
fn may_block(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if path.metadata().is_ok_and(|meta| meta.file_type().is_fifo()) {
            return true;
        }
    }
    path == Path::new("-")
}

/// Every file has been opened and read.
pub(super) fn loaded() {
    LOADING.store(false, Ordering::SeqCst);
}

/// The run has handlers of its own for signals, and a report to make.
pub(super) fn run_begins() {
    loaded();
    NOTHING_TO_REPORT.store(false, Ordering::SeqCst);
}

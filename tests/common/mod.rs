//! The program under test, run as a user runs it.

#![allow(dead_code, reason = "each test program compiles this module for itself and uses a part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Its JSON document.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }

    /// Its last line.
    pub fn last_line(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }
}

/// The program with these arguments, in a locale of UTF-8 and an environment that says nothing else.
pub fn command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tls-trace"));
    command.args(arguments).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    for name in [
        "NO_COLOR",
        "SSLKEYLOGFILE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "TERM",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end.
pub fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    finish(command(arguments).output().unwrap_or_else(|e| panic!("it does not start: {e}")))
}

/// Words of a command line without quotes.
pub fn tls_trace(line: &str) -> Run {
    run(line.split_whitespace())
}

/// Output as text; a run that was ended by a signal has no code and fails the test.
pub fn finish(output: Output) -> Run {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|e| panic!("not UTF-8: {e}"));
    let Some(code) = output.status.code() else { panic!("{output:?}") };
    Run { code, out: text(output.stdout), err: text(output.stderr) }
}

/// The signals that a process has handlers for, as a mask; 0 where the system does not tell.
pub fn caught_signals(child: &std::process::Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// An empty directory that goes away with its owner.
pub fn scratch() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|e| panic!("no temporary directory: {e}"))
}

/// A file in a directory.
pub fn file(directory: &TempDir, name: &str) -> PathBuf {
    directory.path().join(name)
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_else(|| panic!("{} is not UTF-8", path.display()))
}

/// Does the same with each item, a few at a time; all failures are told, not only the first.
pub fn for_each<T: Sync>(items: &[T], name: impl Fn(&T) -> String + Sync, work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(item)));
                    if outcome.is_err() {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(name(item));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(
        failed.is_empty(),
        "{} of {} failed, see above: {}",
        failed.len(),
        items.len(),
        failed.join(", ")
    );
}

//! What is said on standard error: escaped, and never a reason to fail.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::wire::text::is_hostile;

/// With `-qq` nothing is said but what is wrong.
static HUSHED: AtomicBool = AtomicBool::new(false);

/// From now on only [`complain`] is heard.
pub(super) fn hush() {
    HUSHED.store(true, Ordering::Relaxed);
}

/// A note or a warning, each line escaped: it may quote a file, an argument or a peer.
pub(super) fn say(text: &str) {
    if !HUSHED.load(Ordering::Relaxed) {
        complain(text);
    }
}

/// The same, but no second time: with many targets it would be said of each.
pub(super) fn say_once(text: &str) {
    /// Then no more is said.
    const MOST: usize = 100;
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.len() < MOST && said.insert(text.to_owned()) {
        say(text);
    }
}

/// What is wrong. Whoever closed standard error, or filled the disk that it goes to, does not want to know.
pub(super) fn complain(text: &str) {
    let mut out = String::from("tls-trace: ");
    for line in text.lines() {
        for c in line.chars() {
            match is_hostile(c) {
                // Writing to a String cannot fail.
                true => drop(write!(out, "{}", c.escape_unicode())),
                false => out.push(c),
            }
        }
        out.push('\n');
    }
    let _ = io::stderr().lock().write_all(out.as_bytes());
}

/// A fault of this program, told as one.
pub(super) fn fault(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let what = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(what), _) => what,
        (_, Some(what)) => what.as_str(),
        _ => "a panic without a message",
    };
    let place = info.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
    complain(&format!("this is a bug in tls-trace, please report it: {what}{place}"));
}

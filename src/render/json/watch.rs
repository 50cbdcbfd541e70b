//! A line of `tls-trace watch --format jsonl`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{line, moment, rfc3339};
use crate::render::watch;
use crate::report::watch::{Leaf, State};

/// One change of what is watched.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tls-trace watch")]
struct LineOut<'a> {
    /// `tls-trace-watch/1`: keys may be added within this number, never removed or given another meaning.
    schema: &'static str,
    /// RFC 3339.
    at: Option<String>,
    /// Which look at all targets it was, from 1.
    round: usize,
    /// As typed, with the options of its line in a list.
    target: &'a str,
    /// The address that it is about; null if it is about the whole target, or there is none.
    address: Option<&'a str>,
    /// `first` (the address was looked at for the first time), `verdict`, `certificate`, `chain`, `version`, `cipher`,
    /// `group`, `alpn` or `addresses` (of the name).
    change: &'static str,
    /// What was known of the address before; null if nothing was.
    before: Option<StateOut<'a>>,
    now: Option<StateOut<'a>>,
    /// Of `addresses`: those that came, and those that went.
    added: &'a [String],
    removed: &'a [String],
    /// In words, which may change.
    summary: &'a str,
}

/// What an address showed; what a failed connection did not come to is as it was before.
#[derive(Serialize, JsonSchema)]
struct StateOut<'a> {
    /// As in `verdict` of a report.
    outcome: &'static str,
    exit_code: u8,
    id: Option<&'a str>,
    summary: &'a str,
    tls: Option<&'a str>,
    cipher: Option<&'a str>,
    group: Option<&'a str>,
    alpn: Option<&'a str>,
    leaf: Option<LeafOut<'a>>,
    /// SHA-256 of the certificates above the leaf, as sent.
    chain: Option<&'a [String]>,
}

#[derive(Serialize, JsonSchema)]
struct LeafOut<'a> {
    subject: &'a str,
    issuer: Option<&'a str>,
    names: &'a [String],
    serial: Option<&'a str>,
    sha256: &'a str,
    spki_pin: Option<&'a str>,
    /// RFC 3339.
    not_after: Option<String>,
}

/// Writes a change.
///
/// # Errors
/// It can't be written.
pub fn write(seen: &watch::Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    let change = seen.change;
    line(
        &LineOut {
            schema: "tls-trace-watch/1",
            at: rfc3339(seen.at.into()),
            round: seen.round,
            target: seen.target,
            address: change.address.as_deref(),
            change: change.what.name(),
            before: change.before.as_ref().map(StateOut::of),
            now: change.now.as_ref().map(StateOut::of),
            added: &change.added,
            removed: &change.removed,
            summary: &change.text,
        },
        out,
    )
}

/// The JSON Schema of a line.
pub fn schema() -> String {
    super::schema_of::<LineOut<'_>>()
}

impl StateOut<'_> {
    fn of(state: &State) -> StateOut<'_> {
        StateOut {
            outcome: state.outcome.name(),
            exit_code: state.exit_code,
            id: state.id.as_deref(),
            summary: &state.summary,
            tls: state.tls.as_deref(),
            cipher: state.cipher.as_deref(),
            group: state.group.as_deref(),
            alpn: state.alpn.as_deref(),
            leaf: state.leaf.as_ref().map(LeafOut::of),
            chain: state.chain.as_deref(),
        }
    }
}

impl LeafOut<'_> {
    fn of(leaf: &Leaf) -> LeafOut<'_> {
        LeafOut {
            subject: &leaf.subject,
            issuer: leaf.issuer.as_deref(),
            names: &leaf.names,
            serial: leaf.serial.as_deref(),
            sha256: &leaf.sha256,
            spki_pin: leaf.spki_pin.as_deref(),
            not_after: leaf.not_after.and_then(moment),
        }
    }
}

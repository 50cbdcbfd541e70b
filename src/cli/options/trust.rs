//! Whom the chain has to lead to, and what else it is asked.

use std::io::Read;
use std::path::PathBuf;

use crate::capture::PolicyText;
use crate::certificate::MinDays;
use crate::cli::args::Typed;
use crate::cli::file_or_name::{self, FileOrName};
use crate::expect::{Expr, Wrong, fields};
use crate::finding::explain;
use crate::policy::{self, Policy};
use crate::trust::Pin;
use crate::wire::codepoints::ALERTS;
use crate::wire::text;

/// Where anchors come from.
#[derive(Debug, Clone, Default)]
pub struct TrustOptions {
    /// Files or folders; they replace the stores.
    pub cacert: Vec<PathBuf>,
    /// `mozilla`, `system`, in order; empty for `none`.
    pub stores: Vec<String>,
    /// `--trust` was given.
    pub stores_given: bool,
}

/// What the chain is asked besides trust.
#[derive(Debug, Clone, Default)]
pub struct Judging {
    /// Base64 of SHA-256.
    pub pins: Vec<String>,
    pub min_days: Option<String>,
    pub crls: Vec<PathBuf>,
    pub ct_logs: Option<PathBuf>,
    pub revocation: bool,
    /// `--expect` and `--warn`.
    pub expect: Vec<String>,
    pub warn: Vec<String>,
    pub policies: Vec<PolicyText>,
    /// Ids; an empty one stands for all.
    pub allow_unevaluated: Vec<String>,
    pub fetch_aia: bool,
}

pub(super) fn judging(typed: &Typed) -> Result<Judging, String> {
    let trust = &typed.flags.trust;
    let pins = trust
        .pinnedpubkey
        .as_deref()
        .map(Pin::read_all)
        .transpose()
        .map_err(|e| format!("--pinnedpubkey: {e}"))?;
    if let Some(text) = &trust.min_days {
        MinDays::read(text).map_err(|e| format!("--min-days: {e}"))?;
    }
    for (flag, texts) in [("--expect", &trust.expect), ("--warn", &trust.warn)] {
        for text in texts {
            let expr = Expr::parse(text, fields::FIELDS).map_err(|wrong| format!("{flag}: {wrong}"))?;
            named(text, &expr).map_err(|wrong| format!("{flag}: {wrong}"))?;
        }
    }
    Ok(Judging {
        expect: trust.expect.clone(),
        warn: trust.warn.clone(),
        policies: trust.policy.iter().map(|typed| policy(typed)).collect::<Result<_, _>>()?,
        pins: pins.unwrap_or_default().iter().map(Pin::base64).collect(),
        min_days: trust.min_days.clone(),
        crls: trust.crl.clone(),
        ct_logs: trust.ct_logs.clone(),
        revocation: trust.revocation,
        allow_unevaluated: trust.allow_unevaluated.clone(),
        fetch_aia: trust.fetch_aia,
    })
}

/// A finding or an alert that does not exist is never found, so that `finding!=…` with a slip in it would always hold.
fn named(text: &str, expr: &Expr) -> Result<(), Wrong> {
    let wrong = |at: usize, what: String| Wrong { text: text.to_owned(), at, what };
    for (id, at) in expr.compared("finding") {
        if let Err(similar) = explain::is_finding(id) {
            let similar =
                if similar.is_empty() { String::new() } else { format!("; similar: {}", similar.join(", ")) };
            return Err(wrong(at, format!("there is no finding {id:?}{similar}")));
        }
    }
    for (name, at) in expr.compared("alert") {
        if !(ALERTS.all)().iter().any(|alert| alert.name.eq_ignore_ascii_case(name)) {
            return Err(wrong(
                at,
                format!("there is no alert {name:?}; they are named as IANA names them: handshake_failure"),
            ));
        }
    }
    Ok(())
}

/// The text of a policy, which is read to see that it is one.
fn policy(typed: &str) -> Result<PolicyText, String> {
    let names = policy::names();
    let built_in = |name: &str| policy::built_in(name).map(str::to_owned);
    let given = match file_or_name::resolve("--policy", "policy", typed, built_in, &names)? {
        FileOrName::Name(text) => PolicyText { name: typed.to_owned(), text },
        FileOrName::File(path) => {
            let shown = text::path(&path);
            // A byte more than it may have, so that it is seen to have more.
            let mut text = String::new();
            let read = std::fs::File::open(&path)
                .and_then(|file| file.take(policy::LARGEST + 1).read_to_string(&mut text));
            read.map_err(|e| format!("--policy: can't read {shown}: {e}"))?;
            PolicyText { name: shown, text }
        }
    };
    let named = |why| format!("--policy {}: {why}", text::escape(&given.name));
    Policy::read(&given.name, &given.text, fields::FIELDS).map_err(named)?;
    Ok(given)
}

pub(super) fn trust(typed: &Typed) -> Result<TrustOptions, String> {
    if !typed.flags.trust.cacert.is_empty() && typed.flags.trust.trust.is_some() {
        return Err("--cacert replaces the stores that --trust names: give one of the two".into());
    }
    let given = typed.flags.trust.trust.as_deref();
    let mut stores = Vec::new();
    for name in given.unwrap_or("mozilla,system").split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match name {
            "mozilla" | "system" => stores.push(name.to_owned()),
            "none" => {}
            other => {
                return Err(format!(
                    "--trust: {other:?} is not a trust store; there are mozilla, system and none (for a \
                     file use --cacert)"
                ));
            }
        }
    }
    Ok(TrustOptions { cacert: typed.flags.trust.cacert.clone(), stores, stores_given: given.is_some() })
}

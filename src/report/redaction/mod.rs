//! `--redact`: names, addresses, distinguished names and what identifies a certificate, each replaced by the same word
//! wherever it stands in what a run writes.
//!
//! What is to be replaced is gathered from a connection: what was asked for, where it went, who is named in certificates, and
//! what looks like a name or an address in what a peer wrote. It is replaced in the text that goes out, so that no
//! sentence can be overlooked.

mod spelling;
mod spoken;
mod words;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Report;
use crate::capture::Intent;
use crate::finding::Case;
use words::Words;

/// What a word is, and so what takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    /// `host-1.invalid`
    Host,
    /// Of the ranges that documentation uses (RFC 5737, RFC 3849).
    Address,
    /// `mail-1@host.invalid`
    Mail,
    /// A path or another name: `redacted-1`.
    Text,
    /// A number of as many hexadecimal digits.
    Hex,
    /// A digest of 32 bytes in base64.
    Digest,
}

/// The words of a run, and what takes their place.
#[derive(Debug, Clone, Default)]
pub struct Redaction(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// The number of each word among those of its kind.
    numbers: HashMap<Kind, HashMap<String, u64>>,
    /// What takes the place of each spelling.
    by: BTreeMap<String, String>,
}

/// Replaces what one report must not say.
#[derive(Debug)]
pub struct Replacing {
    /// `None`: there are more than it could hold.
    words: Option<AhoCorasick>,
    by: Vec<String>,
}

impl Redaction {
    /// For a report.
    pub fn of(&self, report: &Report) -> Replacing {
        let mut words = Words::default();
        words.question(&report.question);
        for judged in &report.connections {
            words.case(&judged.case(&report.question));
        }
        self.replacing(words)
    }

    /// For a connection alone.
    pub fn of_case(&self, case: &Case<'_>) -> Replacing {
        let mut words = Words::default();
        words.question(case.question);
        words.case(case);
        self.replacing(words)
    }

    /// For a target that there is no report of.
    pub fn of_intent(&self, intent: &Intent) -> Replacing {
        let mut words = Words::default();
        words.intent(intent);
        self.replacing(words)
    }

    fn replacing(&self, words: Words) -> Replacing {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut by = Vec::with_capacity(words.spelled.len());
        for (kind, word) in &words.order {
            let of_kind = known.numbers.entry(*kind).or_default();
            let next = of_kind.len() as u64 + 1;
            of_kind.entry(word.to_lowercase()).or_insert(next);
        }
        for (spelled, (kind, word)) in &words.spelled {
            let numbers = known.numbers.get(kind);
            let number =
                numbers.and_then(|numbers| numbers.get(&word.to_lowercase())).copied().unwrap_or_default();
            by.push(instead(*kind, number, word));
            known.by.extend(by.last().map(|by| (spelled.clone(), by.clone())));
        }
        Replacing::new(words.spelled.keys(), by)
    }

    /// For what is written at the end: all words until now.
    pub fn of_all(&self) -> Replacing {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Replacing::new(known.by.keys(), known.by.values().cloned().collect())
    }
}

impl Replacing {
    fn new<'a>(spelled: impl Iterator<Item = &'a String>, by: Vec<String>) -> Replacing {
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
        Replacing { words: builder.build(spelled).ok(), by }
    }

    /// The text without what it must not say.
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // It has no room for so many words: nothing is better than a name.
        let Some(words) = &self.words else { return Cow::Borrowed("") };
        let mut out = String::new();
        let mut from = 0;
        for found in words.find_iter(text) {
            let (start, end) = (found.start(), found.end());
            let by = self.by.get(found.pattern().as_usize());
            let (Some(by), Some(before), Some(behind)) = (by, text.get(..start), text.get(end..)) else {
                continue;
            };
            if !stands_alone(before, behind, text.get(start..end).unwrap_or_default()) {
                continue;
            }
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(by);
            from = end;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(out)
    }
}

/// Whether a word is no part of a longer one, and no key of a JSON object: a host may be called `server`.
fn stands_alone(before: &str, behind: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let begins = word.starts_with(part) && before.ends_with(part);
    let goes_on = word.ends_with(part) && behind.starts_with(part);
    // The n of an escaped line end is no letter, and neither is the hyphen of `250-mail.example.com`.
    let code = before.strip_suffix('-').is_some_and(|before| {
        let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
        digits == 3 && !before.get(..before.len() - 3).unwrap_or_default().ends_with(part)
    });
    let begins = begins && !code && !before.ends_with("\\n");
    let key = before.ends_with('"') && behind.starts_with("\":");
    !(begins || goes_on || key)
}

/// What takes the place of the word of this number.
fn instead(kind: Kind, number: u64, word: &str) -> String {
    let small = u8::try_from(number).ok();
    match kind {
        Kind::Host => format!("host-{number}.invalid"),
        Kind::Mail => format!("mail-{number}@host.invalid"),
        Kind::Text => format!("redacted-{number}"),
        Kind::Hex => format!("{number:0>width$x}", width = word.len()),
        Kind::Digest => {
            let mut digest = [0; 32];
            digest[24..].copy_from_slice(&number.to_be_bytes());
            STANDARD.encode(digest)
        }
        Kind::Address if word.contains(':') => {
            let low = u128::from(number);
            Ipv6Addr::from(0x2001_0db8_u128 << 96 | low).to_string()
        }
        Kind::Address => match small {
            Some(last) => Ipv4Addr::new(192, 0, 2, last).to_string(),
            // More than the range has.
            None => format!("address-{number}.invalid"),
        },
    }
}

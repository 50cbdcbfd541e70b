//! A connection as a sequence diagram: who takes part, and what they say to each other, one item at a time.
//!
//! It is made of the rows that the timeline shows. There is no layout in it: a renderer draws lifelines and arrows of it as
//! its format can. Whatever a peer sends, there are no more than some two hundred items, and each is short.

mod build;
mod items;
mod lifelines;

use std::borrow::Cow;
use std::time::Duration;

use super::notes::{Note, Notes};
use super::rows::{Line, Tone, What};
use crate::finding::{By, Case, Verdict};
use crate::trace::{Epoch, Kind as MessageKind};
use crate::wire::Direction;

/// One connection, drawn from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// `example.com:443 at 93.184.215.14`, escaped.
    pub title: String,
    /// The number of the connection, where its run has several.
    pub number: Option<usize>,
    /// Why it was made, where that needs a word.
    pub why: Option<String>,
    /// From left to right: the client, the proxy if there is one, the server.
    pub lifelines: Vec<Lifeline>,
    /// In the order in which they happened. At most [`Sequence::MOST`].
    pub items: Vec<Item>,
    pub end: End,
}

/// One that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifeline {
    pub party: Party,
    /// `client`, `proxy`, `server`.
    pub role: &'static str,
    /// `example.com:443`, `127.0.0.1:40112`; empty if it is not known. Escaped, and short.
    pub name: String,
}

/// Who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    Client,
    Proxy,
    Server,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Since the start of the connection; none of what has no time of its own.
    pub at: Option<Duration>,
    /// Since what happened before it.
    pub after: Option<Duration>,
    /// The row of the timeline that it is from; none of the point of failure and of what was left out.
    pub what: Option<What>,
    pub kind: Kind,
    /// What it is for, in plain words, where that was asked for.
    pub notes: Vec<Note>,
}

/// The kinds of item.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Something that one sent to another.
    Arrow(Arrow),
    /// New keys begin: from here on the sender of the next arrow, and soon the other, protects what it sends with them.
    Keys(Keys),
    /// A remark about the whole line: a name that was resolved, a dialogue, bytes that are missing.
    Remark(Remark),
    /// Where it went wrong. At most one; it stands behind the item that shows it.
    Failure(Failure),
    /// So many items that were left out here.
    LeftOut(usize),
}

/// Something that one sent to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrow {
    pub from: Party,
    pub to: Party,
    pub sort: Sort,
    /// `ClientHello`, `SYN`, `SMTP`; escaped.
    pub name: Cow<'static, str>,
    /// How many equal ones, or (of data) how many in a row, this arrow stands for.
    pub times: usize,
    /// What is said about it, the most important first, escaped: at most [`Arrow::LINES`] of [`Arrow::COLUMNS`] columns.
    pub lines: Vec<Line>,
    pub protection: Protection,
    /// Numbers, counted from 1, of the first and the last record that carried it.
    pub records: Option<(usize, usize)>,
    /// Bytes of content of all that it stands for; none where they are not counted.
    pub bytes: Option<u64>,
    /// The worst of what is said about it: an alert, a proof that fails.
    pub tone: Tone,
    /// It never got an answer, or not all of it arrived.
    pub lost: bool,
    /// The failure is about it.
    pub failed: bool,
    /// What `tls-trace explain` calls it.
    pub explain: Option<String>,
}

/// What kind of thing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A segment of TCP's own handshake, or its end.
    Tcp,
    /// A line of a dialogue before TLS.
    Preamble,
    /// A message of TLS.
    Message(MessageKind),
    /// Bytes that are no record, or not a whole one.
    Bytes,
}

/// What protects it on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nothing: anybody on the way can read it.
    Clear,
    /// Keys of an earlier session (0-RTT).
    EarlyData,
    /// TLS 1.3's handshake keys.
    Handshake,
    /// TLS 1.3's application keys.
    Application,
    /// The session's keys (TLS 1.2 and earlier).
    Session,
}

/// New keys begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    pub protection: Protection,
    /// `handshake keys: what follows is encrypted`
    pub text: Cow<'static, str>,
    /// What `tls-trace explain` calls it.
    pub explain: Option<String>,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// `DNS`, `QUIC`, `gap`; escaped.
    pub title: Cow<'static, str>,
    /// Escaped.
    pub text: String,
    pub tone: Tone,
    /// Whom it is about; none: all.
    pub party: Option<Party>,
    /// What `tls-trace explain` calls it.
    pub explain: Option<String>,
}

/// Where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `FAILED`
    pub word: &'static str,
    /// A headline, escaped.
    pub text: String,
    /// The stable id, which `tls-trace explain` knows.
    pub id: String,
    /// Where in the handshake, in words; may be empty.
    pub stage: String,
    /// Who ended it, how and when.
    pub who: Option<String>,
    /// Who is responsible for it.
    pub by: Option<By>,
    /// The likeliest cause, with its certainty.
    pub cause: Option<String>,
}

/// The last word on the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// When everything was over.
    pub at: Duration,
    /// `TRUSTED`, `FAILED`, …
    pub word: &'static str,
    /// What follows the word, the longest first: a renderer takes the first that fits.
    pub texts: Vec<String>,
    pub exit_code: u8,
}

impl Sequence {
    /// So many items there are at most: what is in the middle of more is left out and counted.
    pub const MOST: usize = 200;

    /// Of one connection; none where there was none (certificates in files). With `notes` each item says what it is for,
    /// unless those notes have said it already.
    pub fn of(
        case: &Case<'_>,
        verdict: &Verdict,
        number: Option<usize>,
        notes: Option<&mut Notes>,
    ) -> Option<Sequence> {
        (!case.offline()).then(|| build::sequence(case, verdict, number, notes))
    }

    /// The place of a party among the lifelines; that of the server if it has none.
    pub fn place(&self, party: Party) -> usize {
        self.lifelines.iter().position(|line| line.party == party).unwrap_or(self.lifelines.len() - 1)
    }

    /// From the first thing that happened to the last, the end aside.
    pub fn span(&self) -> Duration {
        let times = || self.items.iter().filter_map(|item| item.at);
        times().max().unwrap_or_default().saturating_sub(times().min().unwrap_or_default())
    }

    /// The pause before an item, if it is long enough to be drawn: a fifth of everything, and at least a millisecond.
    pub fn pause(&self, item: &Item) -> Option<Duration> {
        item.after.filter(|after| *after >= Duration::from_millis(1) && *after >= self.span() / 5)
    }

    /// The point of failure.
    pub fn failure(&self) -> Option<&Failure> {
        self.items.iter().find_map(|item| match &item.kind {
            Kind::Failure(failure) => Some(failure),
            _ => None,
        })
    }
}

impl Arrow {
    /// So many lines there are at most.
    pub const LINES: usize = 6;
    /// So many columns each has at most.
    pub const COLUMNS: usize = 160;

    /// The direction it points to: from the client, or to it.
    pub fn direction(&self) -> Direction {
        if self.from < self.to { Direction::Client } else { Direction::Server }
    }

    /// `NewSessionTicket ×2`
    pub fn label(&self) -> String {
        if self.times > 1 {
            format!("{} ×{}", self.name, self.times)
        } else {
            self.name.clone().into_owned()
        }
    }

    /// What is said about it in few words: without what only experts compare (randoms).
    pub fn brief(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.label != Some("random"))
    }
}

impl Protection {
    /// Of messages under these keys.
    pub fn of(epoch: Epoch) -> Protection {
        match epoch {
            Epoch::Clear => Protection::Clear,
            Epoch::Early => Protection::EarlyData,
            Epoch::Handshake => Protection::Handshake,
            Epoch::Application(_) => Protection::Application,
            Epoch::Changed(_) => Protection::Session,
        }
    }

    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Protection::Clear => "in the clear",
            Protection::EarlyData => "early data keys",
            Protection::Handshake => "handshake keys",
            Protection::Application => "application keys",
            Protection::Session => "session keys",
        }
    }
}

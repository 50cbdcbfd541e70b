//! The cells that every renderer lays out: what is said, in which state, and where in the recording it stands.
//!
//! A row holds no tree and no bytes. It names the message, record or step that it speaks of, so that a renderer which
//! shows more (a field tree, the bytes) can ask the trace for it when it gets there.

use std::borrow::Cow;
use std::time::Duration;

use crate::trace::{Epoch, State};
use crate::wire::Direction;

/// How much is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What a reader needs at first sight; equal neighbours are one row.
    #[default]
    Brief,
    /// Everything that has words of its own.
    Full,
}

/// A state without its reason: the mark that stands before a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Holds,
    Fails,
    NotEvaluated,
}

impl From<&State> for Mark {
    fn from(state: &State) -> Mark {
        match state {
            State::Holds => Mark::Holds,
            State::Fails(_) => Mark::Fails,
            State::NotEvaluated(_) => Mark::NotEvaluated,
        }
    }
}

/// How a statement is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    /// Of less importance than what stands around it.
    Quiet,
    Warning,
    Bad,
}

/// A statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// What it is about, where that has a column of its own.
    pub label: Option<&'static str>,
    pub mark: Option<Mark>,
    /// Peers' bytes in it are escaped.
    pub text: String,
    pub tone: Tone,
    /// The smallest view that shows it.
    pub detail: Detail,
    /// The field of the row's message that says it, by its name in the tree.
    pub field: Option<&'static str>,
    /// What `tls-trace explain` calls it.
    pub explain: Option<Cow<'static, str>>,
}

impl Line {
    /// Words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Line { text: text.into(), ..Line::default() }
    }

    /// Words about something that is named beside them.
    pub fn labelled(label: &'static str, text: impl Into<String>) -> Self {
        Line { label: Some(label), ..Line::text(text) }
    }

    /// Words behind a mark; a failure is said in a failure's tone.
    pub fn marked(mark: impl Into<Mark>, text: impl Into<String>) -> Self {
        let mark = mark.into();
        let tone = if mark == Mark::Fails { Tone::Bad } else { Tone::Plain };
        Line { mark: Some(mark), tone, ..Line::text(text) }
    }

    /// Something that is wrong.
    pub fn bad(text: impl Into<String>) -> Self {
        Line::text(text).in_tone(Tone::Bad)
    }

    /// The same in another tone.
    pub fn in_tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// The same, as the field of this name says it.
    pub fn of(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// The same, which `tls-trace explain` knows by this id.
    pub fn explained(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.explain = Some(id.into());
        self
    }

    /// The same, for the full view only.
    pub fn in_full(mut self) -> Self {
        self.detail = Detail::Full;
        self
    }
}

/// What a row of the timeline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Index in the capture's steps.
    Step(usize),
    /// New keys begin.
    Keys(Epoch),
    /// Index in the trace's messages.
    Message(usize),
    /// This sender's bytes that are no record, or not a whole one.
    Tail(Direction),
    /// How this sender's bytes ended.
    End(Direction),
}

/// One row of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub what: What,
    /// Since the start; none for a change of keys.
    pub at: Option<Duration>,
    /// The sender.
    pub direction: Option<Direction>,
    /// It was protected on the wire.
    pub encrypted: bool,
    /// The step's or the message's name.
    pub title: Cow<'static, str>,
    /// How many equal ones this row stands for.
    pub times: usize,
    /// Numbers, counted from 1, of the first and the last record that carried it.
    pub records: Option<(usize, usize)>,
    /// The first stands beside the title.
    pub lines: Vec<Line>,
    /// What `tls-trace explain` calls it.
    pub explain: Option<String>,
}

impl Row {
    /// A row without time, direction and lines.
    pub fn new(what: What, title: impl Into<Cow<'static, str>>) -> Self {
        Row {
            what,
            at: None,
            direction: None,
            encrypted: false,
            title: title.into(),
            times: 1,
            records: None,
            lines: Vec::new(),
            explain: None,
        }
    }
}

//! What a check comes to, and what it rests on.

use std::ops::Range;

/// Three states, never two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Holds,
    /// Why not.
    Fails(String),
    /// Why it could not be evaluated.
    NotEvaluated(String),
}

impl State {
    /// `holds`, `fails` or `not_evaluated`, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            State::Holds => "holds",
            State::Fails(_) => "fails",
            State::NotEvaluated(_) => "not_evaluated",
        }
    }

    /// Why it is not `Holds`.
    pub fn reason(&self) -> Option<&str> {
        match self {
            State::Holds => None,
            State::Fails(why) | State::NotEvaluated(why) => Some(why),
        }
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        *self == State::Holds
    }

    /// Whether it fails.
    pub fn fails(&self) -> bool {
        matches!(self, State::Fails(_))
    }
}

/// What a statement rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Index of the message in its trace.
    pub message: Option<usize>,
    /// Index of the certificate in the chain as sent.
    pub certificate: Option<usize>,
    /// Bytes in that message or certificate.
    pub range: Option<Range<usize>>,
    /// The field or fact, in words.
    pub text: Option<String>,
}

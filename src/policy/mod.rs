//! Policies: rules of a guideline, or of one's own, that are asked of every connection. A rule is an expression over the
//! flat facts, or a list of what a field may be; a policy is a file of rules, and those that are built in are such files too.

mod builtin;
mod file;
mod judge;

pub use builtin::BUILT_IN;
pub use file::LARGEST;
pub use judge::{Adherence, Outcome};

use time::Date;

use crate::expect::Expr;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// e.g. `mozilla-modern`
    pub name: String,
    pub title: String,
    /// Where it is published.
    pub reference: String,
    pub rules: Vec<Rule>,
    pub exceptions: Vec<Exception>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Unique in its policy.
    pub id: String,
    /// What it asks for, in words.
    pub title: String,
    pub weight: Weight,
    /// It applies only where this is true.
    pub when: Option<Expr>,
    pub asks: Asks,
    /// Where it is from.
    pub reference: String,
    /// What would satisfy it.
    pub need: Option<String>,
}

/// What a rule asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// An expression, and its text.
    Expression(Expr, String),
    /// A field is one of these, or has nothing but these.
    Allowed { field: String, values: Vec<String> },
    /// Something that one handshake can't show; what would show it.
    NotShown(String),
}

/// What a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Note,
    Warning,
    Error,
}

impl Weight {
    /// As in files and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Note => "note",
            Weight::Warning => "warning",
            Weight::Error => "error",
        }
    }
}

/// A rule may be violated for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Id of the rule.
    pub rule: String,
    pub reason: String,
    /// The last day.
    pub until: Date,
}

/// The text of a built-in policy.
pub fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of those that are built in.
pub fn names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|(name, _)| *name).collect()
}

//! Whether a connection adheres to a policy.

use time::OffsetDateTime;

use super::{Asks, Exception, Policy, Rule, Weight};
use crate::expect::{Expr, Values};
use crate::trace::State;

/// What came of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adherence {
    pub policy: String,
    pub title: String,
    /// Of each rule that applies.
    pub rules: Vec<Outcome>,
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub id: String,
    pub title: String,
    pub weight: Weight,
    pub state: State,
    /// One handshake could show it; if it is not evaluated all the same, something was missing.
    pub shown_by_one: bool,
    pub need: Option<String>,
    pub reference: String,
    /// An exception that applies, or that has ended.
    pub exception: Option<(Exception, bool)>,
    /// Fields that it asks for.
    pub fields: Vec<String>,
}

impl Outcome {
    /// Whether it is violated, and no exception applies.
    pub fn violated(&self) -> bool {
        self.state.fails() && !self.excepted()
    }

    /// Whether it may be violated at this time.
    pub fn excepted(&self) -> bool {
        self.exception.as_ref().is_some_and(|(_, applies)| *applies)
    }

    /// Whether it should have been evaluated and was not.
    pub fn is_open(&self) -> bool {
        self.shown_by_one && matches!(self.state, State::NotEvaluated(_)) && !self.excepted()
    }
}

impl Policy {
    /// Asks every rule that applies. `at` is the time of the judgement, in seconds since 1970.
    pub fn judge(&self, values: &Values, at: i64) -> Adherence {
        let rules = self.rules.iter().filter_map(|rule| self.outcome(rule, values, at));
        Adherence { policy: self.name.clone(), title: self.title.clone(), rules: rules.collect() }
    }

    fn outcome(&self, rule: &Rule, values: &Values, at: i64) -> Option<Outcome> {
        let applies = match &rule.when {
            None => Some(true),
            Some(when) => when.of(values),
        };
        let (state, fields) = match (applies, &rule.asks) {
            (Some(false), _) => return None,
            (_, Asks::NotShown(how)) => (State::NotEvaluated(how.clone()), Vec::new()),
            (None, _) => {
                let fields = rule.when.as_ref().map(names).unwrap_or_default();
                (State::NotEvaluated(format!("whether it applies depends on {}", fields.join(", "))), fields)
            }
            (_, Asks::Expression(expr, _)) => {
                let fields = names(expr);
                let state = match expr.of(values) {
                    Some(true) => State::Holds,
                    Some(false) => State::Fails(said(&fields, values)),
                    None => State::NotEvaluated(unknown(&fields, values)),
                };
                (state, fields)
            }
            (_, Asks::Allowed { field, values: allowed }) => {
                let fields = vec![field.clone()];
                let is_allowed = |one: &String| allowed.iter().any(|name| name.eq_ignore_ascii_case(one));
                let state = match values.of(field) {
                    None => State::NotEvaluated(unknown(&fields, values)),
                    Some(known) if known.iter().all(is_allowed) => State::Holds,
                    Some(_) => State::Fails(said(&fields, values)),
                };
                (state, fields)
            }
        };
        let today = OffsetDateTime::from_unix_timestamp(at).ok().map(OffsetDateTime::date);
        let exception = self.exceptions.iter().find(|exception| exception.rule == rule.id);
        let exception = exception.map(|one| (one.clone(), today.is_some_and(|today| today <= one.until)));
        Some(Outcome {
            id: rule.id.clone(),
            title: rule.title.clone(),
            weight: rule.weight,
            state,
            shown_by_one: !matches!(rule.asks, Asks::NotShown(_)),
            need: rule.need.clone().or_else(|| rule.asks.need()),
            reference: rule.reference.clone(),
            exception,
            fields,
        })
    }
}

impl Asks {
    /// What would satisfy it, where the rule does not say so.
    fn need(&self) -> Option<String> {
        match self {
            Asks::Expression(_, text) => Some(text.clone()),
            Asks::Allowed { field, values } => Some(format!("{field}: {}", values.join(", "))),
            Asks::NotShown(_) => None,
        }
    }
}

fn names(expr: &Expr) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for field in expr.fields() {
        if !names.contains(&field.name) {
            names.push(field.name.clone());
        }
    }
    names
}

/// `tls is 1.2, alpn is h2`
fn said(fields: &[String], values: &Values) -> String {
    let said: Vec<String> = fields.iter().filter_map(|field| values.say(field)).collect();
    said.join(", ")
}

fn unknown(fields: &[String], values: &Values) -> String {
    values.unknown(fields.iter().map(String::as_str))
}

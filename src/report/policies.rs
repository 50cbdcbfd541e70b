//! Whether a connection adheres to policies, as rows.

use super::rows::{Line, Tone};
use crate::policy::{Adherence, Outcome, Weight};
use crate::trace::State;

/// The head of a policy's block: its title, and how many of its rules hold.
pub fn head(adherence: &Adherence) -> String {
    let count = |of: &dyn Fn(&Outcome) -> bool| adherence.rules.iter().filter(|rule| of(rule)).count();
    let mut parts = vec![match count(&|rule| rule.state.holds()) {
        1 => "1 rule holds".to_owned(),
        n => format!("{n} rules hold"),
    }];
    let mut part = |n: usize, what: &str| {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    };
    part(count(&Outcome::violated), "violated");
    part(count(&|rule| rule.state.fails() && rule.excepted()), "excepted");
    part(count(&|rule| matches!(rule.state, State::NotEvaluated(_))), "not evaluated");
    format!("{} · {}", adherence.title, parts.join(", "))
}

/// A row for each rule: those that hold in the full view only.
pub fn rows(adherence: &Adherence) -> Vec<Line> {
    let mut lines = Vec::new();
    for rule in &adherence.rules {
        let reference = match rule.reference.as_str() {
            "" => String::new(),
            reference => format!(" ({reference})"),
        };
        let why = match &rule.state {
            State::Holds => {
                lines.push(
                    Line::marked(&rule.state, format!("{} · {}{reference}", rule.id, rule.title)).in_full(),
                );
                continue;
            }
            State::Fails(why) => why.clone(),
            State::NotEvaluated(why) => format!("not evaluated: {why}"),
        };
        let weight = match rule.weight {
            Weight::Error => String::new(),
            other => format!("{}, ", other.name()),
        };
        let text = format!("{} · {weight}{}: {why}{reference}", rule.id, rule.title);
        let marked = Line::marked(&rule.state, text);
        match &rule.exception {
            Some((exception, true)) => {
                lines.push(marked.in_tone(Tone::Quiet));
                lines.push(Line::text(format!("excepted until {}: {}", exception.until, exception.reason)));
            }
            Some((exception, false)) => {
                lines.push(marked);
                lines.push(Line::text(format!(
                    "its exception ended on {}: {}",
                    exception.until, exception.reason
                )));
            }
            None => lines.push(marked),
        }
        if let Some(need) = rule.need.as_ref().filter(|_| rule.violated()) {
            lines.push(Line::text(format!("needed: {need}")));
        }
    }
    lines
}

//! What was expected, and whether it is so, as rows.

use super::rows::Line;
use crate::judged::Expectation;
use crate::judged::expectations::Weight;

/// A row for each: the expression behind its mark, and what was found.
pub fn rows(expectations: &[Expectation]) -> Vec<Line> {
    let row = |one: &Expectation| {
        let reason = match one.state.reason().filter(|_| !one.state.fails()) {
            Some(why) => format!("not evaluated: {why}"),
            None => one.found.join(", "),
        };
        let line = Line::marked(&one.state, format!("{} · {reason}", one.text));
        Line { label: Some(one.weight.name()), ..line }
    };
    // What decides comes first.
    let of = |weight: Weight| expectations.iter().filter(move |one| one.weight == weight).map(row);
    of(Weight::Expect).chain(of(Weight::Warn)).collect()
}

//! The checks on the handshake itself, and the verdict when one could not be made.

use crate::trace::{Evidence, State};

use super::{Case, Cause, Check, Failure, Outcome, Rule};

/// The handshake is complete, but something that it must prove could not be checked.
pub const RULE: Rule = Rule {
    id: "not_evaluated",
    about: "The handshake is complete, but one of the checks on it could not be made, so it is not called good. \
            The check and the reason are named.",
    judge,
};

/// Every proof of every handshake of a connection, as a check.
pub fn of(case: &Case<'_>) -> Vec<Check> {
    let handshakes = &case.trace().handshakes;
    let proofs = handshakes.iter().flat_map(|handshake| &handshake.proofs);
    let mut checks: Vec<Check> = proofs
        .map(|proof| Check {
            id: proof.what.id(),
            state: proof.state.clone(),
            evidence: vec![Evidence { message: Some(proof.message), ..Evidence::default() }],
        })
        .collect();
    if let Some(judgement) = &case.connection.judgement {
        checks.extend(super::certificate::checks(judgement));
    }
    checks
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    if !case.complete() {
        return None;
    }
    let mut proofs = case.trace().handshakes.iter().flat_map(|h| &h.proofs);
    let open = proofs.find(|proof| matches!(proof.state, State::NotEvaluated(_)))?;
    let why = open.state.reason().unwrap_or_default();
    let mut failure = Failure::new(
        "not_evaluated",
        Outcome::Unmet,
        "tls",
        format!("{} could not be checked: {why}", open.what.id()),
    );
    failure.stage = case.stage();
    failure.evidence = vec![Evidence { message: Some(open.message), ..Evidence::default() }];
    failure.causes = vec![Cause::certain(why)];
    Some(failure)
}

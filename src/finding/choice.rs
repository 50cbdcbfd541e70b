//! Something was chosen that was not offered, or that the version does not allow.

use crate::trace::{Choice, Evidence, State};
use crate::wire::Direction;

use super::{By, Case, Cause, Check, Failure, Outcome, Rule};

/// A choice outside of the offer or of the version.
pub const RULE: Rule = Rule {
    id: "choice.",
    title: "choice outside of the offer or the protocol version",
    about: "One side chose what the other had not offered (`choice.not_offered`), or what the protocol \
            version does not allow (`choice.illegal`): a version, cipher suite, group, signature scheme, \
            application protocol, pre-shared key, compression or extension. A correct peer ends the \
            handshake with illegal_parameter or unsupported_extension. This matters even if a signature \
            verifies: a scheme that was not offered may be one that can be forged.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    // What a message seems to choose that can't be read as what it is may be an accident of its malformation.
    let readable = |choice: &Choice| {
        let message = case.trace().messages.get(choice.message);
        case.complete() || message.is_none_or(|message| message.problem.is_none())
    };
    let (choice, why) = failed(case).find(|(choice, _)| readable(choice))?;
    let id = if choice.id.ends_with(".legal") { "choice.illegal" } else { "choice.not_offered" };
    let (by, who) = match choice.by {
        Direction::Server => (By::Server, "the server"),
        Direction::Client => (By::Client, "the client"),
    };
    let (summary, detail) = match id {
        "choice.illegal" => {
            (format!("protocol violation by {who}"), format!("{who} violated the protocol: {why}"))
        }
        _ => (
            format!("{who} chose what was not offered"),
            format!("{who} chose what it was not offered: {why}"),
        ),
    };
    let mut failure = Failure::new(id, Outcome::Failed, "tls", summary).detailed(detail);
    failure.stage = case.stage();
    failure.by = Some(by);
    failure.evidence = vec![Evidence { message: Some(choice.message), ..Evidence::default() }];
    failure.causes = vec![
        Cause::likely(format!("a bug in the implementation of {who}")),
        Cause::possible("the handshake was changed in transit"),
    ];
    Some(failure)
}

/// The choices that fail, with why.
pub(super) fn failed<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a Choice, &'a str)> {
    let choices = case.trace().handshakes.iter().flat_map(|handshake| &handshake.choices);
    choices.filter_map(|choice| match &choice.state {
        State::Fails(why) => Some((choice, why.as_str())),
        _ => None,
    })
}

/// Every choice of every handshake, as a check.
pub(super) fn checks(case: &Case<'_>) -> Vec<Check> {
    let choices = case.trace().handshakes.iter().flat_map(|handshake| &handshake.choices);
    let check = |choice: &Choice| Check {
        id: choice.id,
        state: choice.state.clone(),
        evidence: vec![Evidence { message: Some(choice.message), ..Evidence::default() }],
    };
    choices.map(check).collect()
}

//! A message that can't be read as the RFC defines it.

use crate::trace::Evidence;
use crate::wire::Direction;

use super::{By, Case, Cause, Failure, Outcome, Rule};

/// The server sent something malformed, and the handshake ended.
pub const RULE: Rule = Rule {
    id: "malformed",
    about: "A message of the server does not have the form that its RFC defines, and the handshake ended because of \
            it. The field and the byte at which reading failed are named.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    if case.complete() {
        return None;
    }
    let messages = &case.trace().messages;
    let (index, message, problem) = messages.iter().enumerate().find_map(|(index, message)| {
        let problem = message.problem?;
        (message.direction == Direction::Server).then_some((index, message, problem))
    })?;
    let mut failure = Failure::new(
        "malformed",
        Outcome::Failed,
        "tls",
        format!("the server's {} is malformed: {problem}", message.name),
    );
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.evidence = vec![Evidence {
        message: Some(index),
        certificate: None,
        range: Some(problem.offset..message.bytes.len()),
        text: Some(problem.field.into()),
    }];
    failure.who = case.alert(Direction::Client).map(|(_, _, description)| {
        format!("client: alert {description} ({}), {}", description.0, engine_words(case))
    });
    failure.causes = vec![Cause::likely("a faulty server, or something on the way that changes its bytes")];
    Some(failure)
}

fn engine_words(case: &Case<'_>) -> String {
    let error = case.capture.engine.as_ref().and_then(|engine| engine.error.clone());
    error.unwrap_or_else(|| "no word from the engine".into())
}

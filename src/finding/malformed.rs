//! A message that can't be read as the RFC defines it.

use crate::trace::{Evidence, Message};
use crate::wire::Direction;
use crate::wire::field::{Malformed, Wrong};
use crate::wire::record::MAX_FRAGMENT;

use super::{By, Case, Cause, Failure, Outcome, Rule};

/// The server sent something malformed, and the client ended the handshake for it.
pub const RULE: Rule = Rule {
    id: "malformed",
    title: "malformed message from the server",
    about: "A message of the server does not have the format that its RFC defines, and the client ended the handshake \
            because of it. The field and the byte at which decoding failed are named. What a message only carries \
            (certificates, names, OCSP responses) does not count: TLS passes it on unchanged.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    if case.complete() || !ended_by_client(case) {
        return None;
    }
    let messages = &case.trace().messages;
    let (index, message, problem) = messages.iter().enumerate().find_map(|(index, message)| {
        let problem = of(message)?;
        (message.direction == Direction::Server).then_some((index, message, problem))
    })?;
    let mut failure = Failure::new(
        "malformed",
        Outcome::Failed,
        "tls",
        format!("malformed {} from the server", message.name),
    )
    .detailed(format!("the server's {} is malformed: {problem}", message.name));
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.evidence = vec![Evidence {
        message: Some(index),
        certificate: None,
        range: message.problem.map(|problem| problem.offset..message.bytes.len()),
        text: Some(problem.field.into()),
    }];
    failure.who = case.alert(Direction::Client).map(|(_, _, description)| {
        format!("client: alert {description} ({}), {}", description.0, engine_words(case))
    });
    failure.causes = vec![Cause::likely("a bug in the server, or bytes that were changed in transit")];
    Some(failure)
}

/// What is wrong with a message, or with what it unpacks to. That it is longer than we keep is not.
fn of(message: &Message) -> Option<Malformed> {
    let its_own =
        |problem: &Malformed| !matches!(problem.kind, Wrong::TooLong { limit } if limit > MAX_FRAGMENT);
    let derived = || message.derived.iter().find_map(|derived| derived.problem);
    message.problem.or_else(derived).filter(its_own)
}

/// Whether the client refused what came, and not for another reason than its form.
fn ended_by_client(case: &Case<'_>) -> bool {
    /// How rustls begins its words about messages that are well formed, but out of place or not supported.
    const OTHER: [&str; 3] = ["received unexpected", "peer is incompatible", "invalid peer certificate"];
    match &case.capture.engine {
        Some(engine) => {
            let words = engine.error.as_deref().unwrap_or_default();
            let refused = engine.refused || case.alert(Direction::Client).is_some();
            refused && !OTHER.iter().any(|other| words.starts_with(other))
        }
        // Nobody told: the alert does.
        None => case.alert(Direction::Client).is_some(),
    }
}

fn engine_words(case: &Case<'_>) -> String {
    let error = case.capture.engine.as_ref().and_then(|engine| engine.error.clone());
    error.unwrap_or_else(|| "no message from the engine".into())
}

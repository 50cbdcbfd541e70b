//! What the engine itself refuses.

use crate::wire::Direction;

use super::{By, Case, Cause, Failure, Outcome, Rule};

/// The engine ended the handshake by its own judgement.
pub const RULE: Rule = Rule {
    id: "engine.refused",
    about: "The TLS library that performs the handshake refused what the server sent, although it could be read: \
            a value that the protocol rules out, or one that this library does not support. Its own words are shown.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    let engine = case.capture.engine.as_ref()?;
    if !engine.refused || engine.refused_certificate {
        return None;
    }
    let words = engine.error.clone().unwrap_or_default();
    let summary = format!("{} refused the server's answer: {words}", engine.name);
    let mut failure = Failure::new("engine.refused", Outcome::Failed, "tls", summary);
    failure.stage = case.stage();
    failure.by = Some(By::Client);
    failure.who = case.alert(Direction::Client).map(|(_, message, description)| {
        format!("client: alert {description} ({}) at {}", description.0, case.when(message.at))
    });
    failure.causes = vec![Cause::likely(
        "the server breaks the protocol, or chose something that this client does not support",
    )];
    Some(failure)
}

//! What the engine itself refuses.

use crate::trace::{Evidence, Kind, Message};
use crate::wire::Direction;

use super::{By, Case, Cause, Failure, Outcome, Rule};

/// The engine ended the handshake by its own judgement.
pub const RULE: Rule = Rule {
    id: "engine.refused",
    about: "The TLS library that performs the handshake refused what the server sent, although it could be read: \
            a value that the protocol rules out, or one that this library does not support. Its own words are shown.",
    judge,
};

/// It ended the handshake because a message is longer than it takes.
pub const OVERSIZED: Rule = Rule {
    id: "message.oversized",
    about: "The server announces a handshake message that is longer than clients take: rustls takes 65 535 bytes, OpenSSL \
            102 400 for a Certificate (SSL_CTX_set_max_cert_list), Java 32 768 (jdk.tls.maxHandshakeMessageSize). It is \
            nearly always a Certificate with the whole trust store in it, or with the same certificates many times.",
    judge: oversized,
};

fn oversized(case: &Case<'_>) -> Option<Failure> {
    /// The most that rustls takes.
    const MOST: usize = 0xffff;
    if !case.capture.engine.as_ref()?.refused {
        return None;
    }
    // Compressed ones count by what they hold.
    let announced = |message: &Message| {
        let derived = message.derived.iter().map(|derived| derived.length).max().unwrap_or_default();
        message.incomplete.unwrap_or(message.length).max(derived)
    };
    let (index, message) = case.trace().messages.iter().enumerate().find(|(_, message)| {
        let is_handshake = matches!(message.kind, Kind::Handshake(_));
        is_handshake && message.direction == Direction::Server && announced(message) > MOST
    })?;
    let summary = format!("the server's {} is too large: {} bytes", message.name, announced(message));
    let mut failure = Failure::new(OVERSIZED.id, Outcome::Failed, "tls", summary);
    failure.stage = case.stage();
    failure.by = Some(By::Client);
    failure.who = client_alert(case);
    failure.evidence = vec![Evidence { message: Some(index), ..Evidence::default() }];
    failure.seen = Some(format!("rustls takes at most {MOST} bytes, OpenSSL 102400, Java 32768"));
    failure.causes = vec![Cause::likely(
        "the server sends many more certificates than the chain needs: its whole trust store, or the same ones again",
    )];
    failure.remedy.text =
        Some("a chain of the leaf and its intermediates alone, in the server's configuration".into());
    Some(failure)
}

fn client_alert(case: &Case<'_>) -> Option<String> {
    case.alert(Direction::Client).map(|(_, message, description)| {
        format!("client: alert {description} ({}) at {}", description.0, case.when(message.at))
    })
}

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
    failure.who = client_alert(case);
    failure.causes = vec![Cause::likely(
        "the server breaks the protocol, or chose something that this client does not support",
    )];
    Some(failure)
}

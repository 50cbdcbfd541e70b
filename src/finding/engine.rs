//! What the engine itself refuses.

use crate::trace::{Evidence, Kind, Message};
use crate::wire::Direction;

use crate::wire::handshake::types;

use super::{By, Case, Cause, Failure, Outcome, Rule};

/// The engine ended the handshake by its own judgement.
pub const RULE: Rule = Rule {
    id: "engine.refused",
    title: "server's answer rejected by the TLS library",
    about: "The TLS library that performs the handshake rejected what the server sent, although it could \
            be decoded: a value that the protocol does not allow, or one that this library does not \
            support. Its own message is shown.",
    judge,
};

/// It ended the handshake because a message is longer than it takes.
pub const OVERSIZED: Rule = Rule {
    id: "message.oversized",
    title: "handshake message too large",
    about: "The server announces a handshake message that is longer than clients accept: rustls accepts 65 \
            535 bytes, OpenSSL 102 400 for a Certificate (SSL_CTX_set_max_cert_list), Java 32 768 \
            (jdk.tls.maxHandshakeMessageSize). It is nearly always a Certificate message with a whole \
            trust store in it, or with the same certificates many times.",
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
    let summary = format!("{} too large: {} bytes", message.name, announced(message));
    let mut failure = Failure::new(OVERSIZED.id, Outcome::Failed, "tls", summary);
    failure.stage = case.stage();
    failure.by = Some(By::Client);
    failure.who = client_alert(case);
    failure.evidence = vec![Evidence { message: Some(index), ..Evidence::default() }];
    failure.seen = Some(format!("rustls accepts at most {MOST} bytes, OpenSSL 102400, Java 32768"));
    let certificates = match message.kind {
        Kind::Handshake(code) => code == types::CERTIFICATE || code == types::COMPRESSED_CERTIFICATE,
        _ => false,
    };
    if certificates {
        failure.causes = vec![Cause::likely(
            "the server sends many more certificates than the chain needs: a whole trust store, or duplicates",
        )];
        failure.remedy.text = Some("only the leaf and its intermediates in the server's chain file".into());
    } else {
        failure.causes = vec![Cause::likely("a bug in the server, or bytes that were changed in transit")];
    }
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
    let summary = format!("server's answer rejected by {}", engine.name);
    let mut failure = Failure::new(RULE.id, Outcome::Failed, "tls", summary).detailed(words);
    failure.stage = case.stage();
    failure.by = Some(By::Client);
    failure.who = client_alert(case);
    failure.causes = vec![Cause::likely(
        "the server violates the protocol, or chose something that this client does not support",
    )];
    Some(failure)
}

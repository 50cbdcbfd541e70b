//! Only the lab engine got through: the server speaks nothing that ordinary clients still do.

use crate::capture::Role;
use crate::wire::codepoints::cipher_suite::KeyExchange;

use super::{By, Case, Cause, Command, Failure, Outcome, Remedy, Rule, weak};

/// The first attempt failed, and a second one with long discarded cryptography succeeded.
pub const RULE: Rule = Rule {
    id: "server.legacy_only",
    about: "An ordinary modern client finds nothing in common with this server; the lab engine, which speaks what such \
            clients have taken out, completed the handshake. Browsers and current libraries fail here. What to enable on \
            the server is said; naming the old thing (--ciphers, --tls-min, --engine lab) asks for the verdict on that \
            alone.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    if case.capture.role != Role::Retry || !case.complete() {
        return None;
    }
    let facts = &case.handshake()?.facts;
    let suite = facts.suite()?;
    let version = facts.version?;
    let what = match suite.key_exchange {
        KeyExchange::Rsa => "RSA key exchange",
        KeyExchange::Dhe => "finite-field DHE",
        _ if !suite.is_aead() => "CBC",
        _ => "what clients have dropped",
    };
    let summary = format!("the server speaks only old cryptography: {what}");
    let mut failure = Failure::new(RULE.id, Outcome::Failed, "tls", summary);
    failure.stage = "ordinary modern clients fail at the ServerHello; the lab engine got through".into();
    failure.by = Some(By::Server);
    failure.seen = Some(format!("{version}, {}", suite.name));
    failure.causes = vec![Cause::certain(format!(
        "the server accepts none of the suites with ECDHE and an AEAD that rustls and browsers offer; it chose {}",
        suite.name
    ))];
    failure.causes.extend(weak::of(case).into_iter().map(|weakness| Cause::certain(weakness.what)));
    if let Some(why) = case.judgement.and_then(|judgement| judgement.trusted.reason()) {
        failure.also.push(format!("the certificate is not trusted: {why}"));
    }
    failure.remedy = Remedy {
        command: Some(Command::default().set("--ciphers", Some(suite.openssl.unwrap_or(suite.name))).without("--engine")),
        text: Some(
            "TLS 1.3, or in TLS 1.2 the suites ECDHE with AES-GCM or ChaCha20-Poly1305, enabled on the server: \
             ssl_protocols TLSv1.2 TLSv1.3 and ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20 (nginx), SSLCipherSuite with the \
             same list (Apache)"
                .into(),
        ),
    };
    Some(failure)
}

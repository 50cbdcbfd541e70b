//! The server asked for a renegotiation, and we do not do that.

use crate::capture::PipeEnd;
use crate::trace::{Evidence, Kind};
use crate::wire::Direction;
use crate::wire::codepoints::AlertDescription;
use crate::wire::handshake::types;

use super::{By, Case, Cause, Command, Failure, Finding, Outcome, Remedy, Rule, Severity};

/// The connection ended behind a HelloRequest that we refused.
pub const RULE: Rule = Rule {
    id: "renegotiation.refused",
    title: "renegotiation requested by the server, refused",
    about: "The server asked for a second handshake on the same connection (HelloRequest), and the client \
            answered with the warning no_renegotiation (RFC 5246, section 7.2.2). Servers do that when \
            part of a site needs more than the connection offers: Apache with SSLVerifyClient or \
            SSLCipherSuite in a Directory or Location asks for a client certificate only after it has read \
            the request. Many clients refuse, HTTP/2 forbids it (RFC 9113, section 9.2.1) and TLS 1.3 has \
            no renegotiation. In TLS 1.3 Apache uses post-handshake authentication, which few clients \
            offer.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    let request = refused(case)?;
    let piped = case.capture.engine.as_ref().and_then(|engine| engine.piped);
    if !matches!(piped, Some(PipeEnd::Truncated | PipeEnd::Broken)) && case.server_alert().is_none() {
        return None;
    }
    let mut failure =
        Failure::new(RULE.id, Outcome::Failed, "after", "renegotiation requested by the server, refused");
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.who = Some(super::closed::who_ended(case));
    failure.evidence = evidence(request);
    failure.causes = causes();
    failure.remedy = remedy(case);
    Some(failure)
}

/// It is worth telling in any case.
pub fn remark(case: &Case<'_>) -> Option<Finding> {
    let request = refused(case).filter(|_| judge(case).is_none())?;
    let what = "the server asked for a renegotiation (HelloRequest), and the client refused it";
    Some(Finding {
        evidence: evidence(request),
        causes: causes(),
        remedy: Some(remedy(case)),
        ..Finding::new(RULE.id, Severity::Warning, RULE.title, what)
    })
}

const NEED: &str = "the lab engine, which renegotiates; or on the server: ask for the certificate in the first handshake \
                    (SSLVerifyClient for the whole virtual host), or give this part of the site its own host name";

/// The lab engine renegotiates; to carry data it has to be told that this is what is wanted.
fn remedy(case: &Case<'_>) -> Remedy {
    let mut command = Command::default().set("--engine", Some("lab")).set("--tls-max", Some("1.2"));
    if case.capture.engine.as_ref().is_some_and(|engine| engine.piped.is_some()) {
        command = command.set("--allow-weak", None);
    }
    Remedy { command: Some(command), text: Some(NEED.into()) }
}

fn causes() -> Vec<Cause> {
    vec![
        Cause::likely(
            "what was requested needs a client certificate, and the server asks for it only then (Apache: \
             SSLVerifyClient in a Location or Directory)",
        ),
        Cause::possible(
            "what was requested needs another cipher suite (Apache: SSLCipherSuite in a Directory)",
        ),
    ]
}

fn evidence(message: usize) -> Vec<Evidence> {
    vec![Evidence { message: Some(message), ..Evidence::default() }]
}

/// The HelloRequest behind the handshake that we answered with no_renegotiation.
fn refused(case: &Case<'_>) -> Option<usize> {
    let trace = case.trace();
    let mut messages = trace.messages.iter().enumerate();
    let (request, _) = messages.find(|(_, message)| {
        message.direction == Direction::Server && message.kind == Kind::Handshake(types::HELLO_REQUEST)
    })?;
    let answered = trace.alerts().any(|(index, message, _, description)| {
        index > request
            && message.direction == Direction::Client
            && description == AlertDescription::no_renegotiation
    });
    (case.complete() && answered).then_some(request)
}

//! A probe: the server answered, and nothing more was wanted.

use crate::capture::Role;
use crate::wire::facts::Retry;
use crate::wire::handshake::hello_retry_request;

use super::{Case, Cause, Command, Failure, Outcome, Rule, certificate, legacy, malformed, summary};

/// The server's first flight came, and the handshake went no further because it was not to.
pub const RULE: Rule = Rule {
    id: "first_flight",
    title: "only the server's first flight was requested",
    about: "The ClientHello given with `--hello` offers something with which tls-trace cannot complete a \
            handshake (the SSL 2.0 format, a DSA suite, a key share in a rare group), so only the server's \
            first flight is shown: in TLS 1.3 its ServerHello or HelloRetryRequest, in earlier versions \
            everything up to ServerHelloDone. The handshake is not completed: no Finished protects it from \
            changes in transit, and in TLS 1.3 the certificate is not even seen. The server is therefore \
            reported as neither trusted nor untrusted (exit code 7), unless a certificate that was seen is \
            not trusted (exit code 1).",
    judge,
};

const RETRY: &str = hello_retry_request::MESSAGE.name;

fn judge(case: &Case<'_>) -> Option<Failure> {
    let capture = case.capture;
    if !capture.engine.as_ref()?.saw_first_flight() || capture.stopped.is_some() {
        return None;
    }
    if capture.role == Role::Retry {
        // A second attempt is about what the server chose. How it takes leave of the probe says nothing.
        return (legacy::RULE.judge)(case);
    }
    // As ever, -k waives trust but no pins.
    let untrusted =
        || certificate::untrusted(case).filter(|failure| failure.binding || !case.question.insecure);
    if let Some(failure) = (malformed::RULE.judge)(case).or_else(untrusted) {
        return Some(failure);
    }
    let facts = &case.handshake()?.facts;
    let what = match facts.retry {
        Some(Retry { group: Some(group), .. }) => format!("{RETRY} for {group}"),
        Some(Retry { group: None, .. }) => RETRY.into(),
        None => summary::success(case, summary::Length::Whole),
    };
    let headline = match facts.retry {
        Some(_) => format!("only {what}"),
        None => format!("first flight only: {}", summary::success(case, summary::Length::Shortest)),
    };
    let mut failure = Failure::new(RULE.id, Outcome::Unevaluated, "tls", headline).detailed(what);
    failure.stage = "after the server's first flight".into();
    failure.causes = vec![Cause::certain(
        "this hello offers something that tls-trace cannot complete, so the handshake ended with the \
         server's first flight; the server is not authenticated",
    )];
    failure.remedy.command = Some(Command::default().without("--hello"));
    Some(failure)
}

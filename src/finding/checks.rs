//! The checks on the handshake itself, and the verdict when one could not be made.

use crate::capture::EngineEnd;
use crate::trace::{Evidence, Opened, Proven, State, Trace, Why};
use crate::wire::Direction;
use crate::wire::handshake::types;

use super::{Case, Cause, Check, Command, Failure, Outcome, Rule};

/// The handshake went on where we can't look: without its secrets nothing that it must prove is checked.
pub const SEALED: Rule = Rule {
    id: "sealed",
    title: "handshake not verifiable: secrets missing",
    about: "The rest of the handshake is encrypted, and the secrets to decrypt it are missing: a saved \
            trace that was written with `--secrets none`, or with `--secrets handshake` for TLS 1.2 or \
            earlier. Nothing in it is reported as good or bad. Saved with `--secrets handshake` (TLS 1.3) \
            or `all`, the same handshake can be verified again. Of QUIC only the hellos are decoded, whatever secrets there are.",
    judge: judge_sealed,
};

/// The handshake is complete, but something that it must prove could not be checked.
pub const RULE: Rule = Rule {
    id: "not_evaluated",
    title: "a handshake check could not be made",
    about: "The handshake is complete, but one of its checks could not be made, so it is not reported as \
            good. The check and the reason are named.",
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
    checks.extend(super::choice::checks(case));
    checks.extend(super::ech::check(case));
    if case.verified_when_recorded() {
        let unseen = [Proven::ServerFinished, Proven::ClientFinished];
        checks.extend(unseen.map(|what| Check {
            id: what.id(),
            state: State::NotEvaluated(
                "verified when recorded; the secrets to do it again were not saved".into(),
            ),
            evidence: Vec::new(),
        }));
    }
    if sealed(case) {
        let unseen = [Proven::ServerFinished, Proven::ClientFinished];
        checks.extend(unseen.map(|what| Check {
            id: what.id(),
            state: State::NotEvaluated(why_sealed(case).into()),
            evidence: Vec::new(),
        }));
    }
    if let Some(judgement) = case.judgement {
        checks.extend(super::certificate::checks(judgement));
    }
    checks
}

/// Ids of what holds in a handshake of TLS 1.2 or earlier and can't be verified again without its master secret, if all
/// of it holds: both Finished. In TLS 1.3 the certificates are out of sight as well, and nothing can be said.
pub fn lost_without_secrets(trace: &Trace) -> Vec<String> {
    let Some(handshake) = trace.handshake().filter(|handshake| !handshake.facts.is_tls13()) else {
        return Vec::new();
    };
    let finished = [Proven::ServerFinished, Proven::ClientFinished];
    let holds = |what: Proven| handshake.proofs.iter().any(|proof| proof.what == what && proof.state.holds());
    match finished.into_iter().all(holds) {
        true => finished.map(|what| what.id().to_owned()).into(),
        false => Vec::new(),
    }
}

/// Whether a handshake that is not known to have failed went on under keys that we don't have.
pub fn sealed(case: &Case<'_>) -> bool {
    let unopened = |side: Direction| unopened(case, side).is_some();
    // Behind the hellos QUIC's packets have other keys, and are not decoded.
    let quic = case.quic().is_some_and(|quic| quic.closed.is_none())
        && case.trace().first(types::SERVER_HELLO).is_some();
    let failed = |engine: &EngineEnd| !engine.complete || engine.error.is_some();
    !case.complete()
        && (quic || Direction::BOTH.into_iter().all(unopened))
        && !case.capture.engine.as_ref().is_some_and(failed)
}

/// Why the first record of a side was not decrypted that was not, unless that is the peer's fault: of a connection of our
/// own we have the secrets, of others' we may have the wrong ones.
fn unopened(case: &Case<'_>, side: Direction) -> Option<Why> {
    let live = case.capture.intent.origin.is_live();
    let records = case.trace().records.iter().filter(|record| record.direction == side);
    records.into_iter().find_map(|record| match record.opened {
        Opened::Sealed(why @ Why::NoSecret) => Some(why),
        Opened::Sealed(Why::TooMany | Why::NoContentType) => None,
        Opened::Sealed(why) if !live => Some(why),
        _ => None,
    })
}

/// Why what went on encrypted was not decrypted.
fn why_sealed(case: &Case<'_>) -> &'static str {
    match case.quic() {
        Some(_) => "QUIC packets behind the Initial packets are not decoded",
        None => unopened(case, Direction::Server).unwrap_or(Why::NoSecret).text(),
    }
}

fn judge_sealed(case: &Case<'_>) -> Option<Failure> {
    if !sealed(case) {
        return None;
    }
    // What a capture shows to be bad is not hidden by what it does not show.
    let captured = !case.capture.intent.origin.is_live();
    let untrusted = (super::certificate::RULE.judge)(case).filter(|_| captured && !case.question.insecure);
    if let Some(failure) = untrusted.filter(|failure| failure.outcome == Outcome::Untrusted) {
        return Some(failure);
    }
    if case.quic().is_some() {
        let title = "QUIC: what follows the hellos is not decoded";
        let mut failure = Failure::new(SEALED.id, Outcome::Unevaluated, "tls", title)
            .detailed("the handshake cannot be verified: it goes on in packets that are not decoded");
        failure.stage = case.stage();
        failure.causes = vec![Cause::certain(why_sealed(case))];
        return Some(failure);
    }
    let why = unopened(case, Direction::Server).unwrap_or(Why::NoSecret);
    let (title, lack) = match why {
        Why::WrongKey => ("handshake not verifiable: wrong secrets", "the secrets are another session's"),
        Why::Unsupported | Why::Draft | Why::Missing | Why::NotAgreed => {
            ("handshake not verifiable: not decrypted", why.text())
        }
        _ => (SEALED.title, "its secrets are missing"),
    };
    let detail = match &case.capture.engine {
        Some(engine) => {
            format!("{} completed the handshake, but it cannot be verified here: {lack}", engine.name)
        }
        None => format!("the handshake cannot be verified: {lack}"),
    };
    let mut failure = Failure::new(SEALED.id, Outcome::Unevaluated, "tls", title).detailed(detail);
    failure.stage = case.stage();
    failure.causes = vec![Cause::certain(match why {
        Why::NoSecret => "there is no secret to decrypt the records",
        other => other.text(),
    })];
    if matches!(why, Why::Unsupported | Why::Draft | Why::Missing | Why::NotAgreed) {
        return Some(failure);
    }
    if captured {
        failure.remedy.text =
            Some("the session's secrets: read … --decrypt-with FILE, a key log that the client or the server wrote".into());
        return Some(failure);
    }
    failure.remedy.command = Some(Command::default().without("--secrets"));
    failure.remedy.text =
        Some("the secrets: trace again with --secrets handshake (TLS 1.3) or --secrets all, or read --decrypt-with a key log".into());
    Some(failure)
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    if !case.complete() {
        return None;
    }
    let mut proofs = case.trace().handshakes.iter().flat_map(|h| &h.proofs);
    let open = proofs.find(|proof| matches!(proof.state, State::NotEvaluated(_)))?;
    let why = open.state.reason().unwrap_or_default();
    let mut failure = Failure::new("not_evaluated", Outcome::Unevaluated, "tls", RULE.title)
        .detailed(format!("{} could not be checked: {why}", open.what.id()));
    failure.stage = case.stage();
    failure.evidence = vec![Evidence { message: Some(open.message), ..Evidence::default() }];
    failure.causes = vec![Cause::certain(why)];
    Some(failure)
}

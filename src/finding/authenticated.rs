//! Whether the server is who it should be: one notion, which everything asks that is sent or said on
//! the strength of the server's identity.

use crate::trace::{Handshake, Proven, State};
use crate::wire::Direction;
use crate::wire::codepoints::CipherSuite;
use crate::wire::codepoints::cipher_suite::{Authentication, KeyExchange};
use crate::wire::facts::Facts;

use super::Case;

/// What the user accepts (`-k`) or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// Chain trusted for the name, handshake signature and both Finished hold.
    Full,
    /// The same without chain, name and dates: who has the leaf's key, whoever that is. Pins hold all the same.
    Insecure,
}

impl Standard {
    /// As the connection was meant.
    pub fn of(case: &Case<'_>) -> Standard {
        if case.question.insecure { Standard::Insecure } else { Standard::Full }
    }
}

/// Whether the server proved to be the one that was meant, and the handshake that nobody tampered with it.
///
/// A resumed session stands on the handshake that it resumes: that one must have been authenticated too.
pub fn of(case: &Case<'_>, standard: Standard) -> State {
    if !case.complete() {
        return State::NotEvaluated("the handshake is not complete".into());
    }
    all([peer(case, standard)].into_iter().chain(finished(case)))
}

/// Whether all that has the handshake's own key in it holds, whosever that is: a session that is resumed stands on it.
pub fn proven(case: &Case<'_>) -> State {
    if !case.complete() {
        return State::NotEvaluated("the handshake is not complete".into());
    }
    let chosen = scheme(case);
    all([key(case)].into_iter().chain(finished(case)).chain(chosen).chain(replaced(case)))
}

fn finished(case: &Case<'_>) -> [State; 2] {
    [Proven::ServerFinished, Proven::ClientFinished].map(|what| proof(case, |_| Some(what)))
}

/// The same as far as it can be known when a client certificate is sent: whether it is the one that was
/// meant who answers. Before TLS 1.3 the Finished come later.
pub fn peer(case: &Case<'_>, standard: Standard) -> State {
    if case.handshake().is_none() {
        return State::NotEvaluated("no handshake was seen".into());
    }
    if by_shared_key(case) {
        // Who knows the key is who it should be: that is what it was shared for (RFC 4279).
        return proof(case, |_| Some(Proven::ServerFinished));
    }
    let Some(judgement) = case.judgement else {
        let original = case.original.and_then(|original| original.authenticated.reason());
        return State::NotEvaluated(original.unwrap_or("the server sent no certificate").into());
    };
    let identity = match standard {
        Standard::Full => judgement.trusted.clone(),
        Standard::Insecure => judgement.pins(),
    };
    all([identity, key(case)].into_iter().chain(scheme(case)).chain(replaced(case)))
}

/// Whether the server has the certificate's key, or the key of a session in which it had that.
fn key(case: &Case<'_>) -> State {
    if !super::summary::resumed(case.trace()) {
        // What is resumed within the connection stands on what was proven in it.
        return proof(case, |handshake| {
            Some(key_proof(&handshake.facts)).filter(|_| !handshake.facts.abbreviated)
        });
    }
    let original = case.original.map(|original| original.authenticated.clone()).unwrap_or_else(|| {
        State::NotEvaluated("the handshake that it resumes was not seen, or was not complete".into())
    });
    // Anybody can claim to resume; the Finished shows that it has the session's key.
    let claimed = proof(case, |_| Some(Proven::ServerFinished));
    let proven = if case.verified_when_recorded() { State::Holds } else { claimed };
    all([original, proven].into_iter())
}

/// A signature counts only under a scheme that was offered and that the version allows.
fn scheme(case: &Case<'_>) -> Option<State> {
    let failed = super::choice::failed(case).find(|(choice, _)| choice.id.starts_with("signature.server."));
    failed.map(|(choice, why)| State::Fails(format!("{}: {why}", choice.id)))
}

/// Whether both sides prove themselves by a key that they had before, which no earlier session left behind.
pub fn by_shared_key(case: &Case<'_>) -> bool {
    let Some(facts) = case.handshake().map(|handshake| &handshake.facts) else { return false };
    let external = || case.capture.engine.as_ref().is_some_and(|engine| !engine.resumed);
    match facts.is_tls13() {
        true => facts.psk.is_some() && external(),
        false => facts.suite().is_some_and(|suite| suite.authentication == Authentication::Psk),
    }
}

/// In every handshake that is complete, and in the first: a renegotiation brings other keys. `None`: nothing is to be
/// proven in this one.
fn proof(case: &Case<'_>, what: impl Fn(&Handshake) -> Option<Proven>) -> State {
    let handshakes = case.trace().handshakes.iter().enumerate();
    let count = handshakes.filter(|(number, handshake)| *number == 0 || handshake.complete_at.is_some());
    all(count.filter_map(|(_, handshake)| Some(state(handshake, what(handshake)?))))
}

fn state(handshake: &Handshake, what: Proven) -> State {
    handshake.proofs.iter().find(|proof| proof.what == what).map_or_else(
        || State::NotEvaluated(format!("{} was not seen", what.id())),
        |proof| match &proof.state {
            State::Fails(why) => State::Fails(format!("{}: {why}", what.id())),
            State::NotEvaluated(why) => State::NotEvaluated(format!("{}: {why}", what.id())),
            State::Holds => State::Holds,
        },
    )
}

/// A renegotiation with another certificate: nobody has judged that one.
fn replaced(case: &Case<'_>) -> Option<State> {
    let leaf = |number: usize| case.trace().chain(number, Direction::Server).first().copied();
    let first = leaf(0);
    let others = (1..case.trace().handshakes.len()).filter_map(leaf);
    let replaced = first.is_some() && others.into_iter().any(|other| Some(other) != first);
    replaced.then(|| {
        State::NotEvaluated("a renegotiation brought another certificate, which was not verified".into())
    })
}

/// What fails comes before what is open.
fn all(states: impl Iterator<Item = State>) -> State {
    let rank = |state: &State| match state {
        State::Fails(_) => 0,
        State::NotEvaluated(_) => 1,
        State::Holds => 2,
    };
    states.min_by_key(rank).unwrap_or(State::Holds)
}

/// What proves that the server holds the certificate's key: a signature, or its Finished where only that key
/// leads to the master secret (RSA key exchange, static Diffie-Hellman).
fn key_proof(facts: &Facts) -> Proven {
    if facts.is_tls13() {
        return Proven::ServerCertificateVerify;
    }
    let key_exchange = facts.cipher_suite.and_then(CipherSuite::info).map(|suite| suite.key_exchange);
    match key_exchange {
        Some(KeyExchange::Rsa | KeyExchange::RsaPsk | KeyExchange::Dh | KeyExchange::Ecdh) => {
            Proven::ServerFinished
        }
        _ => Proven::ServerKeyExchange,
    }
}

//! A second attempt, where rustls could not speak to the server: a probe finds out what the server wants, and the lab
//! engine performs it if the user's offer allows that.

use crate::capture::{Capture, Offer, Role};
use crate::engine::{Engine, Request, lab};
use crate::trace::Trace;
use crate::wire::Direction;
use crate::wire::codepoints::AlertDescription as Alert;
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_2, TLS_1_3};
use crate::wire::handshake::types;

/// The id of the probe among experiments.
const EXPERIMENT: &str = "server_choice";

/// Whether the server may be one that rustls can't speak to: it ended the handshake before it proved who it is, in a way
/// in which servers end one that they find nothing in, or rustls refused what it chose.
pub fn may_help(capture: &Capture) -> bool {
    let Some(end) = capture.engine.as_ref().filter(|end| !end.complete && !end.refused_certificate) else {
        return false;
    };
    if capture.stopped.is_some() || end.name != Engine::Rustls.name() {
        return false;
    }
    let trace = Trace::of(capture);
    if end.refused {
        // What else rustls refuses (a Certificate that is too large, a malformed message), no other offer mends.
        let incompatible = end.error.as_ref().is_some_and(|words| words.starts_with("peer is incompatible"));
        let hello = trace.first(types::SERVER_HELLO).map(|(index, _)| index);
        let choices = trace.handshakes.iter().flat_map(|handshake| &handshake.choices);
        let unoffered =
            choices.into_iter().any(|choice| Some(choice.message) == hello && choice.state.fails());
        return hello.is_some() && (incompatible || unoffered);
    }
    let [asked, answered] = trace.flows.each_ref().map(|flow| flow.bytes > 0);
    let alerts = trace.alerts().filter(|(_, message, ..)| message.direction == Direction::Server);
    match alerts.last() {
        Some((_, _, _, description)) => {
            trace.first(types::CERTIFICATE).is_none() && finds_nothing(description)
        }
        // Closed or reset, without a word.
        None => asked && !answered,
    }
}

/// Alerts of servers that can't do anything with what is offered. Others (a name, a protocol, a certificate) would stay.
fn finds_nothing(description: Alert) -> bool {
    matches!(
        description,
        Alert::handshake_failure
            | Alert::insufficient_security
            | Alert::protocol_version
            | Alert::internal_error
            | Alert::illegal_parameter
            | Alert::decode_error
            | Alert::unexpected_message
    )
}

/// The probe: everything from SSL 3.0 to TLS 1.2, the best first. TLS 1.3 is left out: a server that speaks it is known
/// already, and some that don't fail on a hello that offers it.
pub fn probe(request: &Request) -> Request {
    let offer = Offer {
        min: SSL_3_0,
        max: TLS_1_2,
        ciphers: Some(lab::suites::known()),
        sigalgs: request.offer.sigalgs.clone().or(Some(lab::SCHEMES.to_vec())),
        shares: None,
        ..request.offer.clone()
    };
    Request { engine: Engine::Probe, offer, client: None, psk: None, resumption: None, ..request.clone() }
}

/// What the probe found out.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// Nothing that helps.
    Nothing,
    /// The server wants what is old, and we don't perform it: it is not allowed, or not among what we can.
    Old,
    /// The lab engine may get through with this offer.
    Performable {
        offer: Offer,
        /// It is old: ordinary clients can't speak to the server, whatever becomes of our attempt.
        old: bool,
    },
}

impl Found {
    /// By the answer to [`probe`]; `first` is the attempt before.
    pub fn of(first: &Capture, answer: &Capture, request: &Request) -> Found {
        let trace = Trace::of(answer);
        let facts = trace.handshake().map(|handshake| handshake.facts).unwrap_or_default();
        let (Some(version), Some(suite)) = (facts.version, facts.cipher_suite) else {
            let mut alerts = trace.alerts();
            let only_tls13 = alerts.any(|(.., description)| description == Alert::protocol_version);
            return match only_tls13 && request.offer.has(TLS_1_3) {
                // With a suite that rustls does not have, perhaps.
                true => {
                    Found::Performable { offer: Offer { min: TLS_1_3, ..request.offer.clone() }, old: false }
                }
                false => Found::Nothing,
            };
        };
        let old = version.0 < TLS_1_2 || !Engine::Rustls.supported().ciphers.contains(&suite.0);
        // Nothing newer than what got an answer, unless only something of today's is missing: then an alert shows that the
        // server understood the first hello.
        let understood = Trace::of(first).alerts().next().is_some();
        let max = if understood && !old { request.offer.max } else { version.0 };
        let offer = Offer { max, ..request.offer.clone() };
        let allowed = request.offer.has(version.0)
            && match &offer.ciphers {
                Some(ciphers) => ciphers.contains(&suite.0),
                None => lab::suites::default_list(&offer, request.psk.is_some()).contains(&suite.0),
            };
        match (allowed && lab::suites::performed(suite.0, version.0), old) {
            (true, old) => Found::Performable { offer, old },
            (false, true) => Found::Old,
            (false, false) => Found::Nothing,
        }
    }
}

/// Whether the lab engine got through, or refused what the server sent: that is to be told.
pub fn shows(performed: &Capture) -> bool {
    performed.engine.as_ref().is_some_and(|end| end.complete || end.refused || end.refused_certificate)
        || Trace::of(performed).alerts().any(|(_, message, ..)| message.direction == Direction::Server)
}

/// What the connections are, in the order rustls, probe, lab engine (`shows`: whether that attempt says something of the
/// server, if there was one): the one that decides counts. One that was not answered says nothing of what came before.
pub fn roles(found: &Found, first: Role, shows: Option<bool>) -> [Role; 3] {
    let probe = Role::Experiment(EXPERIMENT.into());
    match found {
        Found::Performable { .. } if shows == Some(true) => [Role::Superseded, probe, Role::Retry],
        Found::Performable { old: true, .. } | Found::Old => [Role::Superseded, Role::Retry, probe],
        // What the lab engine came to says nothing new.
        _ => [first, probe.clone(), probe],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever decides counts: exactly one of the connections, whatever the probe found and whatever came of the attempt.
    #[test]
    fn exactly_one_of_the_attempts_counts() {
        let performable = |old| Found::Performable { offer: Offer::default(), old };
        let experiment = || Role::Experiment(EXPERIMENT.into());
        for first in [Role::Main, Role::EachAddress, Role::Repeated, Role::Resumed] {
            let ours = || first.clone();
            for (found, shows, expected) in [
                // The lab engine's attempt says something of the server: it takes the first one's place.
                (performable(true), Some(true), [Role::Superseded, experiment(), Role::Retry]),
                (performable(false), Some(true), [Role::Superseded, experiment(), Role::Retry]),
                // It got no answer, or none was made: that the server wants what is old is the probe's word.
                (performable(true), Some(false), [Role::Superseded, Role::Retry, experiment()]),
                (performable(true), None, [Role::Superseded, Role::Retry, experiment()]),
                (Found::Old, None, [Role::Superseded, Role::Retry, experiment()]),
                // Nothing new: what was asked for stays the verdict.
                (performable(false), Some(false), [ours(), experiment(), experiment()]),
                (Found::Nothing, None, [ours(), experiment(), experiment()]),
            ] {
                let roles = roles(&found, ours(), shows);
                assert_eq!(roles, expected, "{found:?}, {shows:?}");
                assert_eq!(roles.iter().filter(|role| role.counts()).count(), 1, "{found:?}, {shows:?}");
            }
        }
    }
}

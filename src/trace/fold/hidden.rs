//! Encrypted Client Hello in the fold: which of two ClientHellos the handshake goes on with.

use std::sync::Arc;

use super::{Fold, Form, Kind, Message, State, Transcript, derived};
use crate::crypto::suite::Suite;
use crate::trace::ech::{self, Confirmation};
use crate::wire::ech as wire_ech;
use crate::wire::facts::{ClientHello, Facts};
use crate::wire::handshake::{self, types};

impl Fold {
    /// A ClientHello with an encrypted one in it.
    pub(super) fn outer_hello(&mut self, index: usize, message: &mut Message, outer: ClientHello) {
        let Some(handshake) = self.trace.handshakes.last_mut() else { return };
        let ech = handshake.ech.get_or_insert_default();
        ech.outer.push(outer);
        // After a HelloRetryRequest that rejects ECH the same bytes are sent again, and hide nothing.
        let Some(encoded) = self.hidden.pop_front() else { return };
        let bytes = match wire_ech::decode_inner(&encoded, &message.bytes) {
            Ok(bytes) => bytes,
            Err(why) => {
                ech.unreadable = Some(why);
                self.inner_transcript = None;
                return;
            }
        };
        let mut facts = Facts { at: (index, true), ..Facts::default() };
        let dissected = handshake::dissect(&bytes, message.direction, &mut facts, false);
        ech.inner.extend(facts.client);
        let first = ech.outer.len() == 1;
        if let Some(transcript) = match first {
            true => Some(self.inner_transcript.insert(Transcript::default())),
            false => self.inner_transcript.as_mut(),
        } {
            transcript.push(&bytes);
        }
        let form = self.form(Form::Handshake(Arc::default()), dissected.leaves);
        message.derived.push(derived(message, types::CLIENT_HELLO, bytes, dissected, form));
        if let Some(inner) = message.derived.last_mut() {
            inner.name = "ClientHelloInner".into();
        }
    }

    /// What a ServerHello or HelloRetryRequest says of the ECH that was offered (RFC 9849, sections 6.1.4 and 7.2).
    pub(super) fn answer_to_ech(&mut self, index: usize, retry: bool) {
        let Some(ech) = self.trace.handshakes.last().and_then(|handshake| handshake.ech.as_ref()) else {
            return;
        };
        if ech.accepted.fails() {
            return;
        }
        if !self.facts.is_tls13() {
            let version = self.facts.version.map(|version| version.to_string()).unwrap_or_default();
            return self.decide(State::Fails(format!("the server chose {version}, which has no ECH")));
        }
        let found = match (retry, self.facts.retry.and_then(|retry| retry.ech_confirmation)) {
            (true, None) => {
                let why = "the HelloRetryRequest has no encrypted_client_hello";
                return self.decide(State::Fails(why.into()));
            }
            (true, Some(found)) => found,
            (false, _) => ech::in_server_hello(index),
        };
        let not_evaluated = |why: &str| State::NotEvaluated(why.to_owned());
        let Some(inner) = self.inner_transcript.as_mut() else {
            // What does not fit the outer hello may fit the inner one.
            self.transcript.hidden = true;
            return self.decide(match ech.unreadable {
                Some(why) => not_evaluated(why),
                None => not_evaluated("the inner ClientHello is encrypted, and not known here"),
            });
        };
        let (Some(first), Some(suite)) = (ech.inner.first(), self.facts.cipher_suite.and_then(Suite::of))
        else {
            return self.decide(not_evaluated("cipher suite not supported for recomputation"));
        };
        if retry {
            inner.replace_by_hash(suite.hash);
        }
        let message =
            self.trace.messages.get(index).map(|message| message.bytes.as_slice()).unwrap_or_default();
        let Some(expected) = ech::confirmation(suite.hash, &first.random, inner, message, found, retry)
        else {
            return;
        };
        let equal = self.trace.bytes(found) == expected;
        if retry && equal {
            inner.push(message);
        }
        let incomplete = self.transcript.incomplete;
        let before = ech.accepted.holds();
        if let Some(ech) = self.trace.handshakes.last_mut().and_then(|handshake| handshake.ech.as_mut()) {
            ech.confirmations.push(Confirmation { found, expected, equal });
        }
        let state = match (equal, incomplete) {
            (true, _) => State::Holds,
            (false, true) => not_evaluated("not all messages before the answer could be read"),
            (false, false) if before => {
                State::Fails("the HelloRetryRequest confirms it and the ServerHello does not".into())
            }
            (false, false) if retry => State::Fails("the HelloRetryRequest does not confirm it".into()),
            (false, false) => State::Fails("the ServerHello's random does not confirm it".into()),
        };
        let goes_on = state.holds();
        self.decide(state);
        if !goes_on {
            self.inner_transcript = None;
        } else if !retry {
            self.go_on_with_inner_hellos();
        }
    }

    /// The server took the inner ClientHellos: keys, Finished and signatures follow from them.
    fn go_on_with_inner_hellos(&mut self) {
        let Some(handshake) = self.trace.handshakes.last_mut() else { return };
        let inner = handshake.ech.as_ref().map(|ech| ech.inner.clone()).unwrap_or_default();
        let (Some(last), Some(transcript)) = (inner.last().copied(), self.inner_transcript.take()) else {
            return;
        };
        handshake.client_hellos = inner;
        self.facts.client = Some(last);
        let incomplete = self.transcript.incomplete;
        self.transcript = transcript;
        self.transcript.incomplete |= incomplete;
        for message in &mut self.trace.messages[handshake.first_message..] {
            if message.kind == Kind::Handshake(types::CLIENT_HELLO) {
                message.in_transcript = false;
                message.derived.iter_mut().for_each(|inner| inner.in_transcript = true);
            }
        }
    }

    /// A record of the handshake was opened. If that took secrets of another client random than the outer hello's, it was
    /// the inner hello's: the server accepted, though the inner hello itself is not known.
    pub(super) fn opened_by_inner_secrets(&mut self) {
        let Some(ech) = self.trace.handshakes.last().and_then(|handshake| handshake.ech.as_ref()) else {
            return;
        };
        let own = |random: &[u8]| !self.secrets.of(random).is_empty();
        let known = ech.outer.iter().any(|outer| own(&outer.random)) || own(&[]);
        if matches!(ech.accepted, State::NotEvaluated(_)) && !known {
            self.transcript.hidden = true;
            self.decide(State::Holds);
        }
    }

    /// Whether ECH was accepted; what is settled stays so, but that a rejection comes after all.
    pub(super) fn decide(&mut self, accepted: State) {
        if let Some(ech) = self.trace.handshakes.last_mut().and_then(|handshake| handshake.ech.as_mut()) {
            match (&ech.accepted, &accepted) {
                (State::Fails(_), _) | (State::Holds, State::NotEvaluated(_)) => {}
                _ => ech.accepted = accepted,
            }
        }
    }
}

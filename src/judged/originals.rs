//! What resumed handshakes stand on. They have no certificate: the server is who it proved to be in the handshake whose
//! session they resume, the original.

use std::collections::HashMap;
use std::sync::Arc;

use super::Judged;
use crate::capture::{Capture, Label, Limits, Question};
use crate::certificate::Judgement;
use crate::crypto::hash::Hash;
use crate::finding::authenticated::{self, Standard};
use crate::finding::{Original, ech, summary};
use crate::trace::sessions::{self, Sessions};
use crate::trace::{Proven, State, Trace};
use crate::wire::Direction;
use crate::wire::text::escape;

/// What a resumed handshake stands on.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The verdict on the original's chain; none if it may not be taken over, for which `original` has the reason.
    pub judgement: Option<Arc<Judgement>>,
    pub original: Original,
}

impl Earlier {
    /// A connection of the same run, whose session `trace` resumes if it resumes one.
    pub fn before(trace: &Trace, earlier: &Judged, question: &Question) -> Option<Earlier> {
        let judgement = earlier.judgement.clone().filter(|_| summary::resumed(trace))?;
        let case = earlier.case(question);
        let authenticated = authenticated::of(&case, Standard::of(&case));
        Some(Earlier { judgement: Some(judgement), original: Original { authenticated, stream: None } })
    }

    fn unknown(stream: Option<String>, why: impl Into<String>) -> Earlier {
        let authenticated = State::NotEvaluated(why.into());
        Earlier { judgement: None, original: Original { authenticated, stream } }
    }
}

/// The originals of a capture, by what their sessions are called. Bounded by [`Limits::past_sessions`] and
/// [`Limits::past_chain_bytes`].
#[derive(Debug, Default)]
pub struct Originals {
    sessions: Sessions<Known>,
    /// By the hash of the chain: few servers answer many connections.
    judgements: HashMap<[u8; 32], Arc<Judgement>>,
    /// Bytes of the chains that the judgements which were kept are about.
    bytes: usize,
}

/// One session.
#[derive(Debug, Clone)]
struct Known {
    of: Arc<Of>,
    /// SHA-256 of the master secret (TLS 1.2 and earlier), if that is known.
    master: Option<Vec<u8>>,
}

/// The connection that it began in.
#[derive(Debug)]
struct Of {
    judgement: Option<Arc<Judgement>>,
    /// Whether the server proved its key in it, whoever that is.
    proven: State,
    original: Original,
    /// Whom the certificate was verified for.
    name: Option<String>,
}

impl Originals {
    /// What the first handshake of `trace` stands on; `None` if it resumes no session.
    ///
    /// Before TLS 1.3 that is the session with the same master secret. In TLS 1.3 it is the one that the ticket is from: that
    /// only its two ends have its key is what the Finished proves.
    pub fn find(&self, capture: &Capture, trace: &Trace) -> Option<Earlier> {
        if !summary::resumed(trace) {
            return None;
        }
        let handshake = trace.handshake()?;
        let client = handshake.facts.client?;
        let Some(known) = sessions::resumed(trace, 0).find_map(|name| self.sessions.get(&name)) else {
            // A key that was agreed on is no session.
            return summary::external_keys(trace, &client).is_none().then(|| {
                Earlier::unknown(
                    None,
                    "of the handshakes before it none is proven to be the one that it resumes",
                )
            });
        };
        let Of { judgement, proven, original, name } = &*known.of;
        let stream = original.stream.clone();
        let which = stream.as_ref().map(|stream| format!("stream {stream}, ")).unwrap_or_default();
        let unknown = |why: String| Some(Earlier::unknown(stream.clone(), format!("{which}{why}")));
        if !handshake.facts.is_tls13()
            && (known.master.is_none() || known.master != master(capture, trace, 0))
        {
            return unknown("which it says to resume, is not known to have the same master secret".into());
        }
        if let Some(why) = proven.reason() {
            return unknown(format!("which it resumes, is not proven: {why}"));
        }
        let asked = ech::name_to_verify(capture, trace);
        if asked != name.as_deref() {
            let named = |name: Option<&str>| name.map_or("no name".into(), escape);
            let (theirs, ours) = (named(name.as_deref()), named(asked));
            return unknown(format!("which it resumes, was verified for {theirs}, and not for {ours}"));
        }
        let has_key =
            |proof: &crate::trace::Proof| proof.what == Proven::ServerFinished && proof.state.holds();
        if !handshake.proofs.iter().any(has_key) {
            return unknown("which it says to resume: that the server has its key is not proven".into());
        }
        Some(Earlier { judgement: judgement.clone(), original: original.clone() })
    }

    /// Remembers a connection for those that resume its sessions. `stands_on` is what was found for it.
    pub fn remember(&mut self, judged: &Judged, question: &Question, stands_on: Option<&Earlier>) {
        let Judged { capture, trace, .. } = judged;
        let names: Vec<_> = (0..trace.handshakes.len())
            .flat_map(|number| sessions::given(trace, number).map(move |name| (number, name)))
            .collect();
        if names.is_empty() {
            return;
        }
        let case = judged.case(question);
        let inherited = stands_on.and_then(|earlier| earlier.judgement.clone()).filter(|_| case.inherited());
        let judgement = inherited.or_else(|| self.kept(judged));
        let stream = judged.original.as_ref().and_then(|original| original.stream.clone());
        let stream = stream.or_else(|| capture.intent.stream_name());
        let of = Arc::new(Of {
            proven: match judgement {
                Some(_) => authenticated::proven(&case),
                None => State::NotEvaluated(match authenticated::peer(&case, Standard::Full).reason() {
                    Some(why) => why.to_owned(),
                    None => "it has no certificate".into(),
                }),
            },
            judgement,
            original: Original { authenticated: authenticated::of(&case, Standard::of(&case)), stream },
            name: ech::name_to_verify(capture, trace).map(str::to_owned),
        });
        for (number, name) in names {
            self.sessions.insert(name, Known { of: of.clone(), master: master(capture, trace, number) });
        }
    }

    /// The verdict on the connection's own chain, shared with those that are equal.
    fn kept(&mut self, judged: &Judged) -> Option<Arc<Judgement>> {
        let judgement = judged.judgement.clone()?;
        let chain = judged.trace.chain(0, Direction::Server);
        let hash = Hash::Sha256.digest(&chain).try_into().ok()?;
        let same = |known: &&Arc<Judgement>| Arc::ptr_eq(known, &judgement) || **known == judgement;
        if let Some(known) = self.judgements.get(&hash).filter(same) {
            return Some(known.clone());
        }
        let bytes: usize = chain.iter().map(|certificate| certificate.len()).sum();
        if self.bytes + bytes > Limits::DEFAULT.past_chain_bytes {
            *self = Originals::default();
        }
        self.bytes += bytes;
        self.judgements.insert(hash, judgement.clone());
        Some(judgement)
    }
}

/// SHA-256 of the master secret of a handshake of TLS 1.2 or earlier.
fn master(capture: &Capture, trace: &Trace, number: usize) -> Option<Vec<u8>> {
    let facts = &trace.handshakes.get(number)?.facts;
    let random = facts.client.filter(|_| !facts.is_tls13())?.random;
    let is_it = |label, of: &[u8]| label == Label::ClientRandom && of == random;
    let secret = capture.secrets.0.iter().find(|secret| is_it(secret.label, &secret.client_random))?;
    Some(Hash::Sha256.digest(&[&secret.secret]))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::capture::{Event, Intent};
    use crate::judged::Judge;

    /// A server's first flight in TLS 1.2: a session id and a certificate of so many bytes, both made of `n`.
    fn first_flight(n: u32, certificate: usize) -> Capture {
        let message = |kind: u8, body: &[u8]| {
            let [_, a, b, c] = (body.len() as u32).to_be_bytes();
            [&[kind, a, b, c][..], body].concat()
        };
        let client = [&[3, 3][..], &[0; 32], &[0, 0, 2, 0, 0x2f, 1, 0]].concat();
        let id = [n.to_be_bytes(); 8].concat();
        let server = [&[3, 3][..], &[0; 32], &[32], &id, &[0, 0x2f, 0]].concat();
        let der = n.to_be_bytes().repeat(certificate / 4);
        let len = |len: usize| (len as u32).to_be_bytes()[1..].to_vec();
        let chain = [len(der.len() + 3), len(der.len()), der].concat();
        let flight = [message(2, &server), message(11, &chain), message(14, &[])].concat();
        let mut capture = Capture::new(Intent::default(), SystemTime::UNIX_EPOCH);
        let said = [(Direction::Client, message(1, &client)), (Direction::Server, flight)];
        capture.events = said
            .into_iter()
            .map(|(direction, messages)| {
                let record = |bytes: &[u8]| {
                    let [high, low] = (bytes.len() as u16).to_be_bytes();
                    [&[22, 3, 3, high, low], bytes].concat()
                };
                let bytes = messages.chunks(1 << 14).flat_map(record).collect();
                Event::Bytes { direction, at: Duration::ZERO, bytes }
            })
            .collect();
        capture
    }

    /// Servers that send another long chain each time.
    #[test]
    fn what_is_remembered_is_bounded_in_bytes() {
        const CERTIFICATE: usize = 60_000;
        let judge = Judge::new(Question::default()).unwrap();
        let mut originals = Originals::default();
        let most = Limits::DEFAULT.past_chain_bytes / CERTIFICATE;
        for n in 0..3 * most as u32 {
            let judged = judge.judge(first_flight(n, CERTIFICATE), None);
            assert!(judged.judgement.is_some());
            originals.remember(&judged, &judge.question, None);
            assert!(originals.bytes <= Limits::DEFAULT.past_chain_bytes);
            assert!(originals.judgements.len() <= most);
        }
        // The same chain again takes no more room.
        let bytes = originals.bytes;
        for _ in 0..100 {
            let judged = judge.judge(first_flight(3 * most as u32 - 1, CERTIFICATE), None);
            originals.remember(&judged, &judge.question, None);
        }
        assert_eq!(originals.bytes, bytes);
    }
}

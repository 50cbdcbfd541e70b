//! How a connection stands up to a quantum computer: key exchange and authentication, each by itself, and no more than
//! was seen.

use std::borrow::Cow;

use crate::capture::Change;
use crate::trace::Trace;
use crate::wire::codepoints::{NamedGroup, SignatureScheme, group};
use crate::wire::facts::{Facts, Span};
use crate::wire::handshake::lists;

use super::experiment::{Answer, Base, Conclusion, Done, Outcome};
use super::{Case, summary};

/// Both halves. A key exchange that can be recorded and broken later matters today, a signature only on the day when it
/// can be forged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostQuantum {
    pub key_exchange: Half,
    pub authentication: Half,
}

/// What is known of one half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    pub state: State,
    /// The group or signature scheme, where one is known.
    pub name: Option<String>,
    /// Why, in plain words.
    pub text: Cow<'static, str>,
}

/// What a server does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was offered, and the server chose it.
    Chosen,
    /// The server says or shows that it supports it, and chose something else.
    NotPreferred,
    /// The server chose it, but had to ask for a key share by a HelloRetryRequest.
    RetryOnly,
    /// Experiments show that the server does not have it.
    NotSupported,
    /// Experiments show that the offer makes the handshake fail.
    Intolerant,
    /// One handshake does not show it.
    Unknown,
}

impl State {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            State::Chosen => "chosen",
            State::NotPreferred => "not_preferred",
            State::RetryOnly => "retry_only",
            State::NotSupported => "not_supported",
            State::Intolerant => "intolerant",
            State::Unknown => "unknown",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            State::Chosen => "offered and chosen",
            State::NotPreferred => "supported but not preferred",
            State::RetryOnly => "only by HelloRetryRequest",
            State::NotSupported => "not supported",
            State::Intolerant => "intolerant",
            State::Unknown => "unknown",
        }
    }
}

/// What `--diagnose` found out about the connection.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub base: &'a Base,
    pub done: &'a [Done],
    pub conclusion: &'a Conclusion,
}

impl PostQuantum {
    /// Of a connection, with what experiments showed. None without a ClientHello.
    pub fn of(case: &Case<'_>, found: Option<Found<'_>>) -> Option<PostQuantum> {
        let facts = case.handshake()?.facts;
        facts.client?;
        let (key_exchange, authentication) =
            (key_exchange(case, &facts, found), authentication(case, &facts, found));
        Some(PostQuantum { key_exchange, authentication })
    }
}

impl Half {
    fn new(state: State, name: Option<String>, text: impl Into<Cow<'static, str>>) -> Half {
        Half { state, name, text: text.into() }
    }

    fn unknown(text: impl Into<Cow<'static, str>>) -> Half {
        Half::new(State::Unknown, None, text)
    }
}

fn is_post_quantum(code: u16) -> bool {
    group::find(code).is_some_and(group::Group::is_post_quantum)
}

/// ML-DSA and SLH-DSA.
fn signs_post_quantum(code: u16) -> bool {
    let name = SignatureScheme(code).to_string();
    name.starts_with("mldsa") || name.starts_with("slhdsa")
}

fn codes(trace: &Trace, span: Option<Span>) -> Vec<u16> {
    lists::codes(span.map(|span| trace.bytes(span)).unwrap_or_default()).collect()
}

/// The names of some code points.
fn names(codes: &[u16]) -> String {
    codes.iter().map(|code| NamedGroup(*code).to_string()).collect::<Vec<_>>().join(", ")
}

fn key_exchange(case: &Case<'_>, facts: &Facts, found: Option<Found<'_>>) -> Half {
    if let Some(half) = found.and_then(key_exchange_by_experiment) {
        return half;
    }
    let trace = case.trace();
    let client = facts.client.unwrap_or_default();
    let mut offered = codes(trace, client.supported_groups);
    offered.retain(|code| is_post_quantum(*code));
    let retried = facts.retry.and_then(|retry| retry.group);
    if let Some(chosen) = facts.group.filter(|chosen| is_post_quantum(chosen.0)) {
        let name = Some(chosen.to_string());
        return match retried == Some(chosen) {
            true => Half::new(
                State::RetryOnly,
                name,
                "no key share for it was sent, so the server asked for one, which cost a round trip",
            ),
            false if case.complete() => Half::new(
                State::Chosen,
                name,
                "made so that a quantum computer can't decrypt a recording of it later",
            ),
            false => Half::new(State::Chosen, name, "in its ServerHello; the handshake did not complete"),
        };
    }
    // RFC 8446, section 4.2.7: what the server would have liked better.
    let mut listed = codes(trace, facts.server_groups);
    listed.retain(|code| is_post_quantum(*code));
    let chosen = facts.group.map_or_else(|| "something else".to_owned(), |group| group.to_string());
    if let Some(first) = listed.first() {
        let not = if offered.is_empty() { "; it was not offered" } else { "" };
        let text = format!("the server lists it in EncryptedExtensions, and chose {chosen}{not}");
        return Half::new(State::NotPreferred, Some(NamedGroup(*first).to_string()), text);
    }
    if facts.group.is_none() && facts.version.is_none() {
        return Half::unknown("the server chose no group");
    }
    if !facts.is_tls13() {
        return Half::unknown("only TLS 1.3 has it, and another version was chosen");
    }
    match offered.is_empty() {
        true => Half::unknown(format!("no post-quantum group was offered; the server chose {chosen}")),
        false => Half::unknown(format!(
            "{} was offered and the server chose {chosen}: whether it supports none of them or prefers another is not shown \
             (--groups {} --diagnose finds out)",
            names(&offered),
            names(&offered).replace(", ", ",")
        )),
    }
}

fn key_exchange_by_experiment(Found { base, done, conclusion }: Found<'_>) -> Option<Half> {
    let hybrid: Vec<u16> = base.groups.iter().copied().filter(|code| is_post_quantum(*code)).collect();
    let first = hybrid.first().map(|code| NamedGroup(*code).to_string());
    let answers = || {
        done.iter().filter_map(|done| match done.outcome {
            Outcome::WentOn(answer) => Some((done, answer)),
            _ => None,
        })
    };
    let took = |answer: &Answer| answer.group.filter(|group| is_post_quantum(group.0));
    let taken = answers().find_map(|(_, answer)| Some((took(&answer)?, answer.retry)));
    let without_hybrid = |change: &Change| matches!(change, Change::Groups(kept) if !kept.is_empty() && kept.iter().all(|code| !is_post_quantum(*code)));
    match conclusion.id {
        "diagnosis.post_quantum" => Some(Half::new(
            State::Intolerant,
            first,
            "a ClientHello that offers it fails, and the same one without it does not",
        )),
        "diagnosis.size"
            if answers().any(|(done, _)| done.changes.iter().any(without_hybrid)) && !hybrid.is_empty() =>
        {
            let mut text =
                "its key share makes the ClientHello too long for a middlebox or for the server".to_owned();
            if let Some((group, _)) = taken {
                text += &format!("; sent in two parts, the server chooses {group}");
            }
            Some(Half::new(State::Intolerant, first, text))
        }
        _ => match taken {
            // What only an experiment offered.
            Some((group, true)) => Some(Half::new(
                State::RetryOnly,
                Some(group.to_string()),
                "in an experiment the server asked for a key share for it",
            )),
            Some((group, false)) => Some(Half::new(
                State::NotPreferred,
                Some(group.to_string()),
                "in an experiment the server chose it",
            )),
            // Nothing else was offered, and with more the server chose what is none.
            None if !hybrid.is_empty()
                && hybrid.len() == base.groups.len()
                && conclusion.id == "diagnosis.group" =>
            {
                let text = format!(
                    "with {} alone the handshake fails, and with all groups the server chose another",
                    names(&hybrid)
                );
                Some(Half::new(State::NotSupported, first, text))
            }
            None => None,
        },
    }
}

fn authentication(case: &Case<'_>, facts: &Facts, found: Option<Found<'_>>) -> Half {
    let client = facts.client.unwrap_or_default();
    let mut offered = codes(case.trace(), client.signature_algorithms);
    let only = !offered.is_empty() && offered.iter().all(|code| signs_post_quantum(*code));
    offered.retain(|code| signs_post_quantum(*code));
    if let Some(found) = found
        && only
        && found.conclusion.id == "diagnosis.signature_scheme"
    {
        let first = offered.first().map(|code| SignatureScheme(*code).to_string());
        return Half::new(
            State::NotSupported,
            first,
            "where only such signatures are offered the handshake fails, and with all schemes it does not",
        );
    }
    let Some(scheme) = summary::server_scheme(facts) else {
        return Half::unknown(match facts.psk.is_some() || facts.abbreviated {
            true => "the session was resumed, or a pre-shared key used: the server signed nothing",
            false => "the server signed nothing",
        });
    };
    if signs_post_quantum(scheme.0) {
        let text = match case.complete() {
            true => "the server signed the handshake with it; what its chain is signed with is said there",
            false => "the server signed the handshake with it; the handshake did not complete",
        };
        return Half::new(State::Chosen, Some(scheme.to_string()), text);
    }
    match offered.is_empty() {
        true => Half::unknown(format!("no such signature was offered; the server signed with {scheme}")),
        false => Half::unknown(format!(
            "such signatures were offered and the server signed with {scheme}: whether it has another certificate as well is not \
             shown"
        )),
    }
}

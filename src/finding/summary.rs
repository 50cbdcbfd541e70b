//! One-line readings of what was seen, shared by findings and renderers.

use md5::{Digest, Md5};
use x509_parser::prelude::{FromDer, X509Name};

use super::Case;
use crate::certificate::host;
use crate::crypto::hash::Hash;
use crate::trace::{Kind, Proven, State, Trace};
use crate::wire::Direction;
use crate::wire::codepoints::cipher_suite::KeyExchange;
use crate::wire::codepoints::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, group, is_grease};
use crate::wire::facts::{ClientHello, Facts, Span};
use crate::wire::fingerprint::{Offer, Transport};
use crate::wire::handshake::types;
use crate::wire::text::{escape, escape_bytes};

/// Whether the first handshake resumed an earlier session.
pub fn resumed(trace: &Trace) -> bool {
    trace.handshake().is_some_and(|handshake| handshake.facts.psk.is_some() || handshake.facts.abbreviated)
}

/// The identities of keys that were agreed on beforehand, if the ClientHello offers such ones and no tickets: their age is
/// zero (RFC 8446, section 4.2.11).
pub fn external_keys<'a>(trace: &'a Trace, client: &ClientHello) -> Option<Vec<&'a [u8]>> {
    let mut list = client.psk_identities.map(|span| trace.bytes(span))?;
    let mut identities = Vec::new();
    while let Some((len, rest)) = list.split_first_chunk() {
        let (identity, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        let (age, rest) = rest.split_first_chunk::<4>()?;
        if *age != [0; 4] {
            return None;
        }
        identities.push(identity);
        list = rest;
    }
    Some(identities).filter(|identities| !identities.is_empty())
}

/// Whether the server has shown that it has the session's key: its Finished holds.
pub fn resumption_proven(case: &Case<'_>) -> bool {
    let holds = |proof: &crate::trace::Proof| proof.what == Proven::ServerFinished && proof.state.holds();
    case.verified_when_recorded()
        || case.handshake().is_some_and(|handshake| handshake.proofs.iter().any(holds))
}

/// What the ClientHello offered: `TLS 1.3, 1.2 · 9 suites · 4 groups`.
pub fn offer(trace: &Trace) -> Option<String> {
    let client = trace.handshake()?.facts.client?;
    let mut parts = offer_parts(trace, &client);
    if let Some(alpn) = client.alpn {
        parts.push(format!("ALPN {}", protocol_names(trace.bytes(alpn)).join(", ")));
    }
    Some(parts.join(" · "))
}

/// Versions, suites and groups of a ClientHello, GREASE and signals left out.
pub fn offer_parts(trace: &Trace, client: &ClientHello) -> Vec<String> {
    let mut parts = vec![versions(trace, client.supported_versions, client.legacy_version)];
    let suites = codes(trace.bytes(client.cipher_suites))
        .map(CipherSuite)
        .filter(|suite| !suite.is_grease() && !suite.is_signal())
        .count();
    parts.push(counted(suites, "suite"));
    if let Some(groups) = client.supported_groups {
        parts.push(counted(codes(trace.bytes(groups)).filter(|code| !is_grease(*code, 2)).count(), "group"));
    }
    parts
}

/// `TLS 1.3, 1.2`
pub fn versions(trace: &Trace, supported: Option<Span>, legacy: ProtocolVersion) -> String {
    let Some(span) = supported else { return legacy.to_string() };
    let names: Vec<_> = codes(trace.bytes(span))
        .map(ProtocolVersion)
        .filter(|version| !version.is_grease())
        .map(|version| version.to_string())
        .collect();
    let mut out = String::new();
    for (i, name) in names.iter().enumerate() {
        let name = if i > 0 { name.strip_prefix("TLS ").unwrap_or(name) } else { name };
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(name);
    }
    out
}

/// Two-byte code points.
pub fn codes(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

/// Names of an ALPN list, escaped.
pub fn protocol_names(mut bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    while let Some((&len, rest)) = bytes.split_first() {
        let (name, rest) = rest.split_at(usize::from(len).min(rest.len()));
        names.push(escape_bytes(name));
        bytes = rest;
    }
    names
}

/// CA names in the CertificateRequest, readable and escaped.
pub fn authorities(trace: &Trace) -> Vec<String> {
    let Some(span) =
        trace.asking().and_then(|(_, handshake)| handshake.facts.certificate_request_authorities)
    else {
        return Vec::new();
    };
    let mut bytes = trace.bytes(span);
    let mut names = Vec::new();
    while let [high, low, rest @ ..] = bytes {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let (name, rest) = rest.split_at(len.min(rest.len()));
        names.push(match X509Name::from_der(name) {
            Ok((_, name)) => escape(&name.to_string()),
            Err(_) => format!("undecodable name of {} bytes", name.len()),
        });
        bytes = rest;
    }
    names
}

/// `1 suite`, `9 suites`
pub fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// `1st`, `2nd`, `11th`
pub fn ordinal(n: usize) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// At which place of what could have been chosen a group stands in TLS 1.3: `1st of 4`, or that it was not offered. The
/// curves that it left out can't be chosen.
pub fn rank_of_group(trace: &Trace, offered: Option<Span>, chosen: NamedGroup) -> String {
    let eligible = |code| group::find(code).is_none_or(|group| group.is_of_tls13());
    rank_among(trace, offered, chosen.0, |code| eligible(code) || code == chosen.0)
}

/// The same of a suite. Those of TLS 1.3 can't be chosen in an earlier version, nor the others in TLS 1.3.
pub fn rank_of_suite(trace: &Trace, offered: Option<Span>, chosen: CipherSuite) -> String {
    let is_new = |suite: CipherSuite| suite.info().is_some_and(|info| info.is_tls13());
    let eligible = |code: u16| {
        let suite = CipherSuite(code);
        !suite.is_signal() && is_new(suite) == is_new(chosen)
    };
    rank_among(trace, offered, chosen.0, eligible)
}

fn rank_among(trace: &Trace, offered: Option<Span>, chosen: u16, eligible: impl Fn(u16) -> bool) -> String {
    let Some(span) = offered else { return "no list was offered".into() };
    let list: Vec<_> =
        codes(trace.bytes(span)).filter(|code| !is_grease(*code, 2) && eligible(*code)).collect();
    match list.iter().position(|code| *code == chosen) {
        Some(at) => format!("{} of {}", ordinal(at + 1), list.len()),
        None => "NOT offered".into(),
    }
}

/// `X25519MLKEM768`, with a word if it withstands a quantum computer.
pub fn group(group: NamedGroup) -> String {
    let post_quantum = group.info().is_some_and(|group| group.is_post_quantum());
    if post_quantum { format!("{group}, post-quantum") } else { group.to_string() }
}

/// The scheme of the server's signature over the handshake.
pub fn server_scheme(facts: &Facts) -> Option<SignatureScheme> {
    let in_verify =
        facts.certificate_verify[crate::wire::Direction::Server.index()].and_then(|verify| verify.scheme);
    in_verify.or_else(|| facts.server_key_exchange.and_then(|(_, signed)| signed?.scheme))
}

/// JA3 and JA4 of the first ClientHello: names by which the client's software is recognised. JA4 tells QUIC from TCP.
pub fn fingerprints(case: &Case<'_>) -> Option<(String, String)> {
    let transport = if case.quic().is_some() { Transport::Quic } else { Transport::Tcp };
    let (_, message) = case.trace().first(types::CLIENT_HELLO)?;
    let offer = Offer::of(&message.bytes)?;
    let ja3 = offer.ja3(|text| Md5::digest(text).into());
    let ja4 = offer.ja4(transport, |text| {
        let digest = Hash::Sha256.digest(&[text]);
        digest.try_into().unwrap_or([0; 32])
    });
    Some((ja3, ja4))
}

/// p of ServerDHParams (RFC 5246, section 7.4.3).
pub fn dh_prime<'a>(trace: &'a Trace, facts: &Facts) -> Option<&'a [u8]> {
    let exchange = facts.suite()?.key_exchange;
    let (params, _) = facts.server_key_exchange?;
    let mut bytes = trace.bytes(params);
    let mut take = || {
        let (len, rest) = bytes.split_first_chunk()?;
        let (first, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        bytes = rest;
        Some(first)
    };
    match exchange {
        KeyExchange::Dhe => take(),
        // psk_identity_hint is in front of it.
        KeyExchange::DhePsk => take().and_then(|_| take()),
        _ => None,
    }
}

/// How often, before the handshake was complete, a flight of the client's was answered. TLS 1.3's
/// ChangeCipherSpecs, which may be sent at any time, are no flights.
pub fn round_trips(trace: &Trace, handshake: usize) -> usize {
    let of: Vec<_> = trace
        .messages
        .iter()
        .filter(|m| m.handshake == handshake && !m.post_handshake && m.kind != Kind::ChangeCipherSpec)
        .map(|m| m.direction)
        .collect();
    of.windows(2).filter(|pair| pair[0] == Direction::Client && pair[1] == Direction::Server).count()
}

/// Whether the server accepted Encrypted Client Hello; `None` if none was offered, or that is not known. In a capture of
/// others what was not accepted may have been GREASE.
pub fn ech(case: &Case<'_>) -> Option<bool> {
    let hides = case.capture.ech.as_ref().map(|offered| offered.is_real());
    match (&case.handshake()?.ech.as_ref()?.accepted, hides) {
        (State::Holds, _) => Some(true),
        (State::Fails(_), Some(true)) => Some(false),
        _ => None,
    }
}

/// A host name, escaped, and where it has A-labels in Unicode too: `xn--bcher-kva.example (bücher.example)`.
pub fn host_name(name: &[u8]) -> String {
    let unicode = std::str::from_utf8(name).ok().and_then(host::unicode);
    match unicode {
        Some(unicode) => format!("{} ({})", escape_bytes(name), escape(&unicode)),
        None => escape_bytes(name),
    }
}

/// The chosen application protocol, escaped.
pub fn alpn(trace: &Trace, facts: &Facts) -> Option<String> {
    facts.alpn.map(|span| escape_bytes(trace.bytes(span)))
}

/// How much stands in the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    Whole,
    Shorter,
    Shortest,
}

impl Length {
    /// From the whole to the shortest.
    pub const ALL: [Length; 3] = [Length::Whole, Length::Shorter, Length::Shortest];
}

/// The last line of a run in which all is well; a shorter one without the suite, and the shortest without ALPN too.
pub fn success(case: &Case<'_>, length: Length) -> String {
    let mut parts = Vec::new();
    if let Some(handshake) = case.trace().current() {
        let facts = &handshake.facts;
        parts.extend(facts.version.map(|version| version.to_string()));
        let suite = facts.cipher_suite.filter(|_| length == Length::Whole);
        parts.extend(suite.map(|suite| suite.to_string()));
        parts.extend(alpn(case.trace(), facts).filter(|_| length != Length::Shortest));
    }
    if super::authenticated::by_shared_key(case) {
        parts.push("pre-shared key".into());
    } else if resumed(case.trace()) {
        parts.push("resumed".into());
    }
    if case.verified_when_recorded() {
        parts.push("verified when recorded".into());
    }
    let leaf = case.judgement.and_then(|judgement| judgement.elements.first());
    if let Some(days) = leaf.and_then(|leaf| leaf.days_left) {
        parts.push(format!("leaf {days} {}", if days == 1 { "day" } else { "days" }));
    }
    if case.offline() && case.capture.intent.verify_name.is_none() {
        parts.push("no name verified (--verify-name)".into());
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals() {
        let expected =
            "1st 2nd 3rd 4th 10th 11th 12th 13th 14th 21st 22nd 23rd 101st 111th 112th 113th 122nd";
        let numbers = [1, 2, 3, 4, 10, 11, 12, 13, 14, 21, 22, 23, 101, 111, 112, 113, 122];
        assert_eq!(numbers.map(ordinal).join(" "), expected);
        assert_eq!((counted(0, "suite"), counted(1, "suite")), ("0 suites".into(), "1 suite".into()));
    }

    #[test]
    fn lists_of_protocols_may_be_cut() {
        assert_eq!(protocol_names(b"\x02h2\x08http/1.1"), ["h2", "http/1.1"]);
        assert_eq!(protocol_names(b"\x02h2\x08htt"), ["h2", "htt"]);
        assert!(protocol_names(b"").is_empty());
    }
}

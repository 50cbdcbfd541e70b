//! What the timeline says about each message: a few lines each.

use super::screen::{Screen, Style};
use crate::finding::Case;
use crate::finding::summary::{
    alpn, authorities, codes, counted, fingerprints, group, named, offer_parts, protocol_names, rank,
};
use crate::trace::{Evidence, Kind, Message, Proof, State, Trace};
use crate::wire::Direction;
use crate::wire::codepoints::{
    ALERTS, CERTIFICATE_COMPRESSION, CIPHER_SUITES, EXTENSION_TYPES, SIGNATURE_SCHEMES, SUPPORTED_GROUPS,
    VERSIONS,
};
use crate::wire::facts::Facts;
use crate::wire::field::Value;
use crate::wire::handshake::{certificate, types};
use crate::wire::text::escape_bytes;

/// A line of what is said about a message.
#[derive(Default)]
pub(super) struct Line {
    /// Stands in the column of names.
    pub(super) label: Option<&'static str>,
    pub(super) text: String,
    pub(super) style: Style,
}

impl Line {
    fn text(text: impl Into<String>) -> Self {
        Line { text: text.into(), ..Line::default() }
    }

    fn labelled(label: &'static str, text: impl Into<String>) -> Self {
        Line { label: Some(label), text: text.into(), ..Line::default() }
    }

    fn bad(text: impl Into<String>) -> Self {
        Line { label: None, text: text.into(), style: Style::Bad }
    }
}

/// The first line stands beside the name.
pub(super) fn describe(screen: &Screen<'_>, case: &Case<'_>, index: usize, message: &Message) -> Vec<Line> {
    let trace = case.trace();
    let Some(handshake) = trace.handshakes.get(message.handshake) else {
        return other(case, index, message);
    };
    let mut facts = handshake.facts;
    // Of two ClientHellos the facts have the last one.
    if let Some(own) = handshake.client_hellos.iter().find(|client| client.cipher_suites.message == index) {
        facts.client = Some(*own);
    }
    let proof = handshake.proofs.iter().find(|proof| proof.message == index);
    let mut lines = match message.kind {
        _ if message.incomplete.is_some() => Vec::new(),
        Kind::Handshake(types::CLIENT_HELLO) => client_hello(screen, case, message, &facts),
        Kind::Handshake(types::SERVER_HELLO) if message.name == "HelloRetryRequest" => retry(trace, &facts),
        Kind::Handshake(types::SERVER_HELLO) => {
            server_hello(trace, message, &facts, handshake.complete_at.is_some())
        }
        Kind::Handshake(types::ENCRYPTED_EXTENSIONS) => encrypted_extensions(trace, message, &facts),
        Kind::Handshake(types::CERTIFICATE) => certificates(case, message, message, &facts),
        Kind::Handshake(types::COMPRESSED_CERTIFICATE) => compressed(case, message, &facts),
        Kind::Handshake(types::CERTIFICATE_REQUEST) => certificate_request(trace, &facts),
        Kind::Handshake(types::CERTIFICATE_VERIFY) => vec![proven(proof)],
        Kind::Handshake(types::SERVER_KEY_EXCHANGE) => server_key_exchange(&facts, proof),
        Kind::Handshake(types::FINISHED) => finished(case, index, message, proof),
        Kind::Handshake(types::NEW_SESSION_TICKET) => new_session_ticket(message),
        _ => other(case, index, message),
    };
    if let Some(of) = message.incomplete {
        lines.push(Line::bad(format!("INCOMPLETE: {} of {of} bytes came", message.length)));
    }
    if let Some(problem) =
        message.problem.or_else(|| message.derived.first().and_then(|derived| derived.problem))
    {
        lines.push(Line::bad(format!("malformed: {problem}")));
    }
    if screen.settings.verbosity > 0 {
        lines.extend(wire_view(screen, trace, message));
    }
    if lines.is_empty() {
        lines.push(Line::text(format!("{} B", message.length)));
    }
    lines
}

fn client_hello(screen: &Screen<'_>, case: &Case<'_>, message: &Message, facts: &Facts) -> Vec<Line> {
    let trace = case.trace();
    let mss = case.capture.tcp.and_then(|tcp| tcp.mss).filter(|mss| message.length > *mss as usize);
    let segments = if mss.is_some() { ": more than one TCP segment" } else { "" };
    let mut lines = vec![Line::text(format!("{} B{segments}", message.length))];
    let Some(client) = facts.client else { return lines };
    lines.push(Line::labelled("random", in_two(&client.random)));
    lines.push(Line::text(offer_parts(trace, &client).join(" · ")));
    let mut names = Vec::new();
    if let Some(name) = client.server_name {
        names.push(format!("SNI {}", escape_bytes(trace.bytes(name))));
    }
    if let Some(alpn) = client.alpn {
        names.push(format!("ALPN {}", protocol_names(trace.bytes(alpn)).join(", ")));
    }
    if !names.is_empty() {
        lines.push(Line::text(names.join(" · ")));
    }
    if client.psk_identities.is_some() {
        let early = if client.early_data { ", and sends early data" } else { "" };
        lines.push(Line::text(format!("offers to resume a session by its ticket{early}")));
    }
    if screen.settings.verbosity > 0
        && let Some((ja3, ja4)) = fingerprints(trace)
    {
        lines.push(Line::labelled("fingerprints", format!("JA4 {ja4} · JA3 {ja3}")));
    }
    lines
}

fn server_hello(trace: &Trace, message: &Message, facts: &Facts, complete: bool) -> Vec<Line> {
    let version = named(&VERSIONS, facts.version).unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(suite) = facts.cipher_suite {
        let rank = rank(trace, facts.client.map(|client| client.cipher_suites), suite);
        lines.push(Line::text(format!("{version} · {} ({rank})", CIPHER_SUITES.show(suite))));
    }
    if let Some(random) = facts.server_random {
        lines.push(Line::labelled("random", in_two(&random)));
    }
    if let Some(chosen) = facts.group.filter(|_| facts.is_tls13()) {
        let rank = rank(trace, facts.client.and_then(|client| client.supported_groups), chosen);
        lines.push(Line::text(format!("{} ({rank})", group(chosen))));
    }
    if facts.psk.is_some() {
        lines.push(Line::text("resumes the session: its pre-shared key replaces the certificate"));
    } else if facts.abbreviated && complete {
        lines.push(Line::text("resumes the session: no new key exchange, no certificate"));
    }
    if !facts.is_tls13()
        && let Some(name) = alpn(trace, facts).filter(|_| {
            facts.alpn.is_some_and(|span| {
                trace.messages.get(span.message).is_some_and(|m| m.bytes == message.bytes)
            })
        })
    {
        lines.push(Line::text(format!("ALPN {name}")));
    }
    lines
}

fn retry(trace: &Trace, facts: &Facts) -> Vec<Line> {
    let mut lines = Vec::new();
    match facts.retry.flatten() {
        Some(wanted) => {
            let rank = rank(trace, facts.client.and_then(|client| client.supported_groups), wanted);
            lines.push(Line::text(format!("asks for a key share of {} ({rank})", group(wanted))));
        }
        None => lines.push(Line::text("asks for another ClientHello")),
    }
    lines.push(Line::text("costs one more round trip; none of our key shares suited it"));
    lines
}

fn encrypted_extensions(trace: &Trace, message: &Message, facts: &Facts) -> Vec<Line> {
    let mut parts = Vec::new();
    if let Some(name) = alpn(trace, facts) {
        parts.push(format!("ALPN {name}"));
    }
    if facts.client.is_some_and(|client| client.early_data) {
        parts.push(if facts.early_data_accepted {
            "early data accepted".into()
        } else {
            "early data REJECTED".into()
        });
    }
    let others: Vec<_> = extensions(message).into_iter().filter(|code| !matches!(code, 16 | 42)).collect();
    parts.extend(others.iter().map(|code| EXTENSION_TYPES.show(*code).into_owned()));
    if parts.is_empty() {
        parts.push("none".into());
    }
    vec![Line::text(parts.join(" · "))]
}

/// 32 bytes so that they break in the middle, if they must.
fn in_two(random: &[u8; 32]) -> String {
    format!("{} {}", hex::encode(&random[..16]), hex::encode(&random[16..]))
}

/// Types of the extensions in a message's tree.
fn extensions(message: &Message) -> Vec<u16> {
    let mut found = Vec::new();
    let mut stack: Vec<_> = message.root.iter().collect();
    while let Some(field) = stack.pop() {
        if field.name == "extension_type"
            && let Value::Code(code, _) = field.value
        {
            found.push(code);
        }
        stack.extend(field.children.iter().rev());
    }
    found
}

fn certificates(case: &Case<'_>, of: &Message, message: &Message, facts: &Facts) -> Vec<Line> {
    let Some(list) = facts.certificates_of(of.direction) else { return Vec::new() };
    let count = certificate::entries(case.trace().bytes(list.list), list.tls13).count();
    if count > 0 {
        return vec![Line::text(format!("{}, {} B", counted(count, "certificate"), message.length))];
    }
    let why = match of.direction {
        Direction::Client if !case.capture.intent.client_certificate => " (no --cert given)",
        _ => "",
    };
    vec![Line { text: format!("EMPTY{why}"), style: Style::Warn, ..Line::default() }]
}

fn compressed(case: &Case<'_>, message: &Message, facts: &Facts) -> Vec<Line> {
    let Some(derived) = message.derived.first() else { return Vec::new() };
    let mut lines = certificates(case, message, derived, facts);
    let algorithm = message.root.as_ref().and_then(|root| root.find("algorithm")).map(|field| field.value);
    if let (Some(first), Some(Value::Code(code, _))) = (lines.first_mut(), algorithm) {
        let name = CERTIFICATE_COMPRESSION.show(code);
        first.text = format!("{}, compressed to {} B by {name}", first.text, message.length);
    }
    lines
}

fn certificate_request(trace: &Trace, facts: &Facts) -> Vec<Line> {
    let names = authorities(trace);
    let mut lines = vec![Line::text(match names.as_slice() {
        [] => "any CA (none is named)".to_owned(),
        [one] => format!("1 CA: {one}"),
        [one, ..] => format!("{} CAs: {one}, …", names.len()),
    })];
    if let Some(schemes) = facts.certificate_request_schemes {
        lines.push(Line::text(counted(codes(trace.bytes(schemes)).count(), "signature scheme")));
    }
    lines
}

/// The mark of a proof, and what it rests on.
fn proven(proof: Option<&Proof>) -> Line {
    let Some(proof) = proof else { return Line::text("– not evaluated") };
    let scheme = named(&SIGNATURE_SCHEMES, proof.scheme);
    let scheme = scheme.map(|scheme| format!("{scheme}, ")).unwrap_or_default();
    let key = "by the leaf's key";
    match &proof.state {
        State::Holds => Line::text(format!("✓ {scheme}{key}")),
        State::Fails(why) => Line::bad(format!("✗ {scheme}{why}")),
        State::NotEvaluated(why) => Line::text(format!("– {scheme}not evaluated: {why}")),
    }
}

fn server_key_exchange(facts: &Facts, proof: Option<&Proof>) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(group) = named(&SUPPORTED_GROUPS, facts.group) {
        lines.push(Line::text(format!("{group}, a key of this connection only (ephemeral)")));
    }
    if proof.is_some() {
        lines.push(proven(proof));
    }
    lines
}

fn finished(case: &Case<'_>, index: usize, message: &Message, proof: Option<&Proof>) -> Vec<Line> {
    let mut lines = match proof.map(|proof| &proof.state) {
        Some(State::Holds) => vec![Line::text("✓ recomputed over the transcript, equal")],
        Some(State::Fails(why)) => vec![Line::bad(format!("✗ {why}"))],
        Some(State::NotEvaluated(why)) => vec![Line::text(format!("– not evaluated: {why}"))],
        None => Vec::new(),
    };
    let trace = case.trace();
    let Some(handshake) = trace.handshakes.get(message.handshake) else { return lines };
    let completes = handshake.complete_at == Some(message.at)
        && trace.messages.iter().rposition(|m| m.kind == message.kind && m.handshake == message.handshake)
            == Some(index);
    if completes {
        let began = trace.messages.get(handshake.first_message).map_or(message.at, |first| first.first_at);
        let trips = round_trips(trace, message.handshake);
        // A TLS 1.3 server judges the client's certificate only now.
        let judged = handshake.facts.is_tls13() && handshake.facts.certificate_request.is_some();
        let lead = if judged { "our side is done, the server has yet to judge it" } else { "complete" };
        let text = format!(
            "{lead}: {}, {}",
            case.when(message.at.saturating_sub(began)),
            counted(trips, "TLS round trip")
        );
        lines.push(Line::text(text));
    }
    lines
}

/// How often, before the handshake was complete, a flight of the client's was answered. TLS 1.3's
/// ChangeCipherSpecs, which may be sent at any time, are no flights.
fn round_trips(trace: &Trace, handshake: usize) -> usize {
    let of: Vec<_> = trace
        .messages
        .iter()
        .filter(|m| m.handshake == handshake && !m.post_handshake && m.kind != Kind::ChangeCipherSpec)
        .map(|m| m.direction)
        .collect();
    of.windows(2).filter(|pair| pair[0] == Direction::Client && pair[1] == Direction::Server).count()
}

fn new_session_ticket(message: &Message) -> Vec<Line> {
    let lifetime = ["ticket_lifetime", "ticket_lifetime_hint"]
        .iter()
        .find_map(|name| message.root.as_ref()?.find(name))
        .map(|field| field.value);
    let late = if message.post_handshake { "after the handshake; " } else { "" };
    match lifetime {
        Some(Value::Uint(seconds)) => vec![Line::text(format!("{late}good for {}", duration(seconds)))],
        _ => Vec::new(),
    }
}

/// `2 hours`, `7 days`, `300 s`
fn duration(seconds: u64) -> String {
    match seconds {
        s if s >= 2 * 86_400 && s % 86_400 == 0 => format!("{} days", s / 86_400),
        s if s >= 7_200 && s % 3_600 == 0 => format!("{} hours", s / 3_600),
        s => format!("{s} s"),
    }
}

fn other(case: &Case<'_>, _index: usize, message: &Message) -> Vec<Line> {
    let text = match message.kind {
        Kind::Alert { level, description } => {
            if description == 0 {
                return vec![Line::text("close_notify (0): nothing more from here")];
            }
            let level = match level {
                1 => "warning",
                2 => "fatal",
                _ => "unknown level",
            };
            let text = format!("{level}: {} ({description})", ALERTS.show(description.into()));
            let style = if description == 90 { Style::Plain } else { Style::Bad };
            return vec![Line { text, style, ..Line::default() }];
        }
        Kind::ChangeCipherSpec => match case.handshake().is_some_and(|h| h.facts.is_tls13()) {
            true => "means nothing in TLS 1.3: for old middleboxes".to_owned(),
            false => "from here on with the new keys".to_owned(),
        },
        Kind::ApplicationData => {
            format!("{} B in {}", message.length, counted(message.origin.len(), "record"))
        }
        Kind::Sealed => {
            let why = message
                .origin
                .first()
                .and_then(|origin| case.trace().records.get(origin.record))
                .map(|r| r.opened);
            let why = match why {
                Some(crate::trace::Opened::Sealed(why)) => why.text(),
                _ => "not opened",
            };
            format!("{} B in {}: {why}", message.length, counted(message.origin.len(), "record"))
        }
        Kind::Handshake(types::END_OF_EARLY_DATA) => "what follows has the handshake keys".to_owned(),
        Kind::Handshake(types::SERVER_HELLO_DONE) => "the server waits for us".to_owned(),
        Kind::Handshake(types::CLIENT_KEY_EXCHANGE) => "our half of the key exchange".to_owned(),
        _ => format!("{} B", message.length),
    };
    vec![Line::text(text)]
}

/// What the message looks like from outside (`-v`): its records as they are on the wire.
fn wire_view(screen: &Screen<'_>, trace: &Trace, message: &Message) -> Option<Line> {
    let mut parts = Vec::new();
    for origin in message.origin.iter().take(4) {
        let record = trace.records.get(origin.record)?;
        let outer = crate::wire::codepoints::CONTENT_TYPES.show(record.content_type.into());
        let shared =
            trace.messages.iter().filter(|m| m.origin.iter().any(|o| o.record == origin.record)).count();
        let share = if shared > 1 { format!(", shared by {shared} messages") } else { String::new() };
        let range = if screen.settings.verbosity > 1 {
            format!(", its bytes {}-{}", origin.range.start, origin.range.end.saturating_sub(1))
        } else {
            String::new()
        };
        parts.push(format!("record {}: {outer}, {} B{share}{range}", origin.record + 1, record.length));
    }
    if message.origin.len() > 4 {
        parts.push(format!("and {} more", message.origin.len() - 4));
    }
    (!parts.is_empty()).then(|| Line {
        label: Some("on the wire"),
        text: parts.join(" · "),
        style: Style::Dim,
    })
}

/// Where a statement points: `ServerHello in record 2`, `the leaf`, `"Example Issuing CA"`.
pub(super) fn place(case: &Case<'_>, evidence: &Evidence) -> Option<String> {
    let message = evidence.message.and_then(|index| case.trace().messages.get(index));
    match (message, evidence.certificate) {
        (Some(message), _) => Some(match message.origin.first() {
            Some(origin) => format!("{} in record {}", message.name, origin.record + 1),
            None => message.name.clone().into_owned(),
        }),
        (None, Some(0)) => Some("the leaf".into()),
        (None, Some(certificate)) => {
            let judgement = case.connection.judgement.as_ref();
            let element = judgement.and_then(|judgement| judgement.elements.get(certificate));
            Some(element.map_or_else(
                || format!("certificate {}", certificate + 1),
                |element| format!("{:?}", element.subject),
            ))
        }
        (None, None) => None,
    }
}

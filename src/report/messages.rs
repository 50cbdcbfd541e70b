//! What the timeline says about each message: a few lines each.
//!
//! They are made from facts and bytes, never from a field tree: a row costs nothing of what `-v` costs.

use super::ech;
use super::rows::{Line, Mark, Row, Tone, What};
use crate::finding::Case;
use crate::finding::summary::{
    alpn, authorities, codes, counted, external_keys, fingerprints, group, host_name, offer_parts,
    protocol_names, rank_of_group, rank_of_suite, round_trips,
};
use crate::trace::{Kind, Message, Opened, Proof, State, Trace};
use crate::wire::Direction;
use crate::wire::codepoints::{
    AlertDescription, AlertLevel, CERTIFICATE_COMPRESSION, CONTENT_TYPES, EXTENSION_TYPES,
};
use crate::wire::extension;
use crate::wire::facts::Facts;
use crate::wire::handshake::{HEADER, certificate, types};
use crate::wire::text::escape_bytes;

/// How many messages each record has a part in.
pub(super) fn shared(trace: &Trace) -> Vec<u32> {
    let mut shared = vec![0; trace.records.len()];
    for origin in trace.messages.iter().flat_map(|message| &message.origin) {
        if let Some(count) = shared.get_mut(origin.record) {
            *count += 1;
        }
    }
    shared
}

/// The row of one message. In full it says how many messages share a record.
pub(super) fn row(case: &Case<'_>, index: usize, message: &Message, shared: Option<&[u32]>) -> Row {
    let at = if message.direction == Direction::Client { message.first_at } else { message.at };
    let records = message.origin.first().zip(message.origin.last());
    Row {
        at: Some(at),
        direction: Some(message.direction),
        encrypted: message.encrypted(),
        records: records.map(|(first, last)| (first.record + 1, last.record + 1)),
        lines: lines(case, index, message, shared),
        explain: explain(case, message),
        ..Row::new(What::Message(index), message.name.clone())
    }
}

/// What `tls-trace explain` calls it.
fn explain(case: &Case<'_>, message: &Message) -> Option<String> {
    match message.kind {
        Kind::Handshake(_) => Some(format!("message.{}", message.name)),
        Kind::Alert { description, .. } => Some(format!("alert.{}", description.name()?)),
        Kind::ChangeCipherSpec if case.handshake().is_some_and(|h| h.facts.is_tls13()) => {
            Some("concept.compatibility".to_owned())
        }
        _ => None,
    }
}

/// The first line stands beside the name.
fn lines(case: &Case<'_>, index: usize, message: &Message, shared: Option<&[u32]>) -> Vec<Line> {
    let trace = case.trace();
    let mut lines = match trace.handshakes.get(message.handshake) {
        Some(handshake) if message.incomplete.is_none() => {
            let mut facts = handshake.facts;
            // Of two ClientHellos the facts have the last one.
            let sent = handshake.ech.iter().flat_map(|ech| &ech.outer).chain(&handshake.client_hellos);
            let own = sent.into_iter().find(|client| client.cipher_suites.message == index);
            facts.client = own.copied().or(facts.client);
            let proof = handshake.proofs.iter().find(|proof| proof.message == index);
            of_kind(case, index, message, &facts, proof)
        }
        Some(_) => Vec::new(),
        None => other(case, message),
    };
    if let Some(of) = message.incomplete {
        lines.push(Line::bad(format!("INCOMPLETE: {} of {of} bytes received", message.length)));
    }
    let all = || std::iter::once(message).chain(message.derived.first());
    if let Some(problem) = all().find_map(|it| it.problem) {
        lines.push(Line::bad(format!("malformed: {problem}")));
    } else if let Some(problem) = all().find_map(|it| it.carried_problem) {
        lines.push(Line::bad(format!("what it carries is malformed: {problem}")));
    }
    if let Some(shared) = shared {
        if matches!(message.kind, Kind::Handshake(types::CLIENT_HELLO)) {
            lines.extend(client(case));
        }
        lines.extend(on_the_wire(trace, message, shared));
    }
    if lines.is_empty() {
        lines.push(Line::text(format!("{} B", message.length)));
    }
    lines
}

fn of_kind(
    case: &Case<'_>,
    index: usize,
    message: &Message,
    facts: &Facts,
    proof: Option<&Proof>,
) -> Vec<Line> {
    let trace = case.trace();
    match message.kind {
        Kind::Handshake(types::CLIENT_HELLO) => client_hello(case, message, facts),
        Kind::Handshake(types::SERVER_HELLO) if facts.retry.is_some_and(|retry| retry.message == index) => {
            let mut lines = retry(trace, facts);
            lines.extend(ech::answer(case, index, message));
            lines
        }
        Kind::Handshake(types::SERVER_HELLO) => {
            let mut lines = server_hello(case, index, facts);
            lines.extend(ech::answer(case, index, message));
            lines
        }
        Kind::Handshake(types::ENCRYPTED_EXTENSIONS) => {
            let mut lines = encrypted_extensions(trace, message, facts);
            lines.extend(ech::retry_configs(case, index, facts));
            lines
        }
        Kind::Handshake(types::CERTIFICATE) => certificates(case, message, message, facts),
        Kind::Handshake(types::COMPRESSED_CERTIFICATE) => compressed(case, message, facts),
        Kind::Handshake(types::CERTIFICATE_REQUEST) => certificate_request(trace, facts),
        Kind::Handshake(types::CERTIFICATE_VERIFY) => vec![proven(proof)],
        Kind::Handshake(types::SERVER_KEY_EXCHANGE) => server_key_exchange(facts, proof),
        Kind::Handshake(types::FINISHED) => finished(case, index, message, proof),
        Kind::Handshake(types::NEW_SESSION_TICKET) => new_session_ticket(message, facts.is_tls13()),
        _ => other(case, message),
    }
}

fn client_hello(case: &Case<'_>, message: &Message, facts: &Facts) -> Vec<Line> {
    let trace = case.trace();
    let mss = case.capture.tcp.and_then(|tcp| tcp.mss).filter(|mss| message.length > *mss as usize);
    let segments = if mss.is_some() { ": more than one TCP segment" } else { "" };
    let mut lines = vec![Line::text(format!("{} B{segments}", message.length))];
    let Some(client) = facts.client else { return lines };
    lines.push(Line::labelled("random", in_two(&client.random)).of("random"));
    lines.push(Line::text(offer_parts(trace, &client).join(" · ")).of("cipher_suites"));
    let mut names = Vec::new();
    if let Some(name) = client.server_name {
        names.push(format!("SNI {}", host_name(trace.bytes(name))));
    }
    if let Some(alpn) = client.alpn {
        names.push(format!("ALPN {}", protocol_names(trace.bytes(alpn)).join(", ")));
    }
    if !names.is_empty() {
        lines.push(Line::text(names.join(" · ")).of("extensions"));
    }
    if client.psk_identities.is_some() {
        let early = if client.early_data { ", and sends early data" } else { "" };
        let offers = match external_keys(trace, &client) {
            Some(identities) => {
                let named: Vec<String> = identities.iter().map(|identity| escape_bytes(identity)).collect();
                format!("offers a pre-shared key, identity {}{early}", named.join(", "))
            }
            None => format!("offers to resume a session with a ticket{early}"),
        };
        lines.push(Line::text(offers));
    }
    lines.extend(ech::client_hello(case, message, &client));
    lines
}

/// The names by which a client's software is recognised.
fn client(case: &Case<'_>) -> Option<Line> {
    let (ja3, ja4) = fingerprints(case)?;
    Some(Line::labelled("fingerprints", format!("JA4 {ja4} · JA3 {ja3}")).in_full())
}

fn server_hello(case: &Case<'_>, index: usize, facts: &Facts) -> Vec<Line> {
    let trace = case.trace();
    let version = facts.version.map(|version| version.to_string()).unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(suite) = facts.cipher_suite {
        let rank = rank_of_suite(trace, facts.client.map(|client| client.cipher_suites), suite);
        // The names of TLS 1.3's suites are short, those before take a line by themselves.
        if facts.is_tls13() {
            lines.push(Line::text(format!("{version} · {suite} ({rank})")).of("cipher_suite"));
        } else {
            lines.push(Line::text(version).of("server_version"));
            lines.push(Line::labelled("suite", format!("{suite} ({rank})")).of("cipher_suite"));
        }
    }
    if let Some(random) = facts.server_random {
        lines.push(Line::labelled("random", in_two(&random)).of("random"));
        lines.extend(downgrade(trace, facts, &random));
    }
    if let Some(chosen) = facts.group.filter(|_| facts.is_tls13()) {
        let rank = rank_of_group(trace, facts.client.and_then(|client| client.supported_groups), chosen);
        lines.push(Line::text(format!("{} ({rank})", group(chosen))).of("group"));
    }
    if facts.psk.is_some() {
        let external = facts.client.is_some_and(|client| external_keys(trace, &client).is_some());
        lines.push(Line::text(match external {
            true => "uses the pre-shared key, which replaces the certificate".into(),
            false => format!("resumes {}: its pre-shared key replaces the certificate", session(case)),
        }));
    } else if facts.abbreviated && case.complete() {
        let by = match facts.client {
            Some(client) if client.session_ticket.is_some_and(|ticket| !ticket.is_empty()) => "ticket",
            _ => "session id",
        };
        let text = format!("resumes {} by its {by}: no new key exchange, no certificate", session(case));
        lines.push(Line::text(text));
    }
    let here = facts.alpn.is_some_and(|span| span.message == index);
    if let Some(name) = alpn(trace, facts).filter(|_| here) {
        lines.push(Line::text(format!("ALPN {name}")).of("extensions"));
    }
    lines
}

/// The session that is resumed, and where in a capture it began.
fn session(case: &Case<'_>) -> String {
    let stream = case.original.and_then(|original| original.stream.as_ref());
    stream.map_or("the session".into(), |stream| format!("the session of stream {stream}"))
}

/// A server that could speak a higher version says so in the last bytes of its random (RFC 8446, section 4.1.3).
fn downgrade(trace: &Trace, facts: &Facts, random: &[u8; 32]) -> Option<Line> {
    let knows = match &random[24..] {
        b"DOWNGRD\x01" => "TLS 1.3",
        b"DOWNGRD\x00" => "TLS 1.2 or 1.3",
        _ => return None,
    };
    let offered = facts.client.and_then(|client| client.supported_versions);
    let offered = offered.is_some_and(|span| codes(trace.bytes(span)).any(|code| code == 0x0304));
    let line = match offered {
        true => Line::bad(format!(
            "downgrade sentinel: the server supports {knows}, which was offered: a \
                               downgrade"
        )),
        false => {
            Line::text(format!("downgrade sentinel: the server supports {knows}, which was not offered"))
                .in_tone(Tone::Quiet)
        }
    };
    Some(line.of("random").explained("concept.downgrade"))
}

fn retry(trace: &Trace, facts: &Facts) -> Vec<Line> {
    let first = match facts.retry.and_then(|retry| retry.group) {
        Some(wanted) => {
            let rank = rank_of_group(trace, facts.client.and_then(|client| client.supported_groups), wanted);
            Line::text(format!("requests a key share for {} ({rank})", group(wanted))).of("selected_group")
        }
        None => Line::text("requests another ClientHello"),
    };
    vec![first, Line::text("costs one more round trip: no suitable key share was sent")]
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
    // Behind the length of the list.
    let list = body(message).get(2..).unwrap_or_default();
    let told = [
        extension::application_layer_protocol_negotiation::EXTENSION.code,
        extension::early_data::EXTENSION.code,
    ];
    let others = extension::codes(list).filter(|code| !told.contains(code));
    parts.extend(others.map(|code| EXTENSION_TYPES.show(code).into_owned()));
    if parts.is_empty() {
        parts.push("none".into());
    }
    vec![Line::text(parts.join(" · ")).of("extensions")]
}

/// What stands behind the header of a handshake message.
fn body(message: &Message) -> &[u8] {
    message.bytes.get(HEADER..).unwrap_or_default()
}

/// 32 bytes so that they break in the middle, if they must.
fn in_two(random: &[u8; 32]) -> String {
    format!("{} {}", hex::encode(&random[..16]), hex::encode(&random[16..]))
}

fn certificates(case: &Case<'_>, of: &Message, message: &Message, facts: &Facts) -> Vec<Line> {
    let header = if message.origin.is_empty() { 0 } else { HEADER };
    let content = message.bytes.get(header..).unwrap_or_default();
    // Its own list: there may be more than one such message.
    let Some(list) = certificate::list(content, facts.is_tls13()) else { return Vec::new() };
    let count = certificate::entries(list, facts.is_tls13()).count();
    if count > 0 {
        return vec![Line::text(format!("{}, {} B", counted(count, "certificate"), message.length))];
    }
    let why = match of.direction {
        Direction::Client
            if case.capture.intent.origin.is_live() && !case.capture.intent.client_certificate =>
        {
            " (no --cert given)"
        }
        _ => "",
    };
    vec![Line::text(format!("EMPTY{why}")).in_tone(Tone::Warning)]
}

fn compressed(case: &Case<'_>, message: &Message, facts: &Facts) -> Vec<Line> {
    let Some(derived) = message.derived.first() else { return Vec::new() };
    let mut lines = certificates(case, message, derived, facts);
    if let (Some(first), [high, low, ..]) = (lines.first_mut(), body(message)) {
        let name = CERTIFICATE_COMPRESSION.show(u16::from_be_bytes([*high, *low]));
        first.text = format!("{}, compressed to {} B by {name}", first.text, message.length);
        first.field = Some("algorithm");
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
    let Some(proof) = proof else { return Line::marked(Mark::NotEvaluated, "not evaluated") };
    let scheme = proof.scheme;
    let scheme = scheme.map(|scheme| format!("{scheme}, ")).unwrap_or_default();
    let text = match &proof.state {
        State::Holds => format!("{scheme}by the leaf's key"),
        State::Fails(why) => format!("{scheme}{why}"),
        State::NotEvaluated(why) => format!("{scheme}not evaluated: {why}"),
    };
    Line::marked(&proof.state, text).of("signature")
}

fn server_key_exchange(facts: &Facts, proof: Option<&Proof>) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(group) = facts.group {
        let text = format!("{group}, an ephemeral key");
        lines.push(Line::text(text).of("named_curve"));
    }
    if proof.is_some() {
        lines.push(proven(proof));
    }
    lines
}

fn finished(case: &Case<'_>, index: usize, message: &Message, proof: Option<&Proof>) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(proof.map(|proof| {
        let text = match &proof.state {
            State::Holds => "recomputed over the transcript, equal".to_owned(),
            State::Fails(why) => why.clone(),
            State::NotEvaluated(why) => format!("not evaluated: {why}"),
        };
        Line::marked(&proof.state, text).of("verify_data")
    }));
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
        let lead = match (judged, case.capture.intent.origin.is_live()) {
            (false, _) => "complete",
            (true, true) => "our side is complete; the server has not confirmed it yet",
            (true, false) => "the client's side is complete; the server has not confirmed it yet",
        };
        let text = format!(
            "{lead}: {}, {}",
            case.when(message.at.saturating_sub(began)),
            counted(trips, "TLS round trip")
        );
        lines.push(Line::text(text));
    }
    lines
}

fn new_session_ticket(message: &Message, tls13: bool) -> Vec<Line> {
    let late = if message.post_handshake { "after the handshake; " } else { "" };
    let words = ticket(body(message), tls13);
    words.map(|words| Line::text(format!("{late}{words}")).of("ticket_lifetime")).into_iter().collect()
}

/// How long a ticket is good. Its lifetime comes first in all versions (RFC 8446, section 4.6.1; RFC 5077, section 3.3).
fn ticket(body: &[u8], tls13: bool) -> Option<String> {
    let (lifetime, rest) = body.split_first_chunk()?;
    Some(match u32::from_be_bytes(*lifetime) {
        // The server changed its mind after it had announced one (RFC 5077, section 3.3).
        _ if !tls13 && rest == [0, 0] => "empty: the server issues no ticket after all".into(),
        0 if tls13 => "to be discarded immediately (lifetime 0)".into(),
        0 => "valid for an unspecified time".into(),
        seconds => format!("valid for {}", duration(seconds)),
    })
}

/// `2 hours`, `7 days`, `300 s`
fn duration(seconds: u32) -> String {
    match seconds {
        s if s >= 2 * 86_400 && s % 86_400 == 0 => format!("{} days", s / 86_400),
        s if s >= 7_200 && s % 3_600 == 0 => format!("{} hours", s / 3_600),
        s => format!("{s} s"),
    }
}

fn other(case: &Case<'_>, message: &Message) -> Vec<Line> {
    let text = match message.kind {
        Kind::Alert { level, description } => return vec![alert(level, description)],
        Kind::ChangeCipherSpec => match case.handshake().is_some_and(|h| h.facts.is_tls13()) {
            true => "ignored in TLS 1.3: sent for old middleboxes".to_owned(),
            false => "from here on with the new keys".to_owned(),
        },
        Kind::ApplicationData => return data(message),
        Kind::Sealed => {
            let record = message.origin.first().and_then(|origin| case.trace().records.get(origin.record));
            let why = match record.map(|record| record.opened) {
                Some(Opened::Sealed(why)) => why.text(),
                _ => "not opened",
            };
            format!("{} B in {}: {why}", message.length, counted(message.origin.len(), "record"))
        }
        Kind::Handshake(types::END_OF_EARLY_DATA) => "what follows has the handshake keys".to_owned(),
        Kind::Handshake(types::SERVER_HELLO_DONE) => "the server waits for the client".to_owned(),
        Kind::Handshake(types::CLIENT_KEY_EXCHANGE) => "the client's half of the key exchange".to_owned(),
        _ => format!("{} B", message.length),
    };
    vec![Line::text(text)]
}

/// How much there is and, with `--data`, what it is: a line of text on each row, escaped.
fn data(message: &Message) -> Vec<Line> {
    /// As much as a person reads; JSON has all of it.
    const SHOWN: usize = 16 << 10;
    let counted = format!("{} B in {}", message.length, counted(message.origin.len(), "record"));
    let (shown, rest) = message.bytes.split_at(message.bytes.len().min(SHOWN));
    let mut lines = vec![Line::text(counted)];
    lines.extend(shown.split_inclusive(|byte| *byte == b'\n').map(|line| Line::text(escape_bytes(line))));
    if !rest.is_empty() {
        lines.push(Line::text(format!("… {} B more", rest.len())).in_tone(Tone::Quiet));
    }
    lines
}

fn alert(level: AlertLevel, description: AlertDescription) -> Line {
    if description == AlertDescription::close_notify {
        return Line::text("close_notify (0): no more data");
    }
    let level = level.name().unwrap_or("unknown level");
    let text = format!("{level}: {description} ({})", description.0);
    // user_canceled says nothing about a fault.
    let tone = if description == AlertDescription::user_canceled { Tone::Plain } else { Tone::Bad };
    Line::text(text).in_tone(tone).of("description")
}

/// What the message looks like from outside: its records as they are on the wire.
fn on_the_wire(trace: &Trace, message: &Message, shared: &[u32]) -> Option<Line> {
    const SHOWN: usize = 4;
    let mut parts = Vec::new();
    for origin in message.origin.iter().take(SHOWN) {
        let record = trace.records.get(origin.record)?;
        let outer = CONTENT_TYPES.show(record.content_type.into());
        let sharing = shared.get(origin.record).copied().unwrap_or_default();
        let share = if sharing > 1 { format!(", shared by {sharing} messages") } else { String::new() };
        parts.push(format!("record {}: {outer}, {} B{share}", origin.record + 1, record.length));
    }
    if message.origin.len() > SHOWN {
        parts.push(format!("and {} more", message.origin.len() - SHOWN));
    }
    let line = Line::labelled("on the wire", parts.join(" · ")).in_tone(Tone::Quiet).in_full();
    (!parts.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_and_their_time() {
        let said = |body: &[u8], tls13| ticket(body, tls13).unwrap();
        assert_eq!(said(&[0, 0, 0x1c, 0x20, 0, 1, 9], false), "valid for 2 hours");
        assert_eq!(said(&[0, 0, 0, 0, 0, 1, 9], false), "valid for an unspecified time");
        assert!(said(&[0, 0, 0, 0, 0, 0], false).contains("no ticket"));
        assert!(said(&[0, 0, 0x1c, 0x20, 0, 0], false).contains("no ticket"));
        assert!(said(&[0; 4], true).contains("discarded"));
        assert_eq!(ticket(&[0, 0], true), None);
    }
}

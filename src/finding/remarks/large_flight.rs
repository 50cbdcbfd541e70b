//! A flight of the server's that no initial congestion window holds.

use crate::capture::Event;
use crate::finding::{Case, Cause, Finding, Remedy, Severity, summary};
use crate::trace::{self, Evidence};
use crate::wire::Direction;
use crate::wire::codepoints::compression;
use crate::wire::handshake::types;

use super::Remark;

/// Bytes of payload in a segment on an ordinary path (Ethernet, IPv4). That of the connection at hand may be larger, on
/// loopback; what is remarked is of use to others.
const SEGMENT: usize = 1460;

/// Segments that a server sends before the first acknowledgement (RFC 6928, section 2).
const WINDOW: usize = 10;

pub(super) const LARGE_FLIGHT: Remark = Remark {
    id: "tcp.large_flight",
    title: "the server's flight costs a further round trip",
    about: "A TCP sender may send ten segments before the first acknowledgement comes (RFC 6928), \
            about 14 600 bytes. What a server's first flight has beyond that arrives a round trip later, twice \
            that again one later, and so on: every new connection waits for it. It is nearly always the \
            certificate chain that is too large: certificates that nobody needs, RSA keys of 4096 bits, \
            hundreds of names. Certificate compression (RFC 8879) or a shorter chain brings it below the limit.",
    of,
};

fn of(case: &Case<'_>) -> Option<Finding> {
    let flight = largest(case)?;
    let window = SEGMENT * WINDOW;
    let trips = further_round_trips(flight, window);
    if trips == 0 {
        return None;
    }
    let trips = summary::counted(trips, "round trip");
    let (index, certificate) = case
        .trace()
        .first(types::CERTIFICATE)
        .or_else(|| case.trace().first(types::COMPRESSED_CERTIFICATE))
        .filter(|(_, message)| message.direction == Direction::Server)?;
    let compressed = certificate.kind == trace::Kind::Handshake(types::COMPRESSED_CERTIFICATE);
    let mut ways = Vec::new();
    if !compressed && let Some(smaller) = trace::compressed_length(&certificate.bytes) {
        let saved = certificate.length.saturating_sub(smaller);
        let offered = case.handshake().and_then(|handshake| handshake.facts.client).and_then(|client| {
            let algorithms = case.trace().bytes(client.certificate_compression?);
            summary::codes(algorithms).find(|code| *code == compression::BROTLI)
        });
        let who = if offered.is_some() { "" } else { " and be offered by the client, which it was not here" };
        if certificate.kind == trace::Kind::Handshake(types::CERTIFICATE) && saved > 0 && tls13(case) {
            ways.push(format!(
                "certificate compression (brotli) saves {saved} B of the Certificate; the server has to support it{who}"
            ));
        }
    }
    for (id, words) in
        [("chain.root_sent", "without its root"), ("chain.unused", "without unused certificates")]
    {
        let bytes = unneeded(case, id);
        if bytes > 0 {
            ways.push(format!("the chain {words} is {bytes} B shorter"));
        }
    }
    let remedy = match ways.as_slice() {
        [] => "a shorter chain, or a smaller certificate (fewer names, an elliptic-curve key)".to_owned(),
        ways => ways.join("; "),
    };
    Some(Finding {
        evidence: vec![Evidence { message: Some(index), ..Evidence::default() }],
        causes: vec![Cause::certain(format!("{} B of it are the {}", certificate.length, certificate.name))],
        remedy: Some(Remedy { command: None, text: Some(remedy.clone()) }),
        ..Finding::new(
            LARGE_FLIGHT.id,
            Severity::Note,
            LARGE_FLIGHT.title,
            format!(
                "the server's flight has {flight} B, {} of them the {}; a server usually sends {window} B (10 segments \
                 of {SEGMENT} B) before the first acknowledgement, so this takes {trips} more; {remedy}",
                certificate.length, certificate.name
            ),
        )
    })
}

fn tls13(case: &Case<'_>) -> bool {
    case.handshake().is_some_and(|handshake| handshake.facts.is_tls13())
}

/// Bytes of the largest flight of the server's before the handshake was complete.
fn largest(case: &Case<'_>) -> Option<usize> {
    let complete = case.handshake()?.complete_at?;
    let (mut largest, mut flight) = (0, 0);
    for event in &case.capture.events {
        let Event::Bytes { direction, at, bytes } = event else { continue };
        if *at > complete {
            break;
        }
        match direction {
            // The ChangeCipherSpec of TLS 1.3 may go out at any time, and asks for nothing.
            Direction::Client if matches!(bytes[..], [20, 3, _, 0, 1, 1]) => {}
            Direction::Client => flight = 0,
            Direction::Server => flight += bytes.len(),
        }
        largest = largest.max(flight);
    }
    Some(largest)
}

/// The window doubles with each round trip in which all of it was acknowledged (RFC 5681, section 3.1).
fn further_round_trips(flight: usize, window: usize) -> usize {
    let (mut sent, mut window, mut trips) = (window, window, 0);
    while sent < flight {
        window *= 2;
        sent += window;
        trips += 1;
    }
    trips
}

/// Bytes of the certificates that a finding about the chain is about.
fn unneeded(case: &Case<'_>, id: &str) -> usize {
    let Some(judgement) = case.judgement else { return 0 };
    let about = judgement.rules.iter().filter(|rule| rule.id == id && rule.state.fails());
    let mut places: Vec<usize> = about.filter_map(|rule| rule.evidence.certificate).collect();
    places.sort_unstable();
    places.dedup();
    let chain = case.trace().chain(0, Direction::Server);
    places.iter().filter_map(|place| chain.get(*place)).map(|certificate| certificate.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::further_round_trips;

    #[test]
    fn the_window_doubles() {
        for (flight, trips) in [(0, 0), (10, 0), (11, 1), (30, 1), (31, 2), (70, 2), (71, 3)] {
            assert_eq!(further_round_trips(flight, 10), trips, "{flight}");
        }
    }
}

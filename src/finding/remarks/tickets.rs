//! Session tickets that live too long.

use crate::finding::{Cause, Finding, Remedy, Severity};
use crate::trace::{Evidence, Kind};
use crate::wire::handshake::{HEADER, types};

use super::Remark;

/// Seconds in seven days: no ticket of TLS 1.3 may live longer (RFC 8446, section 4.6.1).
const TLS13: u32 = 7 * 86_400;

/// Seconds in a day: the most that is recommended before TLS 1.3, where a ticket holds the master secret (RFC 5246,
/// section F.1.4; RFC 9325, section 3.4).
const BEFORE: u32 = 86_400;

pub(super) const LIFETIME: Remark = Remark {
    id: "ticket.lifetime",
    title: "session tickets with a long lifetime",
    about: "A session ticket is only as safe as the key that the server encrypts it with, and that key has to be \
            kept as long as its tickets live. Before TLS 1.3 whoever gets it reads all sessions of that time, \
            forward secrecy or not: 24 hours are the most that is recommended (RFC 5246, section F.1.4). In \
            TLS 1.3 a lifetime of more than 7 days is forbidden (RFC 8446, section 4.6.1), and clients must not \
            keep tickets longer.",
    of: |case| {
        let tickets = case
            .trace()
            .messages
            .iter()
            .enumerate()
            .filter(|(_, message)| message.kind == Kind::Handshake(types::NEW_SESSION_TICKET));
        let (index, tls13, seconds) = tickets
            .filter_map(|(index, message)| {
                let tls13 = case.trace().handshakes.get(message.handshake)?.facts.is_tls13();
                let (seconds, _) = message.bytes.get(HEADER..)?.split_first_chunk()?;
                let seconds = u32::from_be_bytes(*seconds);
                (seconds > if tls13 { TLS13 } else { BEFORE }).then_some((index, tls13, seconds))
            })
            .max_by_key(|(_, _, seconds)| *seconds)?;
        let lives = format!("{:.1} days", f64::from(seconds) / 86_400.0);
        let (severity, what, limit) = match tls13 {
            true => (
                Severity::Warning,
                format!(
                    "a ticket_lifetime of {seconds} s ({lives}); TLS 1.3 allows 604800 s (7 days) at most"
                ),
                "7 days",
            ),
            false => (
                Severity::Note,
                format!(
                    "the ticket's lifetime hint is {seconds} s ({lives}); the key that protects it has to be kept as \
                     long, and opens all sessions of that time; 24 hours at most are recommended"
                ),
                "24 hours",
            ),
        };
        Some(Finding {
            evidence: vec![Evidence { message: Some(index), ..Evidence::default() }],
            causes: vec![Cause::certain("the session timeout that the server is configured with")],
            remedy: Some(Remedy {
                command: None,
                text: Some(format!(
                    "set the server's session timeout to {limit} or less (ssl_session_timeout in nginx, \
                     SSLSessionCacheTimeout in Apache), and change ticket keys as often"
                )),
            }),
            ..Finding::new(LIFETIME.id, severity, LIFETIME.title, what)
        })
    },
};

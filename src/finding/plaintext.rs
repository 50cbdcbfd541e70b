//! The peer does not speak TLS.

use crate::preamble;
use crate::trace::TailKind;
use crate::wire::Direction;
use crate::wire::text::{cut, escape_bytes};

use super::summary::counted;
use super::{By, Case, Cause, Command, Failure, Outcome, Rule, starttls};

/// What came is no TLS.
pub const RULE: Rule = Rule {
    id: "plaintext",
    title: "not TLS: plain text answered",
    about: "The server's answer is not a TLS record: another protocol answers on this port. Its first \
            bytes are shown, with unprintable ones escaped. Other programs call this \"wrong version \
            number\".",
    judge,
};

/// How other protocols begin: what is seen, its name, what it is, what to do.
const PROTOCOLS: &[(&[u8], &str, &str, &str)] = &[
    (b"HTTP/", "HTTP", "an HTTP server without TLS on this port", "the port that speaks https (usually 443)"),
    (
        b"<!DOCTYPE",
        "HTTP",
        "an HTTP server without TLS on this port",
        "the port that speaks https (usually 443)",
    ),
    (b"<html", "HTTP", "an HTTP server without TLS on this port", "the port that speaks https (usually 443)"),
    (b"SSH-", "SSH", "an SSH server", "the port that speaks TLS"),
    (b"554", "a mail server", "a mail server that rejects the client before TLS", "a host that it accepts"),
    (b"RFB ", "VNC", "a VNC server", "the port that speaks TLS"),
];

/// What is known of whoever begins like this, and what to do instead.
pub(super) fn known(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let row = PROTOCOLS.iter().find(|(begins, ..)| start.starts_with(begins));
    row.map(|(_, _, what, need)| (*what, *need))
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    let tail = case.trace().flows[Direction::Server.index()].tail.as_ref()?;
    if tail.kind != TailKind::NotTls || case.complete() || case.has_gaps() {
        return None;
    }
    let first_line = tail.bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let shown = cut(&escape_bytes(&first_line[..first_line.len().min(100)]), 60, "…");
    let mut failure = Failure::new("plaintext", Outcome::Failed, "tls", "");
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.who = Some(format!("server: \"{}\"", shown.trim_end_matches("\\r")));
    if let [20..=24, 3, 0..=4, high, low, ..] = *tail.bytes.as_slice() {
        let length = u16::from_be_bytes([high, low]);
        failure.id = "record_overflow".into();
        failure.summary = format!("record of {length} bytes, longer than allowed");
        failure.seen = Some(format!(
            "at byte {}: the limit is {} bytes",
            tail.offset,
            crate::wire::record::MAX_FRAGMENT
        ));
        failure.causes =
            vec![Cause::likely("a bug in the server"), Cause::possible("its bytes were changed in transit")];
        return Some(failure);
    }
    if tail.offset > 0 {
        failure.id = "not_tls".into();
        failure.summary = "not TLS from the middle of the handshake on".into();
        failure.seen =
            Some(format!("at byte {} of what the server sent: not the start of a TLS record", tail.offset));
        failure.causes = vec![
            Cause::possible("a middlebox that inserts data into the connection"),
            Cause::possible("a bug in the server"),
        ];
        return Some(failure);
    }
    failure.seen = Some(format!(
        "{}, not {} from the first one on",
        counted(tail.length as usize, "byte"),
        if tail.length == 1 { "a TLS record" } else { "TLS records" }
    ));
    if starttls::agreed(case).is_some() {
        failure.summary = "not TLS behind the go-ahead".into();
        failure.causes =
            vec![Cause::likely("a bug in the server: it agreed to begin TLS, and went on in the clear")];
        return Some(failure);
    }
    let other = PROTOCOLS.iter().find(|(start, ..)| tail.bytes.starts_with(start));
    match (preamble::greeted(&tail.bytes, case.capture.intent.port), other) {
        (Some(row), _) => {
            failure.summary = format!("not TLS: {} answered", row.title);
            failure.causes = vec![Cause::likely(starttls::begins_in_the_clear(row))];
            failure.remedy.text = row
                .tls_port
                .map(|port| format!("STARTTLS, or the port that speaks TLS from the start ({port})"));
            failure.remedy.command = Some(Command::default().set("--starttls", Some(row.name)));
        }
        (None, Some((_, name, what, need))) => {
            failure.summary = format!("not TLS: {name} answered");
            failure.causes = vec![Cause::likely(*what)];
            failure.remedy.text = Some((*need).into());
        }
        (None, None) => {
            failure.summary = "not TLS: an unknown protocol answered".into();
            failure.causes = vec![Cause::likely("another protocol on this port")];
            failure.remedy.text = Some("the port on which the server speaks TLS".into());
        }
    }
    Some(failure)
}

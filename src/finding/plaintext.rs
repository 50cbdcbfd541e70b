//! The peer does not speak TLS.

use crate::trace::TailKind;
use crate::wire::Direction;
use crate::wire::text::escape_bytes;

use super::summary::counted;
use super::{By, Case, Cause, Failure, Outcome, Rule};

/// What came is no TLS.
pub const RULE: Rule = Rule {
    id: "plaintext",
    about: "The bytes that came are no TLS record: another protocol answers on this port. Its first bytes are \
            shown with every unprintable one escaped. Programs that do not look at them call this \"wrong version number\".",
    judge,
};

/// How other protocols begin: what is seen, what it is, what to do.
const PROTOCOLS: &[(&[u8], &str, &str)] = &[
    (b"HTTP/", "an HTTP server without TLS on this port", "the port that speaks https (usually 443)"),
    (b"<!DOCTYPE", "an HTTP server without TLS on this port", "the port that speaks https (usually 443)"),
    (b"<html", "an HTTP server without TLS on this port", "the port that speaks https (usually 443)"),
    (b"SSH-", "an SSH server", "the port that speaks TLS"),
    (
        b"* OK",
        "an IMAP server that starts in plain text (STARTTLS)",
        "the port that speaks TLS from the start (993)",
    ),
    (
        b"+OK",
        "a POP3 server that starts in plain text (STLS)",
        "the port that speaks TLS from the start (995)",
    ),
    (
        b"220",
        "an SMTP or FTP server that starts in plain text (STARTTLS)",
        "the port that speaks TLS from the start (465, 990)",
    ),
    (b"554", "a mail server that refuses us before TLS", "a host that it accepts"),
    (
        b"<?xml",
        "an XMPP server that starts in plain text (STARTTLS)",
        "the port that speaks TLS from the start (5223)",
    ),
    (
        b"<stream",
        "an XMPP server that starts in plain text (STARTTLS)",
        "the port that speaks TLS from the start (5223)",
    ),
    (b"RFB ", "a VNC server", "the port that speaks TLS"),
];

fn judge(case: &Case<'_>) -> Option<Failure> {
    let tail = case.trace().flows[Direction::Server.index()].tail.as_ref()?;
    if tail.kind != TailKind::NotTls || case.complete() {
        return None;
    }
    let first_line = tail.bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let shown = escape_bytes(&first_line[..first_line.len().min(60)]);
    let mut failure = Failure::new("plaintext", Outcome::Failed, "tls", "");
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.who = Some(format!("server: \"{}\"", shown.trim_end_matches("\\r")));
    if let [20..=24, 3, 0..=4, high, low, ..] = *tail.bytes.as_slice() {
        let length = u16::from_be_bytes([high, low]);
        failure.id = "record_overflow".into();
        failure.summary = format!("the server announces a record of {length} bytes, more than TLS allows");
        failure.seen = Some(format!(
            "at byte {}: the limit is {} bytes",
            tail.offset,
            crate::wire::record::MAX_FRAGMENT
        ));
        failure.causes =
            vec![Cause::likely("a faulty server"), Cause::possible("something on the way changes its bytes")];
        return Some(failure);
    }
    if tail.offset > 0 {
        failure.id = "not_tls".into();
        failure.summary = "the server's bytes stop being TLS in the middle of the handshake".into();
        failure.seen =
            Some(format!("at byte {} of what the server sent: no TLS record starts like that", tail.offset));
        failure.causes = vec![
            Cause::possible("a middlebox that writes into the connection"),
            Cause::possible("a faulty server"),
        ];
        return Some(failure);
    }
    failure.seen = Some(format!(
        "{} that {} no TLS record, from the first one on",
        counted(tail.length as usize, "byte"),
        if tail.length == 1 { "is" } else { "are" }
    ));
    match PROTOCOLS.iter().find(|(start, _, _)| tail.bytes.starts_with(start)) {
        Some((_, what, need)) => {
            failure.summary = "the server does not speak TLS on this port: it answered in plain text".into();
            failure.causes = vec![Cause::likely(*what)];
            failure.remedy.text = Some((*need).into());
        }
        None => {
            failure.summary = "the server's answer is not TLS".into();
            failure.causes = vec![Cause::likely("another protocol on this port")];
            failure.remedy.text = Some("the port on which the server speaks TLS".into());
        }
    }
    Some(failure)
}

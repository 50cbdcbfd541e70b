//! The table of a capture's connections: what is seen of each, nothing of it verified.

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::capture::quic::error_name;
use crate::capture::{How, StepKind, Tcp};
use crate::finding::{Case, checks};
use crate::trace::TailKind;
use crate::wire::Direction;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its place among the TCP connections of the file, from 0: Wireshark's `tcp.stream`. Of QUIC `udp:N`, its place
    /// among the UDP conversations: `udp.stream`.
    pub stream: Option<String>,
    /// RFC 3339
    pub started_at: String,
    pub client: Option<String>,
    pub server: Option<String>,
    pub sni: Option<String>,
    pub tls: Option<String>,
    pub cipher: Option<String>,
    pub group: Option<String>,
    /// What became of the handshake, in a few words.
    pub handshake: String,
}

impl Row {
    /// Of one connection.
    pub fn of(case: &Case<'_>) -> Row {
        let known = case.trace().current().map(|handshake| handshake.facts).unwrap_or_default();
        let ends = case.capture.steps.iter().find_map(|step| match &step.what {
            StepKind::Tcp { address, outcome: Tcp::Connected { local } } => Some((local, address)),
            StepKind::Quic(quic) => Some((&quic.local, &quic.address)),
            _ => None,
        });
        Row {
            stream: case.capture.intent.stream_name(),
            started_at: OffsetDateTime::from(case.capture.began).format(&Rfc3339).unwrap_or_default(),
            client: ends.map(|(client, _)| client.to_string()),
            server: ends.map(|(_, server)| server.to_string()),
            sni: case.capture.intent.sni.clone(),
            tls: known.version.map(|version| version.to_string()),
            cipher: known.cipher_suite.map(|suite| suite.to_string()),
            group: known.group.map(|group| group.to_string()),
            handshake: match case.quic() {
                Some(quic) => format!("{}: {}", quic.name(), handshake(case)),
                None => handshake(case),
            },
        }
    }
}

/// What became of the handshake.
fn handshake(case: &Case<'_>) -> String {
    for direction in [Direction::Server, Direction::Client] {
        if let Some((_, _, alert)) = case.alert(direction).filter(|_| !case.complete()) {
            return format!("failed: {alert} from the {}", direction.sender());
        }
    }
    if case.complete() {
        return "complete".into();
    }
    if checks::sealed(case) {
        return "went on encrypted".into();
    }
    if case.has_gaps() {
        return "not recorded whole".into();
    }
    if let Some((who, error)) = case.quic().and_then(|quic| quic.closed) {
        return format!("failed: {} from the {}", error_name(error), who.sender());
    }
    let [_, server] = &case.trace().flows;
    if server.tail.as_ref().is_some_and(|tail| tail.kind == TailKind::NotTls) {
        return "failed: the answer is not TLS".into();
    }
    match case.end(Direction::Server) {
        Some((_, How::Reset)) => "failed: reset".into(),
        _ if server.bytes == 0 => "no answer".into(),
        Some((_, How::Fin)) => "failed: closed".into(),
        _ => "incomplete".into(),
    }
}

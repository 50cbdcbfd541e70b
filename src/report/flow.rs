//! The flow chart of the handshake: what may follow what, the way that was taken, and where it ended.
//!
//! The charts are those of RFC 8446, appendix A, and RFC 5246, section 7.3, with each message as a box.

use std::borrow::Cow;

use super::timeline;
use super::verdict as told;
use crate::capture::StepKind;
use crate::finding::summary::{codes, counted};
use crate::finding::{Case, Verdict};
use crate::preamble;
use crate::trace::{Epoch, Kind, Message};
use crate::wire::Direction;
use crate::wire::handshake::types;
use crate::wire::text::{cut, escape};

/// A chart of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// `example.com:443 at 93.184.215.14`, escaped.
    pub title: String,
    /// `TLS 1.3`
    pub version: &'static str,
    pub boxes: Vec<Box>,
    pub edges: Vec<Edge>,
}

/// A step of the handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Box {
    /// The message's name, or what it is in words; escaped.
    pub text: Cow<'static, str>,
    pub kind: BoxKind,
    /// The way led through it.
    pub passed: bool,
}

/// The kinds of box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxKind {
    /// Something other than a message.
    State,
    /// A message of this sender.
    Message(Direction),
    /// How it ended, and whether that is well.
    End { well: bool },
}

/// What may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Places in [`Flow::boxes`].
    pub from: usize,
    pub to: usize,
    /// When this way is taken, where there are several; may be empty.
    pub label: &'static str,
    pub taken: bool,
}

/// Behind messages that no RFC lets follow each other.
const OUT_OF_ORDER: &str = "out of order";

type Boxes = &'static [(&'static str, &'static str, BoxKind)];
type Edges = &'static [(&'static str, &'static str, &'static str)];

const CLIENT: BoxKind = BoxKind::Message(Direction::Client);
const SERVER: BoxKind = BoxKind::Message(Direction::Server);

/// Each with its id, its text and its kind.
const TLS13: Boxes = &[
    ("client_hello", "ClientHello", CLIENT),
    ("retry", "HelloRetryRequest", SERVER),
    ("second_hello", "ClientHello, the second", CLIENT),
    ("early_data", "early data", CLIENT),
    ("server_hello", "ServerHello", SERVER),
    ("extensions", "EncryptedExtensions", SERVER),
    ("request", "CertificateRequest", SERVER),
    ("certificate", "Certificate", SERVER),
    ("verify", "CertificateVerify", SERVER),
    ("finished", "Finished", SERVER),
    ("end_of_early_data", "EndOfEarlyData", CLIENT),
    ("client_certificate", "Certificate", CLIENT),
    ("client_verify", "CertificateVerify", CLIENT),
    ("client_finished", "Finished", CLIENT),
    ("connected", "connected: application data", BoxKind::State),
    ("ticket", "NewSessionTicket", SERVER),
];

const TLS13_EDGES: Edges = &[
    ("client_hello", "server_hello", ""),
    ("client_hello", "retry", "no usable key share"),
    ("client_hello", "early_data", "0-RTT"),
    ("early_data", "server_hello", ""),
    ("early_data", "retry", "no usable key share"),
    ("retry", "second_hello", ""),
    ("second_hello", "server_hello", ""),
    ("server_hello", "extensions", ""),
    ("extensions", "certificate", "full handshake"),
    ("extensions", "request", "client certificate requested"),
    ("extensions", "finished", "pre-shared key: resumption"),
    ("request", "certificate", ""),
    ("certificate", "verify", ""),
    ("verify", "finished", ""),
    ("finished", "client_finished", ""),
    ("finished", "end_of_early_data", "early data accepted"),
    ("finished", "client_certificate", "requested"),
    ("finished", "ticket", "before the client's Finished"),
    ("ticket", "client_finished", ""),
    ("end_of_early_data", "client_finished", ""),
    ("end_of_early_data", "client_certificate", "requested"),
    ("client_certificate", "client_verify", "with a certificate"),
    ("client_certificate", "client_finished", "empty"),
    ("client_verify", "client_finished", ""),
    ("client_finished", "connected", ""),
    ("connected", "ticket", "for resumption"),
];

const TLS12: Boxes = &[
    ("client_hello", "ClientHello", CLIENT),
    ("server_hello", "ServerHello", SERVER),
    ("certificate", "Certificate", SERVER),
    ("status", "CertificateStatus", SERVER),
    ("key_exchange", "ServerKeyExchange", SERVER),
    ("request", "CertificateRequest", SERVER),
    ("done", "ServerHelloDone", SERVER),
    ("client_certificate", "Certificate", CLIENT),
    ("client_key_exchange", "ClientKeyExchange", CLIENT),
    ("client_verify", "CertificateVerify", CLIENT),
    ("client_change", "ChangeCipherSpec", CLIENT),
    ("client_finished", "Finished", CLIENT),
    ("ticket", "NewSessionTicket", SERVER),
    ("change", "ChangeCipherSpec", SERVER),
    ("finished", "Finished", SERVER),
    ("connected", "connected: application data", BoxKind::State),
];

const TLS12_EDGES: Edges = &[
    ("client_hello", "server_hello", ""),
    ("server_hello", "certificate", "full handshake"),
    ("server_hello", "key_exchange", "no certificate"),
    ("server_hello", "done", "pre-shared key"),
    ("server_hello", "change", "resumption"),
    ("server_hello", "ticket", "resumption, new ticket"),
    ("certificate", "status", "stapled OCSP"),
    ("certificate", "key_exchange", "ephemeral key exchange"),
    ("certificate", "request", "client certificate requested"),
    ("certificate", "done", "RSA key exchange"),
    ("status", "key_exchange", "ephemeral key exchange"),
    ("status", "request", "client certificate requested"),
    ("status", "done", "RSA key exchange"),
    ("key_exchange", "request", "client certificate requested"),
    ("key_exchange", "done", ""),
    ("request", "done", ""),
    ("done", "client_key_exchange", ""),
    ("done", "client_certificate", "requested"),
    ("client_certificate", "client_key_exchange", ""),
    ("client_key_exchange", "client_change", ""),
    ("client_key_exchange", "client_verify", "with a certificate"),
    ("client_verify", "client_change", ""),
    ("client_change", "client_finished", ""),
    ("client_finished", "change", "full handshake"),
    ("client_finished", "ticket", "new ticket"),
    ("ticket", "change", ""),
    ("change", "finished", ""),
    ("finished", "connected", "full handshake"),
    ("finished", "client_change", "resumption"),
    ("client_finished", "connected", "resumption"),
];

impl Flow {
    /// Of one connection; none where there was none (certificates in files).
    pub fn of(case: &Case<'_>, verdict: &Verdict) -> Option<Flow> {
        (!case.offline()).then(|| flow(case, verdict))
    }
}

fn flow(case: &Case<'_>, verdict: &Verdict) -> Flow {
    let tls13 = is_tls13(case);
    let (boxes, edges) = if tls13 { (TLS13, TLS13_EDGES) } else { (TLS12, TLS12_EDGES) };
    let version = match case.handshake().and_then(|handshake| handshake.facts.version) {
        _ if tls13 => "TLS 1.3",
        Some(version) if version.0 == 0x0300 => "SSL 3.0",
        Some(version) if version.0 == 0x0301 => "TLS 1.0",
        Some(version) if version.0 == 0x0302 => "TLS 1.1",
        _ => "TLS 1.2",
    };
    let title = cut(&timeline::title(case), 120, "…");
    let mut chart = Chart::new(title.clone());
    let reached = case.connected();
    let carrier = if case.quic().is_some() { "QUIC connection" } else { "TCP connection" };
    chart.begin(carrier, reached);
    // One box for each dialogue, in its order.
    for step in &case.capture.steps {
        if let StepKind::Preamble { protocol, .. } = &step.what {
            let title = preamble::find(protocol).map_or_else(|| escape(protocol), |row| row.title.to_owned());
            chart.begin(format!("{title} dialogue"), reached);
        }
    }
    let begun = chart.boxes.len() - 1;
    for (_, text, kind) in boxes {
        chart.boxes.push(Box { text: (*text).into(), kind: *kind, passed: false });
    }
    let place = |id: &str| begun + 1 + boxes.iter().position(|(name, ..)| *name == id).unwrap_or_default();
    chart.edges.push(Edge { from: begun, to: place("client_hello"), label: "", taken: false });
    chart.edges.extend(edges.iter().map(|(from, to, label)| Edge {
        from: place(from),
        to: place(to),
        label,
        taken: false,
    }));
    let mut hellos = 0;
    let messages = in_order(case);
    let last_finished = messages.iter().rposition(|message| message.kind == Kind::Handshake(types::FINISHED));
    let complete = case.handshake().is_some_and(|handshake| handshake.complete_at.is_some());
    for (n, message) in messages.into_iter().enumerate() {
        if message.kind == Kind::Handshake(types::CLIENT_HELLO) {
            hellos += 1;
        }
        if let Some(id) = box_of(case, message, tls13, hellos) {
            chart.pass(place(id));
        }
        if complete && last_finished == Some(n) {
            chart.pass(place("connected"));
        }
    }
    if case.trace.handshakes.len() > 1 {
        let more = counted(case.trace.handshakes.len() - 1, "more handshake");
        let what = if tls13 { "authentication after the handshake" } else { "renegotiation" };
        let text = format!("{what}: {more}, not drawn");
        chart.boxes.push(Box { text: text.into(), kind: BoxKind::State, passed: true });
        let place = chart.boxes.len() - 1;
        chart.go(chart.last, place, "");
        chart.last = place;
    }
    let sealed = case.trace.messages.iter().any(|message| message.kind == Kind::Sealed);
    let words = told::headlines(case, verdict).into_iter().next().unwrap_or_default();
    let end = format!("{} · {words}", verdict.word());
    let well = verdict.exit_code == 0;
    chart.boxes.push(Box { text: end.into(), kind: BoxKind::End { well }, passed: true });
    chart.go(chart.last, chart.boxes.len() - 1, if sealed { "more, not decrypted" } else { "" });
    Flow { title, version, boxes: chart.boxes, edges: chart.edges }
}

/// The version that is spoken, or (without an answer) the highest that is offered.
fn is_tls13(case: &Case<'_>) -> bool {
    let Some(handshake) = case.handshake() else { return true };
    let facts = &handshake.facts;
    match facts.version {
        Some(version) => version.is_tls13(),
        None => {
            let versions = facts.client.and_then(|client| client.supported_versions);
            versions.is_some_and(|span| codes(case.trace.bytes(span)).any(|code| code == 0x0304))
        }
    }
}

/// The messages of the first handshake, in the order of their time.
fn in_order<'a>(case: &Case<'a>) -> Vec<&'a Message> {
    let mut messages: Vec<_> = case.trace.messages.iter().filter(|message| message.handshake == 0).collect();
    messages.sort_by_key(|message| message.at);
    messages
}

/// The box that a message is.
fn box_of(case: &Case<'_>, message: &Message, tls13: bool, hellos: usize) -> Option<&'static str> {
    let from_client = message.direction == Direction::Client;
    let either = |client: &'static str, server: &'static str| Some(if from_client { client } else { server });
    let code = match message.kind {
        Kind::Handshake(code) => code,
        Kind::ChangeCipherSpec if !tls13 => return either("client_change", "change"),
        Kind::ApplicationData if tls13 && message.epoch == Epoch::Early => return Some("early_data"),
        _ => return None,
    };
    let is_retry = || {
        let retry = case.handshake().and_then(|handshake| handshake.facts.retry);
        retry.is_some_and(|retry| {
            case.trace.messages.get(retry.message).is_some_and(|retry| std::ptr::eq(retry, message))
        })
    };
    match (code, tls13) {
        (types::CLIENT_HELLO, true) if hellos > 1 => Some("second_hello"),
        (types::CLIENT_HELLO, _) => Some("client_hello"),
        (types::SERVER_HELLO, true) if is_retry() => Some("retry"),
        (types::SERVER_HELLO, _) => Some("server_hello"),
        (types::ENCRYPTED_EXTENSIONS, true) => Some("extensions"),
        (types::CERTIFICATE_REQUEST, _) if !message.post_handshake => Some("request"),
        (types::CERTIFICATE | types::COMPRESSED_CERTIFICATE, _) if !message.post_handshake => {
            either("client_certificate", "certificate")
        }
        (types::CERTIFICATE_VERIFY, _) if !message.post_handshake => either("client_verify", "verify"),
        (types::FINISHED, _) if !message.post_handshake => either("client_finished", "finished"),
        (types::END_OF_EARLY_DATA, true) => Some("end_of_early_data"),
        (types::NEW_SESSION_TICKET, _) => Some("ticket"),
        (types::CERTIFICATE_STATUS, false) => Some("status"),
        (types::SERVER_KEY_EXCHANGE, false) => Some("key_exchange"),
        (types::SERVER_HELLO_DONE, false) => Some("done"),
        (types::CLIENT_KEY_EXCHANGE, false) => Some("client_key_exchange"),
        _ => None,
    }
}

/// A chart while the way through it is found.
struct Chart {
    boxes: Vec<Box>,
    edges: Vec<Edge>,
    /// Where the way has got to.
    last: usize,
}

impl Chart {
    fn new(title: String) -> Chart {
        let first = Box { text: title.into(), kind: BoxKind::State, passed: true };
        Chart { boxes: vec![first], edges: Vec::new(), last: 0 }
    }

    /// A step before TLS, behind the one before.
    fn begin(&mut self, text: impl Into<Cow<'static, str>>, passed: bool) {
        let place = self.boxes.len();
        self.boxes.push(Box { text: text.into(), kind: BoxKind::State, passed });
        self.edges.push(Edge { from: place - 1, to: place, label: "", taken: passed });
        if passed {
            self.last = place;
        }
    }

    /// The way goes on to a box; the same box again is no way.
    fn pass(&mut self, place: usize) {
        if place == self.last {
            return;
        }
        self.go(self.last, place, OUT_OF_ORDER);
        if let Some(passed) = self.boxes.get_mut(place) {
            passed.passed = true;
        }
        self.last = place;
    }

    /// Along an edge that is there, else along a new one.
    fn go(&mut self, from: usize, to: usize, label: &'static str) {
        match self.edges.iter_mut().find(|edge| (edge.from, edge.to) == (from, to)) {
            Some(edge) => edge.taken = true,
            None => self.edges.push(Edge { from, to, label, taken: true }),
        }
    }
}

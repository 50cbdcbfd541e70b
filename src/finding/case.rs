//! What the rules look at.

use std::time::Duration;

use crate::capture::{Capture, How, Question, Quic, Step, StepKind, Tcp};
use crate::certificate::Judgement;
use crate::trace::{FlowEnd, Handshake, Kind, Message, Proven, State, TailKind, Trace};
use crate::wire::Direction;
use crate::wire::codepoints::{AlertDescription, AlertLevel};
use crate::wire::handshake::types;

use super::summary::counted;

/// One connection of a run, as the rules see it.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// What was asked of every connection of the run.
    pub question: &'a Question,
    pub capture: &'a Capture,
    pub trace: &'a Trace,
    /// The server's chain; of the original handshake if this one was resumed.
    pub judgement: Option<&'a Judgement>,
    /// Of a handshake that resumes another's session: what is known of that one.
    pub original: Option<&'a Original>,
}

/// A handshake whose session is resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Whether the server proved in it who it is.
    pub authenticated: State,
    /// Which connection of a capture that was ([`Intent::stream_name`](crate::capture::Intent::stream_name)).
    pub stream: Option<String>,
}

impl<'a> Case<'a> {
    /// The trace.
    pub fn trace(&self) -> &'a Trace {
        self.trace
    }

    /// Whether the chain is the original handshake's.
    pub fn inherited(&self) -> bool {
        self.original.is_some() && self.judgement.is_some()
    }

    /// The time that certificates are judged at, in seconds since 1970.
    pub fn judged_at(&self) -> i64 {
        self.capture.judged_at(self.question)
    }

    /// The first handshake.
    pub fn handshake(&self) -> Option<&'a Handshake> {
        self.trace.handshake()
    }

    /// The original handshake, in words: `original handshake, stream 3`.
    pub fn original_name(&self) -> String {
        let stream = self.original.and_then(|original| original.stream.as_ref());
        let stream = stream.map(|stream| format!(", stream {stream}")).unwrap_or_default();
        format!("original handshake{stream}")
    }

    /// The server's chain; of the original handshake if this one was resumed.
    pub fn judgement(&self) -> Option<&'a Judgement> {
        self.judgement
    }

    /// Whether a chain from files is judged, without a connection.
    pub fn offline(&self) -> bool {
        !self.capture.given.is_empty()
    }

    /// Whether both Finished were seen, now or when a trace was recorded whose secrets were not saved.
    pub fn complete(&self) -> bool {
        self.handshake().is_some_and(|handshake| handshake.complete_at.is_some())
            || self.verified_when_recorded()
    }

    /// Whether both Finished held when this was recorded, and can't be seen again.
    pub fn verified_when_recorded(&self) -> bool {
        let held = |what: Proven| self.capture.verified.iter().any(|id| id == what.id());
        held(Proven::ServerFinished) && held(Proven::ClientFinished)
    }

    /// Whether a TCP connection came about.
    pub fn connected(&self) -> bool {
        let connected = |what: &StepKind| {
            matches!(
                what,
                StepKind::Tcp { outcome: Tcp::Connected { .. }, .. } | StepKind::Unix { error: None, .. }
            )
        };
        self.capture.steps.iter().any(|step| connected(&step.what))
            || self.quic().is_some()
            // A capture file has no steps.
            || (self.capture.steps.is_empty() && !self.capture.events.is_empty())
    }

    /// What was seen of its packets, if QUIC carried the handshake.
    pub fn quic(&self) -> Option<&'a Quic> {
        self.capture.steps.iter().find_map(|step| match &step.what {
            StepKind::Quic(quic) => Some(quic),
            _ => None,
        })
    }

    /// The steps that tried to connect.
    pub fn attempts(&self) -> impl Iterator<Item = (&'a Step, &'a std::net::SocketAddr, &'a Tcp)> {
        self.capture.steps.iter().filter_map(|step| match &step.what {
            StepKind::Tcp { address, outcome } => Some((step, address, outcome)),
            _ => None,
        })
    }

    /// How this direction ended.
    pub fn end(&self, direction: Direction) -> Option<&'a (Duration, How)> {
        self.trace.flows[direction.index()].end.as_ref()
    }

    /// The last message that `direction`'s sender sent; alerts aside, and ChangeCipherSpec, which in
    /// TLS 1.3 may stand anywhere and means nothing.
    pub fn last_of(&self, direction: Direction) -> Option<&'a Message> {
        let counts =
            |kind: Kind| !matches!(kind, Kind::Alert { .. } | Kind::ChangeCipherSpec | Kind::Unknown(_));
        let of = |m: &&Message| m.direction == direction && counts(m.kind);
        self.trace.messages.iter().rfind(of)
    }

    /// The server's fatal (or unexpected) alert: its index, message and description.
    pub fn server_alert(&self) -> Option<(usize, &'a Message, AlertDescription)> {
        self.alert(Direction::Server)
    }

    /// The first alert of a sender that ends the connection: neither close_notify nor user_canceled, and before
    /// TLS 1.3, where the level still counts, no warning.
    pub fn alert(&self, direction: Direction) -> Option<(usize, &'a Message, AlertDescription)> {
        let tls13 = self.handshake().is_some_and(|handshake| handshake.facts.is_tls13());
        self.trace.alerts().find_map(|(index, message, level, description)| {
            let orderly =
                matches!(description, AlertDescription::close_notify | AlertDescription::user_canceled);
            let ends = !orderly && (tls13 || level != AlertLevel::warning);
            (message.direction == direction && ends).then_some((index, message, description))
        })
    }

    /// Whose the client's messages are: ours, unless others made the connection.
    pub fn ours(&self) -> &'static str {
        if self.capture.intent.origin.is_live() { "our" } else { "the client's" }
    }

    /// Whether bytes of either side were not recorded: what they said is not known.
    pub fn has_gaps(&self) -> bool {
        let missing = |flow: &FlowEnd| {
            !flow.lost.is_empty() || flow.tail.as_ref().is_some_and(|tail| tail.kind == TailKind::NotRead)
        };
        !self.capture.intent.origin.is_live() && self.trace.flows.iter().any(missing)
    }

    /// Whether the server said something before its Finished that was not recorded.
    pub fn has_gap_before_finished(&self) -> bool {
        let server = Direction::Server;
        let finished = |m: &&Message| m.direction == server && m.kind == Kind::Handshake(types::FINISHED);
        let finished = self.trace.messages.iter().find(finished).and_then(|m| m.origin.first());
        let until = finished.and_then(|origin| self.trace.records.get(origin.record)).map(|it| it.offset);
        let lost = &self.trace.flows[server.index()].lost;
        !self.capture.intent.origin.is_live()
            && lost.iter().any(|lost| until.is_none_or(|until| lost.offset < until))
    }

    /// Where the handshake stood: "after our ClientHello, before any answer".
    pub fn stage(&self) -> String {
        if self.complete() {
            return "after the handshake was complete".into();
        }
        let whose = self.ours();
        let ours = self.last_of(Direction::Client);
        let theirs = self.last_of(Direction::Server);
        match (ours, theirs) {
            (None, None) => "before any message".into(),
            (Some(ours), None) => match self.trace.flows[Direction::Server.index()].bytes {
                0 if self.has_gaps() => format!("after {whose} {}; no answer was recorded", ours.name),
                0 => format!("after {whose} {}, before any answer", ours.name),
                n => format!("after {whose} {}, {} into the answer", ours.name, counted(n as usize, "byte")),
            },
            (None, Some(theirs)) => format!("after the server's {}", theirs.name),
            (Some(ours), Some(theirs)) if ours.at > theirs.at => format!("after {whose} {}", ours.name),
            (Some(_), Some(theirs)) => match theirs.incomplete {
                Some(of) => {
                    format!("in the middle of the server's {}: {} of {of} bytes", theirs.name, theirs.length)
                }
                None => format!("after the server's {}", theirs.name),
            },
        }
    }

    /// Whether the server asked for a client certificate, and the message's index; of several the last.
    pub fn certificate_request(&self) -> Option<(usize, &'a Message)> {
        let mut messages = self.trace().messages.iter().enumerate();
        messages.rfind(|(_, message)| message.kind == Kind::Handshake(types::CERTIFICATE_REQUEST))
    }

    /// How many certificates the client sent when it was last asked: `None` if it sent no Certificate message.
    pub fn client_certificates(&self) -> Option<usize> {
        let (_, handshake) = self.trace.asking()?;
        let list = handshake.facts.certificates_of(Direction::Client)?;
        Some(crate::wire::handshake::certificate::entries(self.trace().bytes(list.list), list.tls13).count())
    }

    /// `"14.2 ms"` since the start.
    pub fn when(&self, at: Duration) -> String {
        format!("{:.1} ms", at.as_secs_f64() * 1000.0)
    }
}

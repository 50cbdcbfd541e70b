//! The waist: what a handshake left behind, whoever performed or found it.
//!
//! Everything behind a [`Capture`] is pure: bytes in, model out.

pub mod argument;
pub mod change;
pub mod dialogue;
pub mod ech;
pub mod encoding;
pub mod fetched;
pub mod hello;
pub mod limits;
pub mod offer;
pub mod question;
pub mod quic;
pub mod recorder;
pub mod role;
pub mod saved;
pub mod secrets;
pub mod segment;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::wire::Direction;
pub use argument::Argument;
pub use change::Change;
pub use dialogue::{Dialogue, Said};
pub use ech::{Ech, EchSource};
pub use fetched::{Fetched, What};
pub use limits::Limits;
pub use offer::Offer;
pub use question::{PolicyText, Question, StoreName};
pub use quic::Quic;
pub use role::Role;
pub use secrets::{KeyLog, Label, Secret, Secrets};
pub use segment::{LivePackets, Origin, Seen, Segment};

/// One run: several captures if there was more than one connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Session {
    /// Why there are several captures, if there are.
    #[serde(default)]
    pub purpose: Purpose,
    /// What was asked of each of them.
    #[serde(default)]
    pub question: Question,
    pub captures: Vec<Capture>,
}

/// Why a session has the captures that it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// One connection.
    #[default]
    Single,
    /// A second connection that should resume the first one's session.
    Resumption,
    /// Each address of a name.
    EachAddress,
    /// The same several times.
    Repeat,
    /// One that failed, and experiments that are to show why.
    Diagnosis,
    /// One, another one with another ClientHello or to another server, and experiments on what the difference is.
    Likeness,
    /// What a capture file has.
    Captured,
}

/// What one connection left behind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Capture {
    pub intent: Intent,
    /// Why it was made.
    pub role: Role,
    /// The anchors that its chain could need, of each store that was read for it.
    pub candidates: Vec<Candidates>,
    /// When it began; every other time is relative to this.
    #[serde(with = "encoding::rfc3339")]
    pub began: SystemTime,
    pub steps: Vec<Step>,
    /// In the order in which they happened.
    pub events: Vec<Event>,
    /// The packets that carried them, in the order in which they were captured; none where none were seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// Segments that were seen but not kept, beyond our limit.
    #[serde(default, skip_serializing_if = "encoding::is_zero")]
    pub segments_dropped: u64,
    /// Of a connection of ours: how capturing its packets went, if that was wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packets: Option<LivePackets>,
    /// Where TLS starts in each direction's bytes (behind a preamble such as STARTTLS).
    pub tls_from: [u64; 2],
    pub secrets: Secrets,
    /// What is offered of Encrypted Client Hello, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ech: Option<Ech>,
    /// Ids of checks that held when this was recorded, and that can't be made again since their secrets were not saved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<String>,
    /// Of one within TLS with a proxy: that one, until the run takes it out. A saved trace has both side by side.
    #[serde(skip)]
    pub outer: Option<Box<Capture>>,
    /// What was fetched afterwards: issuers, OCSP responses.
    #[serde(default)]
    pub evidence: Vec<Fetched>,
    /// A chain that was given in files, where there was no connection.
    #[serde(default, with = "encoding::hex_list")]
    pub given: Vec<Vec<u8>>,
    pub engine: Option<EngineEnd>,
    pub tcp: Option<TcpFacts>,
    /// Why we stopped before the end, if we did.
    pub stopped: Option<Stopped>,
    /// Limits of ours that were reached while recording, by name.
    pub limits_reached: Vec<String>,
    /// From the start to the moment when everything was over.
    #[serde(with = "encoding::micros")]
    pub total: Duration,
}

/// What was wanted of one connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Intent {
    /// Where the bytes come from.
    #[serde(default, skip_serializing_if = "Origin::is_live")]
    pub origin: Origin,
    /// Its place among the TCP connections of a capture file, from 0: Wireshark's `tcp.stream`. Of QUIC among the UDP
    /// conversations: `udp.stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<u64>,
    /// The target as it was typed.
    pub input: String,
    /// In a list of targets: the options on its line, as they stand there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Host name or address in the target.
    pub host: String,
    pub port: u16,
    /// The name sent in server_name, if any.
    pub sni: Option<String>,
    /// The name that the certificate must carry; None: the name is not judged.
    pub verify_name: Option<String>,
    /// Where the connection goes, when not to host:port.
    pub connect: Option<(String, u16)>,
    /// The proxy that it goes through, as a URL without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Whose the key is that was given beside a chain (`cert --key`); None if none was.
    #[serde(default)]
    pub key: Option<KeyFit>,
    /// Whether a client certificate was given.
    pub client_certificate: bool,
    /// Of an experiment: what it does otherwise than the connection that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

impl Intent {
    /// What `--stream` calls a connection of a capture file.
    pub fn stream_name(&self) -> Option<String> {
        let udp = if self.origin == Origin::Datagrams { "udp:" } else { "" };
        self.stream.map(|number| format!("{udp}{number}"))
    }
}

/// Whether a private key belongs to a certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyFit {
    /// To the first, as it should.
    First,
    /// To another: its place.
    Behind(usize),
    /// To none. How it differs from the first.
    None(String),
    /// It could not be compared with the first; why.
    NotCompared(String),
}

/// The anchors of one store that a chain could need: those whose subject occurs in it as an issuer or subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// Place among [`Question::stores`].
    pub store: usize,
    pub anchors: Vec<Anchor>,
}

/// A trust store as a chain is judged by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Store {
    /// `mozilla`, `system`, or the path of a file.
    pub name: String,
    pub version: Option<String>,
    /// How many anchors it has in all.
    pub size: usize,
    /// The anchors whose subject occurs as an issuer or subject in the chain.
    pub candidates: Vec<Anchor>,
    /// It was not read, because an earlier one sufficed.
    pub unread: bool,
}

/// A trust anchor: what RFC 5280, section 6.1.1 (d) asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// DER of the subject's Name: the whole SEQUENCE.
    #[serde(with = "hex::serde")]
    pub subject: Vec<u8>,
    /// DER of SubjectPublicKeyInfo: the whole SEQUENCE.
    #[serde(with = "hex::serde")]
    pub spki: Vec<u8>,
    /// DER of NameConstraints' content, if it is constrained.
    #[serde(with = "encoding::opt_hex")]
    pub name_constraints: Option<Vec<u8>>,
    /// The whole certificate, if the store has it.
    #[serde(with = "encoding::opt_hex")]
    pub certificate: Option<Vec<u8>>,
}

/// Something that happened before TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When it began.
    #[serde(with = "encoding::micros")]
    pub at: Duration,
    #[serde(with = "encoding::micros")]
    pub took: Duration,
    pub what: StepKind,
}

/// The kinds of step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A name was resolved.
    Dns { name: String, outcome: Dns },
    /// HTTPS records (RFC 9460) were looked for.
    Https { name: String, outcome: Https },
    /// A TCP connection was tried.
    Tcp { address: SocketAddr, outcome: Tcp },
    /// A Unix socket was connected to; why that failed, in the system's words, if it did.
    Unix { path: String, error: Option<String> },
    /// QUIC packets were seen, which carry the handshake.
    Quic(Quic),
    /// A dialogue before TLS, by the name of its row in `preamble`; what was said in it follows.
    Preamble { protocol: String, outcome: Dialogue },
    /// What one side said in the dialogue.
    Said(Said),
}

/// What a resolution gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dns {
    /// In the resolver's order.
    Addresses(Vec<IpAddr>),
    /// getaddrinfo's code and text, and whether it says that there is no such name
    /// (against a failure of the resolver).
    Failed { code: i32, text: String, not_found: bool },
    /// No answer in time.
    Timeout,
}

/// What a query for HTTPS records gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Https {
    /// The best first; none if there are none.
    Records(Vec<HttpsRecord>),
    Failed {
        text: String,
    },
    /// No answer in time.
    Timeout,
}

/// An HTTPS record, as far as ECH needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpsRecord {
    /// 0: an alias.
    pub priority: u16,
    /// `.`: the name that has the record.
    pub target: String,
    pub port: Option<u16>,
    /// `ECHConfigList` with its length.
    #[serde(default, with = "encoding::opt_hex")]
    pub ech: Option<Vec<u8>>,
    /// Why no configuration of it can be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusable: Option<String>,
}

/// What an attempt to connect gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tcp {
    /// The connection that was used.
    Connected {
        local: SocketAddr,
    },
    Refused,
    Unreachable {
        text: String,
    },
    Timeout,
    /// Another attempt was faster.
    Abandoned,
    Failed {
        text: String,
    },
}

/// What the wire did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Bytes as one read or write moved them.
    Bytes {
        direction: Direction,
        #[serde(with = "encoding::micros")]
        at: Duration,
        #[serde(with = "hex::serde")]
        bytes: Vec<u8>,
    },
    /// Bytes that are missing: lost in a capture, or beyond our limit.
    Gap {
        direction: Direction,
        #[serde(with = "encoding::micros")]
        at: Duration,
        len: Option<u64>,
    },
    /// This direction ended.
    End {
        direction: Direction,
        #[serde(with = "encoding::micros")]
        at: Duration,
        how: How,
    },
}

impl Event {
    /// Whose it is.
    pub fn direction(&self) -> Direction {
        match self {
            Event::Bytes { direction, .. } | Event::Gap { direction, .. } | Event::End { direction, .. } => {
                *direction
            }
        }
    }

    /// When it happened.
    pub fn at(&self) -> Duration {
        match self {
            Event::Bytes { at, .. } | Event::Gap { at, .. } | Event::End { at, .. } => *at,
        }
    }
}

/// How a direction ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Fin,
    Reset,
    /// Another error of the socket.
    Error(String),
    /// We closed it ourselves.
    LocalStop,
}

/// How the engine that performed the handshake saw its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineEnd {
    /// `rustls`
    pub name: String,
    pub version: String,
    /// Whether it says that the handshake is complete.
    pub complete: bool,
    /// Its own refusal or failure, in its words.
    pub error: Option<String>,
    /// The error is its own judgement of what the server sent (not an alert, not a closed socket).
    pub refused: bool,
    /// It refused the certificate (`--enforce`).
    pub refused_certificate: bool,
    /// Whether the session was resumed.
    pub resumed: bool,
    /// What became of early data that was to be sent. None: there was none, or the handshake failed.
    pub early_data: Option<EarlyData>,
    /// How what was piped ended; None: nothing was.
    #[serde(default)]
    pub piped: Option<PipeEnd>,
    /// When listening on after the handshake began.
    #[serde(with = "encoding::opt_micros")]
    pub settle_from: Option<Duration>,
}

/// What became of early data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyData {
    /// There was no session to resume, or its ticket allows none.
    NotSent,
    Rejected,
    Accepted,
}

/// How `--pipe` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PipeEnd {
    /// The server said that it closes: its answer is whole.
    Closed,
    /// The server closed the connection without saying so: its answer may be cut off.
    Truncated,
    /// An alert, a reset, or something that the engine refuses.
    Broken,
    /// Our output took no more.
    Output,
    /// Time was up, or a signal came.
    Stopped,
}

impl EngineEnd {
    /// The name where nobody performed a handshake, and a hello was sent to see the server's first flight.
    pub const PROBE: &str = "probe";

    /// Whether the server's first flight was all that was wanted, and came.
    pub fn saw_first_flight(&self) -> bool {
        self.name == Self::PROBE && self.error.is_none()
    }
}

/// What the kernel says of the connection, at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TcpFacts {
    /// Smoothed round-trip time, µs.
    pub rtt_us: Option<u32>,
    /// Its variance, µs.
    pub rttvar_us: Option<u32>,
    /// Smallest seen, µs.
    pub min_rtt_us: Option<u32>,
    /// Bytes.
    pub mss: Option<u32>,
    /// Bytes.
    pub pmtu: Option<u32>,
    /// Segments.
    pub cwnd: Option<u32>,
    pub retransmissions: Option<u32>,
}

/// Why we stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// `--max-time` was over.
    MaxTime,
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Stopped {
    /// Of a signal: the exit code of a process that it ended.
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Stopped::MaxTime => None,
            Stopped::Interrupt => Some(130),
            Stopped::Terminate => Some(143),
        }
    }
}

impl Capture {
    /// A capture in which nothing has happened yet.
    pub fn new(intent: Intent, began: SystemTime) -> Self {
        Self {
            intent,
            role: Role::Main,
            candidates: Vec::new(),
            began,
            steps: Vec::new(),
            events: Vec::new(),
            segments: Vec::new(),
            segments_dropped: 0,
            packets: None,
            tls_from: [0, 0],
            secrets: Secrets::default(),
            ech: None,
            verified: Vec::new(),
            outer: None,
            evidence: Vec::new(),
            given: Vec::new(),
            engine: None,
            tcp: None,
            stopped: None,
            limits_reached: Vec::new(),
            total: Duration::ZERO,
        }
    }

    /// Cuts every time to whole microseconds, as a saved trace has them: what is shown of a live
    /// capture is then what is shown of it when it is read again.
    pub fn cut_times(&mut self) {
        let cut = |at: Duration| Duration::from_micros(u64::try_from(at.as_micros()).unwrap_or(u64::MAX));
        self.moments(cut);
        self.steps.iter_mut().for_each(|step| step.took = cut(step.took));
    }

    /// Puts steps in front that took `time` in all: everything else happened that much later.
    pub fn preceded_by(&mut self, steps: Vec<Step>, time: Duration) {
        self.moments(|at| at + time);
        self.steps.splice(0..0, steps);
    }

    /// Changes every point of time.
    fn moments(&mut self, change: impl Fn(Duration) -> Duration) {
        for step in &mut self.steps {
            step.at = change(step.at);
        }
        for event in &mut self.events {
            match event {
                Event::Bytes { at, .. } | Event::Gap { at, .. } | Event::End { at, .. } => *at = change(*at),
            }
        }
        self.segments.iter_mut().for_each(|segment| segment.at = change(segment.at));
        self.total = change(self.total);
        if let Some(engine) = &mut self.engine {
            engine.settle_from = engine.settle_from.map(change);
        }
    }

    /// How many bytes were recorded.
    pub fn recorded_bytes(&self) -> usize {
        let bytes = self.events.iter().map(|event| match event {
            Event::Bytes { bytes, .. } => bytes.len(),
            Event::Gap { .. } | Event::End { .. } => 0,
        });
        bytes.sum()
    }

    /// The time to judge certificates at, in seconds since 1970.
    pub fn judged_at(&self, question: &Question) -> i64 {
        question.at.unwrap_or_else(|| encoding::unix_seconds(self.began))
    }

    /// The stores of `question`, with what this capture's chain could need of them.
    pub fn stores(&self, question: &Question) -> Vec<Store> {
        let stores = question.stores.iter().enumerate();
        stores
            .map(|(place, store)| {
                let read = self.candidates.iter().find(|candidates| candidates.store == place);
                Store {
                    name: store.name.clone(),
                    version: store.version.clone(),
                    size: store.size,
                    candidates: read.map(|read| read.anchors.clone()).unwrap_or_default(),
                    unread: read.is_none(),
                }
            })
            .collect()
    }
}

//! Servers that a file describes: what they do byte by byte, or by a few rules.
//!
//! A file may have what is said before TLS; it has steps that are performed on each connection, behind the ClientHello; or rules, the first of which that
//! applies says what is done, in front of a server that behaves. The demo and the tests read the same files
//! (`tests/scenarios/hostile`).

mod act;
mod before;
mod bytes;
mod condition;
mod good;
mod hear;
mod message;
mod talk;

use std::io;

use serde::Deserialize;

use super::pki::{Pki, good_leaf};
use super::{Client, HOST, Plan, Stage};

use before::Before;
use bytes::Bytes;
use condition::Condition;
use good::Good;
use message::{Edit, HelloFields};

/// A scenario file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What the server does before it waits for a ClientHello.
    #[serde(default)]
    before: Vec<Before>,
    /// What the server does behind the ClientHello; empty: it behaves.
    #[serde(default)]
    steps: Vec<Step>,
    /// The first that applies to a connection is performed instead.
    #[serde(default)]
    rules: Vec<Rule>,
    /// What the server that behaves is like.
    #[serde(default)]
    server: Good,
    #[serde(default)]
    pub client: ClientSide,
    /// What has to come out, for tests.
    #[serde(default)]
    pub expect: toml::Table,
}

/// What is asked of the client.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSide {
    /// Lowest and highest version to offer.
    pub min: Option<u16>,
    pub max: Option<u16>,
    /// The dialogue that it holds before TLS.
    pub starttls: Option<String>,
    /// No server_name.
    pub no_sni: bool,
    pub alpn: Vec<String>,
    /// cipher_suites to offer.
    pub suites: Option<Vec<u16>>,
    /// supported_groups to offer.
    pub groups: Option<Vec<u16>>,
    /// The ClientHello of this client is sent.
    pub profile: Option<String>,
    pub max_time_ms: Option<u64>,
    /// How long to listen after the handshake.
    pub settle_ms: Option<u64>,
    /// The failure is to be explained by experiments.
    pub diagnose: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    when: Condition,
    then: Vec<Step>,
}

/// One thing that the server does. Messages are made as a server that behaves would make them, then changed as the step
/// says; they are sealed as soon as there are keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// A FIN, once all has arrived.
    Close,
    Reset,
    /// A FIN; the server goes on listening.
    HalfClose,
    /// Nothing, until the client leaves.
    Silent,
    /// Waits for what the client says next: a record.
    Hear,
    /// Waits for another ClientHello, which continues the transcript.
    HearHello,
    /// The server that behaves takes over.
    Serve,
    /// These bytes, as they are.
    Send(Bytes),
    Text(String),
    WaitMs(u64),
    /// From here on each byte is sent alone, so many milliseconds apart.
    PaceMs(u64),
    /// From here on messages are cut into records of so many bytes.
    Fragment(usize),
    /// Level and description.
    Alert([u8; 2]),
    /// A record; not sealed.
    Record {
        kind: u8,
        version: Option<u16>,
        body: Bytes,
    },
    /// A record that is sealed with the keys of now.
    Seal {
        kind: u8,
        body: Bytes,
    },
    /// Without `times`: until the client has gone.
    Repeat {
        times: Option<usize>,
        steps: Vec<Step>,
    },
    /// A message with this type and body; `claims`: what its header says of its length.
    Message {
        kind: u8,
        body: Bytes,
        claims: Option<u32>,
    },
    ServerHello(Box<HelloFields>),
    /// Another name for `server_hello` with the random value of a HelloRetryRequest.
    HelloRetryRequest(Box<HelloFields>),
    EncryptedExtensions(Edit),
    CertificateRequest(Edit),
    Certificate(Edit),
    /// So many times the leaf.
    Certificates(usize),
    CertificateVerify(Edit),
    Finished(Edit),
    NewSessionTicket(Edit),
    KeyUpdate(Edit),
    ServerKeyExchange(Edit),
    ServerHelloDone(Edit),
    /// What is sent from here on is sealed with these keys again: `clear`, `handshake` or `application`.
    Keys(message::Keys),
}

impl Script {
    /// From the text of a file.
    pub fn read(text: &str) -> Result<Script, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// A server for it, on loopback.
    pub fn start(self) -> io::Result<Stage> {
        super::staged(self.plan()?)
    }

    pub(super) fn plan(self) -> io::Result<Plan> {
        let pki = Pki::new()?;
        let client = Client {
            alpn: self.client.alpn.clone(),
            tls_min: self.client.min,
            tls_max: self.client.max,
            ciphers: self.client.suites.clone(),
            groups: self.client.groups.clone(),
            starttls: self.client.starttls.clone(),
            no_sni: self.client.no_sni,
            max_time: self.client.max_time_ms.map(std::time::Duration::from_millis),
            settle: self.client.settle_ms.map(std::time::Duration::from_millis),
            ..Client::default()
        };
        let credentials = pki.credentials(&good_leaf()?)?;
        let act = act::act(self, &pki, credentials)?;
        Ok(Plan { act, host: HOST.into(), ca: pki.root_der(), client })
    }
}

//! What the connection was whose failure is to be explained.

use std::net::IpAddr;

use crate::capture::{Dns, StepKind, Tcp};
use crate::trace::Message;
use crate::wire::codepoints::{AlertDescription, is_grease};
use crate::wire::handshake::{lists, types};

use super::{Outcome, rows};
use crate::finding::Case;

/// An Ethernet frame less the headers of IPv4 and TCP.
const USUAL_SEGMENT: usize = 1460;

/// How far an experiment has to go to say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The failure came before the server's ServerHello: its first answer shows whether it goes on.
    FirstFlight,
    /// The failure came behind it: the whole handshake has to be performed.
    Whole,
}

/// The ClientHello that failed, and how it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub depth: Depth,
    pub outcome: Outcome,
    /// The host's name, if it is one.
    pub host: Option<String>,
    /// server_name was sent.
    pub sni: bool,
    /// Highest and lowest.
    pub versions: (u16, u16),
    pub suites: Vec<u16>,
    pub groups: Vec<u16>,
    pub schemes: Vec<u16>,
    /// The application protocols.
    pub alpn: Vec<Vec<u8>>,
    /// Types of the extensions in their order, without GREASE.
    pub extensions: Vec<u16>,
    pub grease: bool,
    /// Bytes of the message, its header included.
    pub length: usize,
    /// How many records it came in, and the version in the first one's header.
    pub records: usize,
    /// Where the message was cut into them.
    pub cuts: Vec<usize>,
    pub record_version: u16,
    /// Bytes of a TCP segment on the way, or of one on an ordinary way where that is not known.
    pub segment: usize,
    /// Where it was sent, and all addresses of the name.
    pub address: Option<IpAddr>,
    pub addresses: Vec<IpAddr>,
    /// A client certificate was sent.
    pub client_certificate: bool,
}

impl Base {
    /// Why no experiment could say anything of this, if so.
    pub fn of(case: &Case<'_>) -> Result<Base, &'static str> {
        if case.complete() {
            return Err("the handshake is complete: what came after it no ClientHello changes");
        }
        if !case.connected() {
            return Err("there was no connection: the failure is not one of TLS");
        }
        let trace = case.trace();
        let hello = trace.first(types::CLIENT_HELLO).map(|(_, message)| message);
        let (Some(message), Some(handshake)) = (hello, case.handshake()) else {
            return Err("no ClientHello was sent");
        };
        let facts = &handshake.facts;
        let client = facts.client.ok_or("the ClientHello can't be read")?;
        let answered = facts.retry.is_some() || trace.first(types::SERVER_HELLO).is_some();
        let depth = if answered { Depth::Whole } else { Depth::FirstFlight };
        let codes = |span: Option<_>| -> Vec<u16> {
            let bytes = span.map(|span| trace.bytes(span)).unwrap_or_default();
            lists::codes(bytes).filter(|code| !is_grease(*code, 2)).collect()
        };
        let versions = match codes(client.supported_versions) {
            list if list.is_empty() => vec![client.legacy_version.0],
            list => list,
        };
        let all_suites = trace.bytes(client.cipher_suites);
        let intent = &case.capture.intent;
        let is_name = intent.host.parse::<std::net::IpAddr>().is_err() && !intent.host.is_empty();
        let records: Vec<_> =
            message.origin.iter().map(|origin| (origin.record, origin.range.len())).collect();
        let mut at = 0;
        let ends = records.iter().map(|(_, len)| {
            at += len;
            at
        });
        let cuts = ends.take(records.len().saturating_sub(1)).collect();
        let first = records.first().and_then(|(record, _)| trace.records.get(*record));
        let address = case.attempts().find(|(_, _, outcome)| matches!(outcome, Tcp::Connected { .. }));
        let resolved = case.capture.steps.iter().filter_map(|step| match &step.what {
            StepKind::Dns { outcome: Dns::Addresses(addresses), .. } => Some(addresses.iter().copied()),
            _ => None,
        });
        // Of a path that is no ordinary one, such as loopback, an ordinary one's is of more use.
        let segment = case.capture.tcp.and_then(|tcp| tcp.mss).map(|mss| mss as usize);
        Ok(Base {
            depth,
            outcome: Outcome::of(case, depth),
            host: is_name.then(|| intent.host.clone()),
            sni: client.server_name.is_some(),
            versions: (
                versions.iter().copied().max().unwrap_or_default(),
                versions.iter().copied().min().unwrap_or_default(),
            ),
            suites: codes(Some(client.cipher_suites)),
            groups: codes(client.supported_groups),
            schemes: codes(client.signature_algorithms),
            alpn: lists::alpn_names(client.alpn.map(|span| trace.bytes(span)).unwrap_or_default())
                .map(<[u8]>::to_vec)
                .collect(),
            extensions: extensions(message),
            grease: lists::codes(all_suites).any(|code| is_grease(code, 2)),
            length: message.length,
            records: records.len(),
            cuts,
            record_version: first.map_or(0x0301, |record| record.legacy_version.0),
            segment: segment.filter(|mss| *mss <= USUAL_SEGMENT).unwrap_or(USUAL_SEGMENT),
            address: address.map(|(_, address, _)| address.ip()),
            addresses: resolved.flatten().collect(),
            client_certificate: case.client_certificates().is_some_and(|certificates| certificates > 0),
        })
    }

    /// The groups that a quantum computer would break.
    pub fn classical_groups(&self) -> Vec<u16> {
        rows::classical(&self.groups)
    }

    /// The alert that ended it.
    pub fn alert(&self) -> Option<AlertDescription> {
        match self.outcome {
            Outcome::Alert(alert) => Some(alert),
            _ => None,
        }
    }
}

/// The types of the extensions, without GREASE.
fn extensions(message: &Message) -> Vec<u16> {
    use crate::wire::handshake::client_hello::Hello;
    let hello = Hello::read(&message.bytes).ok();
    let list = hello.and_then(|hello| hello.extensions).unwrap_or_default();
    list.into_iter().map(|(code, _)| code).filter(|code| !is_grease(*code, 2)).collect()
}

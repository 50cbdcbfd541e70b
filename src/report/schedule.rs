//! The key schedule as it is drawn: which secret is made from what, and what it protects.
//!
//! RFC 8446, section 7.1; before TLS 1.3 RFC 5246, sections 8.1 and 6.3.

use crate::capture::Label;
use crate::finding::Case;
use crate::finding::summary::group;
use crate::trace::schedule::{Derived, Schedule};
use crate::wire::codepoints::cipher_suite::KeyExchange;
use crate::wire::facts::Facts;

/// A secret that others are derived from; in the order in which they come to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub name: &'static str,
    /// What it is made from.
    pub from: String,
    /// Secrets and keys that are derived from it.
    pub branches: Vec<Branch>,
    /// The secret itself, if it is in the recording.
    pub known: Option<Derived>,
}

/// A secret or key derived from a [`Stage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// As the RFC calls it.
    pub name: &'static str,
    /// The messages whose hash goes into it, or the randoms.
    pub over: &'static str,
    /// What it is for.
    pub protects: &'static str,
    /// It and what is derived from it, if it is in the recording.
    pub known: Option<Derived>,
}

/// The drawing of one handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The hash function that it is computed with.
    pub hash: &'static str,
    pub stages: Vec<Stage>,
}

/// Of the first handshake; none if its keys are not computed with anything that we know.
pub fn of(case: &Case<'_>) -> Option<Drawing> {
    let facts = &case.handshake()?.facts;
    facts.server_hello?;
    let schedule = Schedule::of(case.trace(), 0, &case.capture.secrets)?;
    let stages = match facts.is_tls13() {
        true => tls13(facts, &schedule),
        false => classic(facts, &schedule),
    };
    Some(Drawing { hash: schedule.hash, stages })
}

fn tls13(facts: &Facts, schedule: &Schedule) -> Vec<Stage> {
    let branch = |name, label: Label, over, protects| Branch {
        name,
        over,
        protects,
        known: schedule.secrets.iter().find(|derived| derived.label == label.name()).cloned(),
    };
    let early_data = facts.client.is_some_and(|client| client.early_data);
    let early = branch(
        "client_early_traffic_secret",
        Label::ClientEarlyTraffic,
        "ClientHello",
        "the client's early data",
    );
    let first = Stage {
        name: "Early Secret",
        from: match facts.psk {
            Some(_) => "the pre-shared key".to_owned(),
            None => "zeros: no pre-shared key is used".to_owned(),
        },
        branches: if early_data { vec![early] } else { Vec::new() },
        known: None,
    };
    let hello = "ClientHello … ServerHello";
    let second = Stage {
        name: "Handshake Secret",
        from: match facts.group {
            Some(chosen) => format!("the Early Secret and the shared secret of {}", group(chosen)),
            None => "the Early Secret and zeros: no key exchange, the pre-shared key alone".to_owned(),
        },
        branches: vec![
            branch(
                "client_handshake_traffic_secret",
                Label::ClientHandshakeTraffic,
                hello,
                "the client's handshake messages",
            ),
            branch(
                "server_handshake_traffic_secret",
                Label::ServerHandshakeTraffic,
                hello,
                "the server's handshake messages",
            ),
        ],
        known: None,
    };
    let finished = "ClientHello … server Finished";
    let third = Stage {
        name: "Master Secret",
        from: "the Handshake Secret".to_owned(),
        branches: vec![
            branch(
                "client_application_traffic_secret_0",
                Label::ClientTraffic,
                finished,
                "the client's application data",
            ),
            branch(
                "server_application_traffic_secret_0",
                Label::ServerTraffic,
                finished,
                "the server's application data",
            ),
            branch("exporter_master_secret", Label::Exporter, finished, "keys that applications export"),
            Branch {
                name: "resumption_master_secret",
                over: "ClientHello … client Finished",
                protects: "tickets, by which a session is resumed later",
                known: None,
            },
        ],
        known: None,
    };
    vec![first, second, third]
}

fn classic(facts: &Facts, schedule: &Schedule) -> Vec<Stage> {
    let known =
        |start: &str| schedule.secrets.iter().find(|derived| derived.label.starts_with(start)).cloned();
    let exchange = facts.suite().map(|suite| suite.key_exchange);
    let chosen = facts.group.map(group);
    let from = match (exchange, chosen) {
        (Some(KeyExchange::Rsa), _) => "the client's choice, encrypted with the server's RSA key".to_owned(),
        (Some(KeyExchange::Ecdhe | KeyExchange::Dhe), Some(group)) => format!("the shared secret of {group}"),
        (Some(KeyExchange::Dhe), None) => "the shared secret of Diffie-Hellman".to_owned(),
        (Some(KeyExchange::Psk), _) => "the pre-shared key".to_owned(),
        _ => "the key exchange".to_owned(),
    };
    let premaster =
        Stage { name: "premaster_secret", from, branches: Vec::new(), known: known("premaster_secret") };
    let master = Stage {
        name: "master_secret",
        from: match (facts.abbreviated, facts.extended_master_secret) {
            (true, _) => "the resumed session".to_owned(),
            (false, true) => {
                "the premaster_secret and the hash of ClientHello … ClientKeyExchange (extended_master_secret)"
                    .to_owned()
            }
            (false, false) => "the premaster_secret and both randoms".to_owned(),
        },
        branches: vec![
            finished("verify_data of the client's Finished"),
            finished("verify_data of the server's Finished"),
        ],
        known: known("master_secret"),
    };
    let block = known("key_block");
    let parts = block.iter().flat_map(|derived| &derived.children);
    let branches = parts.filter(|(name, _)| !name.starts_with("from ")).map(|(name, bytes)| Branch {
        name,
        over: "",
        protects: match (name.starts_with("client"), name.contains("MAC")) {
            (true, false) => "encryption, client to server",
            (true, true) => "integrity, client to server",
            (false, false) => "encryption, server to client",
            (false, true) => "integrity, server to client",
        },
        known: Some(Derived { label: name, secret: bytes.clone(), children: Vec::new() }),
    });
    let block = Stage {
        name: "key_block",
        from: "the master_secret and both randoms".to_owned(),
        branches: branches.collect(),
        known: block.map(|derived| Derived { children: Vec::new(), ..derived }),
    };
    if facts.abbreviated { vec![master, block] } else { vec![premaster, master, block] }
}

fn finished(name: &'static str) -> Branch {
    Branch {
        name,
        over: "all messages before it",
        protects: "proving that nobody changed the handshake",
        known: None,
    }
}

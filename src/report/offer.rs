//! What the client offered against what was chosen, side by side.

use super::rows::Mark;
use crate::finding::Case;
use crate::finding::summary::{alpn, codes, protocol_names, server_scheme};
use crate::trace::{Handshake, State};
use crate::wire::Direction;
use crate::wire::codepoints::{
    CERTIFICATE_COMPRESSION, CIPHER_SUITES, CipherSuite, EXTENSION_TYPES, Registry, SIGNATURE_SCHEMES,
    SUPPORTED_GROUPS, VERSIONS, is_grease,
};

/// One thing that was negotiated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub name: &'static str,
    /// In the client's order; peers' bytes in it are escaped.
    pub items: Vec<Item>,
    /// The choice; none if there was none.
    pub chosen: Option<String>,
    /// Whether it is one that could be chosen, where that was checked.
    pub state: Option<State>,
}

/// One of what was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    pub chosen: bool,
    /// It can't be chosen: GREASE, or a signal.
    pub quiet: bool,
}

impl Offered {
    /// The state without its reason.
    pub fn mark(&self) -> Option<Mark> {
        self.state.as_ref().map(Mark::from)
    }
}

/// Of the handshake in force; nothing without a ClientHello.
pub fn of(case: &Case<'_>) -> Vec<Offered> {
    let trace = case.trace();
    let Some(handshake) = trace.current() else { return Vec::new() };
    let facts = &handshake.facts;
    let Some(client) = &facts.client else { return Vec::new() };
    let mut rows = Vec::new();
    let mut push =
        |name, registry: &'static Registry, offered: &[u16], chosen: Option<u16>, checks: &[&str]| {
            let item = |code: &u16| Item {
                name: registry.show(*code).into_owned(),
                chosen: chosen == Some(*code),
                quiet: is_grease(*code, registry.width)
                    || name == "cipher suite" && CipherSuite(*code).is_signal(),
            };
            if offered.is_empty() && chosen.is_none() {
                return;
            }
            rows.push(Offered {
                name,
                items: offered.iter().map(item).collect(),
                chosen: chosen.map(|code| registry.show(code).into_owned()),
                state: chosen.and_then(|_| state(handshake, checks)),
            });
        };
    let list = |span: Option<_>| -> Vec<u16> {
        span.map(|span| codes(trace.bytes(span)).collect()).unwrap_or_default()
    };
    let versions = match client.supported_versions {
        Some(span) => codes(trace.bytes(span)).collect(),
        None => vec![client.legacy_version.0],
    };
    let version = facts.version.filter(|_| facts.server_hello.is_some()).map(|version| version.0);
    push("version", &VERSIONS, &versions, version, &["version.offered"]);
    let suite = facts.cipher_suite.map(|suite| suite.0);
    let suites = list(Some(client.cipher_suites));
    push("cipher suite", &CIPHER_SUITES, &suites, suite, &["cipher_suite.offered", "cipher_suite.legal"]);
    let group = facts.group.map(|group| group.0);
    push("group", &SUPPORTED_GROUPS, &list(client.supported_groups), group, &["group.offered"]);
    let scheme = server_scheme(facts).map(|scheme| scheme.0);
    let checks = ["signature.server.offered", "signature.server.legal"];
    push("signature", &SIGNATURE_SCHEMES, &list(client.signature_algorithms), scheme, &checks);
    let compressed = facts.certificate_compression[Direction::Server.index()].map(|(algorithm, _)| algorithm);
    let algorithms = list(client.certificate_compression);
    let checks = ["certificate_compression.offered"];
    push("certificate compression", &CERTIFICATE_COMPRESSION, &algorithms, compressed, &checks);

    let chosen = alpn(trace, facts);
    if let Some(span) = client.alpn {
        let names = protocol_names(trace.bytes(span)).into_iter();
        let items = names.map(|name| Item { chosen: chosen.as_ref() == Some(&name), name, quiet: false });
        rows.push(Offered {
            name: "ALPN",
            items: items.collect(),
            state: chosen.as_ref().and_then(|_| state(handshake, &["alpn.offered"])),
            chosen,
        });
    }
    rows.extend(extensions(handshake));
    rows
}

/// The extensions of the ClientHello, and which of them the server answered.
fn extensions(handshake: &Handshake) -> Option<Offered> {
    let facts = &handshake.facts;
    let offered: Vec<u16> = facts.client?.extensions.codes().collect();
    let answered = |code: u16| facts.server_extensions.contains(code);
    let items: Vec<_> = offered
        .iter()
        .map(|code| Item {
            name: EXTENSION_TYPES.show(*code).into_owned(),
            chosen: answered(*code),
            quiet: is_grease(*code, 2),
        })
        .collect();
    let count = items.iter().filter(|item| item.chosen).count();
    (!items.is_empty()).then(|| Offered {
        name: "extensions",
        chosen: facts.server_hello.map(|_| format!("{count} of {} answered", items.len())),
        items,
        state: state(handshake, &["extensions.offered"]),
    })
}

/// What the checks with these ids come to together.
fn state(handshake: &Handshake, ids: &[&str]) -> Option<State> {
    let mut states =
        handshake.choices.iter().filter(|choice| ids.contains(&choice.id)).map(|choice| &choice.state);
    let first = states.clone().next()?;
    Some(states.find(|state| !state.holds()).unwrap_or(first).clone())
}

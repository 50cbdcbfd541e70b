//! Who takes part in a connection.

use super::{Lifeline, Party};
use crate::capture::{Origin, Role, StepKind, Tcp};
use crate::finding::Case;
use crate::preamble;
use crate::wire::text::{cut, escape};

/// Columns of a name.
const NAME: usize = 48;

/// Whether a dialogue before TLS is held with a proxy. The PROXY header is for the server itself: we send it in the place
/// of a load balancer.
pub(super) fn with_proxy(protocol: &str) -> bool {
    let header = [preamble::PROXY_V1.name, preamble::PROXY_V2.name].contains(&protocol);
    !header && preamble::find(protocol).is_some_and(|row| row.kind == preamble::Kind::Proxy)
}

/// Those who take part, from left to right.
pub(super) fn of(case: &Case<'_>) -> Vec<Lifeline> {
    let intent = &case.capture.intent;
    let connected = case.attempts().find_map(|(_, address, outcome)| match outcome {
        Tcp::Connected { local } => Some((local.to_string(), address.to_string())),
        _ => None,
    });
    let quic = || case.quic().map(|quic| (quic.local.to_string(), quic.address.to_string()));
    let (local, address) = connected.or_else(quic).unwrap_or_default();
    let mut lines = vec![lifeline(Party::Client, "client", &local)];
    // TLS with the proxy itself: it is the server.
    let itself = case.capture.role == Role::Proxy;
    if has_proxy(case) {
        lines.push(lifeline(Party::Proxy, "proxy", intent.proxy.as_deref().unwrap_or(&address)));
    }
    let unix = case.capture.steps.iter().find_map(|step| match &step.what {
        StepKind::Unix { path, .. } => Some(format!("unix:{path}")),
        _ => None,
    });
    let host = match intent.host.contains(':') {
        true => format!("[{}]", intent.host),
        false => intent.host.clone(),
    };
    let name = match (unix, host.as_str(), intent.port) {
        (Some(unix), ..) => unix,
        (None, "", _) => intent.sni.clone().unwrap_or(address),
        (None, _, 0) if intent.origin == Origin::Bytes => host,
        (None, _, port) => format!("{host}:{port}"),
    };
    lines.push(lifeline(Party::Server, if itself { "proxy" } else { "server" }, &name));
    lines
}

/// Whether somebody stands between the client and the server.
fn has_proxy(case: &Case<'_>) -> bool {
    let dialogue = |what: &StepKind| match what {
        StepKind::Preamble { protocol, .. } => with_proxy(protocol),
        _ => false,
    };
    case.capture.role != Role::Proxy
        && (case.capture.intent.proxy.is_some() || case.capture.steps.iter().any(|step| dialogue(&step.what)))
}

fn lifeline(party: Party, role: &'static str, name: &str) -> Lifeline {
    Lifeline { party, role, name: cut(&escape(name), NAME, "…") }
}

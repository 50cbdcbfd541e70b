//! What can go wrong before TLS: names, addresses, TCP.

use crate::capture::{Dns, StepKind, Stopped, Tcp};

use crate::wire::text::escape;

use super::{By, Case, Cause, Command, Failure, Outcome, Rule};

/// The name could not be resolved.
pub const DNS: Rule = Rule {
    id: "dns.",
    title: "host name could not be resolved",
    about: "The host name could not be resolved to an address. No packet was sent to the server. \
            `dns.not_found`: the name does not exist, or has no address of the requested family. \
            `dns.failed`: the resolver itself failed. `dns.timeout`: it did not answer in time.",
    judge: dns,
};

/// Nobody listens on a Unix socket.
pub const UNIX: Rule = Rule {
    id: "unix.failed",
    title: "no connection to the Unix socket",
    about: "The target is a Unix socket (unix:/path), and connecting to it failed: there is no such file, nobody listens on \
            it, or its permissions do not allow it. No TLS was spoken.",
    judge: unix,
};

/// No TCP connection came about.
pub const TCP: Rule = Rule {
    id: "tcp.",
    title: "no TCP connection",
    about: "No TCP connection was established, so no TLS was spoken. `tcp.refused`: the host answered that \
            nothing listens on the port. `tcp.timeout`: there was no answer at all, typically because a \
            firewall drops the packets. `tcp.unreachable`: a router or this machine has no route to the \
            address.",
    judge: tcp,
};

fn dns(case: &Case<'_>) -> Option<Failure> {
    let (name, outcome) = case.capture.steps.iter().find_map(|step| match &step.what {
        StepKind::Dns { name, outcome } if !matches!(outcome, Dns::Addresses(_)) => Some((name, outcome)),
        _ => None,
    })?;
    let family = if case.question.has("--ipv6") {
        " with an IPv6 address"
    } else if case.question.has("--ipv4") {
        " with an IPv4 address"
    } else {
        ""
    };
    let failure = |id: &'static str, summary: String| {
        let mut failure = Failure::new(id, Outcome::Unreachable, "dns", summary);
        failure.stage = "resolving the name".into();
        failure.by = Some(By::Network);
        failure
    };
    if let Some(proxy) = proxy_of_name(case, name) {
        let mut failure = match outcome {
            Dns::Failed { not_found: true, .. } => {
                failure("dns.not_found", format!("proxy's host name not found: {name}{family}"))
            }
            Dns::Failed { .. } => failure("dns.failed", format!("DNS lookup of the proxy failed: {name}")),
            _ => failure("dns.timeout", format!("DNS lookup of the proxy timed out: {name}")),
        };
        failure.stage = "resolving the proxy's name".into();
        failure.causes = proxy_causes(&proxy);
        return Some(failure);
    }
    Some(match outcome {
        Dns::Failed { not_found: true, text, .. } => {
            let mut failure = failure("dns.not_found", format!("host name not found: {name}{family}"));
            failure.who = Some(format!("resolver: {text}"));
            failure.causes = vec![
                Cause::likely("the name is misspelt, or does not exist"),
                Cause::possible("it exists only inside another network (VPN, split DNS)"),
            ];
            failure.remedy.text = Some("the server's address, if you know it".into());
            failure.remedy.command = Some(Command::default().set("--connect", Some("ADDRESS:443")));
            failure
        }
        Dns::Failed { text, .. } => {
            let mut failure = failure("dns.failed", format!("DNS lookup failed: {name}"));
            failure.who = Some(format!("resolver: {text}"));
            failure.causes = vec![Cause::likely("no network, or no working DNS server on this machine")];
            failure.remedy.command = Some(Command::default().set("--connect", Some("ADDRESS:443")));
            failure
        }
        _ => {
            let mut failure = failure("dns.timeout", format!("DNS lookup timed out: {name}"));
            failure.causes = vec![Cause::likely("the DNS server is not reachable")];
            failure.remedy.command = Some(Command::default().set("--connect", Some("ADDRESS:443")));
            failure
        }
    })
}

fn unix(case: &Case<'_>) -> Option<Failure> {
    let (path, error) = case.capture.steps.iter().find_map(|step| match &step.what {
        StepKind::Unix { path, error } => Some((path, error.as_ref()?)),
        _ => None,
    })?;
    let mut failure =
        Failure::new("unix.failed", Outcome::Unreachable, "tcp", "no connection to the Unix socket");
    failure.stage = "connecting to the Unix socket".into();
    failure.by = Some(By::Network);
    failure.detail = Some(escape(path));
    failure.who = Some(format!("this machine: {}", escape(error)));
    failure.causes = vec![
        Cause::likely("nobody listens on it, or there is no such file"),
        Cause::possible("its permissions do not let this user connect"),
    ];
    failure.seen = Some("nothing was sent or received over TLS".into());
    Some(failure)
}

/// The proxy's URL, if the name that was looked up is the proxy's.
fn proxy_of_name(case: &Case<'_>, name: &str) -> Option<String> {
    case.capture.intent.proxy.clone().filter(|_| case.capture.intent.host != name)
}

fn proxy_causes(proxy: &str) -> Vec<Cause> {
    vec![Cause::likely(format!(
        "{} is not the proxy of this network (--proxy, HTTPS_PROXY, ALL_PROXY)",
        escape(proxy)
    ))]
}

fn tcp(case: &Case<'_>) -> Option<Failure> {
    if case.connected() {
        return None;
    }
    if matches!(case.capture.stopped, Some(Stopped::Interrupt | Stopped::Terminate)) {
        return None;
    }
    let attempts: Vec<_> = case.attempts().collect();
    let has = |wanted: fn(&Tcp) -> bool| attempts.iter().find(|(_, _, outcome)| wanted(outcome));
    let failure = |id: &'static str, summary: String| {
        let mut failure = Failure::new(id, Outcome::Unreachable, "tcp", summary);
        failure.stage = "opening the TCP connection".into();
        failure.by = Some(By::Network);
        failure
    };
    let mut failure = if let Some((step, address, _)) = has(|o| matches!(o, Tcp::Refused)) {
        let mut failure = failure("tcp.refused", format!("connection refused: {address}"));
        failure.by = Some(By::Server);
        failure.who = Some(format!(
            "the host, or a firewall in front of it: connection refused after {}",
            case.when(step.took)
        ));
        failure.causes = vec![
            Cause::likely(format!("nothing listens on port {}", address.port())),
            Cause::possible("a firewall that answers with RST"),
        ];
        failure
    } else if let Some((_, address, Tcp::Unreachable { text })) =
        has(|o| matches!(o, Tcp::Unreachable { .. }))
    {
        let mut failure = failure("tcp.unreachable", format!("no route to {address}"));
        failure.who = Some(format!("network: {text}"));
        failure.causes = vec![Cause::likely(match address.is_ipv6() {
            true => "this machine or network has no IPv6",
            false => "no route: another network, a VPN that is down, or a firewall",
        })];
        // The host has another address only where a name was given.
        let dialled =
            case.capture.intent.connect.as_ref().map_or(&case.capture.intent.host, |(host, _)| host);
        if address.is_ipv6() && !dialled.contains(':') {
            failure.remedy.command = Some(Command::default().set("--ipv4", None).without("--ipv6"));
        }
        failure
    } else if let Some((_, address, Tcp::Failed { text })) = has(|o| matches!(o, Tcp::Failed { .. })) {
        let mut failure = failure("tcp.failed", format!("connection failed: {address}"));
        failure.who = Some(format!("this machine: {text}"));
        failure.causes = vec![Cause::possible("the address cannot be connected to from this machine")];
        failure
    } else if let Some((step, address, _)) = attempts.first() {
        let waited = case.when(step.took);
        let mut failure = failure("tcp.timeout", format!("connection timed out: {address}"));
        failure.who = Some(format!("nobody: no answer to our SYN within {waited}"));
        failure.causes = vec![
            Cause::likely("a firewall drops the packets"),
            Cause::possible("the host is down, or the address is wrong"),
        ];
        failure.remedy.command =
            Some(Command::default().at_least("--connect-timeout", 20).at_least("--max-time", 30));
        failure
    } else {
        failure("tcp.timeout", "timed out before connecting".into())
    };
    if let Some(proxy) = &case.capture.intent.proxy {
        failure.summary = format!("proxy: {}", failure.summary);
        failure.stage = "opening the TCP connection to the proxy".into();
        failure.causes.extend(proxy_causes(proxy));
    }
    failure.seen = Some("nothing was sent or received over TLS".into());
    if let n @ 2.. = attempts.len() {
        failure.detail = Some(format!("{n} addresses were tried; this was the clearest answer"));
    }
    Some(failure)
}

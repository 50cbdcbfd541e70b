//! Causes are chosen from evidence: a table says what a failure may be about, and a topic that the recording rules out
//! is no cause.

use crate::trace::Kind;
use crate::wire::Direction;
use crate::wire::codepoints::{NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::handshake::types;

use super::{Case, Cause, Command};

/// What was offered, what came, and how far the handshake got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Our ClientHello has a server_name.
    pub sni: bool,
    /// It offers application protocols.
    pub alpn: bool,
    /// It offers a pre-shared key or ticket.
    pub psk: bool,
    /// It does not fit into one segment of a usual path.
    pub large: bool,
    /// It offers signatures with Ed448 and brainpool keys.
    pub rare_schemes: bool,
    /// It has a post-quantum key share.
    pub post_quantum: bool,
    /// It offers everything from TLS 1.2 to TLS 1.3.
    pub usual_versions: bool,
    /// It agreed to begin TLS, in the clear.
    pub agreed: bool,
    /// Bytes came from the server before it ended.
    pub answered: bool,
    /// A HelloRetryRequest came: the server has chosen version and suite.
    pub retry: bool,
    /// A ServerHello came: version, suite and (in TLS 1.3) group are settled.
    pub server_hello: bool,
    pub tls13: bool,
    pub encrypted_extensions: bool,
    /// The server's Certificate came.
    pub certificate: bool,
    /// The server asked for a client certificate.
    pub certificate_request: bool,
    /// We answered that, with or without one.
    pub client_certificate: bool,
}

impl Seen {
    /// What a connection shows.
    pub fn of(case: &Case<'_>) -> Seen {
        /// An Ethernet frame less the headers of IP and TCP with time stamps.
        const SEGMENT: usize = 1440;
        let trace = case.trace();
        let facts = case.handshake().map(|handshake| handshake.facts).unwrap_or_default();
        let client = facts.client.unwrap_or_default();
        let hello = trace.first(types::CLIENT_HELLO).map_or(0, |(_, message)| message.length);
        let codes = |span: Option<_>| {
            let bytes = span.map(|span| trace.bytes(span)).unwrap_or_default();
            super::summary::codes(bytes).collect::<Vec<_>>()
        };
        let versions = codes(client.supported_versions);
        let has = |version: ProtocolVersion| versions.contains(&version.0);
        let groups = codes(client.supported_groups).into_iter().map(NamedGroup);
        let retry = facts.retry.map(|retry| retry.message);
        let came = |handshake_type| {
            let mut messages = trace.messages.iter().enumerate();
            messages.any(|(index, message)| {
                message.kind == Kind::Handshake(handshake_type) && Some(index) != retry
            })
        };
        Seen {
            sni: client.server_name.is_some(),
            alpn: client.alpn.is_some(),
            psk: client.psk_identities.is_some(),
            large: hello > SEGMENT,
            rare_schemes: {
                let schemes = codes(client.signature_algorithms);
                let has = |scheme: SignatureScheme| schemes.contains(&scheme.0);
                has(SignatureScheme::ed448) && has(SignatureScheme::ecdsa_brainpoolP256r1tls13_sha256)
            },
            post_quantum: groups.into_iter().any(|group| {
                crate::wire::codepoints::group::find(group.0).is_some_and(|group| group.is_post_quantum())
            }),
            usual_versions: has(ProtocolVersion::TLS_1_3) && has(ProtocolVersion::TLS_1_2),
            agreed: super::starttls::agreed(case).is_some(),
            answered: trace.flows[Direction::Server.index()].bytes > 0,
            retry: facts.retry.is_some(),
            server_hello: came(types::SERVER_HELLO),
            tls13: facts.is_tls13(),
            encrypted_extensions: came(types::ENCRYPTED_EXTENSIONS),
            certificate: facts.certificates_of(Direction::Server).is_some(),
            certificate_request: case.certificate_request().is_some(),
            client_certificate: case.client_certificates().is_some(),
        }
    }
}

/// What a cause is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The server_name that was sent is not served.
    ServerName,
    /// A server_name is needed, and none was sent.
    NoServerName,
    /// No common version.
    Version,
    /// No common cipher suite, group or signature scheme.
    Parameters,
    /// The server's key signs with nothing that was offered.
    UnusualKey,
    /// No common application protocol.
    Protocol,
    /// The pre-shared key or ticket.
    PreSharedKey,
    /// The client certificate, or that there is none.
    ClientCertificate,
    /// The server has none that it could send.
    ServerCertificate,
    /// Something on the way mishandles a ClientHello of more than one segment.
    LargeHello,
    /// The port speaks something else, or wants something before TLS.
    OtherProtocol,
    /// The server does not want this client, by its address for example.
    Filter,
    /// The server broke down before it answered.
    Unanswered,
    /// The server broke down while it answered.
    Breakdown,
    /// The server, its configuration or what is behind it.
    Server,
    /// Something on the way.
    Middlebox,
}

impl Topic {
    /// Whether the recording leaves this open.
    pub fn possible(self, seen: &Seen) -> bool {
        // All of this a server decides when it reads the ClientHello: its ServerHello says that it agreed.
        let open = !seen.server_hello;
        match self {
            Topic::ServerName => seen.sni && open,
            Topic::NoServerName => !seen.sni && open,
            Topic::Version => open && !seen.retry,
            Topic::Parameters => open && !seen.retry,
            Topic::UnusualKey => !seen.certificate && !seen.rare_schemes,
            Topic::Protocol => seen.alpn && !seen.encrypted_extensions && (open || seen.tls13),
            Topic::PreSharedKey => seen.psk && open,
            Topic::ClientCertificate => seen.certificate_request && seen.client_certificate,
            Topic::ServerCertificate => !seen.certificate,
            Topic::LargeHello => seen.large && !seen.answered,
            Topic::OtherProtocol => !seen.answered && !seen.agreed,
            Topic::Filter | Topic::Unanswered => !seen.answered,
            Topic::Breakdown => seen.answered,
            Topic::Server | Topic::Middlebox => true,
        }
    }

    /// Whether connecting again with something changed shows whether it is this.
    pub fn by_experiment(self) -> bool {
        match self {
            Topic::ServerName
            | Topic::NoServerName
            | Topic::Version
            | Topic::Parameters
            | Topic::UnusualKey
            | Topic::Protocol
            | Topic::LargeHello => true,
            Topic::PreSharedKey
            | Topic::ClientCertificate
            | Topic::ServerCertificate
            | Topic::OtherProtocol
            | Topic::Filter
            | Topic::Unanswered
            | Topic::Breakdown
            | Topic::Server
            | Topic::Middlebox => false,
        }
    }

    /// A command that would show whether it is this; None if no flag changes it.
    pub fn command(self, seen: &Seen) -> Option<Command> {
        let set = |flag, value| Some(Command::default().set(flag, value));
        match self {
            Topic::ServerName => Some(Command::default().set("--no-sni", None).without("--sni")),
            Topic::NoServerName => Some(Command::default().set("--sni", Some("NAME")).without("--no-sni")),
            Topic::Version if seen.usual_versions => set("--tls-min", Some("1.0")),
            Topic::Version => {
                Some(Command::default().without("--tls-min").without("--tls-max").without("--ssl3"))
            }
            Topic::Protocol => Some(Command::default().set("--no-alpn", None).without("--alpn")),
            // Without the large share the ClientHello fits into one segment.
            Topic::LargeHello if seen.post_quantum => set("--groups", Some("X25519,secp256r1")),
            _ => None,
        }
    }
}

/// The command that finds out by experiment, instead of whatever else was to be done on several connections.
pub(super) fn diagnose() -> Command {
    const NOT_BESIDE: [&str; 5] = ["--pipe", "--repeat", "--each-address", "--resume", "--early-data"];
    let command = Command::default().set("--diagnose", None);
    NOT_BESIDE.iter().fold(command, |command, flag| command.without(flag))
}

/// A row: what a failure may be about, in words.
pub type Row = (Topic, &'static str);

/// The rows that the evidence leaves, the likeliest first, and what to run next about the first that has something.
/// With `certain` the failure itself names the first row that is left: there is no other.
pub fn pick(rows: &[Row], seen: &Seen, certain: bool) -> (Vec<Cause>, Option<Command>) {
    let left: Vec<&Row> = rows.iter().filter(|(topic, _)| topic.possible(seen)).collect();
    let shown = if certain { 1 } else { left.len() };
    let causes = left.iter().take(shown).enumerate().map(|(place, (_, text))| match place {
        0 if certain => Cause::certain(*text),
        0 => Cause::likely(*text),
        _ => Cause::possible(*text),
    });
    let undecided = !certain && left.len() > 1 && left.iter().any(|(topic, _)| topic.by_experiment());
    let command = match undecided {
        true => Some(diagnose()),
        false => left.iter().find_map(|(topic, _)| topic.command(seen)),
    };
    (causes.collect(), command)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of what can be seen.
    fn all() -> impl Iterator<Item = Seen> {
        (0..1u32 << 16).map(|bits| {
            let is = |place: u32| bits >> place & 1 == 1;
            Seen {
                sni: is(0),
                alpn: is(1),
                psk: is(2),
                large: is(3),
                post_quantum: is(4),
                usual_versions: is(5),
                answered: is(6),
                retry: is(7),
                server_hello: is(8),
                tls13: is(9),
                encrypted_extensions: is(10),
                certificate_request: is(11),
                client_certificate: is(12),
                certificate: is(13),
                rare_schemes: is(14),
                agreed: is(15),
            }
        })
    }

    /// A command shows whether it is this: it takes away what was offered, or offers what was not.
    #[test]
    fn what_would_show_whether_it_is_this() {
        let flags = |topic: Topic, seen: Seen| {
            topic.command(&seen).map(|command| {
                let added = command.add.iter().map(|(flag, _)| *flag).collect::<Vec<_>>();
                (added, command.remove)
            })
        };
        let usual = Seen { usual_versions: true, post_quantum: true, ..Seen::default() };
        let narrow = Seen::default();
        assert_eq!(flags(Topic::ServerName, usual), Some((vec!["--no-sni"], vec!["--sni"])));
        assert_eq!(flags(Topic::NoServerName, usual), Some((vec!["--sni"], vec!["--no-sni"])));
        assert_eq!(flags(Topic::Version, usual), Some((vec!["--tls-min"], vec![])));
        let (added, removed) = flags(Topic::Version, narrow).unwrap();
        assert!(added.is_empty() && removed.contains(&"--tls-max") && removed.contains(&"--tls-min"));
        assert_eq!(flags(Topic::Protocol, usual), Some((vec!["--no-alpn"], vec!["--alpn"])));
        assert_eq!(flags(Topic::LargeHello, usual), Some((vec!["--groups"], vec![])));
        for (topic, seen) in [
            (Topic::LargeHello, narrow),
            (Topic::Server, usual),
            (Topic::Middlebox, usual),
            (Topic::Filter, usual),
            (Topic::ClientCertificate, usual),
        ] {
            assert_eq!(flags(topic, seen), None, "{topic:?}");
        }
    }

    /// The first cause is the likeliest, and the only one where there can be no other. What to run is about the first
    /// that has a command, or, where experiments could decide between several, makes them.
    #[test]
    fn the_first_row_that_is_left_is_the_likeliest() {
        use crate::finding::Certainty::{Certain, Likely, Possible};
        let rows: &[Row] =
            &[(Topic::ServerName, "name"), (Topic::Filter, "filter"), (Topic::Protocol, "protocol")];
        let seen = Seen { alpn: true, ..Seen::default() };
        let sure = |seen: &Seen, certain: bool| {
            let (causes, command) = pick(rows, seen, certain);
            let causes: Vec<_> = causes.into_iter().map(|cause| (cause.certainty, cause.text)).collect();
            (causes, command.map(|command| command.add[0].0))
        };
        let (filter, protocol) = ("filter".to_owned(), "protocol".to_owned());
        let both = vec![(Likely, filter.clone()), (Possible, protocol)];
        assert_eq!(sure(&seen, false), (both, Some("--diagnose")));
        assert_eq!(sure(&seen, true), (vec![(Certain, filter)], Some("--no-alpn")));
        let with_name = sure(&Seen { sni: true, ..seen }, false);
        assert_eq!((with_name.0.len(), with_name.1), (3, Some("--diagnose")));
        assert_eq!(pick(&rows[..1], &Seen { sni: true, ..seen }, false).1.unwrap().add[0].0, "--no-sni");
        // No experiment tells a filter from an overloaded server.
        let open: &[Row] = &[(Topic::Filter, "filter"), (Topic::Unanswered, "overload")];
        assert_eq!(pick(open, &Seen::default(), false).1, None);
    }

    /// Of every finding, at every stage, with every offer: no cause that the evidence rules out, and always one left.
    #[test]
    fn no_cause_contradicts_what_was_seen() {
        let tables = crate::finding::alert::tables().chain([
            ("closed", crate::finding::closed::CAUSES),
            ("timeout.silent", crate::finding::timeout::SILENT),
            ("timeout.stalled", crate::finding::timeout::STALLED),
        ]);
        for (finding, rows) in tables {
            for seen in all() {
                // What can't be: an answer that is no answer.
                let answers = seen.server_hello || seen.retry || seen.certificate_request;
                if answers && !seen.answered || seen.encrypted_extensions && !seen.server_hello {
                    continue;
                }
                if seen.certificate && !seen.server_hello {
                    continue;
                }
                if finding == "timeout.silent" && seen.answered {
                    continue;
                }
                let (causes, command) = pick(rows, &seen, false);
                let about = |words: &[&str]| {
                    causes.iter().any(|cause| words.iter().any(|word| cause.text.contains(word)))
                };
                assert!(!causes.is_empty(), "{finding}: no cause is left with {seen:?}");
                if !seen.certificate_request {
                    assert!(!about(&["client certificate"]), "{finding}: {causes:?} with {seen:?}");
                }
                if seen.server_hello {
                    let settled = ["cipher suite", "group", "version", "server_name", "does not speak TLS"];
                    assert!(!about(&settled), "{finding}: {causes:?} with {seen:?}");
                }
                if seen.agreed {
                    assert!(!about(&["does not speak TLS"]), "{finding}: {causes:?} with {seen:?}");
                }
                if seen.certificate {
                    assert!(!about(&["no certificate"]), "{finding}: {causes:?} with {seen:?}");
                }
                if seen.sni {
                    assert!(
                        !about(&["no server_name", "none was sent"]),
                        "{finding}: {causes:?} with {seen:?}"
                    );
                } else {
                    assert!(
                        !about(&["this name", "this server_name"]),
                        "{finding}: {causes:?} with {seen:?}"
                    );
                    assert!(command.as_ref().is_none_or(|command| !command.remove.contains(&"--sni")));
                }
                if !seen.large {
                    assert!(!about(&["more than one TCP segment"]), "{finding}: {causes:?} with {seen:?}");
                }
                if !seen.psk {
                    assert!(!about(&["pre-shared key", "ticket"]), "{finding}: {causes:?} with {seen:?}");
                }
                if !seen.alpn {
                    assert!(!about(&["ALPN"]), "{finding}: {causes:?} with {seen:?}");
                }
            }
        }
    }
}

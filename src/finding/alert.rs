//! The server ended the handshake with an alert.

use crate::trace::{Evidence, Message};
use crate::wire::Direction;
use crate::wire::codepoints::cipher_suite::Authentication;
use crate::wire::codepoints::{ALERTS, AlertDescription, ProtocolVersion};

use super::cause::{self, Row, Seen, Topic};
use super::{By, Case, Cause, Failure, Outcome, Rule, summary};

/// The server sent a fatal alert.
pub const RULE: Rule = Rule {
    id: "alert.",
    title: "handshake ended by an alert from the server",
    about: "The server ended the handshake with a TLS alert, whose description names the reason. It says \
            what the server rejected, not what it would have accepted; possible causes are derived from \
            what was offered.",
    judge,
};

/// What an alert most often means for somebody who connects.
struct Reading {
    alert: AlertDescription,
    summary: &'static str,
    /// The same where the server had agreed on version and suite before: its ServerHello or HelloRetryRequest says so.
    agreed: Option<&'static str>,
    /// The likeliest first.
    causes: &'static [Row],
    /// The alert itself says that it is the first cause.
    certain: bool,
    need: Option<&'static str>,
}

const READINGS: &[Reading] = &[
    Reading {
        alert: AlertDescription::handshake_failure,
        summary: "handshake_failure: no common parameters",
        agreed: Some("handshake_failure after version and suite were agreed"),
        causes: &[
            (Topic::ClientCertificate, "it rejects the client certificate, or that there is none"),
            (Topic::Parameters, "no common cipher suite, group or signature algorithm"),
            (Topic::NoServerName, "it needs a server_name to choose a certificate, and none was sent"),
            (Topic::ServerName, "it has no certificate for this name"),
            (
                Topic::ServerCertificate,
                "it has no certificate or key that matches the signature schemes offered: an empty keystore, a wrong alias, no \
                 default certificate",
            ),
            (
                Topic::UnusualKey,
                "its key is of a type for which no signature scheme was offered (Ed448, an EC curve other than P-256, P-384 and \
                 P-521); openssl s_client offers more",
            ),
            (Topic::Server, "its configuration: its log says more"),
        ],
        certain: false,
        need: Some("what the server is configured to accept: its cipher suites, groups and certificate type"),
    },
    Reading {
        alert: AlertDescription::protocol_version,
        summary: "protocol version not supported by the server",
        agreed: None,
        causes: &[
            (
                Topic::Version,
                "no common protocol version: the server supports only versions that were not offered",
            ),
            (
                Topic::Server,
                "it rejected the protocol in the middle of the handshake, which is a bug in the server",
            ),
        ],
        certain: true,
        need: None,
    },
    Reading {
        alert: AlertDescription::insufficient_security,
        summary: "insufficient_security: offer too weak for server",
        agreed: None,
        causes: &[
            (
                Topic::Parameters,
                "the offered cipher suites, groups or signature algorithms are below its security level",
            ),
            (
                Topic::ClientCertificate,
                "the key or signature of the client certificate is below its security level",
            ),
            (Topic::Server, "its own security level rules out what it chose"),
        ],
        certain: false,
        need: None,
    },
    Reading {
        alert: AlertDescription::internal_error,
        summary: "internal_error: failure inside the server",
        agreed: None,
        causes: &[(Topic::Server, "a bug or misconfiguration of the server: its log says more")],
        certain: false,
        need: Some("a look into the server's error log"),
    },
    Reading {
        alert: AlertDescription::inappropriate_fallback,
        summary: "inappropriate_fallback to an older version",
        agreed: None,
        causes: &[
            (Topic::Version, "the server supports a higher version than the one offered"),
            (Topic::Server, "a bug in the server"),
        ],
        certain: true,
        need: None,
    },
    Reading {
        alert: AlertDescription::unrecognized_name,
        summary: "unrecognized_name: server_name not recognised",
        agreed: None,
        causes: &[
            (Topic::ServerName, "this server_name is not configured on the server"),
            (Topic::NoServerName, "it needs a server_name, and none was sent"),
            (Topic::Server, "its configuration of names is inconsistent"),
        ],
        certain: true,
        need: Some("the name that the server is configured for (--sni NAME)"),
    },
    Reading {
        alert: AlertDescription::unknown_psk_identity,
        summary: "unknown_psk_identity: pre-shared key not known",
        agreed: None,
        causes: &[
            (
                Topic::PreSharedKey,
                "the identity of the pre-shared key is unknown to the server, or its ticket keys changed",
            ),
            (Topic::Server, "it accepts only clients with which it shares a key"),
        ],
        certain: false,
        need: None,
    },
    Reading {
        alert: AlertDescription::no_application_protocol,
        summary: "no common application protocol (ALPN)",
        agreed: None,
        causes: &[
            (Topic::Protocol, "the ALPN list has no protocol that the server speaks"),
            (Topic::Server, "it requires an application protocol"),
        ],
        certain: true,
        need: None,
    },
    Reading {
        alert: AlertDescription::close_notify,
        summary: "connection closed by the server (close_notify)",
        agreed: None,
        causes: &[(Topic::Server, "the server is shutting down, or does not accept this client")],
        certain: false,
        need: None,
    },
];

/// The rows of each alert, for the test of all of them.
#[cfg(test)]
pub(super) fn tables() -> impl Iterator<Item = (&'static str, &'static [Row])> {
    READINGS.iter().map(|reading| (reading.summary, reading.causes))
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    // An alert that comes after our own refusal is its consequence.
    if case.capture.engine.as_ref().is_some_and(|engine| engine.refused) {
        return None;
    }
    let close_notify = || {
        case.trace().alerts().find_map(|(index, message, _, description)| {
            (!case.complete()
                && !case.has_gaps()
                && message.direction == Direction::Server
                && description == AlertDescription::close_notify)
                .then_some((index, message, description))
        })
    };
    let (index, message, description) = case.server_alert().or_else(close_notify)?;
    let reading = READINGS.iter().find(|reading| reading.alert == description);
    let seen = Seen::of(case);
    let agreed = seen.server_hello || seen.retry;
    let summary = match reading {
        Some(reading) => reading.agreed.filter(|_| agreed).unwrap_or(reading.summary).to_owned(),
        None => format!("alert: {description}"),
    };
    let mut failure = Failure::new(format!("alert.{description}"), Outcome::Failed, "tls", summary);
    failure.stage = stage_before(case, message.at);
    failure.by = Some(By::Server);
    failure.who = Some(super::closed::who_ended(case));
    failure.evidence = vec![Evidence { message: Some(index), ..Evidence::default() }];
    failure.seen = crate::finding::summary::offer(case.trace()).map(|offer| {
        let who = if case.capture.intent.origin.is_live() { "we" } else { "the client" };
        format!("{who} offered {offer}")
    });
    if description == AlertDescription::protocol_version
        && let Some(version) = version_of_record(case, message)
    {
        let said =
            format!("the alert's record is one of {version}, often the highest that the server speaks");
        failure.seen = Some(failure.seen.map_or(said.clone(), |seen| format!("{seen}; {said}")));
    }
    match reading {
        Some(reading) => {
            let (causes, command) = cause::pick(reading.causes, &seen, reading.certain);
            failure.causes = causes;
            // What it would have accepted is not the question any more.
            failure.remedy.text =
                reading.need.filter(|_| !agreed || reading.agreed.is_none()).map(str::to_owned);
            failure.remedy.command = command;
        }
        None => failure.causes = vec![meant(description, &seen)],
    }
    if let Some(wrong_key) = wrong_key(case, description, &seen) {
        failure.causes = vec![wrong_key];
        failure.remedy.text = Some("the key that the server has for this identity (--psk)".into());
        failure.remedy.command = None;
    }
    Some(failure)
}

/// A key that was agreed on beforehand, and does not verify: in TLS 1.3 its binder (RFC 8446, section 4.2.11), before that
/// the client's Finished (RFC 4279, section 2).
fn wrong_key(case: &Case<'_>, description: AlertDescription, seen: &Seen) -> Option<Cause> {
    use AlertDescription as Alert;
    let facts = case.handshake()?.facts;
    let client = facts.client?;
    let binder = !seen.server_hello
        && summary::external_keys(case.trace(), &client).is_some()
        && matches!(description, Alert::decrypt_error | Alert::illegal_parameter | Alert::bad_record_mac);
    let finished = facts.suite().is_some_and(|suite| suite.authentication == Authentication::Psk)
        && !facts.is_tls13()
        && matches!(description, Alert::decrypt_error | Alert::bad_record_mac);
    (binder || finished).then(|| {
        Cause::likely(
            "the pre-shared key is wrong: the server knows its identity and has another key for it, so what proves the key \
             does not verify",
        )
    })
}

/// An alert by its definition, unless what came before it rules that out.
fn meant(description: AlertDescription, seen: &Seen) -> Cause {
    use AlertDescription as Alert;
    let certificate = matches!(
        description,
        Alert::bad_certificate
            | Alert::unsupported_certificate
            | Alert::certificate_revoked
            | Alert::certificate_expired
            | Alert::certificate_unknown
            | Alert::unknown_ca
            | Alert::certificate_required
            | Alert::bad_certificate_hash_value
    );
    let ours = Topic::ClientCertificate.possible(seen);
    if certificate && !ours {
        return Cause::possible(
            "the alert is about a certificate of the client's, which was not asked for or had not been sent: the server means \
             something else by it, or passes on what failed behind it",
        );
    }
    let fits = match description {
        Alert::access_denied => ours || seen.psk,
        Alert::decrypt_error => seen.server_hello || seen.psk,
        Alert::bad_record_mac => seen.server_hello || seen.psk,
        _ => true,
    };
    match fits {
        true => Cause::likely(about(description)),
        false => Cause::possible(
            "what the alert is for can't have happened yet: a fault of the server or of something behind it, or it does not \
             accept this client",
        ),
    }
}

/// The version that an alert's record has, where that is lower than what was offered: many servers write their own.
fn version_of_record(case: &Case<'_>, message: &Message) -> Option<ProtocolVersion> {
    let record = case.trace().records.get(message.origin.first()?.record)?;
    let known = record.legacy_version < ProtocolVersion::TLS_1_2 && record.legacy_version.name().is_some();
    (known && !Seen::of(case).server_hello).then_some(record.legacy_version)
}

/// What the alert means, by its own definition.
pub(super) fn about(description: AlertDescription) -> String {
    match (ALERTS.find)(description.into()) {
        Some(entry) => entry.about.to_owned(),
        None => format!("no RFC defines alert {}", description.0),
    }
}

fn stage_before(case: &Case<'_>, at: std::time::Duration) -> String {
    match case.handshake().and_then(|h| h.complete_at) {
        Some(complete) if complete <= at => "after the handshake was complete".into(),
        _ => case.stage(),
    }
}

//! The server ended the handshake with an alert.

use crate::trace::Evidence;
use crate::wire::Direction;
use crate::wire::codepoints::{ALERTS, AlertDescription};

use super::{By, Case, Cause, Command, Failure, Outcome, Rule};

/// The server sent a fatal alert.
pub const RULE: Rule = Rule {
    id: "alert.",
    about: "The server ended the handshake with a TLS alert: one byte that names its reason. It says what the server \
            did not like, not what it would have accepted; that is told from what we offered.",
    judge,
};

/// What an alert most often means for somebody who connects, and what to try.
struct Reading {
    alert: AlertDescription,
    summary: &'static str,
    causes: &'static [&'static str],
    need: Option<&'static str>,
    remedy: Option<(&'static [&'static str], &'static [&'static str])>,
}

const READINGS: &[Reading] = &[
    Reading {
        alert: AlertDescription::handshake_failure,
        summary: "the server found nothing in our offer that it accepts",
        causes: &[
            "no common cipher suite, group or signature algorithm",
            "it wants a client certificate, or a server_name that it knows",
        ],
        need: Some("what the server is configured to accept: its cipher suites, groups and certificate type"),
        remedy: None,
    },
    Reading {
        alert: AlertDescription::protocol_version,
        summary: "the server speaks none of the TLS versions that we offered",
        causes: &["the server is limited to other versions than those offered"],
        need: None,
        remedy: Some((&["--tls-min", "1.2", "--tls-max", "1.3"], &["--tls-min V", "--tls-max V"])),
    },
    Reading {
        alert: AlertDescription::insufficient_security,
        summary: "the server wants stronger cryptography than we offered",
        causes: &[
            "the offered cipher suites, groups or signature algorithms are below the server's security level",
        ],
        need: None,
        remedy: None,
    },
    Reading {
        alert: AlertDescription::internal_error,
        summary: "the server failed inside itself",
        causes: &["a fault or wrong configuration of the server: its log says more"],
        need: Some("a look into the server's error log"),
        remedy: None,
    },
    Reading {
        alert: AlertDescription::inappropriate_fallback,
        summary: "the server thinks that we fell back to an older version without need",
        causes: &["the server supports a higher version than the one offered"],
        need: None,
        remedy: None,
    },
    Reading {
        alert: AlertDescription::unrecognized_name,
        summary: "the server does not serve the name that we asked for",
        causes: &["the name in server_name is not configured on this server"],
        need: Some("the name that the server is configured for (--sni NAME)"),
        remedy: Some((&["--no-sni"], &["--sni NAME"])),
    },
    Reading {
        alert: AlertDescription::unknown_psk_identity,
        summary: "the server does not know the pre-shared key",
        causes: &["the identity is unknown to the server, or its ticket keys changed"],
        need: None,
        remedy: None,
    },
    Reading {
        alert: AlertDescription::no_application_protocol,
        summary: "the server supports none of the application protocols that we offered",
        causes: &["the ALPN list has no protocol that the server speaks"],
        need: None,
        remedy: Some((&["--no-alpn"], &["--alpn LIST"])),
    },
    Reading {
        alert: AlertDescription::close_notify,
        summary: "the server closed the connection in the middle of the handshake",
        causes: &["the server is shutting down, or does not want this client"],
        need: None,
        remedy: None,
    },
];

fn judge(case: &Case<'_>) -> Option<Failure> {
    // An alert that comes after our own refusal is its consequence.
    if case.capture.engine.as_ref().is_some_and(|engine| engine.refused) {
        return None;
    }
    let close_notify = || {
        case.trace().alerts().find_map(|(index, message, _, description)| {
            (!case.complete()
                && message.direction == Direction::Server
                && description == AlertDescription::close_notify)
                .then_some((index, message, description))
        })
    };
    let (index, message, description) = case.server_alert().or_else(close_notify)?;
    let reading = READINGS.iter().find(|reading| reading.alert == description);
    let summary = match reading {
        Some(reading) => reading.summary.to_owned(),
        None => format!("the server ended the handshake: {description}"),
    };
    let mut failure = Failure::new(format!("alert.{description}"), Outcome::Failed, "tls", summary);
    failure.stage = stage_before(case, message.at);
    failure.by = Some(By::Server);
    failure.who = Some(super::closed::who_ended(case));
    failure.evidence = vec![Evidence { message: Some(index), ..Evidence::default() }];
    failure.seen = crate::finding::summary::offer(case.trace()).map(|offer| format!("we offered {offer}"));
    let certain = matches!(
        description,
        AlertDescription::protocol_version
            | AlertDescription::inappropriate_fallback
            | AlertDescription::unrecognized_name
            | AlertDescription::no_application_protocol
    );
    failure.causes = match reading {
        Some(reading) => {
            let mut causes: Vec<_> = reading.causes.iter().map(|text| Cause::likely(*text)).collect();
            if certain && let Some(first) = causes.first_mut() {
                *first = Cause::certain(first.text.clone());
            }
            if let Some(last) = causes.get_mut(1) {
                *last = Cause::possible(last.text.clone());
            }
            causes
        }
        None => vec![Cause::likely(about(description))],
    };
    if let Some(reading) = reading {
        failure.remedy.text = reading.need.map(str::to_owned);
        failure.remedy.command = reading.remedy.map(|(add, remove)| Command {
            add: add.iter().map(|a| (*a).to_owned()).collect(),
            remove: remove.to_vec(),
        });
    }
    Some(failure)
}

/// What the alert means, by its own definition.
fn about(description: AlertDescription) -> String {
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

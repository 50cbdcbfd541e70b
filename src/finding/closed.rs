//! The connection ended before the handshake did.

use crate::capture::{How, PipeEnd};
use crate::trace::{Evidence, Kind, TailKind};
use crate::wire::Direction;
use crate::wire::codepoints::AlertDescription;

use super::alert;
use super::cause::{self, Row, Seen, Topic};
use super::{By, Case, Cause, Command, Failure, Finding, Outcome, Rule, Severity, starttls};

/// Closed or reset, without an alert.
pub const RULE: Rule = Rule {
    id: "closed.",
    title: "connection closed or reset during the handshake",
    about: "The connection ended before the handshake was complete, and no alert says why. `closed.reset`: \
            with a TCP RST, `closed.fin`: with an ordinary FIN; `closed.unrecorded`: a capture has no more of it. With `--pipe` a later reset counts as \
            well, because data in transit is lost, and so does an end without close_notify \
            (`closed.truncated`), because an attacker can cut a connection, and the answer may have been \
            longer. The place where it ended is the best clue: right after the ClientHello it is often a \
            server or middlebox that rejects the server_name or mishandles the size of the ClientHello.",
    judge,
};

/// The likeliest first.
pub(super) const CAUSES: &[Row] = &[
    (Topic::ServerName, "it does not serve this name, and closes the connection instead of sending an alert"),
    (Topic::NoServerName, "it needs a server_name, and none was sent"),
    (Topic::Filter, "it does not accept this client (its address, a filter, a limit)"),
    (
        Topic::OtherProtocol,
        "the port does not speak TLS, or expects something else first: STARTTLS, a PROXY protocol header",
    ),
    (
        Topic::LargeHello,
        "a middlebox mishandles a ClientHello of more than one TCP segment (post-quantum key shares make \
         it that long)",
    ),
    (Topic::ClientCertificate, "it rejects the client certificate, or that there is none"),
    (Topic::Breakdown, "the server process crashed, or was stopped, while it answered"),
    (Topic::Middlebox, "a middlebox cut the connection"),
];

fn judge(case: &Case<'_>) -> Option<Failure> {
    if case.complete() {
        return broken(case).or_else(|| truncated(case));
    }
    if !case.connected() {
        return None;
    }
    let ends = || Direction::BOTH.iter().any(|side| case.end(*side).is_some());
    if !case.capture.intent.origin.is_live() && (case.has_gaps() || !ends()) {
        return Some(unfinished(case));
    }
    let end = case.end(Direction::Server);
    let (id, how) = match end {
        Some((_, How::Reset)) => ("closed.reset", "connection reset"),
        Some((_, How::Fin)) => ("closed.fin", "connection closed"),
        Some((_, How::Error(_))) => ("closed.error", "connection lost"),
        Some((_, How::LocalStop)) | None => ("closed.incomplete", "handshake not finished"),
    };
    let (place, stage) = place(case);
    let mut failure = Failure::new(id, Outcome::Failed, "tls", format!("{how} {place}"));
    failure.stage = stage;
    failure.by = Some(By::Server);
    failure.who = Some(who_ended(case));
    let seen = Seen::of(case);
    let (causes, command) = match warning(case) {
        None => {
            // Who does not like the name does not begin an answer.
            let about_name = |topic: Topic| matches!(topic, Topic::ServerName | Topic::NoServerName);
            let rows: Vec<Row> =
                CAUSES.iter().copied().filter(|(topic, _)| !(seen.answered && about_name(*topic))).collect();
            let (mut causes, mut command) = cause::pick(&rows, &seen, false);
            if let Some(row) = starttls::usual(case).filter(|_| !seen.answered) {
                let port = case.capture.intent.port;
                causes
                    .insert(0, Cause::likely(format!("port {port}: {}", starttls::begins_in_the_clear(row))));
                command = Some(Command::default().set("--starttls", Some(row.name)));
            }
            (causes, command)
        }
        Some((index, description)) => {
            failure.summary = format!("{how} after warning {description}");
            failure.evidence = vec![Evidence { message: Some(index), ..Evidence::default() }];
            let said = format!("its warning right before says why: {}", alert::about(description));
            let name =
                description == AlertDescription::unrecognized_name && Topic::ServerName.possible(&seen);
            (vec![Cause::likely(said)], Topic::ServerName.command(&seen).filter(|_| name))
        }
    };
    failure.causes = causes;
    failure.remedy.command = command;
    Some(failure)
}

/// Others made the connection, and its end is not in what they recorded: that says nothing about the handshake.
fn unfinished(case: &Case<'_>) -> Failure {
    let (place, stage) = place(case);
    let summary = match case.has_gaps() {
        true => "parts of the handshake were not recorded".to_owned(),
        false => format!("recording ends {place}"),
    };
    let mut failure = Failure::new("closed.unrecorded", Outcome::Unevaluated, "tls", summary);
    failure.stage = stage;
    failure.causes = vec![Cause::certain(match case.has_gaps() {
        true => "bytes of this connection are missing in the file",
        false => "the file has no more of this connection, and no end of it",
    })];
    failure
}

/// The warning that was the last that the server said before it closed the connection.
fn warning(case: &Case<'_>) -> Option<(usize, AlertDescription)> {
    let last = case.trace().messages.iter().rposition(|message| message.direction == Direction::Server)?;
    let (index, _, _, description) = case.trace().alerts().find(|(index, ..)| *index == last)?;
    (description != AlertDescription::close_notify).then_some((index, description))
}

/// With `--pipe`: the connection broke while data went through it.
fn broken(case: &Case<'_>) -> Option<Failure> {
    let error = case.capture.engine.as_ref()?.error.as_ref()?;
    let (id, how) = match case.end(Direction::Server)? {
        (_, How::Reset) => ("closed.reset", "connection reset"),
        (_, How::Error(_)) => ("closed.error", "connection lost"),
        _ => return None,
    };
    let mut failure = Failure::new(id, Outcome::Failed, "after", format!("{how} during the data transfer"));
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.who = Some(who_ended(case));
    failure.seen = Some(error.clone());
    failure.causes = vec![
        Cause::likely("the server process crashed, was stopped, or gave up while data was in transit"),
        Cause::possible("a middlebox cut the connection"),
    ];
    Some(failure)
}

/// With `--pipe`: the connection was closed, and the server had not said that it would.
fn truncated(case: &Case<'_>) -> Option<Failure> {
    if case.capture.engine.as_ref()?.piped != Some(PipeEnd::Truncated) {
        return None;
    }
    let mut failure =
        Failure::new(TRUNCATED, Outcome::Failed, "after", "closed without close_notify, possibly truncated");
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.who = Some(who_ended(case));
    failure.causes = vec![
        Cause::likely("the server closes connections without close_notify, or its process ended"),
        Cause::possible(
            "an attacker cut the connection: what was received is genuine, but may be incomplete",
        ),
    ];
    Some(failure)
}

const TRUNCATED: &str = "closed.truncated";

/// Without `--pipe` nothing is lost by it, but others would lose something.
pub fn remark(case: &Case<'_>) -> Option<Finding> {
    let engine = case.capture.engine.as_ref()?;
    let (at, How::Fin) = case.end(Direction::Server)? else { return None };
    let trace = case.trace();
    // Before we closed: an answer to our farewell need not be polite.
    let unasked = case.end(Direction::Client).is_some_and(|(ours, _)| at <= ours);
    let said = trace.messages.iter().any(|message| {
        message.direction == Direction::Server && matches!(message.kind, Kind::Alert { .. } | Kind::Sealed)
    });
    (case.complete() && engine.piped.is_none() && unasked && !said && trace.limits_reached.is_empty()).then(|| {
        Finding::new(
            TRUNCATED,
            Severity::Note,
            "connection closed without close_notify",
            "the server sent no close_notify: a client cannot tell a complete answer from a truncated one",
        )
    })
}

/// Where the bytes end: for the headline, and in full.
fn place(case: &Case<'_>) -> (String, String) {
    let server = &case.trace().flows[Direction::Server.index()];
    if let Some(message) =
        case.trace().messages.iter().rfind(|m| m.direction == Direction::Server && m.incomplete.is_some())
    {
        let of = message.incomplete.unwrap_or_default();
        let place = format!("in the middle of {}", message.name);
        let stage = format!("{place}: {} of {of} bytes", message.length);
        return (place, stage);
    }
    match server.tail.as_ref().map(|tail| (tail, tail.kind)) {
        Some((tail, TailKind::IncompleteRecord { announced: Some(of) })) => {
            let place = "in the middle of a record";
            let of = of + crate::wire::record::HEADER;
            (place.into(), format!("{place}: {} of {of} bytes", tail.length))
        }
        Some((_, TailKind::IncompleteRecord { announced: None })) => {
            let place = "in the middle of a record header";
            (place.into(), place.into())
        }
        _ => {
            let stage = case.stage();
            let place = stage.split([',', ':']).next().unwrap_or_default().to_owned();
            (place, stage)
        }
    }
}

/// `server: alert 116 (record 7), FIN 0.1 ms later`
pub(super) fn who_ended(case: &Case<'_>) -> String {
    let mut parts = Vec::new();
    let mut last = None;
    if let Some((_, message, description)) = case.server_alert() {
        let record = message.origin.first().map_or(0, |origin| origin.record + 1);
        parts.push(format!("alert {description} ({}) in record {record}", description.0));
        last = Some(message.at);
    }
    if let Some((at, how)) = case.end(Direction::Server) {
        let what = match how {
            How::Fin => "FIN",
            How::Reset => "RST",
            How::Error(text) => text,
            How::LocalStop => "we closed",
        };
        parts.push(match last {
            Some(before) => format!("{what} {} later", case.when(at.saturating_sub(before))),
            None => format!("{what} at {}", case.when(*at)),
        });
    }
    if parts.is_empty() {
        "nobody: neither an alert nor an end of the connection was seen".into()
    } else {
        format!("server: {}", parts.join(", "))
    }
}

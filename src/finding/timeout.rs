//! Time ran out once TCP was up.

use crate::capture::{PipeEnd, Stopped};
use crate::wire::Direction;

use super::cause::{self, Row, Seen, Topic};
use super::{By, Case, Cause, Command, Failure, Outcome, Rule, starttls};

/// The handshake did not end in time.
pub const RULE: Rule = Rule {
    id: "timeout.",
    title: "handshake timed out",
    about: "The TCP connection was open, but the handshake did not end within --max-time. \
            `timeout.silent`: the server never sent a byte. `timeout.stalled`: it began to answer and then \
            stopped. With --pipe and an explicit limit, `timeout.pipe`: the answer had not ended.",
    judge,
};

/// Not a byte came. The likeliest first.
pub(super) const SILENT: &[Row] = &[
    (
        Topic::OtherProtocol,
        "the port does not speak TLS: it waits for the client to start another protocol, or for a PROXY \
         protocol header",
    ),
    (Topic::LargeHello, "a middlebox drops a ClientHello of more than one TCP segment"),
    (Topic::Unanswered, "the server is overloaded or hangs"),
];

/// The server began to answer.
pub(super) const STALLED: &[Row] = &[
    (Topic::Server, "the server, or a backend that it depends on, hangs"),
    (Topic::Middlebox, "packets above a certain size are lost (path MTU)"),
];

/// What was piped was still under way.
fn piped(case: &Case<'_>) -> Option<Failure> {
    if case.capture.engine.as_ref()?.piped != Some(PipeEnd::Stopped) {
        return None;
    }
    let limit = case.question.max_time.map(|t| format!("{} s", t.as_secs_f64())).unwrap_or_default();
    let summary = format!("answer not complete after {limit}");
    let mut failure = Failure::new("timeout.pipe", Outcome::Timeout, "after", summary);
    failure.stage = case.stage();
    failure.by = Some(By::Client);
    failure.who = Some(format!("tls-trace: its limit of {limit} (--max-time) was reached"));
    failure.causes = vec![
        Cause::likely("the answer takes longer than the limit, or the server waits for more input"),
        Cause::possible("the server never ends its answer"),
    ];
    Some(failure)
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    if case.capture.stopped != Some(Stopped::MaxTime) || !case.connected() {
        return None;
    }
    if case.complete() {
        return piped(case);
    }
    let limit = case.question.max_time.map(|t| format!("{} s", t.as_secs_f64())).unwrap_or_default();
    let received = case.trace().flows[Direction::Server.index()].bytes;
    let (id, summary) = if received == 0 {
        ("timeout.silent", format!("no answer from the server within {limit}"))
    } else {
        ("timeout.stalled", format!("server stopped {}", case.stage()))
    };
    let mut failure = Failure::new(id, Outcome::Timeout, "tls", summary);
    failure.stage = case.stage();
    failure.by = Some(By::Server);
    failure.who = Some(format!("tls-trace: its limit of {limit} (--max-time) was reached"));
    let rows = if received == 0 { SILENT } else { STALLED };
    let (mut causes, mut command) = cause::pick(rows, &Seen::of(case), false);
    if let Some(row) = starttls::usual(case).filter(|_| received == 0) {
        let port = case.capture.intent.port;
        causes.insert(0, Cause::likely(format!("port {port}: {}", starttls::begins_in_the_clear(row))));
        command = Some(Command::default().set("--starttls", Some(row.name)));
    }
    failure.causes = causes;
    failure.remedy.command = Some(command.unwrap_or_else(|| Command::default().at_least("--max-time", 30)));
    Some(failure)
}

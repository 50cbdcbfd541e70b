//! The dialogue that should have led to TLS.

use crate::capture::{Dialogue, Said, Step, StepKind, Stopped};
use crate::preamble::{self, Kind, Preamble};
use crate::wire::Direction;
use crate::wire::text::{cut, escape, escape_again, escape_bytes};

use super::{By, Case, Cause, Command, Failure, Finding, Outcome, Rule, Severity, plaintext};

/// It did not lead to TLS.
pub const RULE: Rule = Rule {
    id: "starttls.",
    title: "STARTTLS failed: TLS never began",
    about: "The connection begins in the clear, and a dialogue has to switch it to TLS (--starttls, or a URL such as \
            smtp://). `starttls.refused`: the server said no. `starttls.not_offered`: the server does not list the \
            capability, and refused it as well; an attacker on the path who removes the offer looks the same \
            (STARTTLS stripping), which is why a client must not go on in the clear. `starttls.unexpected`: what the \
            server says is another protocol, or malformed. `starttls.closed`: the connection ended first. \
            `starttls.endless`: the server's words did not end within our limit. `starttls.timeout`: the dialogue did not \
            end within --max-time.",
    judge,
};

/// Something came between the go-ahead and TLS.
pub const INJECTED: Rule = Rule {
    id: INJECTION,
    title: "data in the clear behind the STARTTLS go-ahead",
    about: "Behind its go-ahead, before the ClientHello, the server sent more bytes in the clear. They are not \
            protected: anyone on the path can put them there, and a client that keeps them in its buffer takes them for \
            part of the encrypted session (response injection; CVE-2011-0411 and CVE-2021-23222 are of this kind). A correct client \
            discards them or closes the connection; tls-trace discards them and goes on.",
    judge: |case| {
        let (_, protocol, count) = injection(case).filter(|_| case.complete())?;
        let mut failure =
            Failure::new(INJECTION, Outcome::Untrusted, PHASE, "data in the clear behind the go-ahead");
        failure.binding = true;
        failure.stage = format!("after the {} go-ahead, before the ClientHello", title(protocol));
        failure.by = Some(By::Server);
        failure.detail = Some(what(count));
        failure.seen = last_words(case, Direction::Server).map(|words| format!("\"{words}\""));
        failure.causes = causes();
        Some(failure)
    },
};

const INJECTION: &str = "starttls.injection";
const PHASE: &str = "starttls";

fn what(count: u64) -> String {
    format!("{count} bytes came behind the server's go-ahead, before anything of TLS: they were discarded")
}

fn causes() -> Vec<Cause> {
    vec![
        Cause::likely("a bug in the server: it answers twice, or answers commands that were not sent"),
        Cause::possible("an attacker on the path inserts data that is meant to look encrypted"),
    ]
}

/// The same where the handshake failed: the failure has the last word.
pub fn remark(case: &Case<'_>) -> Option<Finding> {
    let (_, _, count) = injection(case).filter(|_| !case.complete())?;
    let mut finding = Finding::new(INJECTION, Severity::Error, INJECTED.title, what(count));
    finding.causes = causes();
    Some(finding)
}

fn injection<'a>(case: &Case<'a>) -> Option<(&'a Step, &'a str, u64)> {
    dialogues(case).find_map(|(step, protocol, outcome)| match outcome {
        Dialogue::Agreed { injected: count @ 1.. } => Some((step, protocol, *count)),
        _ => None,
    })
}

/// The dialogues, by the names of their protocols.
pub(super) fn dialogues<'a>(
    case: &Case<'a>,
) -> impl DoubleEndedIterator<Item = (&'a Step, &'a str, &'a Dialogue)> + use<'a> {
    case.capture.steps.iter().filter_map(|step| match &step.what {
        StepKind::Preamble { protocol, outcome } => Some((step, protocol.as_str(), outcome)),
        _ => None,
    })
}

/// The protocol in which the server agreed to begin TLS.
pub(super) fn agreed<'a>(case: &Case<'a>) -> Option<&'a str> {
    let of_server = |protocol| preamble::find(protocol).is_none_or(|row| row.kind == Kind::StartTls);
    dialogues(case).find_map(|(_, protocol, outcome)| {
        (matches!(outcome, Dialogue::Agreed { .. }) && of_server(protocol)).then_some(protocol)
    })
}

/// Where nothing was said before TLS, and came to nothing: the protocol whose usual port this is, if it begins in the
/// clear.
pub(super) fn usual(case: &Case<'_>) -> Option<&'static Preamble> {
    let port = case.capture.intent.port;
    let fits = |row: &&&Preamble| row.kind == Kind::StartTls && row.port == port;
    let row = preamble::ROWS.iter().find(fits).copied();
    row.filter(|_| dialogues(case).next().is_none())
}

/// A cause.
pub(super) fn begins_in_the_clear(row: &Preamble) -> String {
    format!("a server of {}, which begins in the clear and switches to TLS on request", row.title)
}

/// What was said in the last dialogue.
pub(super) fn said<'a>(case: &Case<'a>) -> Vec<&'a Said> {
    let steps = &case.capture.steps;
    let from = steps.iter().rposition(|step| matches!(step.what, StepKind::Preamble { .. })).unwrap_or(0);
    let said = steps.iter().skip(from).filter_map(|step| match &step.what {
        StepKind::Said(said) => Some(said),
        _ => None,
    });
    said.collect()
}

/// The last line of one side, escaped.
pub(super) fn last_words(case: &Case<'_>, direction: Direction) -> Option<String> {
    let said = said(case);
    let last = said.iter().rfind(|said| said.direction == direction)?;
    Some(cut(&escape_again(last.lines.last()?), 60, "…"))
}

pub(super) fn title(protocol: &str) -> String {
    preamble::find(protocol).map_or_else(|| escape(protocol), |row| row.title.to_owned())
}

fn judge(case: &Case<'_>) -> Option<Failure> {
    let (step, protocol, outcome) = dialogues(case).next_back()?;
    let row = preamble::find(protocol);
    if row.is_some_and(|row| row.kind != Kind::StartTls) {
        return None;
    }
    let title = title(protocol);
    let heard = said(case).iter().any(|said| said.direction == Direction::Server);
    let (id, summary) = match outcome {
        Dialogue::Agreed { .. } => return None,
        Dialogue::Refused if asked(case) => {
            ("starttls.refused", format!("{title} server refuses to begin TLS"))
        }
        Dialogue::Refused => ("starttls.refused", format!("{title} server rejects the client at once")),
        Dialogue::NotOffered => ("starttls.not_offered", format!("{title} server does not offer TLS")),
        Dialogue::Unexpected if answered(case) => {
            ("starttls.unexpected", format!("malformed answer in the {title} dialogue"))
        }
        Dialogue::Unexpected => ("starttls.unexpected", format!("the server does not speak {title}")),
        Dialogue::Endless => ("starttls.endless", format!("the server's {title} answer does not end")),
        Dialogue::Closed if heard => ("starttls.closed", format!("closed before TLS began ({title})")),
        Dialogue::Closed if asked(case) => ("starttls.closed", format!("closed without an answer ({title})")),
        Dialogue::Closed => ("starttls.closed", format!("closed without a greeting ({title})")),
        Dialogue::Failed { .. } => ("starttls.closed", "connection lost before TLS began".to_owned()),
        Dialogue::Unfinished if case.capture.stopped == Some(Stopped::MaxTime) && heard => {
            ("starttls.timeout", format!("{title} server stopped before TLS began"))
        }
        Dialogue::Unfinished if case.capture.stopped == Some(Stopped::MaxTime) => {
            let missing = if asked(case) { "answer" } else { "greeting" };
            ("starttls.timeout", format!("no {title} {missing} came"))
        }
        Dialogue::Unfinished => return None,
    };
    let timed_out = matches!(outcome, Dialogue::Unfinished);
    let ours = if timed_out { Outcome::Timeout } else { Outcome::Unreachable };
    let mut failure = Failure::new(id, ours, PHASE, summary);
    failure.stage = stage(case, &title);
    failure.by = Some(By::Server);
    failure.who = Some(match outcome {
        Dialogue::Failed { text } => escape(text),
        Dialogue::Unfinished => {
            let limit = case.question.max_time.map(|t| format!("{} s", t.as_secs_f64())).unwrap_or_default();
            format!("tls-trace: its limit of {limit} (--max-time) was reached")
        }
        Dialogue::Closed => format!("server: closed the connection after {}", case.when(step.took)),
        _ => match last_words(case, Direction::Server) {
            Some(words) => format!("server: \"{words}\""),
            None => "server".to_owned(),
        },
    });
    failure.seen = Some("nothing was sent or received over TLS".into());
    remedy(case, row, outcome, &mut failure);
    Some(failure)
}

/// Whether we had said something.
fn asked(case: &Case<'_>) -> bool {
    said(case).iter().any(|said| said.direction == Direction::Client)
}

/// Whether the other side gave an answer, or a greeting, that the dialogue went on with: it speaks the protocol.
pub(super) fn answered(case: &Case<'_>) -> bool {
    let said = said(case);
    let ours = said.iter().rposition(|said| said.direction == Direction::Client);
    said.iter().take(ours.unwrap_or(0)).any(|said| said.direction == Direction::Server)
}

/// Whether the first thing that the other side said is a TLS record: a ServerHello, or an alert for what it takes for
/// a wrong one.
pub(super) fn speaks_tls(case: &Case<'_>) -> bool {
    let said = said(case);
    let first =
        said.iter().find(|said| said.direction == Direction::Server).and_then(|said| said.lines.first());
    first.is_some_and(|line| [21, 22].iter().any(|kind| line.starts_with(&escape_bytes(&[*kind, 3]))))
}

fn stage(case: &Case<'_>, title: &str) -> String {
    let said = said(case);
    match (said.last().map(|last| last.direction), last_words(case, Direction::Client)) {
        (None, _) => format!("waiting for the first {title} line"),
        (Some(Direction::Client), Some(words)) => {
            format!("after {} \"{words}\", before an answer", case.ours())
        }
        (_, Some(words)) => format!("in the {title} dialogue, at the answer to \"{words}\""),
        (_, None) => format!("in the {title} dialogue, at the server's first line"),
    }
}

fn remedy(case: &Case<'_>, row: Option<&'static Preamble>, outcome: &Dialogue, failure: &mut Failure) {
    let from_start = row
        .and_then(|row| row.tls_port)
        .map(|port| format!("the port that speaks TLS from the start ({port})"));
    if speaks_tls(case) && !matches!(outcome, Dialogue::Agreed { .. }) {
        failure.causes =
            vec![Cause::likely("the port speaks TLS from the first byte: its answer is a TLS record")];
        failure.remedy.command = Some(Command::default().without("--starttls"));
        return;
    }
    match outcome {
        Dialogue::Refused if asked(case) => {
            failure.causes = vec![
                Cause::likely(
                    "TLS is not usable on the server now: its certificate or key cannot be loaded, say",
                ),
                Cause::possible("it does not accept TLS from this client"),
            ];
            failure.remedy.text = from_start;
        }
        Dialogue::Refused => {
            failure.causes =
                vec![Cause::likely("it does not accept this client: its address, a block list, a limit")];
            failure.remedy.text = Some("a client address that the server accepts".into());
        }
        Dialogue::NotOffered => {
            failure.causes = vec![
                Cause::likely("TLS is not configured on the server, or not for this port or client"),
                Cause::possible(
                    "an attacker or a middlebox on the path removes the offer (STARTTLS stripping)",
                ),
            ];
            failure.remedy.text = from_start;
        }
        Dialogue::Unexpected | Dialogue::Endless if answered(case) => {
            failure.causes = vec![
                Cause::likely("a bug in the server: until then it spoke the protocol"),
                Cause::possible("a middlebox or an attacker on the path changes what it says"),
            ];
        }
        Dialogue::Unexpected | Dialogue::Endless => {
            let first = said(case).into_iter().find(|said| said.direction == Direction::Server);
            let first = first.and_then(|said| said.lines.first()).map(String::as_str).unwrap_or_default();
            let other = preamble::greeted(first.as_bytes(), case.capture.intent.port);
            match other.filter(|other| Some(other.name) != row.map(|row| row.name)) {
                Some(other) => {
                    failure.causes =
                        vec![Cause::likely(format!("the server on this port speaks {}", other.title))];
                    failure.remedy.command = Some(Command::default().set("--starttls", Some(other.name)));
                }
                None if row.is_some_and(|row| (row.greets)(first.as_bytes())) => {
                    failure.causes = vec![
                        Cause::likely("a bug in the server: it speaks the protocol"),
                        Cause::possible("it delays clients that it does not trust on purpose (a tarpit)"),
                    ];
                }
                None => match plaintext::known(first.as_bytes()) {
                    Some((what, need)) => {
                        failure.causes = vec![Cause::likely(what)];
                        failure.remedy.text = Some(need.into());
                    }
                    None => failure.causes = vec![Cause::likely("another protocol on this port")],
                },
            }
        }
        Dialogue::Closed | Dialogue::Failed { .. } if answered(case) => {
            failure.causes = vec![
                Cause::likely("it does not accept this client (its address, a filter, a limit)"),
                Cause::possible("a firewall or middlebox on the path does not let STARTTLS through"),
            ];
            failure.remedy.text = from_start;
        }
        Dialogue::Closed | Dialogue::Failed { .. } => {
            failure.causes = vec![
                Cause::likely("another protocol on this port, or TLS from the first byte"),
                Cause::possible("it does not accept this client (its address, a filter, a limit)"),
            ];
            failure.remedy.command = Some(Command::default().without("--starttls"));
        }
        Dialogue::Unfinished if answered(case) => {
            failure.causes = vec![
                Cause::likely("the server is overloaded, or delays its answers on purpose"),
                Cause::possible("a firewall or middlebox on the path does not let STARTTLS through"),
            ];
            failure.remedy.command = Some(Command::default().at_least("--max-time", 30));
        }
        Dialogue::Unfinished => {
            failure.causes = vec![
                Cause::likely(
                    "the port speaks TLS from the first byte, or another protocol: both sides wait",
                ),
                Cause::possible("the server delays its greeting on purpose, or is overloaded"),
            ];
            let silent = said(case).iter().all(|said| said.direction == Direction::Client);
            failure.remedy.command = Some(match silent {
                true => Command::default().without("--starttls"),
                false => Command::default().at_least("--max-time", 30),
            });
        }
        Dialogue::Agreed { .. } => {}
    }
}

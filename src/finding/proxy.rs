//! The proxy that should have led to the server.

use crate::capture::{Dialogue, Said, Stopped};
use crate::preamble::{self, Kind};
use crate::wire::Direction;
use crate::wire::text::{cut, escape, escape_again};

use super::starttls::{answered, dialogues, last_words, said, speaks_tls, title};
use super::{By, Case, Cause, Command, Failure, Outcome, Rule};

/// It did not.
pub const RULE: Rule = Rule {
    id: "proxy.",
    title: "the proxy gives no connection",
    about: "The connection goes through a proxy (--proxy, HTTPS_PROXY, ALL_PROXY), which did not connect us to the \
            server: nothing of TLS was said, and nothing is known of the server. `proxy.refused`: the proxy said no, \
            for its own reasons or because it cannot reach the server. `proxy.auth_required`: it wants a user's name and \
            password, or other ones. `proxy.unexpected`: what answers is no proxy of this kind, or its answer is \
            malformed. `proxy.closed`: the connection ended first. `proxy.endless`: its answer did not end within our limit. `proxy.timeout`: its answer \
            did not come within --max-time. With an https:// proxy TLS is spoken first: `proxy.tls`: that handshake \
            failed; `proxy.untrusted`: the proxy could not be authenticated (chain, name, signature), so it did not get \
            the name and password that were meant for it; -k does not change that.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    let (step, protocol, outcome) = dialogues(case).next_back()?;
    preamble::find(protocol).filter(|row| row.kind == Kind::Proxy)?;
    let kind = title(protocol);
    let tls = protocol == preamble::HTTPS_PROXY.name;
    let answer = answer(case);
    let heard = said(case).iter().any(|said| said.direction == Direction::Server);
    let wants_name = matches!(outcome, Dialogue::Refused) && answer.as_deref().is_some_and(wants_name);
    let (id, summary) = match (outcome, &answer) {
        (Dialogue::Agreed { .. }, _) => return None,
        (Dialogue::Refused, _) if tls => ("proxy.untrusted", "the proxy is not authenticated".to_owned()),
        (Dialogue::Failed { .. }, _) if tls => {
            ("proxy.tls", "the TLS handshake with the proxy failed".to_owned())
        }
        (Dialogue::Refused, _) if wants_name => {
            ("proxy.auth_required", "the proxy requires authentication".to_owned())
        }
        (Dialogue::Refused | Dialogue::NotOffered, Some(words)) => {
            ("proxy.refused", format!("the proxy refuses: {words}"))
        }
        (Dialogue::Refused | Dialogue::NotOffered, None) => ("proxy.refused", "the proxy refuses".to_owned()),
        (Dialogue::Unexpected, _) if spoke(case) => {
            ("proxy.unexpected", format!("malformed answer in the {kind} dialogue"))
        }
        (Dialogue::Unexpected, _) => ("proxy.unexpected", format!("not a proxy that speaks {kind}")),
        (Dialogue::Endless, _) => ("proxy.endless", "the proxy's answer does not end".to_owned()),
        (Dialogue::Closed, _) if heard => ("proxy.closed", "the proxy closed the connection".to_owned()),
        (Dialogue::Closed, _) => ("proxy.closed", "the proxy closed without answering".to_owned()),
        (Dialogue::Failed { .. }, _) => ("proxy.closed", "the connection to the proxy was lost".to_owned()),
        (Dialogue::Unfinished, _) if case.capture.stopped == Some(Stopped::MaxTime) => match heard {
            true => ("proxy.timeout", "the proxy's answer is not complete".to_owned()),
            false => ("proxy.timeout", "no answer from the proxy".to_owned()),
        },
        (Dialogue::Unfinished, _) => return None,
    };
    let timed_out = matches!(outcome, Dialogue::Unfinished);
    let ours = if timed_out { Outcome::Timeout } else { Outcome::Unreachable };
    let mut failure = Failure::new(id, ours, "proxy", cut(&summary, 48, "…"));
    failure.stage = match asked(case) {
        _ if tls => "in the TLS handshake with the proxy".to_owned(),
        Some(words) => format!("in the {kind} dialogue with the proxy, after {} \"{words}\"", case.ours()),
        None => format!("in the {kind} dialogue with the proxy"),
    };
    failure.by = Some(By::Network);
    failure.who = Some(match outcome {
        Dialogue::Failed { text } => escape(text),
        Dialogue::Unfinished => {
            let limit = case.question.max_time.map(|t| format!("{} s", t.as_secs_f64())).unwrap_or_default();
            format!("tls-trace: its limit of {limit} (--max-time) was reached")
        }
        Dialogue::Closed => format!("proxy: closed the connection after {}", case.when(step.took)),
        _ => match answer.or_else(|| last_words(case, Direction::Server)) {
            Some(words) => format!("proxy: \"{words}\""),
            None => "proxy".to_owned(),
        },
    });
    if tls && matches!(outcome, Dialogue::Refused) {
        failure.detail = Some("the name and password for it were not sent".into());
    }
    failure.seen = Some("nothing was sent or received over TLS; the server was not reached".into());
    match tls {
        true => advise_tls(outcome, &mut failure),
        false => advise(case, protocol, outcome, wants_name, &mut failure),
    }
    Some(failure)
}

/// The first line of what we said last, escaped.
fn asked(case: &Case<'_>) -> Option<String> {
    let said = said(case);
    let last = said.iter().rfind(|said| said.direction == Direction::Client)?;
    Some(cut(&escape_again(last.lines.first()?), 60, "…"))
}

/// The line of the proxy's last words that says how it decided, escaped.
fn answer(case: &Case<'_>) -> Option<String> {
    let said = said(case);
    let last = said.iter().rfind(|said| said.direction == Direction::Server)?;
    let interim = |line: &str| line.split(' ').nth(1).is_some_and(|code| code.starts_with('1'));
    let status = last.lines.iter().find(|line| line.starts_with("HTTP/1.") && !interim(line));
    let line = match status {
        // `HTTP/1.1 403 Forbidden`: the version says nothing.
        Some(line) => line.split_once(' ').map_or(line.as_str(), |(_, rest)| rest),
        None => last.lines.last()?.strip_prefix("refused: ").or(last.lines.last().map(String::as_str))?,
    };
    Some(cut(&escape_again(line), 60, "…"))
}

/// Whether these are the words of one who wants to know who we are.
fn wants_name(words: &str) -> bool {
    words.starts_with("407")
        || words.starts_with("401")
        || words.contains("none of these is acceptable")
        || words.contains("which was not offered")
        || words.contains("password are wrong")
}

/// Whether the proxy has shown that it speaks the protocol: what it said was enough to go on, or is the beginning of an
/// answer in HTTP.
fn spoke(case: &Case<'_>) -> bool {
    let http = |said: &&Said| {
        said.direction == Direction::Server && said.lines.iter().any(|line| line.starts_with("HTTP/1."))
    };
    let connect =
        dialogues(case).next_back().is_some_and(|(_, protocol, _)| protocol == preamble::CONNECT.name);
    answered(case) || connect && said(case).iter().any(http)
}

/// The connection to the proxy is reported by itself: that says why.
fn advise_tls(outcome: &Dialogue, failure: &mut Failure) {
    match outcome {
        Dialogue::Refused => {
            failure.causes = vec![
                Cause::likely(
                    "its certificate is of a CA that is not trusted here, or for another name: see the connection to the proxy",
                ),
                Cause::possible("somebody on the path impersonates the proxy"),
            ];
            failure.remedy.text = Some("the CA of the proxy in --cacert, beside that of the server".into());
        }
        // In the engine's words: it answered in TLS.
        Dialogue::Failed { text } if text.contains("alert") => {
            failure.causes =
                vec![Cause::likely("the proxy rejects the handshake: see the connection to the proxy")];
        }
        Dialogue::Unfinished => {
            failure.causes = vec![
                Cause::likely("the proxy does not speak TLS on this port, and waits: http:// in --proxy"),
                Cause::possible("the proxy is overloaded or hangs"),
            ];
        }
        Dialogue::Failed { .. } => {
            failure.causes =
                vec![Cause::likely("the proxy does not speak TLS on this port: http:// in --proxy")];
        }
        _ => {}
    }
}

fn advise(case: &Case<'_>, protocol: &str, outcome: &Dialogue, wants_name: bool, failure: &mut Failure) {
    let direct = || Command::default().without("--proxy").set("--noproxy", Some("*"));
    let given = case.question.has("--proxy-user");
    if speaks_tls(case) && !matches!(outcome, Dialogue::Agreed { .. }) {
        failure.causes = vec![Cause::likely(
            "the proxy speaks TLS from the first byte: its answer is a TLS record (https:// in --proxy)",
        )];
        return;
    }
    match outcome {
        Dialogue::Refused if wants_name => {
            failure.causes = vec![match given {
                true => Cause::likely("the name or password is wrong (--proxy-user)"),
                false => Cause::likely("no credentials were sent, or they are wrong"),
            }];
            let remedy = Command::default().set("--proxy-user", Some("env:PROXY_USER"));
            failure.remedy.text = Some("a variable or file that contains user:password".into());
            failure.remedy.command = (!given).then_some(remedy);
        }
        Dialogue::Refused | Dialogue::NotOffered => {
            failure.causes = vec![
                Cause::likely("the proxy's rules do not allow this host or port"),
                Cause::likely("the proxy cannot resolve the name, or cannot reach the server"),
            ];
            if protocol == preamble::SOCKS4.name {
                failure
                    .causes
                    .push(Cause::possible("it does not support names (4A): socks4:// resolves them here"));
            }
            failure.remedy.command = Some(direct());
        }
        Dialogue::Unexpected | Dialogue::Endless if spoke(case) => {
            failure.causes = vec![Cause::likely("a bug in the proxy, or in what stands before it")];
            failure.remedy.command = Some(direct());
        }
        Dialogue::Unexpected | Dialogue::Endless => {
            failure.causes = vec![
                Cause::likely(
                    "the proxy is of another kind: http://, https://, socks5h:// or socks4a:// in --proxy",
                ),
                Cause::possible("the port belongs to another service"),
            ];
        }
        // It speaks the protocol: so much is certain.
        Dialogue::Closed | Dialogue::Failed { .. } if spoke(case) => {
            failure.causes = vec![
                Cause::likely(
                    "the proxy cannot reach the server, and closes instead of saying so, as ssh -D does",
                ),
                Cause::possible("its rules do not allow this host or port"),
            ];
            failure.remedy.command = Some(direct());
        }
        Dialogue::Closed | Dialogue::Failed { .. } => {
            failure.causes = vec![
                Cause::likely(
                    "the proxy is of another kind: http://, https://, socks5h:// or socks4a:// in --proxy",
                ),
                Cause::possible("it does not accept this client, or cannot reach the server"),
            ];
        }
        Dialogue::Unfinished => {
            failure.causes = vec![Cause::likely("the proxy waits for the server, which does not answer it")];
            if !spoke(case) {
                let other = Cause::possible("the proxy is of another kind, and waits for more");
                failure.causes.push(other);
            }
            failure.remedy.command = Some(Command::default().at_least("--max-time", 30));
        }
        Dialogue::Agreed { .. } => {}
    }
}

//! The last word on a run, and its exit code.

use std::borrow::Cow;

use crate::capture::Stopped;

use super::summary::Length;
use super::{By, Case, Certainty, Failure, HEADLINE, RULES, RULES_OFFLINE};
use crate::wire::text;

/// How a run ended. Its exit codes are those of the README's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// The certificate is not trusted.
    Untrusted,
    /// An expectation is not met.
    Unmet,
    /// Nothing bad was found, but a required check could not be made.
    Unevaluated,
    Unreachable,
    Failed,
    Timeout,
    Interrupted,
    /// One of many targets for which nothing could be done: its line, or what is asked of it, is wrong.
    NotAttempted,
    Fault,
}

impl Outcome {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Untrusted => "untrusted",
            Outcome::Unmet => "unmet",
            Outcome::Unevaluated => "unevaluated",
            Outcome::Unreachable => "unreachable",
            Outcome::Failed => "failed",
            Outcome::Timeout => "timeout",
            Outcome::Interrupted => "interrupted",
            Outcome::NotAttempted => "not_attempted",
            Outcome::Fault => "fault",
        }
    }

    /// As in the last line of the text.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Ok => "TRUSTED",
            Outcome::Untrusted => "NOT TRUSTED",
            Outcome::Unmet => "NOT MET",
            Outcome::Unevaluated => "NOT EVALUATED",
            Outcome::Unreachable => "NOT REACHED",
            Outcome::Failed => "FAILED",
            Outcome::Timeout => "TIMED OUT",
            Outcome::Interrupted => "INTERRUPTED",
            Outcome::NotAttempted => "NOT ATTEMPTED",
            Outcome::Fault => "FAULT",
        }
    }
}

/// The last word on one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub outcome: Outcome,
    pub exit_code: u8,
    pub id: Option<Cow<'static, str>>,
    pub phase: Option<&'static str>,
    pub stage: Option<String>,
    pub by: Option<By>,
    pub certainty: Option<Certainty>,
    /// A headline: with the word at most [`super::HEADLINE`] columns.
    pub summary: String,
    /// What the headline leaves out.
    pub detail: Option<String>,
    /// The command to run next, as words.
    pub next: Vec<String>,
    /// What stands in the verdict block.
    pub failure: Option<Failure>,
    /// It is what `--expect` asked for, though a run without it would not call it well.
    pub expected: bool,
}

impl Verdict {
    /// The first word of the last line.
    pub fn word(&self) -> &'static str {
        match (self.outcome, &self.id) {
            _ if self.expected => "EXPECTED",
            // With -k nothing says that the certificate is trusted.
            (Outcome::Ok, Some(_)) => "COMPLETE",
            (outcome, _) => outcome.word(),
        }
    }
}

/// Behind what `-k` accepts.
const ACCEPTED: &str = " (accepted by -k)";

/// Asks the rules, in their order.
pub fn of(case: &Case<'_>) -> Verdict {
    let stopped = match case.capture.stopped {
        Some(Stopped::Interrupt) => Some(("interrupted", "by Ctrl-C", 130)),
        Some(Stopped::Terminate) => Some(("terminated", "by SIGTERM", 143)),
        Some(Stopped::MaxTime) | None => None,
    };
    if let Some((id, by, exit_code)) = stopped {
        let mut failure = Failure::new(id, Outcome::Interrupted, "tls", by);
        failure.stage = case.stage();
        failure.by = Some(By::Client);
        return told(case, failure, exit_code);
    }
    let insecure = case.question.insecure;
    let rules = if case.offline() { RULES_OFFLINE } else { RULES };
    // What only -k accepts.
    let mut accepted = None;
    for rule in rules {
        let Some(failure) = (rule.judge)(case) else { continue };
        let waived = failure.outcome == Outcome::Untrusted && !failure.binding;
        if insecure && waived && (case.complete() || case.offline()) {
            accepted.get_or_insert(failure);
            continue;
        }
        let done = case.complete() || case.offline();
        if done && failure.outcome == Outcome::Unevaluated && allowed(case, &failure.id) {
            continue;
        }
        return of_failure(case, failure);
    }
    let summary = match &accepted {
        Some(failure) => {
            let room = HEADLINE - text::width("COMPLETE · ") - text::width(ACCEPTED);
            format!("{}{ACCEPTED}", text::cut(&failure.summary, room, "…"))
        }
        None => crate::finding::summary::success(case, Length::Whole),
    };
    let detail = accepted.as_ref().map(|failure| failure.detail.clone().unwrap_or(failure.summary.clone()));
    Verdict {
        outcome: Outcome::Ok,
        exit_code: 0,
        phase: accepted.as_ref().map(|failure| failure.phase),
        id: accepted.map(|failure| failure.id),
        stage: None,
        by: None,
        certainty: None,
        summary,
        detail,
        next: Vec::new(),
        failure: None,
        expected: false,
    }
}

/// `--allow-unevaluated`
pub fn allowed(case: &Case<'_>, id: &str) -> bool {
    let allowed = case.question.allow_unevaluated.as_ref();
    allowed.is_some_and(|ids| ids.is_empty() || ids.iter().any(|allowed| allowed == id))
}

/// Interruption has its own two.
pub fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Ok => 0,
        Outcome::Untrusted | Outcome::Unmet => 1,
        Outcome::NotAttempted => 2,
        Outcome::Unreachable => 3,
        Outcome::Failed => 4,
        Outcome::Timeout => 5,
        Outcome::Fault => 6,
        Outcome::Unevaluated => 7,
        Outcome::Interrupted => 130,
    }
}

/// Of several exit codes the worst, in the order 130/143, 6, 2, 1, 4, 5, 3, 7, 0: what is known to be bad comes
/// before what could not be found out.
pub fn worst(codes: impl Iterator<Item = u8>) -> u8 {
    codes.min_by_key(|code| rank(*code)).unwrap_or(0)
}

/// The place of an exit code among them all, the worst first.
pub fn rank(code: u8) -> usize {
    const ORDER: [u8; 10] = [130, 143, 6, 2, 1, 4, 5, 3, 7, 0];
    ORDER.iter().position(|known| *known == code).unwrap_or(ORDER.len())
}

/// What a failure comes to.
pub fn of_failure(case: &Case<'_>, failure: Failure) -> Verdict {
    let exit_code = exit_code(failure.outcome);
    told(case, failure, exit_code)
}

fn told(case: &Case<'_>, failure: Failure, exit_code: u8) -> Verdict {
    // A connection that others made can't be made again with other flags.
    let command = failure.remedy.command.as_ref().filter(|_| !case.capture.intent.origin.is_captured());
    let next = command.and_then(|command| command.of(&case.question.arguments));
    let (summary, detail) = failure.headline();
    Verdict {
        outcome: failure.outcome,
        exit_code,
        id: Some(failure.id.clone()),
        phase: Some(failure.phase),
        stage: Some(failure.stage.clone()).filter(|stage| !stage.is_empty()),
        by: failure.by,
        certainty: failure.causes.first().map(|cause| cause.certainty),
        summary,
        detail,
        next: next.unwrap_or_default(),
        failure: Some(failure),
        expected: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Argument;
    use crate::finding::Command;

    #[test]
    fn the_next_command_keeps_the_users_flags_and_changes_something() {
        let typed = [
            Argument::flag("--sni", Some("a.example")),
            Argument { flag: Some("--insecure".into()), value: None, words: vec!["-k".into()] },
            Argument::word("host:8443"),
            Argument {
                flag: Some("--max-time".into()),
                value: Some("3".into()),
                words: vec!["--max-time=3".into()],
            },
        ];
        let next = |command: Command| command.of(&typed).map(|words| words.join(" "));
        let command = Command::default().set("--no-sni", None).without("--sni").at_least("--max-time", 30);
        assert_eq!(next(command).unwrap(), "tls-trace -k host:8443 --no-sni --max-time 30");
        let more = next(Command::default().at_least("--max-time", 5)).unwrap();
        assert_eq!(more, "tls-trace --sni a.example -k host:8443 --max-time 9");
        // What is there already is no remedy.
        assert_eq!(next(Command::default().set("--sni", Some("a.example")).without("--alpn")), None);
        assert_eq!(next(Command::default()), None);
    }

    #[test]
    fn the_worst_exit_code_counts() {
        // A timeout must not hide an untrusted host.
        assert_eq!(worst([0, 5, 1, 3].into_iter()), 1);
        assert_eq!(worst([0, 7, 3, 5, 4].into_iter()), 4);
        assert_eq!(worst([7, 0].into_iter()), 7);
        assert_eq!(worst([1, 2, 130].into_iter()), 130);
        assert_eq!(worst(std::iter::empty()), 0);
    }
}

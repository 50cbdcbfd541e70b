//! Rules over what was seen: checks with three states, and what to say when something is wrong.
//!
//! One file a rule (or a family of rules that share their evidence), and one row of [`RULES`].

pub mod across;
pub mod alert;
pub mod authenticated;
pub mod case;
pub mod cause;
pub mod certificate;
pub mod checks;
pub mod choice;
pub mod client_certificate;
pub mod closed;
pub mod ech;
pub mod engine;
pub mod expectation;
pub mod experiment;
pub mod explain;
pub mod first_flight;
pub mod legacy;
pub mod limits;
pub mod malformed;
pub mod network;
pub mod plaintext;
pub mod post_quantum;
pub mod proof;
pub mod proxy;
pub mod remarks;
pub mod renegotiation;
pub mod revocation;
pub mod starttls;
pub mod summary;
pub mod timeout;
pub mod verdict;
pub mod weak;

use std::borrow::Cow;

use crate::capture::Argument;
use crate::trace::{Evidence, State};
use crate::wire::text;

pub use case::{Case, Original};
pub use verdict::{Outcome, Verdict};

/// Something that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub id: &'static str,
    pub state: State,
    pub evidence: Vec<Evidence>,
}

/// Something worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub id: Cow<'static, str>,
    pub severity: Severity,
    /// A headline of at most [`HEADLINE`] columns.
    pub title: Cow<'static, str>,
    /// What was seen, in a sentence.
    pub what: String,
    pub evidence: Vec<Evidence>,
    /// Likeliest first.
    pub causes: Vec<Cause>,
    pub remedy: Option<Remedy>,
}

impl Finding {
    /// Without evidence, causes and remedy.
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        severity: Severity,
        title: impl Into<Cow<'static, str>>,
        what: impl Into<String>,
    ) -> Self {
        Finding {
            id: id.into(),
            severity,
            title: title.into(),
            what: what.into(),
            evidence: Vec::new(),
            causes: Vec::new(),
            remedy: None,
        }
    }
}

/// Columns that a headline takes at most.
pub const HEADLINE: usize = 60;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Severity {
    /// Worth knowing
    Note,
    /// Should be mended
    Warning,
    /// Why something failed
    Error,
}

impl Severity {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Why it may be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub certainty: Certainty,
    pub text: String,
}

/// How sure we are of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    Certain,
    Likely,
    Possible,
}

impl Certainty {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Possible => "possible",
        }
    }
}

impl Cause {
    /// Shorthand.
    pub fn certain(text: impl Into<String>) -> Self {
        Cause { certainty: Certainty::Certain, text: text.into() }
    }

    /// Shorthand.
    pub fn likely(text: impl Into<String>) -> Self {
        Cause { certainty: Certainty::Likely, text: text.into() }
    }

    /// Shorthand.
    pub fn possible(text: impl Into<String>) -> Self {
        Cause { certainty: Certainty::Possible, text: text.into() }
    }
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remedy {
    /// Flags to add to the user's own command, and flags to take from it. None: nothing of ours to run.
    pub command: Option<Command>,
    /// What is needed, in words.
    pub text: Option<String>,
}

/// A command to run next: the user's own, changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// Flags that are added, in place of the same flag with another value.
    pub add: Vec<(&'static str, Option<String>)>,
    /// Flags to leave out, by their long names.
    pub remove: Vec<&'static str>,
    /// Flags whose number has to grow, at least to this.
    pub grow: Vec<(&'static str, u64)>,
}

impl Command {
    /// With this flag.
    pub fn set(mut self, flag: &'static str, value: Option<&str>) -> Self {
        self.add.push((flag, value.map(str::to_owned)));
        self
    }

    /// With this flag at no less than `least`, and at three times what the user gave it.
    pub fn at_least(mut self, flag: &'static str, least: u64) -> Self {
        self.grow.push((flag, least));
        self
    }

    /// Without this flag.
    pub fn without(mut self, flag: &'static str) -> Self {
        self.remove.push(flag);
        self
    }

    /// The words of the changed command; None if nothing would change.
    pub fn of(&self, typed: &[Argument]) -> Option<Vec<String>> {
        let mut arguments = typed.to_vec();
        arguments.retain(|argument| !self.remove.iter().any(|flag| argument.is(flag)));
        let grown = self.grow.iter().map(|(flag, least)| {
            let given =
                typed.iter().rfind(|argument| argument.is(flag)).and_then(|argument| argument.value.as_ref());
            let given: f64 = given.and_then(|value| value.parse().ok()).unwrap_or(0.0);
            // Saturates; nobody waits that long.
            (*flag, Some(((given * 3.0) as u64).max(*least).to_string()))
        });
        for (flag, value) in self.add.iter().cloned().chain(grown) {
            let same = |argument: &Argument| argument.is(flag) && argument.value == value;
            if !arguments.iter().any(same) {
                arguments.retain(|argument| !argument.is(flag));
                arguments.push(Argument::flag(flag, value.as_deref()));
            }
        }
        (arguments != typed).then(|| {
            let words = arguments.into_iter().flat_map(|argument| argument.words);
            std::iter::once("tls-trace".to_owned()).chain(words).collect()
        })
    }
}

/// A rule: when it applies to a case, what it says.
pub struct Rule {
    /// Ids that it gives, or the start of them (`alert.`).
    pub id: &'static str,
    /// A headline of at most [`HEADLINE`] columns.
    pub title: &'static str,
    /// What it means, in two or three sentences.
    pub about: &'static str,
    pub judge: fn(&Case<'_>) -> Option<Failure>,
}

/// Why the job could not be done, or the server not be trusted: the verdict block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub id: Cow<'static, str>,
    pub outcome: Outcome,
    /// `-k` does not waive it.
    pub binding: bool,
    /// `dns`, `tcp`, `proxy`, `starttls`, `tls`, `certificate`, `after`.
    pub phase: &'static str,
    /// In words: where in the handshake.
    pub stage: String,
    pub by: Option<By>,
    /// A headline: with the outcome's word at most [`HEADLINE`] columns, else the end is cut off.
    pub summary: String,
    /// What the headline leaves out.
    pub detail: Option<String>,
    /// Who ended it, how and when.
    pub who: Option<String>,
    /// What else was seen that matters.
    pub seen: Option<String>,
    pub evidence: Vec<Evidence>,
    /// What else fails, beside what the summary says.
    pub also: Vec<String>,
    pub causes: Vec<Cause>,
    pub remedy: Remedy,
}

impl Failure {
    /// A failure with the parts that every one has.
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        outcome: Outcome,
        phase: &'static str,
        summary: impl Into<String>,
    ) -> Self {
        Failure {
            id: id.into(),
            outcome,
            binding: false,
            phase,
            stage: String::new(),
            by: None,
            summary: summary.into(),
            detail: None,
            who: None,
            seen: None,
            evidence: Vec::new(),
            also: Vec::new(),
            causes: Vec::new(),
            remedy: Remedy::default(),
        }
    }
}

impl Failure {
    /// With more than a headline.
    pub fn detailed(self, detail: impl Into<String>) -> Self {
        Failure { detail: Some(detail.into()), ..self }
    }

    /// The headline, cut to its room, and all of it where that is not said elsewhere.
    fn headline(&self) -> (String, Option<String>) {
        let room = HEADLINE - text::width(self.outcome.word()) - text::width(" · ");
        let detail = self.detail.clone();
        match text::width(&self.summary) > room {
            true => (text::cut(&self.summary, room, "…"), detail.or_else(|| Some(self.summary.clone()))),
            false => (self.summary.clone(), detail),
        }
    }
}

/// Who is responsible for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Client,
    Server,
    Network,
}

impl By {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            By::Client => "client",
            By::Server => "server",
            By::Network => "network",
        }
    }
}

/// What is worth telling about a connection besides the verdict.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = limits::of(case);
    if let Some(judgement) = case.judgement {
        findings.extend(certificate::findings(judgement));
    }
    findings.extend(starttls::remark(case));
    findings.extend(weak::of(case));
    findings.extend(revocation::findings(case));
    findings.extend(client_certificate::findings(case));
    findings.extend(closed::remark(case));
    findings.extend(renegotiation::remark(case));
    findings.extend(remarks::of(case));
    findings
}

/// The rules, in the order in which they are asked: the first that applies is the verdict. What
/// happened first on the way (DNS, TCP) comes first; what the wire says comes before what our own
/// engine says of it.
pub const RULES: &[Rule] = &[
    ech::NO_CONFIGURATION,
    network::DNS,
    network::UNIX,
    network::TCP,
    proxy::RULE,
    starttls::RULE,
    timeout::RULE,
    plaintext::RULE,
    starttls::INJECTED,
    proof::RULE,
    first_flight::RULE,
    ech::RULE,
    client_certificate::RULE,
    certificate::ENFORCED,
    renegotiation::RULE,
    ech::INCONSISTENT,
    ech::PUBLIC_NAME,
    alert::RULE,
    choice::RULE,
    malformed::RULE,
    engine::OVERSIZED,
    engine::RULE,
    legacy::RULE,
    legacy::LAB_ONLY,
    checks::SEALED,
    closed::RULE,
    certificate::RULE,
    certificate::DAYS,
    revocation::RULE,
    checks::RULE,
];

/// Those that a chain from files is asked.
pub const RULES_OFFLINE: &[Rule] =
    &[certificate::RULE, certificate::DAYS, certificate::KEY, certificate::KEY_OPEN, revocation::RULE];

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a table calls a finding fits a headline; what has a word before it, too.
    #[test]
    fn every_title_fits_a_headline() {
        let rules = RULES.iter().chain(RULES_OFFLINE).map(|rule| rule.title);
        let weaknesses = weak::WEAKNESSES.iter().map(|row| row.title);
        let remarks = remarks::REMARKS.iter().map(|remark| remark.title);
        let across = across::ACROSS.iter().map(|row| row.title);
        for title in rules.chain(weaknesses).chain(remarks).chain(across) {
            assert!(!title.is_empty() && text::width(title) <= HEADLINE, "{title}");
        }
        let before = |outcome: Outcome| text::width(outcome.word()) + text::width(" · ");
        for rule in crate::certificate::rules::RULES {
            assert!(text::width(rule.title) + before(Outcome::Untrusted) <= HEADLINE, "{}", rule.title);
        }
        for (summary, _) in alert::tables() {
            assert!(text::width(summary) + before(Outcome::Failed) <= HEADLINE, "{summary}");
        }
        for alert in (crate::wire::codepoints::ALERTS.all)() {
            let summary = format!("alert: {}", alert.name);
            assert!(text::width(&summary) + before(Outcome::Failed) <= HEADLINE, "{summary}");
        }
    }

    #[test]
    fn a_headline_that_is_too_long_is_cut_and_said_in_full_below() {
        let name = "a".repeat(80);
        let failure =
            Failure::new("dns.not_found", Outcome::Unreachable, "dns", format!("not found: {name}"));
        let (headline, detail) = failure.headline();
        assert_eq!(text::width(&format!("NOT REACHED · {headline}")), HEADLINE);
        assert_eq!(detail, Some(format!("not found: {name}")));
        let short = Failure::new("dns.not_found", Outcome::Unreachable, "dns", "not found");
        assert_eq!(short.headline(), ("not found".into(), None));
    }
}

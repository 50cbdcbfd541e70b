//! `--expect` and `--warn`: what is expected of a connection, and what that makes of its verdict.

use super::{Judged, facts};
use crate::capture::Question;
use crate::expect::fields;
use crate::expect::{Expr, Values};
use crate::finding::expectation::{NOT_EVALUATED, UNMET, WARNING};
use crate::finding::{Case, Command, Failure, Finding, HEADLINE, Outcome, Severity, Verdict, verdict};
use crate::trace::{Evidence, Kind, State};
use crate::wire::handshake::types;
use crate::wire::text;

/// What it means that an expectation is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Exit code 1.
    Expect,
    /// A warning.
    Warn,
}

impl Weight {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Expect => "expect",
            Weight::Warn => "warn",
        }
    }

    /// The flag that asks for it.
    pub fn flag(self) -> &'static str {
        match self {
            Weight::Expect => "--expect",
            Weight::Warn => "--warn",
        }
    }
}

/// What was expected, and whether it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// As typed.
    pub text: String,
    pub weight: Weight,
    pub state: State,
    /// What is known of each field that it asks for: `tls is 1.2`.
    pub found: Vec<String>,
    pub evidence: Vec<Evidence>,
}

/// The expectations of a run.
#[derive(Debug, Clone, Default)]
pub struct Expectations(Vec<(Weight, String, Expr)>);

impl Expectations {
    /// Reads them.
    ///
    /// # Errors
    /// Which is wrong, where, and what is expected there.
    pub fn read(question: &Question) -> Result<Self, String> {
        let expected = question.expect.iter().map(|text| (Weight::Expect, text));
        let warned = question.warn.iter().map(|text| (Weight::Warn, text));
        let read = |(weight, text): (Weight, &String)| match Expr::parse(text, fields::FIELDS) {
            Ok(expr) => Ok((weight, text.clone(), expr)),
            Err(wrong) => Err(format!("{}: {wrong}", weight.flag())),
        };
        expected.chain(warned).map(read).collect::<Result<_, _>>().map(Expectations)
    }

    /// Adds to a connection what came of each, and changes its verdict where that is called for.
    pub fn judge(&self, judged: &mut Judged, question: &Question) {
        if self.0.is_empty() {
            return;
        }
        let values = facts::values(judged, question);
        let case = judged.case(question);
        let all: Vec<_> = self
            .0
            .iter()
            .map(|(weight, text, expr)| Expectation {
                text: text::escape(text),
                weight: *weight,
                state: match expr.of(&values) {
                    Some(true) => State::Holds,
                    Some(false) => State::Fails(found(expr, &values).join(", ")),
                    None => State::NotEvaluated(values.unknown(fields(expr))),
                },
                found: found(expr, &values),
                evidence: evidence(expr, &case),
            })
            .collect();
        let verdict = self.verdict(&all, &values, &case, &judged.verdict);
        let warned = all.iter().filter(|one| one.weight == Weight::Warn);
        judged.findings.extend(warned.filter_map(finding));
        judged.expectations = all;
        if let Some(verdict) = verdict {
            judged.unexpected = Some(std::mem::replace(&mut judged.verdict, verdict));
        }
    }

    /// The verdict that takes the place of `plain`, if one does.
    fn verdict(
        &self,
        all: &[Expectation],
        values: &Values,
        case: &Case<'_>,
        plain: &Verdict,
    ) -> Option<Verdict> {
        let expected = || all.iter().filter(|one| one.weight == Weight::Expect);
        match plain.outcome {
            // What went wrong by itself comes first; what is not met stands beside it.
            Outcome::Ok | Outcome::Unevaluated => {
                let unmet: Vec<_> = expected().filter(|one| one.state.fails()).collect();
                if let [first, ..] = *unmet {
                    return Some(verdict::of_failure(case, not_met(first, &unmet, case)));
                }
                let exprs = self.0.iter().map(|(_, _, expr)| expr);
                let mut open = all.iter().zip(exprs).filter(|(one, _)| one.weight == Weight::Expect);
                let open = open.find(|(one, _)| matches!(one.state, State::NotEvaluated(_)));
                let open = open
                    .filter(|_| plain.outcome == Outcome::Ok && !verdict::allowed(case, NOT_EVALUATED.id));
                if let Some((open, expr)) = open {
                    return Some(verdict::of_failure(case, not_evaluated(open, expr, case)));
                }
            }
            Outcome::Interrupted | Outcome::NotAttempted | Outcome::Fault => return None,
            _ => {}
        }
        if plain.outcome == Outcome::Ok || !expected().all(|one| one.state.holds()) {
            return None;
        }
        let usual = usual(values, plain);
        let contradicts = |(weight, _, expr): &(Weight, String, Expr)| {
            *weight == Weight::Expect && expr.of(&usual) != Some(true)
        };
        let replaces = self.0.iter().any(contradicts);
        replaces.then(|| Verdict {
            outcome: Outcome::Ok,
            exit_code: 0,
            expected: true,
            next: Vec::new(),
            failure: None,
            ..plain.clone()
        })
    }
}

/// The same values as they would be without what the verdict is about: an expectation that is met, and would not be met
/// by these, asks for just that.
fn usual(values: &Values, plain: &Verdict) -> Values {
    let mut usual = values.clone();
    usual.set("outcome", ["ok"]);
    let ids = values.of("finding").unwrap_or_default().iter();
    let others: Vec<String> = ids.filter(|id| Some(id.as_str()) != plain.id.as_deref()).cloned().collect();
    usual.set("finding", others);
    match plain.outcome {
        Outcome::Untrusted => {
            usual.set("verified", ["yes"]);
            usual.remove("trust_store");
            usual.set("revocation", ["good"]);
        }
        Outcome::Failed => {
            usual.set::<&str>("alert", []);
            usual.set("complete", ["yes"]);
        }
        _ => {}
    }
    usual
}

fn fields(expr: &Expr) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for field in expr.fields() {
        if !names.contains(&field.name.as_str()) {
            names.push(&field.name);
        }
    }
    names
}

fn found(expr: &Expr, values: &Values) -> Vec<String> {
    fields(expr).into_iter().filter_map(|field| values.say(field)).collect()
}

/// Where the fields of an expression were seen.
fn evidence(expr: &Expr, case: &Case<'_>) -> Vec<Evidence> {
    let message =
        |kind: u8| case.trace().messages.iter().rposition(|message| message.kind == Kind::Handshake(kind));
    let mut all: Vec<Evidence> = Vec::new();
    for field in fields(expr) {
        let at_message = match field {
            "tls" | "cipher" | "group" | "pq" | "resumed" => message(types::SERVER_HELLO),
            "sni" | "ja3" | "ja4" => message(types::CLIENT_HELLO),
            "client_certificate_requested" => message(types::CERTIFICATE_REQUEST),
            "alert" => case.server_alert().map(|(index, ..)| index),
            _ => None,
        };
        let of_leaf =
            ["subject", "issuer", "san", "name", "key", "key_size", "days", "life"].contains(&field);
        let certificate = case.judgement.filter(|_| of_leaf).map(|_| 0);
        let one = Evidence { message: at_message, certificate, ..Evidence::default() };
        if (at_message.is_some() || certificate.is_some()) && !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn not_met(first: &Expectation, unmet: &[&Expectation], case: &Case<'_>) -> Failure {
    let say =
        |one: &Expectation| format!("{} is not met: {}", one.text, one.state.reason().unwrap_or_default());
    let mut failure = Failure::new(UNMET.id, Outcome::Unmet, "expectation", say(first));
    failure.stage = case.stage();
    failure.evidence.clone_from(&first.evidence);
    failure.also = unmet.iter().skip(1).map(|one| say(one)).collect();
    failure
}

fn not_evaluated(open: &Expectation, expr: &Expr, case: &Case<'_>) -> Failure {
    let why = open.state.reason().unwrap_or_default();
    let summary = format!("{} could not be evaluated", open.text);
    let mut failure =
        Failure::new(NOT_EVALUATED.id, Outcome::Unevaluated, "expectation", summary).detailed(why);
    failure.stage = case.stage();
    if fields(expr).contains(&"revocation") {
        failure.remedy.command = Some(Command::default().set("--revocation", None));
    }
    failure
}

/// What `--warn` comes to.
fn finding(warned: &Expectation) -> Option<Finding> {
    let (row, severity, title) = match &warned.state {
        State::Holds => return None,
        State::Fails(_) => (WARNING, Severity::Warning, format!("{} is not met", warned.text)),
        State::NotEvaluated(_) => {
            (NOT_EVALUATED, Severity::Note, format!("{} could not be evaluated", warned.text))
        }
    };
    let what = warned.state.reason().unwrap_or_default();
    let mut finding = Finding::new(row.id, severity, text::cut(&title, HEADLINE, "…"), what);
    finding.evidence.clone_from(&warned.evidence);
    Some(finding)
}

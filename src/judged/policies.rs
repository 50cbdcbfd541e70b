//! `--policy`: whether a connection adheres to them, and what that makes of its verdict.

use super::{Judged, facts};
use crate::capture::Question;
use crate::expect::fields;
use crate::finding::expectation::{POLICY_NOT_EVALUATED, POLICY_VIOLATED, POLICY_WARNING};
use crate::finding::{Case, Failure, Finding, HEADLINE, Outcome, Severity, Verdict, verdict};
use crate::policy::{Adherence, Policy, Weight};
use crate::wire::text;

/// The policies of a run.
#[derive(Debug, Clone, Default)]
pub struct Policies(Vec<Policy>);

impl Policies {
    /// Reads them.
    ///
    /// # Errors
    /// Which is wrong, and what is wrong with it.
    pub fn read(question: &Question) -> Result<Self, String> {
        let read = |given: &crate::capture::PolicyText| {
            let named = |why| format!("--policy {}: {why}", text::escape(&given.name));
            Policy::read(&given.name, &given.text, fields::FIELDS).map_err(named)
        };
        question.policies.iter().map(read).collect::<Result<_, _>>().map(Policies)
    }

    /// Adds to a connection what came of each, and changes its verdict where that is called for.
    pub fn judge(&self, judged: &mut Judged, question: &Question) {
        if self.0.is_empty() {
            return;
        }
        let values = facts::values(judged, question);
        let case = judged.case(question);
        let all: Vec<Adherence> =
            self.0.iter().map(|policy| policy.judge(&values, case.judged_at())).collect();
        let verdict = verdict_of(&all, &case, &judged.verdict);
        judged.findings.extend(all.iter().flat_map(findings));
        judged.adherence = all;
        if let Some(verdict) = verdict {
            let plain = std::mem::replace(&mut judged.verdict, verdict);
            judged.unexpected.get_or_insert(plain);
        }
    }
}

/// The verdict that takes the place of `plain`, if one does.
fn verdict_of(all: &[Adherence], case: &Case<'_>, plain: &Verdict) -> Option<Verdict> {
    if !matches!(plain.outcome, Outcome::Ok | Outcome::Unevaluated) {
        return None;
    }
    let rules = || all.iter().flat_map(|one| one.rules.iter().map(move |rule| (one, rule)));
    let violated: Vec<_> =
        rules().filter(|(_, rule)| rule.violated() && rule.weight == Weight::Error).collect();
    if let [(policy, first), others @ ..] = &*violated {
        let why = first.state.reason().unwrap_or_default();
        let summary = format!("{}, {}: {why}", policy.policy, first.id);
        let mut failure = Failure::new(POLICY_VIOLATED.id, Outcome::Unmet, "expectation", summary);
        failure.stage = case.stage();
        failure.also = others
            .iter()
            .map(|(policy, rule)| {
                format!("{}, {}: {}", policy.policy, rule.id, rule.state.reason().unwrap_or_default())
            })
            .collect();
        failure.remedy.text.clone_from(&first.need);
        return Some(verdict::of_failure(case, failure));
    }
    if plain.outcome != Outcome::Ok || verdict::allowed(case, POLICY_NOT_EVALUATED.id) {
        return None;
    }
    let (policy, open) = rules().find(|(_, rule)| rule.is_open() && rule.weight == Weight::Error)?;
    let summary = format!("{}, {} could not be evaluated", policy.policy, open.id);
    let why = open.state.reason().unwrap_or_default();
    let mut failure =
        Failure::new(POLICY_NOT_EVALUATED.id, Outcome::Unevaluated, "expectation", summary).detailed(why);
    failure.stage = case.stage();
    Some(verdict::of_failure(case, failure))
}

/// What is violated without being an error, and what the verdict may have no room for.
fn findings(adherence: &Adherence) -> Vec<Finding> {
    let violated = adherence.rules.iter().filter(|rule| rule.violated() && rule.weight != Weight::Error);
    let one = |rule: &crate::policy::Outcome| {
        let severity = if rule.weight == Weight::Warning { Severity::Warning } else { Severity::Note };
        let title = text::cut(&format!("{}, {}", adherence.policy, rule.id), HEADLINE, "…");
        let why = rule.state.reason().unwrap_or_default();
        let what = match &rule.need {
            Some(need) => format!("{why}; needed: {need}"),
            None => why.to_owned(),
        };
        Finding::new(POLICY_WARNING.id, severity, title, what)
    };
    violated.map(one).collect()
}

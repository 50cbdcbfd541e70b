//! The rules, one file each, and the table of them.

mod algorithm_mismatch;
mod anchor_expired;
mod basic_constraints;
mod ca_expired;
mod common_name;
mod criticality;
mod ct_scts;
mod days_left;
mod duplicate;
mod duplicate_extension;
mod eku_profile;
mod empty_name;
mod expired;
mod extended_key_usage;
mod key_identifier_mismatch;
mod key_identifiers;
mod key_kind;
mod key_usage;
mod leaf_is_ca;
mod leaf_not_first;
mod limit;
mod machine_only;
mod malformed;
mod misplaced;
mod missing_intermediate;
mod must_staple;
mod name_constraints;
mod name_form;
pub mod name_mismatch;
mod not_yet_valid;
mod ocsp_staple;
mod order;
mod path_length;
pub mod pin_mismatch;
mod policy;
mod revoked;
mod root_sent;
mod self_signed;
mod serial;
mod signature;
mod time_encoding;
mod unique_ids;
mod unknown_critical_extension;
mod untrusted_root;
mod unused;
mod validity_too_long;
mod version;
mod weak_key;
mod weak_signature;

use std::ops::Range;

use super::validation::Validation;
use crate::trace::{Evidence, State};

/// Every rule, in the order of reports.
pub const RULES: &[&ChainRule] = &[
    &malformed::RULE,
    &limit::RULE,
    &leaf_not_first::RULE,
    &self_signed::RULE,
    &untrusted_root::RULE,
    &missing_intermediate::RULE,
    &signature::RULE,
    &algorithm_mismatch::RULE,
    &weak_signature::RULE,
    &weak_key::RULE,
    &key_kind::RULE,
    &expired::RULE,
    &ca_expired::RULE,
    &not_yet_valid::RULE,
    &anchor_expired::RULE,
    &name_mismatch::RULE,
    &version::RULE,
    &leaf_is_ca::RULE,
    &basic_constraints::RULE,
    &path_length::RULE,
    &key_usage::RULE,
    &extended_key_usage::RULE,
    &name_constraints::RULE,
    &unknown_critical_extension::RULE,
    &duplicate_extension::RULE,
    &policy::RULE,
    &revoked::RULE,
    &pin_mismatch::RULE,
    &days_left::RULE,
    &validity_too_long::RULE,
    &name_form::RULE,
    &common_name::RULE,
    &eku_profile::RULE,
    &key_identifiers::RULE,
    &key_identifier_mismatch::RULE,
    &criticality::RULE,
    &misplaced::RULE,
    &serial::RULE,
    &empty_name::RULE,
    &time_encoding::RULE,
    &unique_ids::RULE,
    &must_staple::RULE,
    &ocsp_staple::RULE,
    &ct_scts::RULE,
    &machine_only::RULE,
    &order::RULE,
    &duplicate::RULE,
    &unused::RULE,
    &root_sent::RULE,
];

/// One rule: what it is called, what it means, how it is checked.
#[derive(Debug)]
pub struct ChainRule {
    /// Stable.
    pub id: &'static str,
    pub title: &'static str,
    /// A few sentences for `explain`.
    pub about: &'static str,
    /// Where it is written.
    pub reference: &'static str,
    /// Which of the summary checks it belongs to.
    pub part: Part,
    pub webpki: Webpki,
    pub check: fn(&Validation<'_, '_>, &mut Results<'_>),
}

/// The summary checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Name,
    Dates,
    Signatures,
    Usage,
    /// The chain leads to an anchor.
    Chain,
    /// `--min-days`: no part of trust.
    Days,
    /// None of them.
    Other,
}

/// What rustls-webpki does about the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Webpki {
    /// The same: on the path that it chose, both agree.
    Same,
    /// It implements the rule in another way, or in part; why.
    Differs(&'static str),
    /// It does not look at this; why that is so.
    Absent(&'static str),
}

/// What a failure of a rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing.
    Remark,
    /// A requirement is broken, but clients in use accept it.
    Flaw,
    /// The chain is not to be trusted.
    Fatal,
}

/// What a rule came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleResult {
    pub id: &'static str,
    pub part: Part,
    pub weight: Weight,
    pub state: State,
    /// Place in [`super::Judgement::elements`].
    pub certificate: Option<usize>,
    pub evidence: Evidence,
}

impl RuleResult {
    /// Whether trust hangs on it.
    pub fn decides(&self) -> bool {
        self.weight == Weight::Fatal && self.part != Part::Days
    }
}

/// The row with this id.
pub fn find(id: &str) -> Option<&'static ChainRule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// Takes down what a rule says.
#[derive(Debug)]
pub struct Results<'r> {
    rule: &'static ChainRule,
    chain: &'r Validation<'r, 'r>,
    results: &'r mut Vec<RuleResult>,
}

impl<'r> Results<'r> {
    pub(super) fn new(
        rule: &'static ChainRule,
        chain: &'r Validation<'r, 'r>,
        results: &'r mut Vec<RuleResult>,
    ) -> Self {
        Self { rule, chain, results }
    }

    fn push(&mut self, weight: Weight, state: State, node: Option<usize>, range: Option<Range<usize>>) {
        let sent = node.and_then(|node| self.chain.graph.node(node)?.sent());
        // Ranges are of certificates that the peer sent.
        let range = range.filter(|_| sent.is_some());
        self.results.push(RuleResult {
            id: self.rule.id,
            part: self.rule.part,
            weight,
            certificate: node.map(|node| self.chain.graph.element_of(node)),
            evidence: Evidence { message: None, certificate: sent, range, text: None },
            state,
        });
    }

    /// Broken, and the chain is not to be trusted.
    pub fn fails(&mut self, node: usize, range: Option<Range<usize>>, why: impl Into<String>) {
        self.push(Weight::Fatal, State::Fails(why.into()), Some(node), range);
    }

    /// Broken as a whole, at no single certificate.
    pub fn fails_whole(&mut self, why: impl Into<String>) {
        self.push(Weight::Fatal, State::Fails(why.into()), None, None);
    }

    /// Broken, but accepted by clients in use.
    pub fn flaw(&mut self, node: usize, range: Option<Range<usize>>, why: impl Into<String>) {
        self.push(Weight::Flaw, State::Fails(why.into()), Some(node), range);
    }

    /// Not forbidden, but worth knowing.
    pub fn remark(&mut self, node: usize, range: Option<Range<usize>>, what: impl Into<String>) {
        self.push(Weight::Remark, State::Fails(what.into()), Some(node), range);
    }

    /// Could not be evaluated, though the verdict hangs on it.
    pub fn unknown(&mut self, node: Option<usize>, why: impl Into<String>) {
        self.push(Weight::Fatal, State::NotEvaluated(why.into()), node, None);
    }

    /// Could not be evaluated, and need not be.
    pub fn not_asked(&mut self, node: Option<usize>, why: impl Into<String>) {
        self.push(Weight::Remark, State::NotEvaluated(why.into()), node, None);
    }

    /// Kept everywhere. Counts towards the verdict.
    pub fn holds(&mut self) {
        self.push(Weight::Fatal, State::Holds, None, None);
    }

    /// Kept everywhere, where nothing hangs on it.
    pub fn holds_flaw(&mut self) {
        self.push(Weight::Flaw, State::Holds, None, None);
    }

    /// Says that the rule is kept if it has said nothing else.
    pub fn holds_unless_said(&mut self) {
        if !self.said() {
            self.holds();
        }
    }

    /// The same for a rule on which no verdict hangs.
    pub fn holds_flaw_unless_said(&mut self) {
        if !self.said() {
            self.holds_flaw();
        }
    }

    /// Whether the rule has said anything yet.
    pub fn said(&self) -> bool {
        self.results.last().is_some_and(|result| result.id == self.rule.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_complete_and_ids_unique() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(rule.about.len() > 80, "{}: say more", rule.id);
            assert!(!rule.title.is_empty() && !rule.reference.is_empty());
            assert!(rule.id.split('.').count() == 2, "{}", rule.id);
            assert!(RULES[..index].iter().all(|other| other.id != rule.id), "{} twice", rule.id);
        }
    }
}

//! A capture and the question in, one owned value out. Pure: the same capture is judged alike anywhere.

use std::sync::Arc;

use crate::capture::{Capture, Question, What};
use crate::certificate::{self, Judgement, Links, MinDays, Sent};
use crate::finding::{self, Case};
use crate::trace::Trace;
use crate::trust::ct::Logs;
use crate::wire::Direction;
use crate::wire::{extension, handshake};

use super::memory::Memory;
use super::{Earlier, Expectations, Judged, Policies};

/// Judges captures by what was asked once, which it has read once.
#[derive(Debug, Clone)]
pub struct Judge {
    pub question: Question,
    ct_logs: Option<Arc<Logs>>,
    min_days: MinDays,
    expectations: Expectations,
    policies: Policies,
    /// Of chains that were judged before, where the same ones are expected again.
    memory: Option<Memory>,
    /// And of what CAs signed, whatever is asked.
    links: Links,
}

impl Judge {
    /// Reads what was asked; fails on a list of logs, a number of days, an expectation or a
    /// policy that can't be read.
    pub fn new(question: Question) -> Result<Judge, String> {
        let logs = |list: &Arc<str>| Logs::read(list.as_bytes()).map_err(|why| why.to_string());
        let logs = question.ct_logs.as_ref().map(logs).transpose()?;
        Judge::with(question, logs.map(Arc::new))
    }

    /// A judge for another question of the same run: the list of logs, which is the same, is not read again.
    /// So are chains that were judged, where no answer of this one's is another.
    pub fn asking(&self, question: Question) -> Result<Judge, String> {
        let (one, other) = (&question, &self.question);
        let alike = one.pins == other.pins
            && one.crls == other.crls
            && one.ct_logs == other.ct_logs
            && one.min_days == other.min_days;
        let judge = Judge::with(question, self.ct_logs.clone())?;
        let memory = self.memory.clone().filter(|_| alike);
        Ok(Judge { memory, links: self.links.clone(), ..judge })
    }

    fn with(question: Question, ct_logs: Option<Arc<Logs>>) -> Result<Judge, String> {
        Ok(Judge {
            ct_logs,
            min_days: question.min_days.as_deref().map(MinDays::read).transpose()?.unwrap_or_default(),
            expectations: Expectations::read(&question)?,
            policies: Policies::read(&question)?,
            memory: None,
            links: Links::default(),
            question,
        })
    }

    /// The same, which remembers the chains that it judged: for many connections with few servers.
    pub fn remembering(self) -> Judge {
        Judge { memory: Some(Memory::default()), ..self }
    }

    /// Reads and judges one connection. `earlier` is the one whose session it may have resumed.
    pub fn judge(&self, capture: Capture, earlier: Option<&Judged>) -> Judged {
        let trace = self.trace(&capture);
        let earlier = earlier.and_then(|earlier| Earlier::before(&trace, earlier, &self.question));
        self.judge_traced(capture, trace, earlier.as_ref())
    }

    /// What a capture shows, with its application data if that is asked for.
    pub fn trace(&self, capture: &Capture) -> Trace {
        if self.question.data { Trace::with_data(capture) } else { Trace::of(capture) }
    }

    /// The same for a capture that was read already. `earlier` is what it stands on if it has no certificate itself.
    pub fn judge_traced(&self, capture: Capture, trace: Trace, earlier: Option<&Earlier>) -> Judged {
        let own = self.chain(&capture, &trace);
        let stands_on = earlier.filter(|_| own.is_none());
        let original = stands_on.map(|earlier| earlier.original.clone());
        let judgement = own.or_else(|| stands_on?.judgement.clone());
        let case = Case {
            question: &self.question,
            capture: &capture,
            trace: &trace,
            judgement: judgement.as_deref(),
            original: original.as_ref(),
        };
        let checks = finding::checks::of(&case);
        let findings = finding::findings(&case);
        let verdict = finding::verdict::of(&case);
        let mut judged = Judged {
            checks,
            findings,
            verdict,
            judgement,
            original,
            trace,
            capture,
            expectations: Vec::new(),
            adherence: Vec::new(),
            unexpected: None,
        };
        self.expectations.judge(&mut judged, &self.question);
        self.policies.judge(&mut judged, &self.question);
        judged
    }

    /// Judges the server's chain (or the one that was given in files), if there is one.
    fn chain(&self, capture: &Capture, trace: &Trace) -> Option<Arc<Judgement>> {
        let mut sent = match capture.given.is_empty() {
            true => sent(trace)?,
            false => Sent::chain(&capture.given),
        };
        for fetched in capture.evidence.iter().filter(|fetched| fetched.error.is_none()) {
            match fetched.what {
                What::Issuer => sent.fetched.push(&fetched.bytes),
                What::Ocsp { of } => sent.answers.push((of, &fetched.bytes)),
                What::Crl { .. } => sent.crls.push(&fetched.bytes),
            }
        }
        let stores = capture.stores(&self.question);
        let name = finding::ech::name_to_verify(capture, trace);
        let at = capture.judged_at(&self.question);
        let question = certificate::Question {
            pins: &self.question.pins,
            crls: &self.question.crls,
            ct_logs: self.ct_logs.as_deref(),
            min_days: self.min_days,
            links: Some(&self.links),
            ..certificate::Question::server(name, at, &stores)
        };
        let judge = || certificate::judge(&sent, &question);
        Some(match &self.memory {
            Some(memory) => memory.of(&sent, name, at, &stores, judge),
            None => Arc::new(judge()),
        })
    }
}

/// What the server sent; `None` if that was no certificate.
fn sent(trace: &Trace) -> Option<Sent<'_>> {
    let certificates = trace.chain(0, Direction::Server);
    if certificates.is_empty() {
        return None;
    }
    let facts = &trace.handshake()?.facts;
    let at_leaf = |span: Option<_>| span.map(|span| (0, trace.bytes(span))).into_iter().collect();
    let mut ocsp: Vec<(usize, &[u8])> = at_leaf(facts.ocsp_response);
    if let Some(list) = facts.certificates_of(Direction::Server).filter(|list| list.tls13) {
        // In TLS 1.3 every certificate may have its own response (RFC 8446, section 4.4.2.1).
        let code = extension::status_request::EXTENSION.code;
        let of = |extensions| extension::scan(extensions, code).and_then(handshake::certificate::staple);
        let all = handshake::certificate::extensions(trace.bytes(list.list)).map(of).enumerate();
        ocsp = all.filter_map(|(place, response)| Some((place, response?))).collect();
    }
    let staple_asked = facts
        .client
        .is_some_and(|client| client.extensions.contains(extension::status_request::EXTENSION.code));
    Some(Sent { certificates, ocsp, scts: at_leaf(facts.scts), staple_asked, ..Sent::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked of each target may differ; a chain's judgement is shared only where it can't.
    #[test]
    fn a_judge_of_another_question_shares_what_depends_on_no_question() {
        let asked = Question { pins: vec!["a".to_owned()], ..Question::default() };
        let judge = Judge::new(asked.clone()).unwrap().remembering();
        let shares = |question: Question| judge.asking(question).unwrap().memory.is_some();
        assert!(shares(asked.clone()));
        for other in [
            Question { pins: vec!["b".to_owned()], ..asked.clone() },
            Question { crls: vec![vec![1]].into(), ..asked.clone() },
            Question { min_days: Some("30".to_owned()), ..asked.clone() },
        ] {
            assert!(!shares(other.clone()), "{other:?}");
        }
    }
}

//! `--like`: two ClientHellos at one server, or one at two servers, of which one works and the other does not.

use std::time::Duration;

use crate::capture::{Change, Role};
use crate::finding::{Case, Certainty};
use crate::wire::codepoints::CipherSuite;
use crate::wire::handshake::client_hello::Hello;
use crate::wire::handshake::types;

use super::conclusion::Conclusion;
use super::difference::{Difference, differences};
use super::plan::{Asked, Lab, Step, step};
use super::rows::{Atom, transport};
use super::{Base, Depth, Done, Outcome};

/// The id of the connection with the other ClientHello.
pub const HELLO: &str = "like";

/// The id of the connection to the other server.
pub const HOST: &str = "like-host";

/// A connection that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    hello: Option<Hello>,
    length: usize,
    /// Why it failed, if it did.
    base: Option<Base>,
    /// As far as the server's first flight at least.
    outcome: Outcome,
    took: Duration,
    server: String,
}

impl Side {
    /// What a connection was.
    pub fn of(case: &Case<'_>) -> Side {
        let message = case.trace().first(types::CLIENT_HELLO).map(|(_, message)| message);
        let outcome = Outcome::of(case, Depth::FirstFlight);
        let base = Base::of(case).ok().filter(|_| !outcome.went_on());
        let outcome = base.as_ref().map_or(outcome, |base| base.outcome);
        Side {
            hello: message.and_then(|message| Hello::read(&message.bytes).ok()),
            length: message.map_or(0, |message| message.length),
            base,
            outcome,
            took: super::took(case),
            server: case.capture.intent.input.clone(),
        }
    }

    /// Whether it failed behind the server's ServerHello.
    pub fn failed_late(&self) -> bool {
        self.base.as_ref().is_some_and(|base| base.depth == Depth::Whole)
    }
}

/// Two connections that are compared, and what they differ in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    ours: Side,
    theirs: Side,
    /// It is the server that is another one.
    host: bool,
    differences: Vec<Difference>,
}

impl Likeness {
    /// Ours, and the connection that it is compared with; None if that is none.
    pub fn of(ours: Side, case: &Case<'_>) -> Option<Likeness> {
        let Role::Experiment(id) = &case.capture.role else { return None };
        let host = id == HOST;
        if !host && id != HELLO || super::interrupted(case) {
            return None;
        }
        let mut likeness = Likeness { ours, theirs: Side::of(case), host, differences: Vec::new() };
        if let (false, Some((failing, working))) = (host, likeness.sides())
            && let (Some(from), Some(to)) = (&failing.hello, &working.hello)
        {
            likeness.differences = differences(from, to, (failing.length, working.length));
        }
        Some(likeness)
    }

    /// The one that fails and the one that works, if they differ in that.
    fn sides(&self) -> Option<(&Side, &Side)> {
        match (self.ours.outcome.went_on(), self.theirs.outcome.went_on()) {
            (false, true) => Some((&self.ours, &self.theirs)),
            (true, false) => Some((&self.theirs, &self.ours)),
            _ => None,
        }
    }

    /// Of the one that fails, where experiments are to show why.
    pub fn base(&self) -> Option<&Base> {
        self.sides().filter(|_| !self.host)?.0.base.as_ref()
    }

    /// Whether the one that fails is the other ClientHello.
    pub fn theirs_fails(&self) -> bool {
        self.ours.outcome.went_on()
    }

    /// What came of the connection that is compared with.
    pub fn theirs(&self) -> Outcome {
        self.theirs.outcome
    }

    /// What an experiment makes of the ClientHello that fails.
    pub fn about(&self, done: &Done) -> Vec<String> {
        let atoms = done.id.split('+').zip(&done.changes);
        atoms.map(|(id, change)| self.short(&Atom { id: id.to_owned(), change: change.clone() })).collect()
    }

    fn difference(&self, atom: &Atom) -> Option<&Difference> {
        self.differences.iter().find(|difference| difference.atom == *atom)
    }

    /// For the table.
    fn short(&self, atom: &Atom) -> String {
        self.difference(atom).map_or_else(|| self.words(atom), |difference| difference.short.clone())
    }

    /// How long that took, from its ClientHello on.
    pub fn took(&self) -> Duration {
        self.theirs.took
    }

    fn words(&self, atom: &Atom) -> String {
        let mut items = self.differences.iter().flat_map(|difference| &difference.items);
        let item = || items.find(|(item, _)| item == atom).map(|(_, words)| words.clone());
        let known = self.difference(atom).map(|difference| difference.words.clone());
        known.or_else(item).unwrap_or_else(|| atom.about())
    }

    /// The next step. `most` experiments are made at most, beside the connection that is compared with.
    pub fn next(&self, done: &[Done], most: usize) -> Step {
        let Some(base) = self.base() else { return Step::Conclude(self.at_once()) };
        if self.differences.is_empty() {
            return Step::Conclude(self.no_difference());
        }
        let lab = Lab { base, done };
        step(self.conclude(&lab), done.len(), most, || {
            let text = format!(
                "not finished: {} experiments were not enough to find what makes the difference",
                done.len()
            );
            Conclusion::new("diagnosis.unfinished", Certainty::Possible, text)
                .remedy("allow more experiments with --max-probes, or more time with --max-time")
        })
    }

    fn conclude(&self, lab: &Lab<'_>) -> Asked<Conclusion> {
        if lab.again(0)?.went_on() {
            lab.again(1)?;
            lab.again(2)?;
            return Ok(super::conclusion::flaky(lab));
        }
        let all: Vec<Atom> = self.differences.iter().map(|difference| difference.atom.clone()).collect();
        if !lab.goes_on(&all)? {
            return Ok(self.not_reproduced(lab));
        }
        let smallest = lab.smallest(all)?;
        let smallest = match self.within(lab, &smallest) {
            Ok(within) => within.unwrap_or(smallest),
            // The list as a whole is known to matter.
            Err(asking) => return Err(asking.or_else(self.found(lab, &smallest).likely())),
        };
        let found = self.found(lab, &smallest);
        let controls = (|| -> Asked<Option<Conclusion>> {
            if lab.again(1)?.went_on() {
                lab.again(2)?;
                return Ok(Some(super::conclusion::flaky(lab)));
            }
            if !lab.nth(&smallest, 1)?.went_on() {
                return Ok(Some(super::conclusion::unsteady(&smallest)));
            }
            self.length(lab, &smallest)
        })();
        match controls {
            Ok(None) => Ok(found),
            Ok(Some(other)) => Ok(other),
            Err(asking) => Err(asking.or_else(found.likely())),
        }
    }

    /// What of a list matters, if a list is all that does: what the server chooses, or else a smallest set.
    fn within(&self, lab: &Lab<'_>, smallest: &[Atom]) -> Asked<Option<Vec<Atom>>> {
        let [one] = smallest else { return Ok(None) };
        let Some(items) = self.difference(one).map(|it| &it.items).filter(|items| items.len() > 1) else {
            return Ok(None);
        };
        let items: Vec<Atom> = items.iter().map(|(atom, _)| atom.clone()).collect();
        let answer = lab.answer_to(one);
        let chosen = items.iter().find(|item| match &item.change {
            Change::Add { extension, codes } => {
                let chosen = if extension.is_none() {
                    answer.suite.map(|it| it.0)
                } else {
                    answer.group.map(|it| it.0)
                };
                codes.first().copied() == chosen
            }
            _ => false,
        });
        if let Some(chosen) = chosen
            && lab.goes_on(std::slice::from_ref(chosen))?
        {
            return Ok(Some(vec![chosen.clone()]));
        }
        // The order may matter beside them.
        match lab.goes_on(&items)? {
            true => lab.smallest(items).map(Some),
            false => Ok(None),
        }
    }

    /// Whether it is the length that the changes make.
    fn length(&self, lab: &Lab<'_>, smallest: &[Atom]) -> Asked<Option<Conclusion>> {
        let Some((failing, working)) = self.sides() else { return Ok(None) };
        let text = if working.length > failing.length {
            let longer = Atom {
                id: transport::BEYOND_512.replace("{}", &working.length.to_string()),
                change: Change::PaddedTo(working.length),
            };
            lab.goes_on(&[longer])?.then(|| {
                format!("its length: the ClientHello of {} bytes fails, and the same one padded to {} bytes does not", failing.length, working.length)
            })
        } else {
            let long = Atom::of(transport::AS_LONG, lab.base);
            let long: Vec<Atom> = smallest.iter().cloned().chain(long).collect();
            (!lab.goes_on(&long)?).then(|| {
                format!(
                    "its length: one of {} bytes fails, one of {} bytes does not, and it fails again if it is padded to the same length",
                    failing.length, working.length
                )
            })
        };
        Ok(text.map(|text| {
            Conclusion::new(
                "diagnosis.like",
                Certainty::Certain,
                format!("what makes the difference is {text}"),
            )
            .remedy("update the middlebox or server that does not tolerate a ClientHello of this length")
            .changed(smallest.iter().map(|atom| self.words(atom)).collect())
        }))
    }

    fn found(&self, lab: &Lab<'_>, smallest: &[Atom]) -> Conclusion {
        let words: Vec<String> = smallest.iter().map(|atom| self.words(atom)).collect();
        let whose = if self.theirs_fails() { "the other ClientHello" } else { "this ClientHello" };
        let answer = lab.answer(smallest).map(|answer| Outcome::WentOn(answer).to_string());
        let mut text = format!(
            "what makes the difference: {whose} fails ({}), and is answered with {}",
            lab.base.outcome,
            words.join(" and ")
        );
        if let Some(answer) = answer.filter(|answer| answer != "goes on") {
            text += &format!(" ({answer})");
        }
        let others = self.differences.len().saturating_sub(smallest.len());
        if others > 0 {
            text += &format!("; {others} other differences do not matter");
        }
        let remedy = match self.theirs_fails() {
            true => {
                "change that in the client whose ClientHello it is, or have the server tolerate it as it is"
            }
            false => "offer the same, or have the server tolerate what is offered",
        };
        let conclusion =
            Conclusion::new("diagnosis.like", Certainty::Certain, text).remedy(remedy).changed(words);
        let flag = |atom: &Atom| match &atom.change {
            Change::Add { extension: None, codes } => {
                Some(("--ciphers", CipherSuite(*codes.first()?).to_string()))
            }
            _ => self.difference(atom)?.flag.clone(),
        };
        match smallest {
            [one] if !self.theirs_fails() => match flag(one) {
                Some((flag, value)) => conclusion.command(flag, &value),
                None => conclusion,
            },
            _ => conclusion,
        }
    }

    /// The changes do not make of one what the other is.
    fn not_reproduced(&self, lab: &Lab<'_>) -> Conclusion {
        let text = format!(
            "with all {} differences that were found the ClientHello fails all the same ({}): what matters is something else, such \
             as the time, or what only the other client can send (a ticket, a key)",
            self.differences.len(),
            lab.base.outcome
        );
        Conclusion::new("diagnosis.like_unclear", Certainty::Possible, text)
    }

    fn no_difference(&self) -> Conclusion {
        let text =
            "both ClientHellos offer the same, and yet one failed: the failure is not in the ClientHello";
        Conclusion::new("diagnosis.like_unclear", Certainty::Likely, text).command("--repeat", "20")
    }

    /// Where no experiment is needed: both work, both fail, or the server is another one.
    fn at_once(&self) -> Conclusion {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let other = if self.host { "server" } else { "ClientHello" };
        match (ours.outcome.went_on(), theirs.outcome.went_on()) {
            (true, true) if self.host && ours.outcome != theirs.outcome => {
                let text = format!(
                    "both servers answer the same ClientHello: {} with {}, {} with {}",
                    ours.server, ours.outcome, theirs.server, theirs.outcome
                );
                Conclusion::new("diagnosis.like_both_work", Certainty::Certain, text)
            }
            (true, true) => {
                let text = format!(
                    "both work: the server answers this ClientHello and the other one ({})",
                    theirs.outcome
                );
                let text = if self.host {
                    format!("both servers answer the same ClientHello, and choose alike: {}", ours.outcome)
                } else {
                    text
                };
                Conclusion::new("diagnosis.like_both_work", Certainty::Certain, text)
            }
            (false, false) => {
                let text = format!(
                    "both fail: this {other} ({}) and the other one ({}), so a comparison shows nothing",
                    ours.outcome, theirs.outcome
                );
                Conclusion::new("diagnosis.like_both_fail", Certainty::Certain, text)
                    .command("--diagnose", "")
            }
            (ours_works, _) if self.host => {
                let (works, fails) = if ours_works { (ours, theirs) } else { (theirs, ours) };
                let text = format!(
                    "the servers differ, not the client: {} goes on with this ClientHello ({}), and {} does not ({})",
                    works.server, works.outcome, fails.server, fails.outcome
                );
                Conclusion::new("diagnosis.like_host", Certainty::Certain, text)
                    .remedy("compare the configurations of the two servers; which part of the ClientHello matters is found by --diagnose")
                    .command("--diagnose", "")
            }
            _ => Conclusion::new(
                "diagnosis.like_unclear",
                Certainty::Possible,
                "there is nothing to compare: one of the connections did not come to a ClientHello",
            ),
        }
    }
}

//! What to try next, and when it is enough.

use crate::capture::Change;
use crate::wire::codepoints::AlertDescription;

use super::changes::{self, Atom};
use super::conclusion::{self, Conclusion};
use super::{Base, Depth, Done, Experiment, Outcome};

/// What to do after the experiments so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Try(Experiment),
    Conclude(Conclusion),
}

/// The next step. `most` experiments are made at most.
///
/// The way to the conclusion is walked anew each time, over what is known: it reads as if every experiment had its
/// outcome at once, and ends where one has not.
pub fn next(base: &Base, done: &[Done], most: usize) -> Step {
    let lab = Lab { base, done };
    match lab.conclude() {
        Ok(conclusion) => Step::Conclude(conclusion),
        Err(asking) if done.len() >= most => {
            Step::Conclude(asking.instead.map_or_else(|| lab.out_of_experiments(), |instead| *instead))
        }
        Err(asking) => Step::Try(asking.next),
    }
}

/// The experiments that were made. What was not is an error, so that `?` ends the walk there.
pub struct Lab<'a> {
    pub base: &'a Base,
    pub done: &'a [Done],
}

/// What the controls show.
enum Control {
    Holds,
    /// Other changes help as well.
    NotAlone,
    /// It is something else.
    Other(Box<Conclusion>),
}

type Asked<T> = Result<T, Asking>;

/// What would have to be known.
pub struct Asking {
    next: Experiment,
    /// What is to be said if it may not be tried.
    instead: Option<Box<Conclusion>>,
}

impl From<Experiment> for Asking {
    fn from(next: Experiment) -> Self {
        Asking { next, instead: None }
    }
}

impl Lab<'_> {
    fn conclude(&self) -> Asked<Conclusion> {
        if self.again(0)?.went_on() {
            // Two more say how often.
            self.again(1)?;
            self.again(2)?;
            return Ok(conclusion::flaky(self));
        }
        if self.base.alert() == Some(AlertDescription::unrecognized_name)
            && let Some(no_name) = Atom::of(changes::NO_SNI, self.base)
            && self.outcome(&[no_name])? == self.base.outcome
            && self.outcome(&[other_name()])? == self.base.outcome
        {
            return Ok(conclusion::other_names_only(self));
        }
        let Some(working) = self.working()? else { return Ok(conclusion::nothing_helps(self)) };
        let smallest = self.smallest(working.clone())?;
        let conclusion = self.explained(smallest.clone())?;
        match self.controls(&working, &smallest) {
            Ok(Control::Other(other)) => Ok(*other),
            Ok(Control::NotAlone) => Ok(conclusion.not_alone()),
            Ok(Control::Holds) => Ok(conclusion),
            Err(next) => Err(Asking { instead: Some(Box::new(conclusion.likely())), next }),
        }
    }

    /// What has to come out, if the changes that were found are what matters: the same hello fails, now that others went
    /// through; with the changes it goes through once more; one that is changed in another way fails, and so does one with
    /// all the other changes.
    fn controls(&self, working: &[Atom], smallest: &[Atom]) -> Result<Control, Experiment> {
        let other = |conclusion| Ok(Control::Other(Box::new(conclusion)));
        if self.again(1)?.went_on() {
            self.again(2)?;
            return other(conclusion::flaky(self));
        }
        if !self.nth(smallest, 1)?.went_on() {
            return other(conclusion::unsteady(smallest));
        }
        if self.base.length < 512 && self.outcome(&[padded("padded-600", 600)])?.went_on() {
            return other(conclusion::short(self));
        }
        let longer = [padded("slightly-longer", self.base.length + 16)];
        if self.outcome(&longer)?.went_on() {
            return other(conclusion::any_change(self));
        }
        let rest: Vec<Atom> = working.iter().filter(|atom| !smallest.contains(atom)).cloned().collect();
        match !rest.is_empty() && self.outcome(&rest)?.went_on() {
            true => Ok(Control::NotAlone),
            false => Ok(Control::Holds),
        }
    }

    /// The same hello once more, for the `nth` time.
    fn again(&self, nth: usize) -> Result<Outcome, Experiment> {
        let mut same = self.done.iter().filter(|done| done.changes.is_empty());
        same.nth(nth)
            .map(|done| done.outcome)
            .ok_or_else(|| Experiment { id: "again".into(), changes: Vec::new() })
    }

    /// What comes of these changes together.
    pub fn outcome(&self, atoms: &[Atom]) -> Result<Outcome, Experiment> {
        self.nth(atoms, 0)
    }

    /// The same, for the `nth` time.
    fn nth(&self, atoms: &[Atom], nth: usize) -> Result<Outcome, Experiment> {
        let changes: Vec<Change> = atoms.iter().map(|atom| atom.change.clone()).collect();
        match self.done.iter().filter(|done| done.changes == changes).nth(nth) {
            Some(done) => Ok(done.outcome),
            None => {
                let id = atoms.iter().map(|atom| atom.id.as_str()).collect::<Vec<_>>().join("+");
                Err(Experiment { id, changes })
            }
        }
    }

    fn goes_on(&self, atoms: &[Atom]) -> Asked<bool> {
        Ok(self.outcome(atoms)?.went_on())
    }

    /// Changes with which the server goes on, by trying ever other kinds of hello.
    fn working(&self) -> Asked<Option<Vec<Atom>>> {
        for candidate in candidates(self.base) {
            if self.goes_on(&candidate)? {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// As few of these changes as the server goes on with: taking any further one back makes it fail.
    fn smallest(&self, atoms: Vec<Atom>) -> Asked<Vec<Atom>> {
        let needed = self.needed(&atoms, &[], false, (0..atoms.len()).collect())?;
        let smallest = pick(&atoms, &needed);
        if self.goes_on(&smallest)? {
            return Ok(smallest);
        }
        // Some of the changes work only beside others that the server does not need by themselves.
        let mut kept: Vec<usize> = (0..atoms.len()).collect();
        for place in 0..atoms.len() {
            let fewer: Vec<usize> = kept.iter().copied().filter(|other| *other != place).collect();
            if !fewer.is_empty() && self.goes_on(&pick(&atoms, &fewer))? {
                kept = fewer;
            }
        }
        Ok(pick(&atoms, &kept))
    }

    /// Which of `open` the server needs beside `kept`, all of them places in `atoms`; with all of `open` it goes on.
    /// Halves what is open, and asks again about a half only if it is needed (Junker's QuickXplain), which takes some
    /// `2k · log(n / k)` connections for `k` of `n`. `grown`: `kept` is more than what was asked last.
    fn needed(&self, atoms: &[Atom], kept: &[usize], grown: bool, open: Vec<usize>) -> Asked<Vec<usize>> {
        if grown && self.goes_on(&pick(atoms, kept))? {
            return Ok(Vec::new());
        }
        if open.len() <= 1 {
            return Ok(open);
        }
        let (first, second) = open.split_at(open.len() / 2);
        let of_second = self.needed(atoms, &[kept, first].concat(), true, second.to_vec())?;
        let of_first =
            self.needed(atoms, &[kept, &of_second].concat(), !of_second.is_empty(), first.to_vec())?;
        Ok([of_first, of_second].concat())
    }

    /// Tells apart what the smallest set leaves open.
    fn explained(&self, smallest: Vec<Atom>) -> Asked<Conclusion> {
        if let Some(older) = conclusion::older(self, &smallest) {
            return Ok(older);
        }
        let [one] = smallest.as_slice() else { return Ok(conclusion::several(self, &smallest)) };
        if one.shortens() {
            // As long as the one that failed, and without what else it had.
            let long = [one.clone(), padded("long", self.base.length)];
            if !self.goes_on(&long)? {
                let in_records = self.split(changes::SECOND_RECORD)?;
                let in_segments = !in_records && self.split(changes::SECOND_SEGMENT)?;
                return Ok(conclusion::size(self, one, in_records, in_segments));
            }
        }
        match one.id.as_str() {
            changes::NO_POST_QUANTUM => {
                let shares = [Atom::new("classical-shares", Change::Shares(classical(self.base)))];
                let share_only = self.goes_on(&shares)?;
                Ok(conclusion::of_one(self, one, share_only))
            }
            changes::NO_SNI => Ok(conclusion::server_name(self, one, self.outcome(&[other_name()])?)),
            _ => Ok(conclusion::of_one(self, one, false)),
        }
    }

    /// Whether the hello that failed goes through when it is cut in this way.
    fn split(&self, id: &str) -> Asked<bool> {
        match Atom::of(id, self.base) {
            Some(atom) => self.goes_on(&[atom]),
            None => Ok(false),
        }
    }

    /// The last word when no more may be tried: the smallest set so far with which it went on.
    fn out_of_experiments(&self) -> Conclusion {
        let mut worked: Vec<&Done> = self.done.iter().filter(|done| done.outcome.went_on()).collect();
        worked.sort_by_key(|done| done.changes.len());
        match worked.first() {
            Some(same) if same.changes.is_empty() => conclusion::flaky(self),
            Some(best) => conclusion::unfinished(self, best),
            None => conclusion::nothing_yet(self),
        }
    }
}

/// These of the atoms, in their order.
fn pick(atoms: &[Atom], places: &[usize]) -> Vec<Atom> {
    let chosen = atoms.iter().enumerate().filter(|(place, _)| places.contains(place));
    chosen.map(|(_, atom)| atom.clone()).collect()
}

/// A name that nobody has (RFC 6761).
pub const OTHER_NAME: &str = "tls-trace.invalid";

fn padded(id: &str, len: usize) -> Atom {
    Atom::new(id, Change::PaddedTo(len))
}

fn other_name() -> Atom {
    Atom::new("other-sni", Change::ServerName(Some(OTHER_NAME.into())))
}

fn classical(base: &Base) -> Vec<u16> {
    base.classical_groups().into_iter().take(1).collect()
}

/// Kinds of hello, the likeliest to work first: each is a set of changes to the one that failed.
fn candidates(base: &Base) -> Vec<Vec<Atom>> {
    let atoms = |ids: &[&str]| -> Vec<Atom> { ids.iter().filter_map(|id| Atom::of(id, base)).collect() };
    let mut plain = atoms(&[
        changes::NO_POST_QUANTUM,
        changes::NO_ALPN,
        "no-grease",
        "more-groups",
        "more-schemes",
        "more-suites",
    ]);
    plain.extend(Atom::without_extensions(base));
    // The version decides how the rest is read, so it comes first.
    let and = |ids: &[&str]| -> Vec<Atom> {
        let other = atoms(ids);
        if other.is_empty() { Vec::new() } else { [other, plain.clone()].concat() }
    };
    let name = if base.sni { changes::NO_SNI } else { changes::SNI };
    let mut all: Vec<Vec<Atom>> = Vec::new();
    if base.depth == Depth::Whole && base.client_certificate {
        // It was refused behind all that the ClientHello settles.
        return vec![atoms(&[changes::NO_CLIENT_CERTIFICATE])];
    }
    match base.alert() {
        Some(AlertDescription::unrecognized_name) => all.push(atoms(&[name])),
        Some(AlertDescription::no_application_protocol) => {
            all.push(atoms(&[changes::NO_ALPN]));
            all.push(atoms(&["alpn-http"]));
        }
        Some(AlertDescription::protocol_version) => {
            all.extend([and(&[changes::TLS13]), and(&[changes::TLS12])])
        }
        _ => {}
    }
    all.extend([
        plain.clone(),
        and(&[changes::TLS13]),
        and(&[changes::TLS12]),
        and(&[name]),
        and(&[changes::TLS12, name]),
        atoms(&[changes::SECOND_RECORD]),
        atoms(&[changes::SECOND_SEGMENT]),
        atoms(&["alpn-http"]),
        and(&[changes::TLS10]),
        atoms(&["padded-600"]),
        atoms(&["record-version-3.3"]),
        atoms(&[changes::TLS12, "no-extensions"]),
        atoms(&[changes::SSL3]),
    ]);
    let mut out: Vec<Vec<Atom>> = Vec::new();
    for candidate in all {
        if !candidate.is_empty() && !out.contains(&candidate) {
            out.push(candidate);
        }
    }
    out
}

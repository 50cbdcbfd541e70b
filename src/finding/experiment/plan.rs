//! What to try next, and when it is enough.

use crate::capture::Change;

use super::conclusion::{self, Conclusion};
use super::rows::{self, Atom, RARE, Try, names, transport, versions};
use super::{Answer, Base, Done, Experiment, Outcome};

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
    step(lab.conclude(), done.len(), most, || lab.out_of_experiments())
}

/// What an answer, or the lack of one, comes to, if `most` experiments may be made and `made` were. `or_else`: what is to
/// be said if no more may be tried, and nothing better is known.
pub fn step(
    asked: Asked<Conclusion>,
    made: usize,
    most: usize,
    or_else: impl FnOnce() -> Conclusion,
) -> Step {
    match asked {
        Ok(conclusion) => Step::Conclude(conclusion),
        Err(asking) if made >= most => {
            Step::Conclude(asking.instead.map_or_else(or_else, |instead| *instead))
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

/// What is known, or what would have to be tried first.
pub type Asked<T> = Result<T, Asking>;

/// What would have to be known.
pub struct Asking {
    next: Experiment,
    /// What is to be said if it may not be tried.
    instead: Option<Box<Conclusion>>,
}

impl Asking {
    /// With what is to be said if it may not be tried.
    pub fn or_else(self, instead: Conclusion) -> Self {
        Asking { instead: Some(Box::new(instead)), ..self }
    }
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
        for row in rows::all() {
            if let Some(known) = (row.first)(self)? {
                return Ok(known);
            }
        }
        let Some(working) = self.working()? else { return Ok(conclusion::nothing_helps(self)) };
        let smallest = self.smallest(working.clone())?;
        let conclusion = self.explained(&smallest)?.of(&smallest);
        match self.controls(&working, &smallest, &conclusion) {
            Ok(Control::Other(other)) => Ok(*other),
            Ok(Control::NotAlone) => Ok(conclusion.not_alone()),
            Ok(Control::Holds) => Ok(conclusion),
            Err(asking) => Err(asking.or_else(conclusion.likely())),
        }
    }

    /// What has to come out, if the changes that were found are what matters: the same hello fails, now that others went
    /// through; with the changes it goes through once more; one that is changed in another way fails, and so does one with
    /// all the other changes.
    fn controls(&self, working: &[Atom], smallest: &[Atom], conclusion: &Conclusion) -> Asked<Control> {
        let instead = |conclusion| Ok(Control::Other(Box::new(conclusion)));
        if self.again(1)?.went_on() {
            self.again(2)?;
            return instead(conclusion::flaky(self));
        }
        if !self.nth(smallest, 1)?.went_on() {
            return instead(conclusion::unsteady(smallest));
        }
        if self.base.length < 512 && self.helps(transport::BEYOND_512)? {
            return instead(conclusion::short(self));
        }
        if self.helps(transport::SLIGHTLY_LONGER)? {
            return instead(conclusion::any_change(self));
        }
        if smallest.iter().all(Atom::shortens) && conclusion.is_about_content() {
            for other in [names::NO_SNI, versions::TLS12] {
                // One that is among the changes, or that makes them as well, shows nothing.
                let same = |atom: &Atom| match other {
                    names::NO_SNI => matches!(atom.change, Change::ServerName(_)),
                    _ => !matches!(atom.change, Change::Without(_) | Change::Alpn(_) | Change::WithoutGrease),
                };
                if !smallest.iter().any(same) && self.helps(other)? {
                    return Ok(Control::NotAlone);
                }
            }
        }
        if conclusion.id == conclusion::EXTENSION_COUNT {
            // That others help as well is what it says.
            return Ok(Control::Holds);
        }
        let rest: Vec<Atom> = working.iter().filter(|atom| !smallest.contains(atom)).cloned().collect();
        match !rest.is_empty() && self.outcome(&rest)?.went_on() {
            true => Ok(Control::NotAlone),
            false => Ok(Control::Holds),
        }
    }

    /// The same hello once more, for the `nth` time.
    pub fn again(&self, nth: usize) -> Result<Outcome, Experiment> {
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
    pub fn nth(&self, atoms: &[Atom], nth: usize) -> Result<Outcome, Experiment> {
        let changes: Vec<Change> = atoms.iter().map(|atom| atom.change.clone()).collect();
        match self.done.iter().filter(|done| done.changes == changes).nth(nth) {
            Some(done) => Ok(done.outcome),
            None => {
                let id = atoms.iter().map(|atom| atom.id.as_str()).collect::<Vec<_>>().join("+");
                Err(Experiment { id, changes })
            }
        }
    }

    /// Whether the server goes on with these changes.
    pub fn goes_on(&self, atoms: &[Atom]) -> Asked<bool> {
        Ok(self.outcome(atoms)?.went_on())
    }

    /// Whether it goes on with the change of this row alone; it does not where that would change nothing.
    fn helps(&self, row: &str) -> Asked<bool> {
        match Atom::of(row, self.base) {
            Some(atom) => self.goes_on(&[atom]),
            None => Ok(false),
        }
    }

    /// What the server answered to these changes, if it went on.
    pub fn answer(&self, atoms: &[Atom]) -> Option<Answer> {
        match self.outcome(atoms) {
            Ok(Outcome::WentOn(answer)) => Some(answer),
            _ => None,
        }
    }

    /// What it answered to one change; nothing is known if it did not go on.
    pub fn answer_to(&self, one: &Atom) -> Answer {
        self.answer(std::slice::from_ref(one)).unwrap_or_default()
    }

    /// Changes with which the server goes on, by trying ever other kinds of hello.
    fn working(&self) -> Asked<Option<Vec<Atom>>> {
        for (rank, candidate) in candidates(self.base) {
            match self.goes_on(&candidate) {
                Ok(true) => return Ok(Some(candidate)),
                Ok(false) => {}
                Err(asking) if rank < RARE => return Err(asking),
                Err(asking) => {
                    return Err(asking.or_else(conclusion::nothing_helps(self)));
                }
            }
        }
        Ok(None)
    }

    /// As few of these changes as the server goes on with: taking any further one back makes it fail.
    pub fn smallest(&self, atoms: Vec<Atom>) -> Asked<Vec<Atom>> {
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
    fn explained(&self, smallest: &[Atom]) -> Asked<Conclusion> {
        if let Some(older) = conclusion::older(self, smallest) {
            return Ok(older);
        }
        if smallest.iter().all(Atom::shortens)
            && let Some(long) = Atom::of(transport::AS_LONG, self.base)
            // As long as the one that failed, and without what else it had.
            && !self.goes_on(&[smallest, std::slice::from_ref(&long)].concat())?
        {
            // Padding is an extension itself.
            if smallest.iter().all(Atom::removes_extension)
                && let Some(other) = self.other_extension(smallest)
                && self.goes_on(&[smallest, &[other, long.clone()]].concat())?
            {
                let fewer = self.base.extensions.len() - smallest.len();
                return Ok(conclusion::extension_count(self, fewer));
            }
            let [one] = smallest else {
                // If something else that shortens it may stand in place of these, it is the length alone.
                for instead in self.instead_of(smallest) {
                    let padded = [instead.as_slice(), std::slice::from_ref(&long)].concat();
                    if self.goes_on(&instead)?
                        && !self.goes_on(&padded)?
                        && let [first, ..] = instead.as_slice()
                    {
                        return self.size(first);
                    }
                }
                return Ok(conclusion::several(self, smallest).and_length(self.base.length));
            };
            return self.size(one);
        }
        let [one] = smallest else { return Ok(conclusion::several(self, smallest)) };
        rows::row(&one.id).map_or_else(|| Ok(Conclusion::unnamed()), |row| (row.helps)(self, one))
    }

    /// An extension that a hello can do without, and that is not left out yet.
    fn other_extension(&self, left_out: &[Atom]) -> Option<Atom> {
        let plain = rows::all().filter(|row| row.plain).flat_map(|row| row.atoms(self.base));
        let all = plain.chain(Atom::of(names::NO_SNI, self.base));
        all.filter(Atom::removes_extension).find(|atom| !left_out.contains(atom))
    }

    /// Other changes that shorten it: the one of these that shortens most, with all that are not among them; and another
    /// version.
    fn instead_of(&self, atoms: &[Atom]) -> Vec<Vec<Atom>> {
        let groups = atoms.iter().find(|atom| matches!(atom.change, Change::Groups(_)));
        let largest = groups.or(atoms.first()).cloned();
        let plain = rows::all().filter(|row| row.plain).flat_map(|row| row.atoms(self.base));
        let name = Atom::of(names::NO_SNI, self.base);
        let others = plain.chain(name).filter(|atom| atom.shortens() && !atoms.contains(atom));
        let version = Atom::of(versions::TLS12, self.base).filter(|atom| !atoms.contains(atom));
        [largest.into_iter().chain(others).collect(), version.into_iter().collect()]
            .into_iter()
            .filter(|instead: &Vec<Atom>| !instead.is_empty())
            .collect()
    }

    /// The length matters: the whole, or that of a record or segment, and is it one segment?
    fn size(&self, one: &Atom) -> Asked<Conclusion> {
        let in_records = self.helps(transport::SECOND_RECORD)?;
        let in_segments = !in_records && self.helps(transport::SECOND_SEGMENT)?;
        let padded = |row| match Atom::of(row, self.base) {
            Some(padded) => Ok(Some(self.goes_on(&[one.clone(), padded])?)),
            None => Ok::<_, Asking>(None),
        };
        let below = padded(transport::BELOW_SEGMENT)?;
        let above = if below == Some(true) { padded(transport::ABOVE_SEGMENT)? } else { None };
        let one_segment = below == Some(true) && above == Some(false);
        Ok(conclusion::size(self, one, conclusion::Size { in_records, in_segments, one_segment }))
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

/// Kinds of hello, the likeliest to work first, with their rank: each is a set of changes to the one that failed.
fn candidates(base: &Base) -> Vec<(u16, Vec<Atom>)> {
    let plain: Vec<Atom> = rows::all().filter(|row| row.plain).flat_map(|row| row.atoms(base)).collect();
    let mut all = vec![(rows::PLAINEST, plain.clone())];
    for row in rows::all() {
        for Try { rank, with, plain: beside, when } in row.tries {
            if !when(base) {
                continue;
            }
            // The version decides how the rest is read, so what goes with a change comes first.
            let with = || with.iter().filter_map(|id| Atom::of(id, base));
            let rest = || plain.iter().filter(|_| *beside).cloned();
            all.extend(row.atoms(base).map(|atom| (*rank, with().chain([atom]).chain(rest()).collect())));
        }
    }
    all.sort_by_key(|(rank, _)| *rank);
    if all.first().is_some_and(|(rank, _)| *rank == rows::ALONE) {
        all.truncate(1);
    }
    let mut out: Vec<(u16, Vec<Atom>)> = Vec::new();
    for (rank, candidate) in all {
        let known = out.iter().any(|(_, other)| *other == candidate);
        if !candidate.is_empty() && !known {
            out.push((rank, candidate));
        }
    }
    out
}

//! The `Report`: what came of a run, ready to be rendered.

pub mod chain;
pub mod client_auth;
pub mod comparison;
pub mod connection;
pub mod diagnosis;
pub mod diff;
mod ech;
pub mod expectations;
pub mod field;
pub mod flow;
pub mod many;
mod messages;
pub mod notes;
pub mod offer;
pub mod policies;
pub mod post_quantum;
pub mod redaction;
pub mod rows;
pub mod schedule;
mod segments;
pub mod sequence;
pub mod status;
pub mod table;
pub mod timeline;
pub mod told;
pub mod verdict;
pub mod watch;

use crate::capture::{Purpose, Question, Role, Session, Stopped};
use crate::finding::experiment::like::{Likeness, Side};
use crate::finding::experiment::{Base, Depth, Done};
use crate::finding::{self, Case, Verdict};
use crate::judged::{Facts, Judge, Judged};
use comparison::Row;

/// Everything that a renderer needs.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub purpose: Purpose,
    pub question: Question,
    /// The connections that are kept whole, in their order: all, but of many alike the first ones and the one that
    /// decides.
    pub connections: Vec<Judged>,
    /// The number of each of them in the run, from 1.
    pub numbers: Vec<usize>,
    /// A row for every connection of the run, where they are compared.
    pub rows: Vec<Row>,
    /// How many connections there were.
    pub count: usize,
    /// Of `--diagnose`: the connection that failed, and what came of the experiments.
    failed: Option<Base>,
    /// Of `--like`: the connection that is compared, then what it is compared with.
    side: Option<Side>,
    likeness: Option<Likeness>,
    experiments: Vec<Done>,
    /// What those in `connections` take.
    kept_bytes: usize,
    /// How many connections are kept whole, once there is no room for more.
    full: Option<usize>,
    /// Place in `connections` of the one whose verdict counts.
    decisive: Option<usize>,
    /// Why the run ended before its time, if a signal did that.
    pub interrupted: Option<u8>,
}

/// So many connections of a repetition are kept whole; of the others a row.
pub const KEPT: usize = 100;

/// Of several connections no more are kept whole when they together take so many bytes. An ordinary
/// handshake has some thousand; this is about peers that send without end.
const KEPT_BYTES: usize = 4 << 20;

impl Report {
    /// A report without connections.
    pub fn new(purpose: Purpose) -> Report {
        Report { purpose, ..Report::default() }
    }

    /// Reads and judges a session. Pure: the same session gives the same report anywhere.
    pub fn of(session: Session) -> Result<Report, String> {
        let judge = Judge::new(session.question)?;
        let mut report = Report::new(session.purpose);
        for capture in session.captures {
            let judged = judge.judge(capture, report.earlier());
            report.push(judged, &judge.question);
        }
        report.question = judge.question;
        Ok(report)
    }

    /// The connection whose session the next one may resume.
    pub fn earlier(&self) -> Option<&Judged> {
        match self.purpose {
            // That of the first address, or the last that was made for its tickets alone. An attempt that another one took
            // the place of leaves none.
            Purpose::EachAddress => {
                let fetched = |judged: &&Judged| judged.capture.role == Role::Survey;
                let mut own = self.connections.iter().filter(|judged| judged.counts());
                self.connections.iter().rfind(fetched).or(own.next())
            }
            _ => self.connections.iter().rfind(|judged| judged.capture.role != Role::Proxy),
        }
    }

    /// Adds the next connection. Gives back one that is not kept whole.
    pub fn push(&mut self, judged: Judged, question: &Question) -> Option<Judged> {
        self.count += 1;
        if judged.capture.role.is_experiment() {
            let signal = judged.capture.stopped.and_then(Stopped::exit_code);
            self.interrupted = self.interrupted.or(signal);
        }
        self.note_experiment(&judged, question);
        // Attempts that another one took the place of, and experiments, are not compared.
        if matches!(self.purpose, Purpose::EachAddress | Purpose::Repeat) && judged.counts() {
            self.rows.push(Row::of(&judged.case(question), &judged.verdict, self.purpose, self.count));
        }
        let decides = judged.counts() && self.outweighs(&judged.verdict);
        if let Some(full) = self.full_with(&judged) {
            if !decides {
                return Some(judged);
            }
            // The one kept for its verdict alone makes room.
            self.connections.truncate(full);
            self.numbers.truncate(full);
        }
        if decides {
            self.decisive = Some(self.connections.len());
        }
        self.kept_bytes += judged.weight();
        self.connections.push(judged);
        self.numbers.push(self.count);
        None
    }

    /// How many are kept whole, if there is no room for this one as well.
    fn full_with(&mut self, judged: &Judged) -> Option<usize> {
        let many = match self.purpose {
            Purpose::Repeat | Purpose::Captured => self.connections.len() >= KEPT,
            Purpose::EachAddress | Purpose::Diagnosis | Purpose::Likeness => false,
            Purpose::Single | Purpose::Resumption => return None,
        };
        let heavy = self.kept_bytes + judged.weight() > KEPT_BYTES;
        if self.full.is_none() && (many || heavy && !self.connections.is_empty()) {
            self.full = Some(self.connections.len());
        }
        self.full
    }

    /// An experiment leaves its outcome, whether or not it is kept.
    fn note_experiment(&mut self, judged: &Judged, question: &Question) {
        if !matches!(self.purpose, Purpose::Diagnosis | Purpose::Likeness) {
            return;
        }
        let case = judged.case(question);
        if self.purpose == Purpose::Likeness {
            match (&self.likeness, &self.side) {
                (None, None) if judged.counts() => self.side = Some(Side::of(&case)),
                (None, Some(ours)) => self.likeness = Likeness::of(ours.clone(), &case),
                (Some(likeness), _) => {
                    let depth = likeness.base().map_or(Depth::FirstFlight, |base| base.depth);
                    self.experiments.extend(Done::of(&case, depth));
                }
                (None, None) => {}
            }
            return;
        }
        if self.failed.is_none() && judged.counts() {
            self.failed = Base::of(&case).ok();
        }
        if let Some(failed) = &self.failed {
            self.experiments.extend(Done::of(&case, failed.depth));
        }
    }

    /// Whether a verdict counts more than those before: of several the worst; of equals the first, but the last if
    /// all is well.
    fn outweighs(&self, verdict: &Verdict) -> bool {
        let Some(so_far) = self.decisive() else { return true };
        let worst = finding::verdict::worst([so_far.verdict.exit_code, verdict.exit_code].into_iter());
        match so_far.verdict.exit_code == verdict.exit_code {
            true => verdict.exit_code == 0 && self.purpose != Purpose::Repeat,
            false => worst == verdict.exit_code,
        }
    }

    /// The connection whose verdict counts.
    pub fn decisive(&self) -> Option<&Judged> {
        self.connections.get(self.decisive?)
    }

    /// Its place in `connections`.
    pub fn decisive_place(&self) -> Option<usize> {
        self.decisive
    }

    /// The verdict that counts.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.decisive().map(|judged| &judged.verdict)
    }

    /// The flat facts of the connection whose verdict counts.
    pub fn facts(&self) -> Facts {
        self.decisive().map(|judged| Facts::judged(judged, &self.question)).unwrap_or_default()
    }

    /// The exit code of the run.
    pub fn exit_code(&self) -> u8 {
        self.interrupted.or(self.verdict().map(|verdict| verdict.exit_code)).unwrap_or(0)
    }

    /// The connections that a person looks at, each with its number where there are several: not experiments, and where
    /// connections are compared only the one that decides, unless `all` are wanted.
    pub fn shown(&self, all: bool) -> impl Iterator<Item = (usize, Option<usize>, &Judged)> {
        let explains = matches!(self.purpose, Purpose::Diagnosis | Purpose::Likeness);
        let several = self.count > 1 && !explains;
        let compared = !all && comparison::Comparison::of(self).is_some();
        let shown = move |(place, judged): &(usize, &Judged)| {
            let unlike = compared && self.decisive != Some(*place);
            !unlike && (!explains || !judged.capture.role.is_experiment())
        };
        let numbered = move |(place, judged): (usize, _)| {
            (place, self.numbers.get(place).copied().filter(|_| several), judged)
        };
        self.connections.iter().enumerate().filter(shown).map(numbered)
    }

    /// The connections as the rules see them.
    pub fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        self.connections.iter().map(|judged| judged.case(&self.question))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::capture::{Capture, Event, Intent};
    use crate::wire::Direction;

    /// Peers that send without end: of many such connections a row each, and no more whole ones than there is room for.
    #[test]
    fn what_is_kept_of_many_connections_is_bounded_in_bytes() {
        let judge = Judge::new(Question::default()).unwrap();
        let heavy = |role: Role| {
            let mut capture = Capture::new(Intent::default(), SystemTime::UNIX_EPOCH);
            capture.role = role;
            let bytes = [&[23, 3, 3, 0x40, 0][..], &vec![0; 1 << 14]].concat().repeat(64);
            capture.events = vec![Event::Bytes { direction: Direction::Server, at: Duration::ZERO, bytes }];
            judge.judge(capture, None)
        };
        for (purpose, role) in [
            (Purpose::Repeat, Role::Repeated),
            (Purpose::EachAddress, Role::EachAddress),
            (Purpose::Diagnosis, Role::Experiment("again".into())),
        ] {
            let mut report = Report::new(purpose);
            assert!(report.push(heavy(Role::Main), &judge.question).is_none(), "the first is kept");
            let gone =
                (0..30).filter(|_| report.push(heavy(role.clone()), &judge.question).is_some()).count();
            let kept: usize = report.connections.iter().map(Judged::weight).sum();
            assert!(kept <= KEPT_BYTES + (2 << 20), "{purpose:?}: {kept}");
            assert_eq!((report.count, report.connections.len() + gone), (31, 31), "{purpose:?}");
            assert!(report.decisive().is_some());
        }
    }
}

//! The `Report`: what came of a run, ready to be rendered.

pub mod chain;
pub mod client_auth;
pub mod comparison;
pub mod diagnosis;
mod messages;
pub mod notes;
pub mod rows;
pub mod timeline;
pub mod verdict;

use crate::capture::{Purpose, Question, Session};
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
    /// Place in `connections` of the one whose verdict counts.
    decisive: Option<usize>,
    /// Why the run ended before its time, if a signal did that.
    pub interrupted: Option<u8>,
}

/// So many connections of a repetition are kept whole; of the others a row.
pub const KEPT: usize = 100;

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
            let judged = judge.judge(capture, report.connections.last());
            report.push(judged, &judge.question);
        }
        report.question = judge.question;
        Ok(report)
    }

    /// Adds the next connection.
    pub fn push(&mut self, judged: Judged, question: &Question) {
        self.count += 1;
        // Attempts that another one took the place of, and experiments, are not compared.
        if matches!(self.purpose, Purpose::EachAddress | Purpose::Repeat) && judged.counts() {
            self.rows.push(Row::of(&judged.case(question), &judged.verdict, self.purpose, self.count));
        }
        let decides = judged.counts() && self.outweighs(&judged.verdict);
        if self.purpose == Purpose::Repeat && self.connections.len() >= KEPT {
            if !decides {
                return;
            }
            // The one kept for its verdict alone makes room.
            self.connections.truncate(KEPT);
            self.numbers.truncate(KEPT);
        }
        if decides {
            self.decisive = Some(self.connections.len());
        }
        self.connections.push(judged);
        self.numbers.push(self.count);
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
        self.decisive().map(|judged| Facts::of(&judged.case(&self.question))).unwrap_or_default()
    }

    /// The exit code of the run.
    pub fn exit_code(&self) -> u8 {
        self.interrupted.or(self.verdict().map(|verdict| verdict.exit_code)).unwrap_or(0)
    }

    /// The connections as the rules see them.
    pub fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        self.connections.iter().map(|judged| judged.case(&self.question))
    }
}

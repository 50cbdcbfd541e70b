//! Many targets: a row for each, and their groups.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Report, connection, verdict};
use crate::capture::Intent;
use crate::finding::{self, Outcome};

/// What became of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As typed, with the options on its line.
    pub target: String,
    pub outcome: Outcome,
    pub exit_code: u8,
    /// Stable name of the reason; none where all is well.
    pub id: Option<String>,
    /// In a few words.
    pub headline: String,
}

impl Row {
    /// Of a target's own report; `None` if it has no connection whose verdict counts.
    pub fn of(report: &Report) -> Option<Row> {
        let judged = report.decisive()?;
        let (intent, told) = (&judged.capture.intent, &judged.verdict);
        let headlines = verdict::headlines(&judged.case(&report.question), told);
        Some(Row {
            target: target(&intent.input, &intent.options),
            outcome: told.outcome,
            exit_code: told.exit_code,
            id: told.id.as_ref().map(ToString::to_string),
            headline: headlines.into_iter().next_back().unwrap_or_default(),
        })
    }
}

/// A target without a report: nothing could be done for it, or there was a fault of ours. Every format has an entry for it.
#[derive(Debug, Clone)]
pub struct Untraced {
    /// Of a line that can't be read `input` alone: the line.
    pub intent: Intent,
    /// [`Outcome::NotAttempted`] or [`Outcome::Fault`].
    pub outcome: Outcome,
    /// In a sentence.
    pub why: String,
}

impl Untraced {
    /// Nothing could be done for it; whoever knows what was meant fills in the intent.
    pub fn wrong(why: String) -> Untraced {
        Untraced { intent: Intent::default(), outcome: Outcome::NotAttempted, why }
    }

    /// What the exit code of a run with it alone is.
    pub fn exit_code(&self) -> u8 {
        finding::verdict::exit_code(self.outcome)
    }

    /// As the formats that list connections call it. Safe to show.
    pub fn name(&self) -> String {
        connection::of_intent(&self.intent, None)
    }

    pub fn row(&self) -> Row {
        Row {
            target: target(&self.intent.input, &self.intent.options),
            outcome: self.outcome,
            exit_code: self.exit_code(),
            id: None,
            headline: self.why.clone(),
        }
    }
}

/// A target as it stands in a list.
pub fn target(input: &str, options: &[String]) -> String {
    let words = std::iter::once(input).chain(options.iter().map(String::as_str));
    shlex::try_join(words).unwrap_or_else(|_| input.to_owned())
}

/// What became of all of them. It grows with the number of verdict ids alone.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Targets with a result.
    pub done: usize,
    groups: BTreeMap<(u8, Option<String>), Group>,
}

/// Targets with the same verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub outcome: Outcome,
    pub exit_code: u8,
    pub id: Option<String>,
    pub count: usize,
    /// That of the first.
    pub headline: String,
    /// The others have the same one.
    pub alike: bool,
    /// The first ones of them.
    pub targets: Vec<String>,
}

/// So many targets of a group are named.
const NAMED: usize = 3;

impl Tally {
    /// One more.
    pub fn add(&mut self, row: &Row) {
        self.done += 1;
        let key = (row.exit_code, row.id.clone());
        let group = self.groups.entry(key).or_insert_with(|| Group {
            outcome: row.outcome,
            exit_code: row.exit_code,
            id: row.id.clone(),
            count: 0,
            headline: row.headline.clone(),
            alike: true,
            targets: Vec::new(),
        });
        group.count += 1;
        group.alike &= group.headline == row.headline;
        if group.targets.len() < NAMED {
            group.targets.push(row.target.clone());
        }
    }

    /// The worst first, then the largest.
    pub fn groups(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.groups.values().collect();
        groups.sort_by_key(|group| (finding::verdict::rank(group.exit_code), usize::MAX - group.count));
        groups
    }

    /// Targets with nothing wrong.
    pub fn good(&self) -> usize {
        self.groups.values().filter(|group| group.exit_code == 0).map(|group| group.count).sum()
    }

    /// The worst of all exit codes.
    pub fn exit_code(&self) -> u8 {
        finding::verdict::worst(self.groups.values().map(|group| group.exit_code))
    }
}

/// How a run over many targets ended.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub tally: Tally,
    /// Targets that had a result before the run.
    pub skipped: usize,
    /// Lines of the list that can't be read.
    pub wrong: usize,
    /// Why not all targets have a result, if they don't.
    pub stopped: Option<&'static str>,
    /// How many have none, if that is known.
    pub left: Option<usize>,
    pub took: Duration,
    pub exit_code: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(target: &str, exit_code: u8, id: Option<&str>, headline: &str) -> Row {
        let outcome = if exit_code == 0 { Outcome::Ok } else { Outcome::Untrusted };
        Row {
            target: target.into(),
            outcome,
            exit_code,
            id: id.map(str::to_owned),
            headline: headline.into(),
        }
    }

    #[test]
    fn groups_come_the_worst_first_and_name_few_targets() {
        let mut tally = Tally::default();
        for n in 0..1000 {
            tally.add(&row(&format!("good{n}"), 0, None, "TLS 1.3"));
        }
        tally.add(&row("a", 3, Some("tcp.refused"), "connection refused"));
        for n in 0..5 {
            tally.add(&row(
                &format!("old{n}"),
                1,
                Some("certificate.expired"),
                &format!("expired {n} days ago"),
            ));
        }
        tally.add(&row("b", 1, Some("certificate.self_signed"), "self-signed certificate"));
        let groups: Vec<_> = tally
            .groups()
            .iter()
            .map(|group| (group.exit_code, group.count, group.alike, group.targets.len()))
            .collect();
        assert_eq!(groups, [(1, 5, false, 3), (1, 1, true, 1), (3, 1, true, 1), (0, 1000, true, 3)]);
        assert_eq!((tally.done, tally.good(), tally.exit_code()), (1007, 1000, 1));
    }

    #[test]
    fn a_target_is_shown_as_a_list_has_it() {
        let options = ["--sni".to_owned(), "a b".to_owned()];
        assert_eq!(target("host:1", &options), "host:1 --sni 'a b'");
    }
}

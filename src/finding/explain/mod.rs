//! Everything that can be explained, gathered from the rows that define it.

mod checks;
mod concepts;
mod errors;
mod registries;
mod search;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::across::ACROSS;
use super::remarks::REMARKS;
use super::{RULES, RULES_OFFLINE, certificate, expectation, experiment, limits, weak};
use crate::certificate::rules as certificate_rules;
use crate::expect::fields;
use crate::policy::{Asks, BUILT_IN, Policy, Rule, Weight};
use crate::wire::codepoints::ALERTS;
use crate::wire::{extension, handshake};

pub use search::{Answer, answer, distance, is_finding};

/// One thing that can be explained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// e.g. `alert.unknown_ca`
    pub id: String,
    /// Heading that it stands under in a list.
    pub group: &'static str,
    pub title: String,
    pub about: Cow<'static, str>,
    /// A drawing in lines of at most 58 columns; may be empty.
    pub figure: &'static str,
    /// e.g. `RFC 8446, section 4.1.2`; of another program's message: who says it.
    pub reference: String,
    /// Its number, and how many bytes such a number has.
    pub code: Option<(u16, u8)>,
    /// A list, an entry a line; may be empty.
    pub items: Vec<String>,
    /// Where to read on: ids.
    pub see: Vec<&'static str>,
    /// What else it is called.
    also: Vec<&'static str>,
}

/// The group of the ideas and steps.
const GROUP_CONCEPTS: &str = "steps and concepts";
/// The group of the rows that end a run.
const GROUP_VERDICTS: &str = "verdicts";
/// The group of what a report lists as checked, whether it holds or not.
const GROUP_CHECKS: &str = "checks";
/// The group of what other programs print.
pub const GROUP_FOREIGN: &str = "messages of other programs";

/// All topics, group by group.
pub fn topics() -> &'static [Topic] {
    static ALL: LazyLock<Vec<Topic>> = LazyLock::new(|| gathered(policies()));
    &ALL
}

/// All but the policies, whose files would have to be read: what reports ask for, again and again.
fn of_reports() -> &'static [Topic] {
    static OWN: LazyLock<Vec<Topic>> = LazyLock::new(|| gathered(std::iter::empty()));
    &OWN
}

fn gathered(policies: impl Iterator<Item = Topic>) -> Vec<Topic> {
    let mut topics: Vec<Topic> = concepts::CONCEPTS
        .iter()
        .map(|concept| Topic {
            id: concept.id.to_owned(),
            group: GROUP_CONCEPTS,
            title: concept.title.to_owned(),
            about: Cow::Borrowed(concept.about),
            figure: concept.figure,
            items: Vec::new(),
            reference: concept.reference.to_owned(),
            code: None,
            see: concept.see.to_vec(),
            also: concept.also.to_vec(),
        })
        .collect();
    topics.extend(handshake::all().iter().map(|message| Topic {
        id: format!("message.{}", message.name),
        group: "handshake messages",
        title: message.name.to_owned(),
        about: Cow::Borrowed(message.about),
        reference: message.reference.to_owned(),
        code: Some((message.code.into(), 1)),
        also: vec![message.iana],
        ..Topic::default()
    }));
    topics.extend(extension::all().iter().map(|extension| Topic {
        id: format!("extension.{}", extension.name),
        group: "extensions",
        title: extension.name.to_owned(),
        about: Cow::Borrowed(extension.about),
        reference: extension.reference.to_owned(),
        code: Some((extension.code, 2)),
        ..Topic::default()
    }));
    topics.extend((ALERTS.all)().iter().map(|alert| Topic {
        id: format!("alert.{}", alert.name),
        group: "alerts",
        title: alert.name.to_owned(),
        about: Cow::Borrowed(alert.about),
        reference: alert.reference.to_owned(),
        code: Some((alert.code, 1)),
        ..Topic::default()
    }));
    let verdicts = RULES.iter().chain(RULES_OFFLINE);
    topics.extend(verdicts.filter(|rule| !rule.id.starts_with("alert.")).map(|rule| Topic {
        id: rule.id.trim_end_matches('.').to_owned(),
        group: GROUP_VERDICTS,
        title: capital(rule.title),
        about: Cow::Borrowed(rule.about),
        ..Topic::default()
    }));
    topics.extend(ACROSS.iter().map(|row| Topic {
        id: row.id.to_owned(),
        group: GROUP_VERDICTS,
        title: capital(row.title),
        about: Cow::Borrowed(row.about),
        ..Topic::default()
    }));
    topics.extend(REMARKS.iter().map(|remark| Topic {
        id: remark.id.to_owned(),
        group: GROUP_VERDICTS,
        title: capital(remark.title),
        about: Cow::Borrowed(remark.about),
        ..Topic::default()
    }));
    let others = expectation::ROWS.iter().chain(certificate::ROWS).chain([&limits::LIMIT]);
    topics.extend(others.map(|row| Topic {
        id: row.id.to_owned(),
        group: GROUP_VERDICTS,
        title: capital(row.title),
        about: Cow::Borrowed(row.about),
        ..Topic::default()
    }));
    topics.extend(policies);
    topics.extend(experiment::topics().map(|(id, title, about)| Topic {
        group: match id.starts_with("experiment") {
            true => "what --diagnose tries",
            false => "what --diagnose finds",
        },
        id,
        title: capital(&title),
        about: Cow::Borrowed(about),
        ..Topic::default()
    }));
    topics.extend(weak::WEAKNESSES.iter().map(|row| Topic {
        id: row.id.to_owned(),
        group: "weaknesses",
        title: capital(row.title),
        about: Cow::Borrowed(row.about),
        reference: row.reference.to_owned(),
        ..Topic::default()
    }));
    topics.extend(certificate_rules::RULES.iter().map(|rule| Topic {
        id: rule.id.to_owned(),
        group: "certificate rules",
        title: rule.title.to_owned(),
        about: Cow::Borrowed(rule.about),
        reference: rule.reference.to_owned(),
        ..Topic::default()
    }));
    topics.extend(checks::CHECKS.iter().map(|row| Topic {
        id: row.id.to_owned(),
        group: GROUP_CHECKS,
        title: row.title.to_owned(),
        about: Cow::Borrowed(row.about),
        reference: row.reference.to_owned(),
        ..Topic::default()
    }));
    topics.extend(errors::FOREIGN.iter().map(|row| Topic {
        id: row.id(),
        group: GROUP_FOREIGN,
        title: row.says[0].to_owned(),
        about: Cow::Borrowed(row.about),
        reference: row.who.to_owned(),
        see: row.see.to_vec(),
        ..Topic::default()
    }));
    let mut seen = HashSet::new();
    topics.retain(|topic| seen.insert(topic.id.clone()));
    topics
}

/// A built-in policy with its rules.
fn policies() -> impl Iterator<Item = Topic> {
    let read = |(name, text): &(&str, &str)| Policy::read(name, text, fields::FIELDS).ok();
    BUILT_IN.iter().filter_map(read).map(|policy| {
        let rules: Vec<String> = policy.rules.iter().map(rule).collect();
        Topic {
            id: format!("policy.{}", policy.name),
            group: "policies",
            about: Cow::Owned(format!(
                "--policy {} asks every connection for what follows; a file may extend it (docs/policies.md).",
                policy.name
            )),
            items: rules,
            title: policy.title,
            reference: policy.reference,
            ..Topic::default()
        }
    })
}

/// A rule in a line: what it asks for, where it is from, and what a violation is.
fn rule(rule: &Rule) -> String {
    let mut parts = vec![format!("{}: {}", rule.id, rule.title)];
    if rule.weight != Weight::Error {
        parts.push(rule.weight.name().to_owned());
    }
    if !rule.reference.is_empty() {
        parts.push(rule.reference.clone());
    }
    match &rule.asks {
        Asks::Expression(_, text) => parts.push(text.clone()),
        Asks::Allowed { field, values } => parts.push(format!("{field} is one of {}", values.join(", "))),
        Asks::NotShown(how) => parts.push(format!("not evaluated: {how}")),
    }
    parts.join(" · ")
}

/// A headline as a title.
fn capital(headline: &str) -> String {
    let mut letters = headline.chars();
    letters.next().map(char::to_uppercase).into_iter().flatten().chain(letters).collect()
}

/// The concept with this id; for what the timeline explains in place.
pub fn concept(id: &str) -> Option<&'static str> {
    concepts::CONCEPTS.iter().find(|concept| concept.id == id).map(|concept| concept.about)
}

/// The one topic with this id, or of its family; `id` is one that a report has.
pub fn topic(id: &str) -> Option<&'static Topic> {
    static BY_ID: LazyLock<HashMap<&str, &Topic>> =
        LazyLock::new(|| of_reports().iter().map(|topic| (topic.id.as_str(), topic)).collect());
    BY_ID.get(id).copied().or_else(|| search::family(of_reports(), id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_words() {
        for topic in topics() {
            assert!(topic.about.len() > 20, "{} has no words", topic.id);
            for line in topic.figure.lines() {
                assert!(line.chars().count() <= 58, "{}: {line}", topic.id);
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<_> = topics().iter().map(|topic| &topic.id).collect();
        let before = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), before);
    }

    #[test]
    fn whatever_is_pointed_at_is_there() {
        for topic in topics() {
            assert!(!topic.title.is_empty() && !topic.about.is_empty(), "{}", topic.id);
            for id in &topic.see {
                let Answer::Found(found) = answer(id) else { panic!("{} points at {id}", topic.id) };
                assert_eq!(found.len(), 1, "{} points at {id}", topic.id);
            }
        }
    }

    /// Each word that a row claims is answered by that row, and by it alone.
    #[test]
    fn no_two_rows_answer_one_word() {
        let mut wrong = Vec::new();
        let mut ask = |question: &str, ids: &[&str]| {
            let found = match answer(question) {
                Answer::Found(found) => found.into_iter().map(|topic| topic.id).collect(),
                Answer::Near(_) => Vec::new(),
            };
            if found.len() != 1 || !ids.contains(&found[0].as_str()) {
                wrong.push(format!("{question}: {found:?}, not {ids:?}"));
            }
        };
        let topics = topics();
        for concept in concepts::CONCEPTS {
            for word in concept.also {
                // A word with a row of its own is not hidden by an idea.
                let kind = |topic: &Topic| topic.id.split_once('.').map_or("", |(kind, _)| kind).to_owned();
                let own = |topic: &&Topic| {
                    let name = topic.id.split_once('.').map_or("", |(_, rest)| rest);
                    ["message", "extension", "alert"].contains(&kind(topic).as_str())
                        && search::squeeze(name) == search::squeeze(word)
                };
                assert_eq!(topics.iter().find(own).map(|topic| &topic.id), None, "{word}");
            }
            for word in concept.also.iter().chain([&concept.title, &concept.id]) {
                ask(word, &[concept.id]);
            }
        }
        for row in errors::FOREIGN {
            let id = row.id();
            for says in row.says {
                ask(&format!("fatal: {says} [12]"), &[&id]);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

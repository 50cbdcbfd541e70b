//! Everything that can be explained, gathered from the rows that define it.

mod concepts;

use std::borrow::Cow;

use super::remarks::REMARKS;
use super::{RULES, weak};
use crate::certificate::rules as certificate_rules;
use crate::wire::codepoints::{ALERTS, Entry, REGISTRIES, Recommended, Registry};
use crate::wire::{extension, handshake};

/// One thing that can be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// e.g. `alert.unknown_ca`
    pub id: String,
    /// Heading that it stands under in a list.
    pub group: &'static str,
    pub title: String,
    pub about: Cow<'static, str>,
    /// e.g. `RFC 8446, section 4.1.2`
    pub reference: String,
    /// Its number, and how many bytes such a number has.
    pub code: Option<(u16, u8)>,
    /// What else it is called.
    also: Vec<&'static str>,
}

/// The group of the rows that end a run.
const VERDICTS: &str = "verdicts";

/// All topics, group by group.
pub fn topics() -> Vec<Topic> {
    let mut topics: Vec<Topic> = concepts::CONCEPTS
        .iter()
        .map(|concept| Topic {
            id: concept.id.to_owned(),
            group: "steps and ideas",
            title: concept.title.to_owned(),
            about: Cow::Borrowed(concept.about),
            reference: concept.reference.to_owned(),
            code: None,
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
    }));
    topics.extend(extension::all().iter().map(|extension| Topic {
        id: format!("extension.{}", extension.name),
        group: "extensions",
        title: extension.name.to_owned(),
        about: Cow::Borrowed(extension.about),
        reference: extension.reference.to_owned(),
        code: Some((extension.code, 2)),
        also: Vec::new(),
    }));
    topics.extend((ALERTS.all)().iter().map(|alert| Topic {
        id: format!("alert.{}", alert.name),
        group: "alerts",
        title: alert.name.to_owned(),
        about: Cow::Borrowed(alert.about),
        reference: alert.reference.to_owned(),
        code: Some((alert.code, 1)),
        also: Vec::new(),
    }));
    topics.extend(RULES.iter().filter(|rule| !rule.id.starts_with("alert.")).map(|rule| Topic {
        id: rule.id.trim_end_matches('.').to_owned(),
        group: VERDICTS,
        title: rule.id.trim_end_matches('.').to_owned(),
        about: Cow::Borrowed(rule.about),
        reference: String::new(),
        code: None,
        also: Vec::new(),
    }));
    topics.extend(REMARKS.iter().map(|remark| Topic {
        id: remark.id.to_owned(),
        group: VERDICTS,
        title: remark.id.to_owned(),
        about: Cow::Borrowed(remark.about),
        reference: String::new(),
        code: None,
        also: Vec::new(),
    }));
    topics.extend(weak::WEAKNESSES.iter().map(|row| Topic {
        id: row.id.to_owned(),
        group: "weaknesses",
        title: row.id.to_owned(),
        about: Cow::Borrowed(row.about),
        reference: row.reference.to_owned(),
        code: None,
        also: Vec::new(),
    }));
    topics.extend(certificate_rules::RULES.iter().map(|rule| Topic {
        id: rule.id.to_owned(),
        group: "certificate rules",
        title: rule.title.to_owned(),
        about: Cow::Borrowed(rule.about),
        reference: rule.reference.to_owned(),
        code: None,
        also: Vec::new(),
    }));
    topics.dedup_by(|a, b| a.id == b.id);
    topics
}

/// The concept with this id; for what the timeline explains in place.
pub fn concept(id: &str) -> Option<&'static str> {
    concepts::CONCEPTS.iter().find(|concept| concept.id == id).map(|concept| concept.about)
}

/// What a question found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// One or several things that are called so.
    Found(Vec<Topic>),
    /// Nothing; the nearest ids.
    Near(Vec<String>),
}

/// Understands what people have in front of them: an id, a name in any spelling, a number.
pub fn answer(question: &str) -> Answer {
    let topics = topics();
    if let Some(topic) = topics.iter().find(|topic| topic.id.eq_ignore_ascii_case(question.trim())) {
        return Answer::Found(vec![topic.clone()]);
    }
    // `client_cert.required` is one of the verdicts that the row of `client_cert.` is about.
    let family = |topic: &&Topic| {
        let prefix = format!("{}.", topic.id);
        topic.group == VERDICTS
            && question.trim().starts_with(&prefix)
            && !topics.iter().any(|other| other.id.starts_with(&prefix))
    };
    if let Some(topic) = topics.iter().find(family) {
        return Answer::Found(vec![topic.clone()]);
    }
    let mut found = match number(question) {
        Some((code, width)) => by_number(&topics, code, width),
        None => by_name(&topics, question),
    };
    if found.is_empty() && number(question).is_none() {
        found = in_registries(|entry| squeeze(entry.name) == squeeze(question));
        found.extend(by_openssl_name(question));
    }
    if !found.is_empty() {
        found.truncate(12);
        return Answer::Found(found);
    }
    let wanted = squeeze(question);
    let mut near: Vec<(usize, String)> = topics
        .iter()
        .map(|topic| {
            let title = distance(&wanted, &squeeze(&topic.title));
            let id = distance(&wanted, &squeeze(topic.id.split_once('.').map_or("", |(_, rest)| rest)));
            (title.min(id), topic.id.clone())
        })
        .collect();
    near.sort();
    Answer::Near(near.into_iter().take(4).map(|(_, id)| id).collect())
}

fn by_name(topics: &[Topic], question: &str) -> Vec<Topic> {
    let wanted = squeeze(question);
    let called = |topic: &&Topic| {
        squeeze(&topic.title) == wanted
            || topic.id.split_once('.').is_some_and(|(_, rest)| squeeze(rest) == wanted)
            || topic.also.iter().any(|name| squeeze(name) == wanted)
    };
    topics.iter().filter(called).cloned().collect()
}

/// A number in decimal is looked for everywhere; in hexadecimal with four digits only where numbers have two bytes.
fn by_number(topics: &[Topic], code: u16, width: Option<u8>) -> Vec<Topic> {
    let fits = |topic: &&Topic| {
        topic.code.is_some_and(|(own, own_width)| own == code && width.is_none_or(|width| width == own_width))
    };
    let mut found: Vec<Topic> = topics.iter().filter(fits).cloned().collect();
    for registry in other_registries() {
        if width.is_none_or(|width| width == registry.width)
            && let Some(entry) = (registry.find)(code)
        {
            found.push(of_entry(registry, &entry));
        }
    }
    found
}

fn in_registries(wanted: impl Fn(&Entry) -> bool) -> Vec<Topic> {
    let of = |registry: &'static Registry| {
        let entries = (registry.all)().into_iter().filter(&wanted).collect::<Vec<_>>();
        entries.into_iter().map(move |entry| of_entry(registry, &entry))
    };
    other_registries().flat_map(of).collect()
}

fn by_openssl_name(question: &str) -> Option<Topic> {
    use crate::wire::codepoints::{CIPHER_SUITES, cipher_suite};
    let suite = cipher_suite::by_name(question.trim())?;
    (CIPHER_SUITES.find)(suite.code).map(|entry| of_entry(&CIPHER_SUITES, &entry))
}

/// Those whose rows are no topics of their own.
fn other_registries() -> impl Iterator<Item = &'static Registry> {
    let own = ["TLS Alerts", "TLS HandshakeType", "TLS ExtensionType Values"];
    REGISTRIES.iter().copied().filter(move |registry| !own.contains(&registry.name))
}

fn of_entry(registry: &'static Registry, entry: &Entry) -> Topic {
    let about = if entry.about.is_empty() {
        Cow::Owned(describe(registry, entry))
    } else {
        Cow::Borrowed(entry.about)
    };
    Topic {
        id: format!("{} {}", registry.name, entry.name),
        group: registry.name,
        title: entry.name.to_owned(),
        about,
        reference: entry.reference.to_owned(),
        code: Some((entry.code, registry.width)),
        also: Vec::new(),
    }
}

/// A code point without words of its own: what its columns say.
fn describe(registry: &Registry, entry: &Entry) -> String {
    use crate::wire::codepoints::cipher_suite;
    let recommended = match entry.recommended {
        Recommended::Yes => " The IETF recommends it.",
        Recommended::No => " The IETF does not recommend it for general use.",
        Recommended::Discouraged => " The IETF discourages its use.",
        Recommended::Unstated => "",
    };
    let suite = cipher_suite::find(entry.code).filter(|suite| suite.name == entry.name);
    match suite {
        Some(suite) => {
            let openssl = suite.openssl.map(|name| format!(" OpenSSL calls it {name}.")).unwrap_or_default();
            format!("{}{openssl}{recommended}", suite.describe())
        }
        None => format!("A code point of the registry \"{}\".{recommended}", registry.name),
    }
}

/// `116`, `0x1301`, `{0x13,0x01}`, and how many bytes the writing suggests.
fn number(text: &str) -> Option<(u16, Option<u8>)> {
    let bare: String = text.trim().trim_matches(['{', '}', '(', ')']).to_ascii_lowercase();
    if let Some((high, low)) = bare.split_once([',', ' ']) {
        let byte = |part: &str| u8::from_str_radix(part.trim().strip_prefix("0x")?, 16).ok();
        return Some((u16::from_be_bytes([byte(high)?, byte(low)?]), Some(2)));
    }
    match bare.strip_prefix("0x") {
        Some(hex) => Some((u16::from_str_radix(hex, 16).ok()?, (hex.len() > 2).then_some(2))),
        None => Some((bare.parse().ok()?, None)),
    }
}

/// Letters and digits only, in lower case: "Client Hello" and client_hello are the same.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters must be changed, added or removed.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(question: &str) -> String {
        match answer(question) {
            Answer::Found(topics) => topics[0].id.clone(),
            Answer::Near(near) => format!("near {}", near[0]),
        }
    }

    #[test]
    fn what_people_have_in_front_of_them() {
        assert_eq!(first("Client Hello"), "message.ClientHello");
        assert_eq!(first("client_hello"), "message.ClientHello");
        assert_eq!(first("unknown_ca"), "alert.unknown_ca");
        assert_eq!(first("116"), "alert.certificate_required");
        assert!(first("0x1301").ends_with("TLS_AES_128_GCM_SHA256"));
        assert!(first("{0x13,0x01}").ends_with("TLS_AES_128_GCM_SHA256"));
        assert!(first("ECDHE-RSA-AES128-GCM-SHA256").ends_with("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
        assert_eq!(first("server_name"), "extension.server_name");
        assert_eq!(first("master secret"), "concept.premaster_secret");
        assert_eq!(first("unknwon_ca"), "near alert.unknown_ca");
        assert_eq!(first("cert.expired"), "cert.expired");
    }

    #[test]
    fn every_topic_has_words() {
        for topic in topics() {
            assert!(topic.about.len() > 20, "{} has no words", topic.id);
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<_> = topics().into_iter().map(|topic| topic.id).collect();
        let before = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), before);
    }
}

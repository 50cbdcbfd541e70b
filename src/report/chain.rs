//! The certificate chain: a row a certificate, and what was found about them.

use time::OffsetDateTime;
use time::macros::format_description;

use super::rows::{Line, Mark, Tone};
use crate::capture::KeyFit;
use crate::certificate::{Client, Element, Judgement, Role, Weight};
use crate::finding::Case;
use crate::finding::certificate::{second_opinion, whose_key};
use crate::trace::State;
use crate::wire::text::escape;

/// The block of certificates of one connection.
#[derive(Debug, Clone)]
pub struct Chain<'a> {
    pub title: String,
    /// The stores that were relied on: name, and how many anchors it has.
    pub trust: Vec<(String, usize)>,
    pub certificates: Vec<Certificate<'a>>,
    /// `name`, `dates`, `signatures`, …: what decides.
    pub parts: Vec<Part<'a>>,
    /// Ids of the rules that decide and fail.
    pub failing: Vec<&'static str>,
    /// What else is worth telling, in order.
    pub remarks: Vec<Line>,
}

/// One certificate.
#[derive(Debug, Clone)]
pub struct Certificate<'a> {
    /// The worst that is said of it.
    pub mark: Mark,
    /// Counted from 1: those that were sent come first, in the order of sending.
    pub number: usize,
    pub element: &'a Element,
}

/// One part of the judgement.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub name: &'static str,
    pub state: &'a State,
}

impl<'a> Chain<'a> {
    /// Of a connection whose certificates were judged.
    pub fn of(case: &Case<'a>) -> Option<Chain<'a>> {
        let judgement = case.judgement?;
        let intent = &case.capture.intent;
        let title = match (case.offline(), case.inherited()) {
            (true, _) => format!("certificates in {}", escape(&intent.input)),
            (false, true) => format!("certificates of the {}", case.original_name()),
            (false, false) => "certificates".to_owned(),
        };
        let stores = case.capture.stores(case.question);
        let read = stores.iter().filter(|store| !store.unread);
        let certificates = judgement.elements.iter().enumerate().map(|(place, element)| Certificate {
            mark: mark(judgement, place, element),
            number: place + 1,
            element,
        });
        let part = |name, state| Part { name, state };
        Some(Chain {
            title,
            trust: read.map(|store| (store.name.clone(), store.size)).collect(),
            certificates: certificates.collect(),
            parts: vec![
                part("name", &judgement.name),
                part("dates", &judgement.dates),
                part("signatures", &judgement.signatures),
                part("usage", &judgement.usage),
                part("path to an anchor", &judgement.chain),
            ],
            failing: judgement
                .rules
                .iter()
                .filter(|rule| rule.weight == Weight::Fatal && rule.state.fails())
                .map(|rule| rule.id)
                .collect(),
            remarks: remarks(case, judgement),
        })
    }
}

/// A place in the tree of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// How many issuers of it are above.
    pub depth: usize,
    /// Place in the judgement's elements; none: the issuer that is missing.
    pub place: Option<usize>,
}

/// So many certificates of a chain are drawn.
const DRAWN: usize = 50;

/// The chain as a tree, issuers above what they issued: the path first, then what is not in it. At most fifty
/// certificates; how many more there are.
pub fn tree(judgement: &Judgement) -> (Vec<Node>, usize) {
    let elements = &judgement.elements;
    let path = match &judgement.path {
        Some(path) => path.clone(),
        // Without a path to an anchor, as far as issuers are there.
        None => upwards(judgement),
    };
    let missing = judgement.missing.as_ref().filter(|missing| path.last() == Some(&missing.of));
    let mut nodes: Vec<Node> = missing.iter().map(|_| Node { depth: 0, place: None }).collect();
    for place in path.iter().rev() {
        nodes.push(Node { depth: nodes.len(), place: Some(*place) });
    }
    let others = (0..elements.len()).filter(|place| !path.contains(place));
    nodes.extend(
        others.take(DRAWN.saturating_sub(nodes.len())).map(|place| Node { depth: 0, place: Some(place) }),
    );
    nodes.truncate(DRAWN);
    let drawn = nodes.iter().filter(|node| node.place.is_some()).count();
    (nodes, elements.len().saturating_sub(drawn))
}

/// From the leaf to the last issuer that is there, by name.
fn upwards(judgement: &Judgement) -> Vec<usize> {
    let elements = &judgement.elements;
    let mut path: Vec<usize> = (!elements.is_empty()).then_some(0).into_iter().collect();
    while let Some(last) = path.last().and_then(|place| elements.get(*place)).filter(|_| path.len() < DRAWN) {
        let issues = |place: &usize| Some(&elements[*place].subject_dn) == last.issuer_dn.as_ref();
        let Some(next) = (0..elements.len()).filter(|place| !path.contains(place)).find(issues) else {
            break;
        };
        path.push(next);
    }
    path
}

impl Certificate<'_> {
    /// Everything about it that has a name, beside its row: what a person reads of it.
    pub fn details(&self) -> Vec<(&'static str, String)> {
        let element = self.element;
        let mut rows = vec![("subject", element.subject_dn.clone())];
        let mut push = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
        push("issuer", element.issuer_dn.clone());
        push("names", (!element.sans.is_empty()).then(|| element.sans.join(", ")));
        push("serial", element.serial.clone());
        let valid = element.not_before.zip(element.not_after);
        push("valid", valid.map(|(from, to)| format!("{} – {}", moment(from), moment(to))));
        push("signature", element.signature.clone());
        push("usage", element.key_usage.clone());
        push("for", element.extended_key_usage.as_ref().map(|usages| usages.join(", ")));
        push("SHA-256", element.sha256.clone());
        push("pin", element.spki_pin.as_ref().map(|pin| format!("sha256//{pin}")));
        rows
    }

    /// `leaf` or `root`; nothing for one between them.
    pub fn role(&self) -> &'static str {
        match self.element.role {
            Role::Leaf => "leaf",
            Role::Root => "root",
            Role::Intermediate => "",
        }
    }
}

/// The worst that is said of this certificate.
fn mark(judgement: &Judgement, place: usize, element: &Element) -> Mark {
    if element.unreadable.is_some() {
        return Mark::Fails;
    }
    let mut states = judgement
        .rules
        .iter()
        .filter(|rule| rule.certificate == Some(place) && rule.weight == Weight::Fatal)
        .map(|rule| Mark::from(&rule.state));
    if states.clone().any(|mark| mark == Mark::Fails) {
        Mark::Fails
    } else if !element.in_path || states.any(|mark| mark == Mark::NotEvaluated) {
        Mark::NotEvaluated
    } else {
        Mark::Holds
    }
}

fn remarks(case: &Case<'_>, judgement: &Judgement) -> Vec<Line> {
    let mut lines = Vec::new();
    if case.inherited() {
        let words = match case.original.and_then(|original| original.stream.as_ref()) {
            Some(stream) => {
                format!("a resumed handshake has no certificate: this one was sent in stream {stream}")
            }
            None => "a resumed handshake has no certificate: this is the original handshake's".into(),
        };
        lines.push(Line::text(words).in_tone(Tone::Quiet));
    }
    asked_for(case, judgement, &mut lines);
    // What a rustls client decides is shown where it differs from the list above.
    if let Some(words) = second_opinion(judgement) {
        lines.push(Line::text(words).in_tone(Tone::Warning));
        for difference in &judgement.differences {
            let text = format!("{}: {}", difference.id, difference.reason);
            lines.push(Line::text(text).in_tone(Tone::Quiet));
        }
    }
    stores(judgement, &mut lines);
    clients(judgement, &mut lines);
    revocation(judgement, &mut lines);
    timestamps(judgement, &mut lines);
    lines
}

/// Days, pins and the key that was given, where they were asked for, and what was fetched.
fn asked_for(case: &Case<'_>, judgement: &Judgement, lines: &mut Vec<Line>) {
    let (question, intent) = (case.question, &case.capture.intent);
    let or = |state: &State, good: &str| state.reason().unwrap_or(good).to_owned();
    if question.min_days.is_some() {
        let words = format!("days left: {}", or(&judgement.days, "enough"));
        lines.push(plain(&judgement.days, words));
    }
    if !question.pins.is_empty() {
        let pin = judgement.rules.iter().find(|rule| rule.id == "cert.pin_mismatch");
        let state = pin.map_or(State::Holds, |rule| rule.state.clone());
        lines.push(plain(&state, format!("pinned key: {}", or(&state, "found in the chain"))));
        if state.fails() {
            // What a user would pin instead, once it is known that the new key is right.
            let actual = judgement.elements.iter().filter_map(|element| {
                let pin = element.spki_pin.as_ref()?;
                Some(Line::text(format!("sha256//{pin} {}", escape(&element.subject))))
            });
            lines.extend(actual);
        }
    }
    if let Some(key) = &intent.key {
        lines.push(match key {
            KeyFit::First => plain(Mark::Holds, "the key belongs to the first certificate"),
            KeyFit::Behind(_) | KeyFit::None(_) => plain(Mark::Fails, whose_key(key)),
            KeyFit::NotCompared(_) => plain(Mark::NotEvaluated, whose_key(key)),
        });
    }
    for fetched in &case.capture.evidence {
        let url = escape(&fetched.url);
        lines.push(match &fetched.error {
            None => plain(Mark::Holds, format!("fetched {url}, {} B", fetched.bytes.len())),
            Some(why) => plain(Mark::Fails, format!("not fetched: {url}: {}", escape(why))),
        });
    }
}

/// Behind its mark, but in no tone of its own.
fn plain(mark: impl Into<Mark>, text: impl Into<String>) -> Line {
    Line::marked(mark, text).in_tone(Tone::Plain)
}

/// What each store says by itself.
fn stores(judgement: &Judgement, lines: &mut Vec<Line>) {
    let read: Vec<_> = judgement.stores.iter().filter(|store| store.size > 0).collect();
    if read.len() > 1 {
        let trusted = |holds: bool| if holds { "trusted" } else { "not trusted" };
        let words: Vec<_> = read
            .iter()
            .map(|store| format!("{} by {}", trusted(store.trusted.holds()), store.name))
            .collect();
        lines.push(Line::text(words.join("; ")));
    }
}

/// Clients that come to another verdict than ours; rustls has its own line.
fn clients(judgement: &Judgement, lines: &mut Vec<Line>) {
    let trusted = judgement.trusted.holds();
    let differs = |client: &&Client| {
        client.name != "rustls" && client.accepts.is_some_and(|accepts| accepts != trusted)
    };
    let differing: Vec<_> = judgement.clients.iter().filter(differs).collect();
    if !differing.is_empty() {
        let names: Vec<_> = differing.iter().map(|client| client.name).collect();
        let does = if trusted { "refuse" } else { "accept" };
        let mut because: Vec<_> = differing.iter().flat_map(|client| client.because.clone()).collect();
        because.dedup();
        let because = if because.is_empty() { String::new() } else { format!(" ({})", because.join(", ")) };
        let words = format!("{} would {does} it{because}", names.join(" and "));
        lines.push(Line::text(words).in_tone(Tone::Warning));
    }
}

/// What OCSP and CRLs say.
fn revocation(judgement: &Judgement, lines: &mut Vec<Line>) {
    if judgement.revocation.is_empty() {
        let rule = judgement.rules.iter().find(|rule| rule.id == "cert.revoked");
        let why = rule.and_then(|rule| rule.state.reason()).unwrap_or("nothing stapled");
        let line = plain(Mark::NotEvaluated, format!("revocation: {why}"));
        lines.push(line.explained("concept.revocation"));
    }
    for revocation in &judgement.revocation {
        let subject = judgement.elements.get(revocation.of).map_or("?", |element| element.subject.as_str());
        let by =
            revocation.responder.as_ref().map(|responder| format!(" by {responder}")).unwrap_or_default();
        let until = revocation.next_update.map(|at| format!(", good until {}", date(at))).unwrap_or_default();
        // A source that may not be believed says nothing: that is no cross.
        let state = &revocation.good;
        let source = revocation.source.name();
        let words = match state.reason() {
            None => format!("revocation: {subject} is not revoked ({source}{by}{until})"),
            Some(why) => format!("revocation: {subject}: {why} ({source}{by})"),
        };
        lines.push(plain(state, words).explained("concept.revocation"));
    }
}

/// Signed certificate timestamps.
fn timestamps(judgement: &Judgement, lines: &mut Vec<Line>) {
    for sct in &judgement.scts {
        let log = sct.log.clone().unwrap_or_else(|| sct.log_id.chars().take(16).collect());
        let at = date(i64::try_from(sct.timestamp_ms / 1000).unwrap_or(i64::MAX));
        let why = sct.verified.reason().map(|why| format!(": {why}")).unwrap_or_default();
        let words = format!("timestamp of log {log}, {at}, from the {}{why}", sct.from.name());
        lines.push(plain(&sct.verified, words).explained("concept.ct"));
    }
}

/// `2026-12-31`, of seconds since 1970.
pub fn date(at: i64) -> String {
    let format = format_description!("[year]-[month]-[day]");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| "?".into())
}

fn moment(at: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| "?".into())
}

//! What differs between two handshakes: what was offered, chosen and presented, without what every handshake has anew.

mod certificate;
mod fresh;
mod list;
mod messages;
mod tree;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::connection::{self, Times};
use super::verdict;
use crate::capture::{Origin, Question, Stopped};
use crate::expect::Values;
use crate::finding::{self, Outcome, Severity};
use crate::judged::{Judged, facts};
use crate::trace::Kind;
use crate::wire::codepoints::version::TLS_1_3;
use crate::wire::handshake::types;
use crate::wire::text::escape;
use crate::wire::{Direction, extension};

pub use list::Names;
pub use messages::Pair;
pub use tree::{Difference, Differences, Here};

/// One of the two handshakes.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    /// As typed.
    pub input: String,
    pub judged: &'a Judged,
    pub question: &'a Question,
    /// It was made now, not read from a file.
    pub live: bool,
}

/// What is known of a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// In words; escaped.
    Is(String),
    /// There is none.
    Absent,
    /// What this side shows does not tell.
    Unknown,
}

impl Seen {
    /// `is`, `absent` or `not_known`, as in JSON.
    pub fn state(&self) -> &'static str {
        match self {
            Seen::Is(_) => "is",
            Seen::Absent => "absent",
            Seen::Unknown => "not_known",
        }
    }

    fn list(known: Option<&[String]>) -> Seen {
        match known {
            None => Seen::Unknown,
            Some([]) => Seen::Absent,
            Some(all) => Seen::Is(list::ordered(all.iter().map(|one| escape(one)))),
        }
    }
}

/// One thing that is not the same on both sides, or not known to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub sides: [Seen; 2],
    /// Of a list: what only one of them has.
    pub list: Option<Names>,
}

impl Entry {
    /// Whether it is known to differ.
    pub fn differs(&self) -> bool {
        !self.sides.contains(&Seen::Unknown)
    }
}

/// Differences of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    pub entries: Vec<Entry>,
    /// How many more there are.
    pub more: usize,
    /// Why nothing is told of it, if so.
    pub not_compared: Option<&'static str>,
}

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    Same,
    Different,
    /// Nothing differs, but one side does not show all that the other does.
    Unevaluated,
    /// A side has no handshake to compare, or the handshake of one failed.
    Failed,
}

impl Likeness {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Likeness::Same => "same",
            Likeness::Different => "different",
            Likeness::Unevaluated => "unevaluated",
            Likeness::Failed => "failed",
        }
    }
}

/// Two handshakes side by side.
#[derive(Debug, Clone)]
pub struct Diff {
    pub about: [About; 2],
    /// All of them, also those in which nothing differs.
    pub groups: Vec<Group>,
    /// They never count.
    pub timing: Vec<(&'static str, [Option<Duration>; 2])>,
    /// Message by message, those that are not equal.
    pub messages: Vec<Pair>,
    pub more_messages: usize,
    /// What differs as it does in any two handshakes, and in how many fields.
    pub fresh: BTreeMap<&'static str, usize>,
    pub result: Likeness,
    pub exit_code: u8,
}

/// What a side is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub input: String,
    /// `live`, `saved`, `capture`, `bytes`
    pub kind: &'static str,
    /// `example.com:443`
    pub target: String,
    pub address: Option<String>,
    pub began: SystemTime,
    pub outcome: &'static str,
    pub exit_code: u8,
    pub id: Option<String>,
    pub summary: String,
    /// Of a saved trace: the command that recorded it, without the program's name.
    pub command: Vec<String>,
}

/// Names of groups, and what they are about.
const GROUPS: [(&str, &str); 6] = [
    ("verdict", "the verdict, whether the server is authenticated, findings"),
    ("offer", "the ClientHello"),
    ("choice", "what was negotiated"),
    ("certificate", "the chain"),
    ("extensions", "the server's extensions"),
    ("messages", "other messages and fields"),
];

/// What was negotiated, by the names of facts.
const CHOICE: &[&str] = &[
    "tls",
    "cipher",
    "group",
    "dh_size",
    "sigalg",
    "alpn",
    "resumed",
    "retry",
    "ech",
    "early_data",
    "compression",
    "client_certificate_requested",
];

/// Fields and extensions of the server that say what a fact says: told once, as that fact.
const CHOSEN: &[(&str, &str)] = &[
    ("cipher_suite", "cipher"),
    ("server_version", "tls"),
    ("legacy_version", "tls"),
    ("legacy_compression_method", "compression"),
    ("namedcurve", "group"),
    ("algorithm", "sigalg"),
    (extension::supported_versions::EXTENSION.name, "tls"),
    (extension::key_share::EXTENSION.name, "group"),
    (extension::pre_shared_key::EXTENSION.name, "resumed"),
    (extension::application_layer_protocol_negotiation::EXTENSION.name, "alpn"),
    (extension::early_data::EXTENSION.name, "early_data"),
];

/// A group has no more entries.
const MOST: usize = 1_000;

impl Group {
    fn add(&mut self, entry: Entry) {
        if self.entries.len() < MOST { self.entries.push(entry) } else { self.more += 1 }
    }

    /// Whether something in it is known to differ.
    pub fn differs(&self) -> bool {
        self.entries.iter().any(Entry::differs)
    }
}

impl Diff {
    /// Of two connections. `stopped`: a signal, or time, ended what made them.
    pub fn of(sides: &[Side<'_>; 2], stopped: Option<Stopped>) -> Diff {
        let (messages, more_messages) = messages::pairs([&sides[0].judged.trace, &sides[1].judged.trace]);
        let mut groups: Vec<Group> = GROUPS
            .iter()
            .map(|(name, about)| Group { name, about, entries: Vec::new(), more: 0, not_compared: None })
            .collect();
        let [verdict, offer, choice, certificates, extensions, others] = groups.as_mut_slice() else {
            return Diff::empty(sides);
        };
        verdict.entries = verdicts(sides);
        choice.entries = facts_of(sides, CHOICE);
        // Without a ServerHello nothing was chosen: that is one thing, not ten.
        if choice.entries.iter().any(|entry| entry.name == "tls" && !entry.differs()) {
            choice.entries.retain(|entry| entry.name == "tls");
        }
        certificates.entries = certificate::entries(sides);
        let mut fresh: BTreeMap<&'static str, usize> = BTreeMap::new();
        for pair in &messages {
            for what in pair.differences.fields.iter().filter_map(|field| field.fresh) {
                *fresh.entry(what).or_default() += 1;
            }
            let hello = pair.handshake_type() == Some(types::CLIENT_HELLO);
            let group = if hello { &mut *offer } else { &mut *others };
            match pair.index {
                [Some(_), Some(_)] if pair.differs() => fields(pair, hello, choice, group, extensions),
                [Some(_), Some(_)] => {}
                _ => presence(pair, group),
            }
        }
        if across_tls13(sides) {
            for group in [extensions, others] {
                group.entries.clear();
                group.not_compared = Some("the versions differ, and with them the messages");
            }
        }
        if let Some(entry) = certificate::of_client(sides) {
            offer.add(entry);
        }
        let mut diff = Diff { groups, messages, more_messages, fresh, ..Diff::empty(sides) };
        (diff.result, diff.exit_code) = diff.result(sides, stopped);
        diff
    }

    fn empty(sides: &[Side<'_>; 2]) -> Diff {
        Diff {
            about: [About::of(&sides[0]), About::of(&sides[1])],
            groups: Vec::new(),
            timing: timing(sides),
            messages: Vec::new(),
            more_messages: 0,
            fresh: BTreeMap::new(),
            result: Likeness::Same,
            exit_code: 0,
        }
    }

    fn result(&self, sides: &[Side<'_>; 2], stopped: Option<Stopped>) -> (Likeness, u8) {
        if let Some(code) = stopped.and_then(Stopped::exit_code) {
            return (Likeness::Failed, code);
        }
        let failed = |(side, other): (&Side<'_>, &Side<'_>)| {
            let (verdict, other) = (&side.judged.verdict, &other.judged.verdict);
            let nothing = side.judged.trace.messages.is_empty();
            // Two handshakes that fail alike can be compared.
            let alike = verdict.exit_code == 4 && other.exit_code == 4 && verdict.id == other.id;
            (nothing || !matches!(verdict.exit_code, 0 | 1 | 7) && !alike).then_some(verdict.exit_code)
        };
        let codes = [failed((&sides[0], &sides[1])), failed((&sides[1], &sides[0]))];
        // That nothing was sent can be what was expected, with exit code 0.
        let worst = codes.iter().flatten().copied();
        if codes.iter().any(Option::is_some) {
            let code = finding::verdict::worst(worst);
            return (Likeness::Failed, if code == 0 { UNEVALUATED } else { code });
        }
        let mut entries = self.groups.iter().flat_map(|group| &group.entries).peekable();
        match (entries.peek().is_some(), entries.any(Entry::differs)) {
            (_, true) => (Likeness::Different, 1),
            (true, false) => (Likeness::Unevaluated, UNEVALUATED),
            (false, false) => (Likeness::Same, 0),
        }
    }

    /// How many things are known to differ.
    pub fn count(&self) -> usize {
        self.groups.iter().flat_map(|group| &group.entries).filter(|entry| entry.differs()).count()
    }
}

/// Complete, and nothing bad found, but a check could not be made.
const UNEVALUATED: u8 = 7;

impl About {
    fn of(side: &Side<'_>) -> About {
        let case = side.judged.case(side.question);
        let (capture, told) = (&side.judged.capture, &side.judged.verdict);
        let headlines = verdict::headlines(&case, told);
        About {
            input: escape(&side.input),
            kind: match capture.intent.origin {
                _ if side.live => "live",
                Origin::Live | Origin::Files => "saved",
                Origin::Packets | Origin::Datagrams => "capture",
                Origin::Bytes => "bytes",
            },
            target: connection::target_of(&case),
            address: connection::address(&case).map(|address| address.ip().to_string()),
            began: capture.began,
            outcome: told.outcome.name(),
            exit_code: told.exit_code,
            id: told.id.as_ref().map(ToString::to_string),
            summary: match headlines.into_iter().next_back().unwrap_or_default() {
                summary if told.outcome == Outcome::Interrupted => format!("interrupted {summary}"),
                summary => summary,
            },
            command: match side.live || !capture.intent.origin.is_live() {
                true => Vec::new(),
                false => side.question.arguments.iter().flat_map(|one| one.words.clone()).collect(),
            },
        }
    }
}

fn verdicts(sides: &[Side<'_>; 2]) -> Vec<Entry> {
    let mut out = Vec::new();
    let of = |side: &Side<'_>| (side.judged.verdict.outcome, side.judged.verdict.id.clone());
    if of(&sides[0]) != of(&sides[1]) {
        let seen = |side: &Side<'_>| {
            let about = About::of(side);
            let id = about.id.map(|id| format!("{id}: ")).unwrap_or_default();
            Seen::Is(format!("{}, {id}{}", about.outcome, about.summary))
        };
        out.push(Entry { name: "verdict".into(), sides: [seen(&sides[0]), seen(&sides[1])], list: None });
    }
    out.extend(facts_of(sides, &["verified", "trust_store", "revocation"]));
    let findings = |side: &Side<'_>| -> Vec<String> {
        let weighs = side.judged.findings.iter().filter(|finding| finding.severity >= Severity::Warning);
        let mut ids: Vec<String> = weighs.map(|finding| escape(&finding.id)).collect();
        ids.sort();
        ids.dedup();
        ids
    };
    out.extend(listed("findings", [findings(&sides[0]), findings(&sides[1])]));
    out
}

/// Facts that are not there because something else was chosen, or was not offered.
const NOT_APPLICABLE: [&str; 3] = ["compression", "dh_size", "ech"];

/// TLS 1.3 has no compression (RFC 8446, section 4.1.2), so no fact tells of it.
fn without_compression(values: &mut Values) {
    if values.of("tls").is_some_and(|tls| tls == ["1.3"]) && values.of("compression").is_none() {
        values.set("compression", ["no"]);
    }
}

/// Facts that are not the same on both sides.
fn facts_of(sides: &[Side<'_>; 2], names: &[&str]) -> Vec<Entry> {
    let values = [&sides[0], &sides[1]].map(|side| {
        let mut values = facts::values(side.judged, side.question);
        without_compression(&mut values);
        for name in NOT_APPLICABLE {
            if values.of("tls").is_some() && values.of(name).is_none() {
                values.set::<&str>(name, []);
            }
        }
        values
    });
    let mut out = Vec::new();
    for name in names {
        let known = [values[0].of(name), values[1].of(name)];
        if known[0] != known[1] {
            let list = match known {
                [Some(a), Some(b)] if a.len() > 1 || b.len() > 1 => Some(Names::of(a, b)),
                _ => None,
            };
            out.push(Entry { name: (*name).to_owned(), sides: known.map(Seen::list), list });
        }
    }
    out
}

/// Lists that are known on both sides.
fn listed(name: &str, sides: [Vec<String>; 2]) -> Option<Entry> {
    let list = Names::of(&sides[0], &sides[1]);
    let seen = |side: &Vec<String>| Seen::list(Some(side));
    let sides = [seen(&sides[0]), seen(&sides[1])];
    (!list.is_empty()).then(|| Entry { name: name.to_owned(), sides, list: Some(list) })
}

/// One is TLS 1.3, whose messages are others; false if that is not known.
fn across_tls13(sides: &[Side<'_>; 2]) -> bool {
    let version = |side: &Side<'_>| side.judged.trace.current().and_then(|handshake| handshake.facts.version);
    match (version(&sides[0]), version(&sides[1])) {
        (Some(a), Some(b)) => (a.0 >= TLS_1_3) != (b.0 >= TLS_1_3),
        _ => false,
    }
}

/// A message that only one side has.
fn presence(pair: &Pair, group: &mut Group) {
    // That it was not seen changes nothing, or a fact says it.
    let told = matches!(pair.handshake_type(), Some(types::FINISHED | types::CERTIFICATE_REQUEST));
    if !pair.counts || told {
        return;
    }
    let seen = |index: Option<usize>| match index {
        Some(_) => Seen::Is("sent".to_owned()),
        None if pair.unseen => Seen::Unknown,
        None => Seen::Absent,
    };
    group.add(Entry { name: title(pair), sides: pair.index.map(seen), list: None });
}

/// Fields of messages that both sides have.
fn fields(pair: &Pair, hello: bool, choice: &Group, group: &mut Group, extensions: &mut Group) {
    let certificate = pair.handshake_type() == Some(types::CERTIFICATE);
    for field in pair.differences.fields.iter().filter(|field| field.fresh.is_none()) {
        let within = field.path.iter().position(|step| step == "extensions");
        // The chain is told by itself.
        if certificate && (within.is_none() || field.path.iter().any(|step| step == "cert_data")) {
            continue;
        }
        let path = within.and_then(|at| field.path.get(at + 1..)).filter(|path| !path.is_empty());
        let path = path.unwrap_or(&field.path);
        let said = if within.is_some() { path.first() } else { path.last() };
        let chosen = CHOSEN.iter().find(|(name, _)| said.is_some_and(|said| said == name));
        if !hello && chosen.is_some_and(|(_, fact)| choice.entries.iter().any(|entry| entry.name == *fact)) {
            continue;
        }
        let path = path.join(".");
        let name = match (hello, pair.derived, pair.number) {
            (true, false, 1) => path,
            (true, true, _) => format!("inner {path}"),
            _ => format!("{} {path}", title(pair)),
        };
        let sides = field.sides.clone().map(|here| here.map_or(Seen::Absent, |here| Seen::Is(here.text)));
        let group = if within.is_some() && !hello { &mut *extensions } else { &mut *group };
        // What the second message of a name has as the first one had it is told once.
        let last = |name: &str| name.rsplit(' ').next().map(str::to_owned);
        let again = |known: &Entry| known.sides == sides && last(&known.name) == last(&name);
        if pair.number == 1 || !group.entries.iter().any(again) {
            group.add(Entry { name, sides, list: field.list.clone() });
        }
    }
    if pair.differences.more > 0 && !certificate {
        let sides = [(); 2].map(|()| Seen::Is(format!("{} more fields", pair.differences.more)));
        group.add(Entry { name: title(pair), sides, list: None });
    }
}

/// What a pair is called: `NewSessionTicket #2`; of what both sides send with the sender.
fn title(pair: &Pair) -> String {
    let both = matches!(
        pair.kind,
        Kind::Handshake(types::CERTIFICATE | types::CERTIFICATE_VERIFY | types::FINISHED | types::KEY_UPDATE)
            | Kind::Alert { .. }
            | Kind::ChangeCipherSpec
    );
    let sender = if both && pair.direction == Direction::Client { "client " } else { "" };
    let number = if pair.number > 1 { format!(" #{}", pair.number) } else { String::new() };
    format!("{sender}{}{number}", escape(&pair.name))
}

fn timing(sides: &[Side<'_>; 2]) -> Vec<(&'static str, [Option<Duration>; 2])> {
    let times = [&sides[0], &sides[1]].map(|side| Times::of(&side.judged.case(side.question)));
    let of = |time: fn(&Times) -> Option<Duration>| [time(&times[0]), time(&times[1])];
    vec![
        ("dns", of(|times| times.dns)),
        ("tcp", of(|times| times.tcp)),
        ("preamble", of(|times| times.preamble)),
        ("handshake", of(|times| times.handshake)),
        ("total", of(|times| Some(times.total))),
    ]
}

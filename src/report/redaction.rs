//! `--redact`: names, addresses, distinguished names and what identifies a certificate, each replaced by the same word
//! wherever it stands in what a run writes.
//!
//! What is to be replaced is gathered from a connection: what was asked for, where it went, who is named in certificates, and
//! what looks like a name or an address in what a peer wrote. It is replaced in the text that goes out, so that no
//! sentence can be overlooked.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Report;
use crate::capture::{Capture, Dns, Event, Https, Intent, Question, StepKind, Tcp, What};
use crate::certificate::{Element, host};
use crate::finding::Case;
use crate::finding::summary::authorities;
use crate::wire::Direction;
use crate::wire::asn1::Bounds;
use crate::wire::asn1::certificate::Certificate;
use crate::wire::asn1::name::Name;
use crate::wire::text;

/// What a word is, and so what takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    /// `host-1.invalid`
    Host,
    /// Of the ranges that documentation uses (RFC 5737, RFC 3849).
    Address,
    /// `mail-1@host.invalid`
    Mail,
    /// A path or another name: `redacted-1`.
    Text,
    /// A number of as many hexadecimal digits.
    Hex,
    /// A digest of 32 bytes in base64.
    Digest,
}

/// The words of a run, and what takes their place.
#[derive(Debug, Clone, Default)]
pub struct Redaction(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// The number of each word among those of its kind.
    numbers: HashMap<Kind, HashMap<String, u64>>,
    /// What takes the place of each spelling.
    by: BTreeMap<String, String>,
}

/// Replaces what one report must not say.
#[derive(Debug)]
pub struct Replacing {
    /// `None`: there are more than it could hold.
    words: Option<AhoCorasick>,
    by: Vec<String>,
}

impl Redaction {
    /// For a report.
    pub fn of(&self, report: &Report) -> Replacing {
        let mut words = Words::default();
        words.question(&report.question);
        for judged in &report.connections {
            words.case(&judged.case(&report.question));
        }
        self.replacing(words)
    }

    /// For a connection alone.
    pub fn of_case(&self, case: &Case<'_>) -> Replacing {
        let mut words = Words::default();
        words.question(case.question);
        words.case(case);
        self.replacing(words)
    }

    /// For a target that there is no report of.
    pub fn of_intent(&self, intent: &Intent) -> Replacing {
        let mut words = Words::default();
        words.intent(intent);
        self.replacing(words)
    }

    fn replacing(&self, words: Words) -> Replacing {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut by = Vec::with_capacity(words.spelled.len());
        for (kind, word) in &words.order {
            let of_kind = known.numbers.entry(*kind).or_default();
            let next = of_kind.len() as u64 + 1;
            of_kind.entry(word.to_lowercase()).or_insert(next);
        }
        for (spelled, (kind, word)) in &words.spelled {
            let numbers = known.numbers.get(kind);
            let number =
                numbers.and_then(|numbers| numbers.get(&word.to_lowercase())).copied().unwrap_or_default();
            by.push(instead(*kind, number, word));
            known.by.extend(by.last().map(|by| (spelled.clone(), by.clone())));
        }
        Replacing::new(words.spelled.keys(), by)
    }

    /// For what is written at the end: all words until now.
    pub fn of_all(&self) -> Replacing {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Replacing::new(known.by.keys(), known.by.values().cloned().collect())
    }
}

impl Replacing {
    fn new<'a>(spelled: impl Iterator<Item = &'a String>, by: Vec<String>) -> Replacing {
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
        Replacing { words: builder.build(spelled).ok(), by }
    }

    /// The text without what it must not say.
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // It has no room for so many words: nothing is better than a name.
        let Some(words) = &self.words else { return Cow::Borrowed("") };
        let mut out = String::new();
        let mut from = 0;
        for found in words.find_iter(text) {
            let (start, end) = (found.start(), found.end());
            let by = self.by.get(found.pattern().as_usize());
            let (Some(by), Some(before), Some(behind)) = (by, text.get(..start), text.get(end..)) else {
                continue;
            };
            if !stands_alone(before, behind, text.get(start..end).unwrap_or_default()) {
                continue;
            }
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(by);
            from = end;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(out)
    }
}

/// Whether a word is no part of a longer one, and no key of a JSON object: a host may be called `server`.
fn stands_alone(before: &str, behind: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let begins = word.starts_with(part) && before.ends_with(part);
    let goes_on = word.ends_with(part) && behind.starts_with(part);
    // The n of an escaped line end is no letter, and neither is the hyphen of `250-mail.example.com`.
    let code = before.strip_suffix('-').is_some_and(|before| {
        let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
        digits == 3 && !before.get(..before.len() - 3).unwrap_or_default().ends_with(part)
    });
    let begins = begins && !code && !before.ends_with("\\n");
    let key = before.ends_with('"') && behind.starts_with("\":");
    !(begins || goes_on || key)
}

/// What takes the place of the word of this number.
fn instead(kind: Kind, number: u64, word: &str) -> String {
    let small = u8::try_from(number).ok();
    match kind {
        Kind::Host => format!("host-{number}.invalid"),
        Kind::Mail => format!("mail-{number}@host.invalid"),
        Kind::Text => format!("redacted-{number}"),
        Kind::Hex => format!("{number:0>width$x}", width = word.len()),
        Kind::Digest => {
            let mut digest = [0; 32];
            digest[24..].copy_from_slice(&number.to_be_bytes());
            STANDARD.encode(digest)
        }
        Kind::Address if word.contains(':') => {
            let low = u128::from(number);
            Ipv6Addr::from(0x2001_0db8_u128 << 96 | low).to_string()
        }
        Kind::Address => match small {
            Some(last) => Ipv4Addr::new(192, 0, 2, last).to_string(),
            // More than the range has.
            None => format!("address-{number}.invalid"),
        },
    }
}

/// What is to be replaced, each spelling with what it is and the word that it spells.
#[derive(Debug, Default)]
struct Words {
    spelled: BTreeMap<String, (Kind, String)>,
    /// In the order in which they were found, so that the target is the first.
    order: Vec<(Kind, String)>,
}

/// The other end's bytes before TLS of which names are taken.
const PLAIN: usize = 16 << 10;

impl Words {
    fn add(&mut self, kind: Kind, word: &str) {
        let word = word.trim();
        for spelled in spellings(word) {
            self.put(&spelled, kind, word);
        }
    }

    /// A spelling of `word`.
    fn put(&mut self, spelled: &str, kind: Kind, word: &str) {
        /// Shorter ones say nothing, and are parts of everything.
        const LEAST: usize = 2;
        if spelled.len() < LEAST || spelled == "invalid" {
            return;
        }
        if let Entry::Vacant(entry) = self.spelled.entry(spelled.to_lowercase()) {
            entry.insert((kind, word.to_owned()));
            self.order.push((kind, word.to_owned()));
        }
    }

    /// A host's name in each of its forms, or an address.
    fn host(&mut self, name: &str) {
        let name = name.trim_start_matches("*.").trim_end_matches('.');
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return self.address(address, bare);
        }
        self.add(Kind::Host, name);
        for form in [host::unicode(name), idna::domain_to_ascii(name).ok()].into_iter().flatten() {
            for spelled in spellings(&form) {
                self.put(&spelled, Kind::Host, name);
            }
        }
    }

    fn address(&mut self, address: IpAddr, typed: &str) {
        let canonical = address.to_string();
        self.add(Kind::Address, &canonical);
        self.put(typed, Kind::Address, &canonical);
    }

    fn ip(&mut self, address: IpAddr) {
        self.address(address, &address.to_string());
    }

    /// All in a text that looks like a name with a dot, an address or an e-mail address.
    fn within(&mut self, text: &str) {
        let of_word = |c: char| c.is_alphanumeric() || ".-_:@[]".contains(c);
        for token in text.split(|c| !of_word(c)) {
            let token = token.trim_matches(['.', ':', '-', '@']);
            // `250-mail.example.com`: a line of several.
            let token = match token.split_once('-') {
                Some((code, rest)) if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) => {
                    rest
                }
                _ => token,
            };
            if let Ok(socket) = token.parse::<SocketAddr>() {
                self.ip(socket.ip());
            } else if let Ok(address) = token.trim_matches(['[', ']']).parse::<IpAddr>() {
                self.address(address, token.trim_matches(['[', ']']));
            } else {
                // `host:port` and `user@host`
                if let Some((user, domain)) = token.split_once('@')
                    && !user.is_empty()
                    && looks_like_a_host(domain)
                {
                    self.add(Kind::Mail, token);
                }
                for part in token.split([':', '@']) {
                    if looks_like_a_host(part) || part.parse::<Ipv4Addr>().is_ok() {
                        self.host(part);
                    }
                }
            }
        }
    }

    fn intent(&mut self, intent: &Intent) {
        let named = [Some(&intent.host), intent.sni.as_ref(), intent.verify_name.as_ref()];
        for name in named.into_iter().flatten() {
            self.host(name);
        }
        if let Some((host, _)) = &intent.connect {
            self.host(host);
        }
        let texts = [Some(&intent.input), intent.proxy.as_ref()].into_iter().flatten();
        for text in texts.chain(&intent.options) {
            self.argument(text);
        }
        // What is left of the target is a path, or its own word.
        let host = intent.host.trim_matches(['[', ']']);
        if !intent.input.contains(host) && !intent.input.starts_with("demo") {
            self.add(Kind::Text, &intent.input);
        }
    }

    /// A word of the command line: names and addresses in it, and paths.
    fn argument(&mut self, word: &str) {
        self.within(word);
        let value =
            word.split_once('=').filter(|(flag, _)| flag.starts_with('-')).map_or(word, |(_, value)| value);
        if (value.starts_with('/')
            || value.starts_with('.')
            || value.starts_with('~')
            || value.contains('\\'))
            || (value.contains('/') && !value.contains("://"))
        {
            self.add(Kind::Text, value);
        }
    }

    fn question(&mut self, question: &Question) {
        /// Flags whose value is a name without a dot too.
        const NAMES: &[&str] = &["--sni", "--verify-name", "--connect", "--proxy", "--noproxy"];
        for argument in &question.arguments {
            for word in argument.words.iter().chain(&argument.value) {
                self.argument(word);
            }
            let named = argument.flag.as_deref().is_some_and(|flag| NAMES.contains(&flag));
            if let Some(value) = argument.value.as_deref().filter(|_| named) {
                let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
                self.host(host.rsplit(['/', '@']).next().unwrap_or(host));
            }
        }
        for expression in question.expect.iter().chain(&question.warn) {
            self.within(expression);
            self.expected(expression);
        }
        for store in &question.stores {
            self.argument(&store.name);
        }
        for pin in &question.pins {
            self.add(Kind::Digest, pin);
        }
    }

    /// What an expression wants names to be.
    fn expected(&mut self, expression: &str) {
        /// Fields whose values are names.
        const NAMES: &[&str] = &["host", "sni", "san", "name", "subject", "issuer"];
        for field in NAMES {
            for (at, _) in expression.match_indices(field) {
                let value = expression.get(at + field.len()..).unwrap_or_default();
                let value = value.trim_start_matches(['=', '!', '~', '<', '>', ' ']);
                let value = match value.strip_prefix(['"', '\'']) {
                    Some(quoted) => quoted.split(['"', '\'']).next(),
                    None => value.split([' ', ')']).next(),
                };
                self.add(Kind::Text, value.unwrap_or_default().trim_start_matches("*."));
            }
        }
    }

    fn case(&mut self, case: &Case<'_>) {
        let capture = case.capture;
        self.intent(&capture.intent);
        self.steps(capture);
        self.plain(capture);
        for element in case.judgement.iter().flat_map(|judgement| &judgement.elements) {
            self.element(element);
        }
        for name in authorities(case.trace()) {
            self.distinguished_name(&name);
        }
        let trace = case.trace();
        for handshake in 0..trace.handshakes.len() {
            for sender in [Direction::Client, Direction::Server] {
                for der in trace.chain(handshake, sender) {
                    self.certificate(der);
                }
            }
        }
        let fetched = capture.evidence.iter();
        for fetched in fetched {
            self.within(&fetched.url);
            if fetched.what == What::Issuer {
                self.certificate(&fetched.bytes);
            }
        }
        for der in &capture.given {
            self.certificate(der);
        }
        for anchor in capture.candidates.iter().flat_map(|store| &store.anchors) {
            self.distinguished_name(&Name::new(&anchor.subject).text());
        }
    }

    fn steps(&mut self, capture: &Capture) {
        for step in &capture.steps {
            match &step.what {
                StepKind::Dns { name, outcome } => {
                    self.host(name);
                    match outcome {
                        Dns::Addresses(addresses) => addresses.iter().for_each(|address| self.ip(*address)),
                        Dns::Failed { text, .. } => self.within(text),
                        Dns::Timeout => {}
                    }
                }
                StepKind::Https { name, outcome } => {
                    self.host(name);
                    if let Https::Records(records) = outcome {
                        records.iter().for_each(|record| self.host(&record.target));
                    }
                }
                StepKind::Tcp { address, outcome } => {
                    self.ip(address.ip());
                    if let Tcp::Connected { local } = outcome {
                        self.ip(local.ip());
                    }
                }
                StepKind::Unix { path, .. } => self.add(Kind::Text, path),
                StepKind::Quic(quic) => {
                    self.ip(quic.local.ip());
                    self.ip(quic.address.ip());
                }
                StepKind::Said(said) => said.lines.iter().for_each(|line| self.within(line)),
                StepKind::Preamble { .. } => {}
            }
        }
    }

    /// Names in what a server says instead of TLS.
    fn plain(&mut self, capture: &Capture) {
        let mut said = Vec::new();
        for event in &capture.events {
            if let Event::Bytes { direction: Direction::Server, bytes, .. } = event {
                let room = PLAIN.saturating_sub(said.len());
                said.extend_from_slice(bytes.get(..bytes.len().min(room)).unwrap_or_default());
            }
        }
        // A record is no text; the names in certificates have their own place.
        if said.first().is_some_and(|first| first.is_ascii_graphic()) {
            self.within(&String::from_utf8_lossy(&said));
        }
    }

    fn element(&mut self, element: &Element) {
        self.distinguished_name(&element.subject_dn);
        self.distinguished_name(element.issuer_dn.as_deref().unwrap_or_default());
        for san in &element.sans {
            self.alternative(san);
        }
        for (name, unicode) in &element.unicode {
            self.host(name);
            for spelled in spellings(unicode) {
                self.put(&spelled, Kind::Host, name);
            }
        }
        let numbers = [&element.serial, &element.sha256, &element.subject_key_id, &element.authority_key_id];
        for number in numbers.into_iter().flatten() {
            self.hex(number);
        }
        if let Some(pin) = &element.spki_pin {
            self.add(Kind::Digest, pin);
        }
        for url in element.ca_issuers.iter().chain(&element.ocsp_urls).chain(&element.crl_urls) {
            self.within(url);
        }
    }

    /// Of subjectAltName: names and addresses bare, others as `email:…`.
    fn alternative(&mut self, san: &str) {
        match san.split_once(':') {
            Some((_, value)) if san.parse::<IpAddr>().is_err() => {
                self.within(value);
                self.add(Kind::Text, value);
            }
            _ => self.host(san),
        }
    }

    /// Of a certificate that was not judged: another handshake's, the client's.
    fn certificate(&mut self, der: &[u8]) {
        const BOUNDS: Bounds =
            Bounds { names: 1_000, extensions: 100, urls: 16, certificates: 0, answers: 0 };
        let Ok(certificate) = Certificate::read(der, &BOUNDS) else { return };
        self.distinguished_name(&certificate.subject.text());
        self.distinguished_name(&certificate.issuer.text());
        self.hex(&hex::encode(certificate.serial.value));
        for name in certificate.extensions.alt_names.iter().flatten() {
            self.alternative(&name.name.text());
        }
    }

    fn hex(&mut self, number: &str) {
        // A serial number of a few digits is found everywhere.
        if number.len() >= 8 {
            self.add(Kind::Hex, number);
            let pairs =
                number.as_bytes().chunks(2).map(String::from_utf8_lossy).collect::<Vec<_>>().join(":");
            self.put(&pairs, Kind::Hex, number);
        }
    }

    /// The values of a name such as `C=US, O=Example, CN=www.example.com`. A country stays.
    fn distinguished_name(&mut self, name: &str) {
        let mut part = String::new();
        let mut escaped = false;
        let mut parts = Vec::new();
        for c in name.chars() {
            match c {
                ',' | '+' if !escaped => parts.push(std::mem::take(&mut part)),
                c => part.push(c),
            }
            escaped = c == '\\' && !escaped;
        }
        parts.push(part);
        for part in parts {
            let Some((attribute, value)) = part.split_once('=') else { continue };
            if attribute.trim() == "C" {
                continue;
            }
            let value = value.trim();
            let bare = value.replace('\\', "");
            match looks_like_a_host(bare.trim_start_matches("*.")) {
                true => self.host(&bare),
                false => {
                    self.within(&bare);
                    self.add(Kind::Text, &bare);
                    for spelled in spellings(value) {
                        self.put(&spelled, Kind::Text, &bare);
                    }
                }
            }
        }
    }
}

/// Labels with a dot between them, the last of which is no number.
fn looks_like_a_host(text: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    text.split('.').count() > 1
        && text.split('.').all(label)
        && text.rsplit('.').next().is_some_and(|last| last.len() > 1 && last.starts_with(char::is_alphabetic))
}

/// A word as the formats write it: as it is, escaped for a terminal, in JSON, in XML and HTML, in Markdown.
fn spellings(word: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([word.to_owned(), text::escape(word), text::escape_again(word)]);
    if word.chars().all(|c| c.is_alphanumeric() || " .-".contains(c))
        && !word.to_ascii_lowercase().contains("w.")
    {
        return all;
    }
    for spelled in all.clone() {
        let json = serde_json::to_string(&spelled).unwrap_or_default();
        all.extend(json.get(1..json.len().saturating_sub(1)).map(str::to_owned));
        for (quote, apostrophe) in [("&quot;", "&apos;"), ("&quot;", "&#39;"), ("&quot;", "'"), ("\"", "'")] {
            let markup = spelled.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            all.insert(markup.replace('"', quote).replace('\'', apostrophe));
        }
        all.insert(spelled.replace('"', "\"\""));
        let mut before = None;
        let mut entities = String::new();
        for c in spelled.chars() {
            match c {
                '.' if before == Some('w') || before == Some('W') => entities.push_str("&#46;"),
                c if "\\`*[]<>&|~@#!$\"'".contains(c) => entities.push_str(&format!("&#{};", u32::from(c))),
                c => entities.push(c),
            }
            before = Some(c);
        }
        all.insert(entities);
    }
    all.retain(|spelled| !spelled.is_empty());
    all
}

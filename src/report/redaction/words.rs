//! What of a connection is to be replaced.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::spelling::{looks_like_a_host, spellings};
use super::{Kind, spoken};
use crate::capture::{Capture, Dns, Event, Https, Intent, Question, StepKind, Tcp, What};
use crate::certificate::{Element, host};
use crate::finding::Case;
use crate::finding::summary::authorities;
use crate::wire::Direction;
use crate::wire::asn1::Bounds;
use crate::wire::asn1::certificate::Certificate;
use crate::wire::asn1::name::Name;

/// What is to be replaced, each spelling with what it is and the word that it spells.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) spelled: BTreeMap<String, (Kind, String)>,
    /// In the order in which they were found, so that the target is the first.
    pub(super) order: Vec<(Kind, String)>,
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

    pub(super) fn intent(&mut self, intent: &Intent) {
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

    pub(super) fn question(&mut self, question: &Question) {
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

    pub(super) fn case(&mut self, case: &Case<'_>) {
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
        let said = capture.steps.iter().filter_map(|step| match &step.what {
            StepKind::Said(said) => Some(said),
            _ => None,
        });
        for name in spoken::names(said) {
            self.host(&name);
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
            let said = String::from_utf8_lossy(&said);
            self.within(&said);
            if let Some(name) = spoken::greeting(said.lines().next().unwrap_or_default()) {
                self.host(name);
            }
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

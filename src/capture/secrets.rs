//! A session's secrets, and the NSS key log format that carries them.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};

use crate::wire::extension::encrypted_client_hello;
use crate::wire::facts::ClientHello;

/// What a secret is for, as key log files name it (draft-ietf-tls-keylogfile).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Label {
    #[serde(rename = "CLIENT_RANDOM")]
    ClientRandom,
    /// The premaster secret of TLS 1.2 and earlier, as Wireshark names it.
    #[serde(rename = "PMS_CLIENT_RANDOM")]
    Premaster,
    /// The same of an RSA key exchange, as NSS named it at first: not by the client random, but by the first 8 bytes of what
    /// the client encrypted.
    #[serde(rename = "RSA")]
    Rsa,
    /// What RSA encrypted: the premaster secret with its PKCS #1 padding. No key log file has it.
    #[serde(rename = "ENCODED_PREMASTER")]
    EncodedPremaster,
    #[serde(rename = "CLIENT_EARLY_TRAFFIC_SECRET")]
    ClientEarlyTraffic,
    #[serde(rename = "CLIENT_HANDSHAKE_TRAFFIC_SECRET")]
    ClientHandshakeTraffic,
    #[serde(rename = "SERVER_HANDSHAKE_TRAFFIC_SECRET")]
    ServerHandshakeTraffic,
    #[serde(rename = "CLIENT_TRAFFIC_SECRET_0")]
    ClientTraffic,
    #[serde(rename = "SERVER_TRAFFIC_SECRET_0")]
    ServerTraffic,
    #[serde(rename = "EXPORTER_SECRET")]
    Exporter,
    #[serde(rename = "EARLY_EXPORTER_SECRET")]
    EarlyExporter,
    #[serde(rename = "ECH_SECRET")]
    EchSecret,
    #[serde(rename = "ECH_CONFIG")]
    EchConfig,
}

impl Label {
    const ALL: [(Label, &'static str); 13] = [
        (Label::ClientRandom, "CLIENT_RANDOM"),
        (Label::Premaster, "PMS_CLIENT_RANDOM"),
        (Label::Rsa, "RSA"),
        (Label::EncodedPremaster, "ENCODED_PREMASTER"),
        (Label::ClientEarlyTraffic, "CLIENT_EARLY_TRAFFIC_SECRET"),
        (Label::ClientHandshakeTraffic, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
        (Label::ServerHandshakeTraffic, "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        (Label::ClientTraffic, "CLIENT_TRAFFIC_SECRET_0"),
        (Label::ServerTraffic, "SERVER_TRAFFIC_SECRET_0"),
        (Label::Exporter, "EXPORTER_SECRET"),
        (Label::EarlyExporter, "EARLY_EXPORTER_SECRET"),
        (Label::EchSecret, "ECH_SECRET"),
        (Label::EchConfig, "ECH_CONFIG"),
    ];

    /// As a key log file spells it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(label, _)| *label == self).map_or("", |(_, name)| name)
    }

    /// The label spelled `name`.
    pub fn parse(name: &str) -> Option<Label> {
        Self::ALL.iter().find(|(_, spelled)| *spelled == name).map(|(label, _)| *label)
    }

    /// Whether key log files have it: what a later secret is derived from is not needed there.
    fn in_key_log(self) -> bool {
        !matches!(self, Label::Premaster | Label::EncodedPremaster)
    }

    /// One of the two TLS 1.3 handshake secrets: they open the handshake and nothing else.
    pub fn is_handshake(self) -> bool {
        matches!(self, Label::ClientHandshakeTraffic | Label::ServerHandshakeTraffic)
    }
}

/// One secret. Its `Debug` shows label and length only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub label: Label,
    #[serde(with = "hex::serde")]
    /// The session's; of an RSA line what stands in its place.
    pub client_random: Vec<u8>,
    #[serde(with = "hex::serde")]
    pub secret: Vec<u8>,
}

impl Secret {
    /// A line of a key log.
    fn parse(line: &str) -> Option<Secret> {
        let mut words = line.split_ascii_whitespace();
        let label = Label::parse(words.next()?)?;
        let client_random = hex::decode(words.next()?).ok()?;
        let secret = hex::decode(words.next()?).ok()?;
        let fits = label != Label::Rsa || (client_random.len(), secret.len()) == (RSA_NAME, PREMASTER);
        (fits && words.next().is_none()).then_some(Secret { label, client_random, secret })
    }
}

/// Bytes of what the client encrypted that a line `RSA` has.
const RSA_NAME: usize = 8;

/// Bytes of a premaster secret that RSA encrypts (RFC 5246, section 7.4.7.1).
const PREMASTER: usize = 48;

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, {} bytes)", self.label.name(), self.secret.len())
    }
}

/// The secrets of one capture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(pub Vec<Secret>);

impl Secrets {
    /// Only those that open the handshake (`--secrets handshake`).
    pub fn handshake_only(&self) -> Secrets {
        Secrets(self.0.iter().filter(|secret| secret.label.is_handshake()).cloned().collect())
    }

    /// In the NSS key log format, a line each.
    pub fn key_log(&self) -> String {
        let line = |s: &Secret| {
            format!("{} {} {}\n", s.label.name(), hex::encode(&s.client_random), hex::encode(&s.secret))
        };
        self.0.iter().filter(|secret| secret.label.in_key_log()).map(line).collect()
    }
}

/// Secrets of any number of sessions, as in a key log that many connections wrote to: some 110 bytes each. A
/// look-up takes the same time however many there are. Its `Debug` shows numbers only.
#[derive(Clone, Default)]
pub struct KeyLog {
    /// Client random and secret of each entry, one after the other.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// The sessions' first entries, by their random's hash (open addressing): the entry's place and 1, or 0. A power of
    /// two of them, at least twice as many as there are sessions.
    slots: Vec<u32>,
    sessions: usize,
    /// Randoms are a peer's choice, so their hash must not be foreseeable.
    hashing: RandomState,
}

/// Where a secret is.
#[derive(Clone, Copy)]
struct Entry {
    /// In `bytes`: the client random, which is empty where it is not known, and the secret behind it.
    start: usize,
    random: u32,
    secret: u32,
    /// The session's next entry: its place and 1, or 0. Each label is there once.
    next: u32,
    label: Label,
}

impl KeyLog {
    /// Reads a key log in the NSS format. Comments, and lines that are none of a label that we know, are passed over.
    pub fn parse(text: &str) -> KeyLog {
        text.lines().filter_map(Secret::parse).collect()
    }

    /// Reads a key log of any length, a line at a time, up to `most` secrets; how many more there were.
    ///
    /// # Errors
    /// Reading fails.
    pub fn read(mut from: impl BufRead, most: usize) -> io::Result<(KeyLog, u64)> {
        /// No line of a key log is longer.
        const LINE: usize = 1 << 16;
        let (mut log, mut count, mut left_out) = (KeyLog::default(), 0, 0);
        let mut line = Vec::new();
        // What was read last ends a line.
        let mut ended = true;
        loop {
            line.clear();
            if io::Read::take(&mut from, LINE as u64).read_until(b'\n', &mut line)? == 0 {
                return Ok((log, left_out));
            }
            let begins = std::mem::replace(&mut ended, line.ends_with(b"\n"));
            let whole = begins && (ended || line.len() < LINE);
            let text = std::str::from_utf8(&line).ok().filter(|_| whole);
            match text.and_then(Secret::parse) {
                Some(_) if count >= most => left_out += 1,
                Some(secret) => {
                    log.add(secret);
                    count += 1;
                }
                None => {}
            }
        }
    }

    /// Adds a secret, unless there is one of its label and session, or so many that their places have no number.
    pub fn add(&mut self, secret: Secret) {
        let Secret { label, client_random, secret } = secret;
        let (Ok(random_len), Ok(secret_len), Ok(number)) = (
            u32::try_from(client_random.len()),
            u32::try_from(secret.len()),
            u32::try_from(self.entries.len() + 1),
        ) else {
            return;
        };
        let first = self.first(&client_random);
        let mut last = None;
        for place in self.session(first) {
            if self.entries[place].label == label {
                return;
            }
            last = Some(place);
        }
        match last {
            Some(place) => self.entries[place].next = number,
            None => {
                self.sessions += 1;
                self.make_room();
                let slot = self.slot(&client_random);
                self.slots[slot] = number;
            }
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&client_random);
        self.bytes.extend_from_slice(&secret);
        self.entries.push(Entry { start, random: random_len, secret: secret_len, next: 0, label });
    }

    /// Doubles the slots when half of them would be taken.
    fn make_room(&mut self) {
        if self.sessions * 2 <= self.slots.len() {
            return;
        }
        let twice = vec![0; (self.slots.len() * 2).max(8)];
        for number in std::mem::replace(&mut self.slots, twice) {
            if let Some(place) = place(number) {
                let slot = self.slot(self.random(&self.entries[place]));
                self.slots[slot] = number;
            }
        }
    }

    /// The slot of a session, or the free one where it belongs. There must be a free one.
    fn slot(&self, random: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.hashing.hash_one(random) as usize & mask;
        while place(self.slots[slot]).is_some_and(|place| self.random(&self.entries[place]) != random) {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The first entry of the session with this client random.
    fn first(&self, random: &[u8]) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        place(self.slots[self.slot(random)])
    }

    /// The entries of a session from this one on.
    fn session(&self, first: Option<usize>) -> impl Iterator<Item = usize> {
        std::iter::successors(first, |at| place(self.entries[*at].next))
    }

    fn random(&self, entry: &Entry) -> &[u8] {
        &self.bytes[entry.start..entry.start + entry.random as usize]
    }

    fn secret(&self, entry: &Entry) -> &[u8] {
        let start = entry.start + entry.random as usize;
        &self.bytes[start..start + entry.secret as usize]
    }

    fn owned(&self, entry: &Entry) -> Secret {
        Secret {
            label: entry.label,
            client_random: self.random(entry).to_vec(),
            secret: self.secret(entry).to_vec(),
        }
    }

    /// How many sessions it has secrets of.
    pub fn sessions(&self) -> usize {
        self.sessions
    }

    /// The secrets of the session with this client random.
    pub fn of(&self, client_random: &[u8]) -> Vec<Secret> {
        self.session(self.first(client_random)).map(|place| self.owned(&self.entries[place])).collect()
    }

    /// The premaster secret that the client sent `encrypted`.
    pub fn premaster(&self, encrypted: &[u8]) -> Option<Vec<u8>> {
        let session = self.session(self.first(encrypted.get(..RSA_NAME)?));
        let mut entries = session.map(|place| &self.entries[place]);
        entries.find(|entry| entry.label == Label::Rsa).map(|entry| self.secret(entry).to_vec())
    }

    /// All of them, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = Secret> {
        self.entries.iter().map(|entry| self.owned(entry))
    }

    /// The secret with this label of the session that `hello` began. A secret of another session is none of it, with
    /// two exceptions: a session whose random is not known, and, if the hello hides an inner one (ECH), the only
    /// session there is, since its random is the inner hello's. The same if no ClientHello was seen.
    pub fn find(&self, label: Label, hello: Option<&ClientHello>) -> Option<&[u8]> {
        let exact = hello.and_then(|hello| self.first(&hello.random));
        let hidden =
            hello.is_none_or(|hello| hello.extensions.contains(encrypted_client_hello::EXTENSION.code));
        // The first entry of all is the first one of the only session.
        let only = (self.sessions == 1 && hidden).then_some(0);
        [exact, self.first(&[]), only].into_iter().find_map(|first| {
            let place = self.session(first).find(|place| self.entries[*place].label == label)?;
            Some(self.secret(&self.entries[place]))
        })
    }
}

/// The place that a number stands for, which is one more; 0 is none.
fn place(number: u32) -> Option<usize> {
    (number as usize).checked_sub(1)
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLog({} secrets of {} sessions)", self.entries.len(), self.sessions)
    }
}

impl Extend<Secret> for KeyLog {
    fn extend<I: IntoIterator<Item = Secret>>(&mut self, secrets: I) {
        secrets.into_iter().for_each(|secret| self.add(secret));
    }
}

impl FromIterator<Secret> for KeyLog {
    fn from_iter<I: IntoIterator<Item = Secret>>(secrets: I) -> Self {
        let mut log = KeyLog::default();
        secrets.into_iter().for_each(|secret| log.add(secret));
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_label_and_length_only() {
        let secret =
            Secret { label: Label::ServerTraffic, client_random: vec![1; 32], secret: vec![0xab; 48] };
        assert_eq!(format!("{secret:?}"), "Secret(SERVER_TRAFFIC_SECRET_0, 48 bytes)");
        let log: KeyLog = [secret].into_iter().collect();
        assert_eq!(format!("{log:?}"), "KeyLog(1 secrets of 1 sessions)");
    }

    #[test]
    fn a_key_log_is_read_a_line_at_a_time_and_within_limits() {
        let long = format!("CLIENT_RANDOM 00 {}\n", "ab".repeat(40_000));
        let text =
            format!("{long}{}# comment\r\n{}\n{}", line(1, "aa"), line(2, "bb").trim(), line(3, "cc").trim());
        let (log, left_out) = KeyLog::read(text.as_bytes(), 10).unwrap();
        assert_eq!((log.sessions(), left_out), (3, 0), "a line that is too long is none");
        assert_eq!(log.of(&[3; 32])[0].secret, [0xcc]);
        let (log, left_out) = KeyLog::read(text.as_bytes(), 2).unwrap();
        assert_eq!((log.sessions(), left_out), (2, 1));
    }

    fn hello(random: u8, extensions: &[u16]) -> ClientHello {
        let mut hello = ClientHello { random: [random; 32], ..ClientHello::default() };
        extensions.iter().for_each(|code| {
            hello.extensions.insert(*code);
        });
        hello
    }

    fn line(random: u8, secret: &str) -> String {
        format!("CLIENT_RANDOM {} {secret}\n", hex::encode([random; 32]))
    }

    #[test]
    fn a_secret_of_another_session_is_none() {
        let log = KeyLog::parse(&format!(
            "# comment\n{}RSA 00 11\nCLIENT_RANDOM 01 zz\n{}",
            line(1, "aa"),
            line(2, "bb")
        ));
        assert_eq!(log.sessions(), 2);
        let find = |hello: Option<&ClientHello>| log.find(Label::ClientRandom, hello).map(<[u8]>::to_vec);
        assert_eq!(find(Some(&hello(1, &[]))), Some(vec![0xaa]));
        assert_eq!(find(Some(&hello(2, &[]))), Some(vec![0xbb]));
        assert_eq!(find(Some(&hello(3, &[]))), None);
        assert_eq!(find(Some(&hello(3, &[0xfe0d]))), None, "which of the two is the inner one?");
        assert_eq!(find(None), None);
    }

    #[test]
    fn a_line_of_an_rsa_key_exchange_is_found_by_what_was_encrypted() {
        let (name, premaster) = ("0123456789abcdef", "03".repeat(48));
        let encrypted = hex::decode(format!("{name}ffff")).unwrap();
        let find = |line: String| KeyLog::parse(&line).premaster(&encrypted);
        assert_eq!(find(format!("RSA {name} {premaster}\n")), Some(vec![3; 48]));
        assert_eq!(find(format!("RSA {}0 {premaster}", &name[1..])), None, "another one");
        for bad in [
            format!("RSA {name}ff {premaster}"),
            format!("RSA {} {premaster}", &name[2..]),
            format!("RSA {name} {premaster}03"),
            format!("RSA {name} {}", &premaster[2..]),
            format!("RSA {name} {premaster} 00"),
            format!("CLIENT_RANDOM {name} {premaster}"),
        ] {
            assert_eq!(find(bad.clone()), None, "{bad}");
        }
        let log = KeyLog::parse(&format!("RSA {name} {premaster}"));
        assert_eq!(log.premaster(&encrypted[..7]), None);
    }

    #[test]
    fn the_only_session_may_be_that_of_an_inner_hello() {
        let log = KeyLog::parse(&line(1, "aa"));
        let find = |hello: Option<&ClientHello>| log.find(Label::ClientRandom, hello).is_some();
        assert!(find(Some(&hello(9, &[0xfe0d]))) && find(None) && !find(Some(&hello(9, &[]))));
        assert!(log.find(Label::Exporter, Some(&hello(1, &[]))).is_none());
    }

    /// A million lines are what some people have; each costs little more than its bytes.
    #[test]
    fn a_large_log_is_stored_compactly() {
        let secret = |n: u32| Secret {
            label: if n.is_multiple_of(2) { Label::ClientTraffic } else { Label::ServerTraffic },
            client_random: [(n / 2).to_be_bytes(); 8].concat(),
            secret: vec![n as u8; 48],
        };
        let log: KeyLog = (0..50_000).chain(0..50_000).map(secret).collect();
        assert_eq!((log.sessions(), log.entries.len()), (25_000, 50_000), "each label of a session once");
        let bytes = log.bytes.len() + log.entries.len() * size_of::<Entry>() + log.slots.len() * 4;
        assert!(bytes <= 50_000 * 112, "{} bytes a line", bytes / 50_000);
        for n in [0, 24_999, 49_999] {
            let found = log.of(&secret(n).client_random);
            assert!(found.len() == 2 && found.contains(&secret(n)), "{n}");
        }
        assert!(log.of(&[7; 32]).is_empty());
    }

    /// With a scan for each look-up this would take minutes.
    #[test]
    fn a_look_up_takes_no_longer_in_a_large_log() {
        let secret = |n: u32| Secret {
            label: Label::ClientRandom,
            client_random: [n.to_be_bytes(); 8].concat(),
            secret: n.to_be_bytes().to_vec(),
        };
        let log: KeyLog = (0..100_000).map(secret).collect();
        for n in (0..100_000_u32).step_by(7) {
            let mut hello = ClientHello::default();
            hello.random.copy_from_slice(&[n.to_be_bytes(); 8].concat());
            assert_eq!(log.find(Label::ClientRandom, Some(&hello)), Some(&n.to_be_bytes()[..]));
        }
    }

    #[test]
    fn handshake_secrets_alone_are_kept() {
        let all = Label::ALL.map(|(label, _)| Secret { label, client_random: vec![], secret: vec![1] });
        let kept: Vec<_> = Secrets(all.to_vec()).handshake_only().0.iter().map(|s| s.label).collect();
        assert_eq!(kept, [Label::ClientHandshakeTraffic, Label::ServerHandshakeTraffic]);
    }
}

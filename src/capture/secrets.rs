//! A session's secrets, and the NSS key log format that carries them.

use std::collections::HashMap;
use std::fmt;
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
    const ALL: [(Label, &'static str); 12] = [
        (Label::ClientRandom, "CLIENT_RANDOM"),
        (Label::Premaster, "PMS_CLIENT_RANDOM"),
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
        words.next().is_none().then_some(Secret { label, client_random, secret })
    }
}

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

/// Secrets of any number of sessions, as in a key log that many connections wrote to. A look-up takes the same time
/// however many there are.
#[derive(Debug, Clone, Default)]
pub struct KeyLog {
    /// By client random, which is empty where it is not known; each label once.
    sessions: HashMap<Vec<u8>, Vec<Secret>>,
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

    /// Adds a secret, unless there is one of its label and session.
    pub fn add(&mut self, secret: Secret) {
        let session = match self.sessions.get_mut(&secret.client_random) {
            Some(session) => session,
            // Before TLS 1.3 a session has one secret, and a large log has a million sessions.
            None => {
                self.sessions.entry(secret.client_random.clone()).or_insert_with(|| Vec::with_capacity(1))
            }
        };
        if session.iter().all(|other| other.label != secret.label) {
            session.push(secret);
        }
    }

    /// How many sessions it has secrets of.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// The secrets of the session with this client random.
    pub fn of(&self, client_random: &[u8]) -> &[Secret] {
        self.sessions.get(client_random).map_or(&[], Vec::as_slice)
    }

    /// The secret with this label of the session that `hello` began. A secret of another session is none of it, with
    /// two exceptions: a session whose random is not known, and, if the hello hides an inner one (ECH), the only
    /// session there is, since its random is the inner hello's. The same if no ClientHello was seen.
    pub fn find(&self, label: Label, hello: Option<&ClientHello>) -> Option<&[u8]> {
        let named = |session: &'_ [Secret]| session.iter().position(|secret| secret.label == label);
        let exact = hello.map_or(&[][..], |hello| self.of(&hello.random));
        let hidden =
            hello.is_none_or(|hello| hello.extensions.contains(encrypted_client_hello::EXTENSION.code));
        let only = match self.sessions.len() {
            1 if hidden => self.sessions.values().next().map_or(&[][..], Vec::as_slice),
            _ => &[],
        };
        [exact, self.of(&[]), only]
            .into_iter()
            .find_map(|session| Some(session.get(named(session)?)?.secret.as_slice()))
    }
}

impl Extend<Secret> for KeyLog {
    fn extend<I: IntoIterator<Item = Secret>>(&mut self, secrets: I) {
        secrets.into_iter().for_each(|secret| self.add(secret));
    }
}

impl IntoIterator for KeyLog {
    type Item = Secret;
    type IntoIter = std::iter::Flatten<std::collections::hash_map::IntoValues<Vec<u8>, Vec<Secret>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.sessions.into_values().flatten()
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
    fn the_only_session_may_be_that_of_an_inner_hello() {
        let log = KeyLog::parse(&line(1, "aa"));
        let find = |hello: Option<&ClientHello>| log.find(Label::ClientRandom, hello).is_some();
        assert!(find(Some(&hello(9, &[0xfe0d]))) && find(None) && !find(Some(&hello(9, &[]))));
        assert!(log.find(Label::Exporter, Some(&hello(1, &[]))).is_none());
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

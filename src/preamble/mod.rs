//! What may stand before TLS: STARTTLS dialogues, and what proxies want to hear.
//!
//! One file and one row of [`ROWS`] a protocol. Its script says what is heard and said, in the order of its RFC. Live,
//! the script speaks for us over the recorder ([`perform`]). Of a connection that others made, the same script reads
//! what both sides said ([`recognise`]): there it learns from [`Talk::say`] what the client really said.

mod ftp;
mod haproxy;
mod http;
mod imap;
mod irc;
mod ldap;
mod line;
mod live;
mod managesieve;
mod mysql;
mod nats;
mod pop3;
mod postgres;
mod rdp;
mod smtp;
mod socks;
mod talk;
#[cfg(test)]
mod testing;
mod tls;
mod transcript;
mod watched;
mod xmpp;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::pin::Pin;

use crate::capture::Dialogue;

pub use haproxy::{V1 as PROXY_V1, V2 as PROXY_V2};
pub use http::CONNECT;
pub use live::{injected, perform};
pub use postgres::ALPN as POSTGRES_ALPN;
pub use socks::{SOCKS4, SOCKS5};
pub use talk::{Frame, Talk};
pub use tls::HTTPS_PROXY;
pub use transcript::Transcript;
pub use watched::{Recognised, recognise};

/// A protocol whose dialogue may stand before TLS.
#[derive(Debug)]
pub struct Preamble {
    /// As `--starttls` and saved traces have it.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// As people call it.
    pub title: &'static str,
    pub kind: Kind,
    /// What is said, in a sentence, with the specification.
    pub about: &'static str,
    /// The port on which the dialogue is usual.
    pub port: u16,
    /// The port on which the same protocol speaks TLS from the first byte, if there is one.
    pub tls_port: Option<u16>,
    /// Whether a server of this protocol may begin like this, when it is the one that begins.
    pub greets: fn(&[u8]) -> bool,
    /// Which part of something that a client says is a secret: it is blanked wherever it was recorded.
    pub secret: fn(&[u8]) -> Option<Range<usize>>,
    pub script: Script,
}

/// What a dialogue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The server itself switches to TLS.
    StartTls,
    /// Somebody between us and the server lets us through.
    Proxy,
}

/// A dialogue from its first byte to the last before TLS, or before the next dialogue.
pub type Script = for<'t> fn(&'t mut Talk<'_>, &'t Ask) -> Running<'t>;

/// A script that is under way.
pub type Running<'t> = Pin<Box<dyn Future<Output = Result<(), Stop>> + Send + 't>>;

/// What a script needs to know of what is wanted.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The server's name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What a proxy may want to hear.
    pub credentials: Option<Credentials>,
    /// Both ends of the TCP connection, ours first, for those who are told of it.
    pub ends: Option<[SocketAddr; 2]>,
}

/// A user's name and password. They are sent to the proxy and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

/// A dialogue that is to be held before TLS.
#[derive(Debug, Clone)]
pub struct Planned {
    pub row: &'static Preamble,
    pub ask: Ask,
}

/// Why a dialogue ended otherwise than wanted.
#[derive(Debug)]
pub enum Stop {
    /// The server said no.
    Refused,
    /// The server does not offer TLS, and refused it as well.
    NotOffered,
    /// What was heard (or, of a recording, said) is not this protocol.
    Unexpected,
    /// What was heard does not end within the limit.
    Endless,
    Closed,
    Io(io::Error),
}

impl Stop {
    fn outcome(self) -> Dialogue {
        match self {
            Stop::Refused => Dialogue::Refused,
            Stop::NotOffered => Dialogue::NotOffered,
            Stop::Unexpected => Dialogue::Unexpected,
            Stop::Endless => Dialogue::Endless,
            Stop::Closed => Dialogue::Closed,
            Stop::Io(error) => Dialogue::Failed { text: error.to_string() },
        }
    }
}

/// Every protocol, in the order in which a recording is asked for them.
pub const ROWS: &[&Preamble] = &[
    &tls::HTTPS_PROXY,
    &http::CONNECT,
    &socks::SOCKS5,
    &socks::SOCKS4,
    &haproxy::V1,
    &haproxy::V2,
    &smtp::SMTP,
    &smtp::LMTP,
    &imap::IMAP,
    &pop3::POP3,
    &ftp::FTP,
    &managesieve::MANAGESIEVE,
    &xmpp::XMPP,
    &xmpp::XMPP_SERVER,
    &irc::IRC,
    &ldap::LDAP,
    &postgres::POSTGRES,
    &mysql::MYSQL,
    &nats::NATS,
    &rdp::RDP,
];

/// The protocol of this name.
pub fn find(name: &str) -> Option<&'static Preamble> {
    ROWS.iter().copied().find(|row| row.name == name || row.aliases.contains(&name))
}

/// The protocol of a server that begins like this; where several fit, the one whose port it is.
pub fn greeted(banner: &[u8], port: u16) -> Option<&'static Preamble> {
    let fits = || ROWS.iter().copied().filter(|row| (row.greets)(banner));
    fits().find(|row| row.port == port).or_else(|| fits().next())
}

/// No client's words of this protocol are secret.
pub fn nothing_secret(_: &[u8]) -> Option<Range<usize>> {
    None
}

/// The server of this protocol never begins.
pub fn waits(_: &[u8]) -> bool {
    false
}

/// Whether the first line has this word, whatever its case.
fn mentions(banner: &[u8], word: &[u8]) -> bool {
    let line = banner.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.get(..line.len().min(1000))
        .unwrap_or(line)
        .windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_titles_short() {
        let mut names: Vec<_> =
            ROWS.iter().flat_map(|row| std::iter::once(&row.name).chain(row.aliases)).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        for row in ROWS {
            assert!(row.title.len() <= 16 && !row.about.is_empty() && row.port > 0, "{row:?}");
            assert_eq!(find(row.name).map(|found| found.name), Some(row.name));
        }
    }
}

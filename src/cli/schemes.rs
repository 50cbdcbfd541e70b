//! URL schemes: which protocol they stand for, and how TLS begins in it.

use crate::preamble::{self, Preamble};

/// How TLS begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// With the first byte.
    AtOnce,
    /// Behind the dialogue of the protocol with this name.
    Behind(&'static str),
}

/// A scheme.
#[derive(Debug)]
pub(super) struct Scheme {
    name: &'static str,
    pub(super) port: u16,
    way: Way,
}

impl Scheme {
    /// The dialogue that comes before TLS.
    pub(super) fn preamble(&self) -> Option<&'static Preamble> {
        match self.way {
            Way::AtOnce => None,
            Way::Behind(name) => preamble::find(name),
        }
    }
}

const fn at_once(name: &'static str, port: u16) -> Scheme {
    Scheme { name, port, way: Way::AtOnce }
}

const fn behind(name: &'static str, protocol: &'static str, port: u16) -> Scheme {
    Scheme { name, port, way: Way::Behind(protocol) }
}

const SCHEMES: &[Scheme] = &[
    at_once("https", 443),
    at_once("wss", 443),
    at_once("ldaps", 636),
    at_once("imaps", 993),
    at_once("pop3s", 995),
    at_once("smtps", 465),
    at_once("submissions", 465),
    at_once("ftps", 990),
    at_once("ircs", 6697),
    at_once("xmpps", 5223),
    at_once("mqtts", 8883),
    at_once("amqps", 5671),
    at_once("rediss", 6379),
    at_once("sips", 5061),
    at_once("dot", 853),
    behind("smtp", "smtp", 25),
    behind("submission", "smtp", 587),
    behind("lmtp", "lmtp", 24),
    behind("imap", "imap", 143),
    behind("pop3", "pop3", 110),
    behind("pop", "pop3", 110),
    behind("ftp", "ftp", 21),
    behind("ldap", "ldap", 389),
    behind("xmpp", "xmpp", 5222),
    behind("postgres", "postgres", 5432),
    behind("postgresql", "postgres", 5432),
    behind("mysql", "mysql", 3306),
    behind("mariadb", "mysql", 3306),
    behind("sieve", "managesieve", 4190),
    behind("irc", "irc", 6667),
    behind("nats", "nats", 4222),
    behind("rdp", "rdp", 3389),
];

/// The scheme of this name.
pub(super) fn find(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|scheme| scheme.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_is_there_once_and_has_its_protocol() {
        for scheme in SCHEMES {
            assert_eq!(
                SCHEMES.iter().filter(|other| other.name == scheme.name).count(),
                1,
                "{}",
                scheme.name
            );
            let Way::Behind(protocol) = scheme.way else { continue };
            let row = preamble::find(protocol).unwrap();
            assert!(scheme.port == row.port || scheme.name == "submission", "{}", scheme.name);
        }
    }
}

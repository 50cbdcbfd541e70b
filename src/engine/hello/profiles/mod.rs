//! What well-known clients send.

mod table;

use super::super::Error;
use super::Template;

/// A client's ClientHello, with where it is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// As it is asked for.
    pub name: &'static str,
    /// e.g. `Chromium`
    pub program: &'static str,
    pub version: &'static str,
    /// Where the hello was found, or how it was recorded.
    pub source: &'static str,
    /// The client sends its extensions in another order each time.
    pub permuted: bool,
    /// The message in hexadecimal. What belongs to one connection is zero.
    message: &'static str,
}

impl Profile {
    /// To be sent, for a server with any name.
    pub fn template(&self) -> Result<Template, Error> {
        let message = hex::decode(self.message).map_err(|e| Error(e.to_string()))?;
        Ok(Template::recorded(&message)?.permuted(self.permuted))
    }
}

/// The profile called `name`.
pub fn find(name: &str) -> Option<&'static Profile> {
    table::ROWS.iter().find(|row| row.name == name)
}

/// All of them, sorted by name.
pub fn all() -> &'static [Profile] {
    table::ROWS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::hello::{Cached, renew};
    use crate::wire::Direction;
    use crate::wire::extension::key_share;
    use crate::wire::facts::Facts;
    use crate::wire::fingerprint::{Offer, Transport};
    use crate::wire::handshake::{dissect, lists};

    #[test]
    fn the_well_known_clients_are_there() {
        let names: Vec<&str> = all().iter().map(|row| row.name).collect();
        assert!(names.is_sorted());
        for name in [
            "chrome",
            "firefox",
            "opera",
            "openssl-3",
            "openssl-1.0",
            "gnutls",
            "java-17",
            "curl-gnutls",
            "python",
            "node",
            "rustls",
        ] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(find("chrom").is_none());
    }

    #[test]
    fn each_is_sent_as_its_client_does() {
        let cached = Cached::default();
        for row in all() {
            let template = row.template().unwrap();
            let original = template.hello().write().unwrap();
            let sent = template.build(&mut &cached).unwrap();
            let message = sent.write().unwrap();
            let dissected = dissect(&message, Direction::Client, &mut Facts::default(), true);
            assert_eq!(dissected.problem, None, "{}", row.name);
            let (old, new) = (Offer::of(&original).unwrap(), Offer::of(&message).unwrap());
            assert_eq!(old.ja4_text(Transport::Tcp), new.ja4_text(Transport::Tcp), "{}", row.name);
            assert_eq!(old.ja3_text() == new.ja3_text(), !row.permuted, "{}", row.name);
            assert_eq!(message.len(), original.len(), "{}", row.name);
            // No share is left as the table has it.
            let shares = sent.extension(key_share::EXTENSION.code).and_then(|content| content.get(2..));
            for (group, share) in lists::key_shares(shares.unwrap_or_default()) {
                assert!(
                    renew::is_grease(group) || share.iter().any(|byte| *byte != 0),
                    "{} {group:x}",
                    row.name
                );
            }
        }
    }
}

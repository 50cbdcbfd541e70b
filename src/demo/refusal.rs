//! Servers that can't agree with the client and say so in an alert.

use std::io;

use rustls::version::TLS12;

use super::pki::{Pki, good_leaf};
use super::tls::{Recipe, converse};
use super::{Client, HOST, Plan, Scenario};

pub(super) const ALPN_MISMATCH: Scenario = Scenario {
    name: "alpn-mismatch",
    about: "The client offers only h2, the server has only http/1.1.",
    exit_code: 4,
    setup: alpn_mismatch,
};

pub(super) const VERSION_MISMATCH: Scenario = Scenario {
    name: "version-mismatch",
    about: "The client requires TLS 1.3, the server has TLS 1.2.",
    exit_code: 4,
    setup: version_mismatch,
};

fn alpn_mismatch() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut config = Recipe::default().config(&pki.credentials(&good_leaf()?)?)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let client = Client { alpn: vec!["h2".into()], ..Client::default() };
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client })
}

fn version_mismatch() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let recipe = Recipe { version: &TLS12, ..Recipe::default() };
    let config = recipe.config(&pki.credentials(&good_leaf()?)?)?;
    let client = Client { tls_min: Some(0x0304), ..Client::default() };
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client })
}

#[cfg(test)]
mod tests {
    use super::super::testing::visit;
    use super::*;
    use rustls::AlertDescription;

    #[test]
    fn no_common_protocol_is_answered_with_its_alert() {
        let seen = visit(&ALPN_MISMATCH).only();
        assert_eq!(seen.alert(), Some(AlertDescription::NoApplicationProtocol), "{seen:?}");
        assert!(!seen.completed);
    }

    #[test]
    fn no_common_version_is_answered_with_its_alert() {
        let seen = visit(&VERSION_MISMATCH).only();
        assert_eq!(seen.alert(), Some(AlertDescription::ProtocolVersion), "{seen:?}");
        assert!(!seen.completed);
    }
}

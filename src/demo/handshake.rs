//! Handshakes that succeed, each in its own way.

use std::io;

use rustls::CipherSuite;
use rustls::crypto::aws_lc_rs::{self, kx_group};

use super::pki::{Pki, good_leaf, leaf_for};
use super::tls::{Recipe, converse};
use super::{Client, HOST, Plan, Scenario};

pub(super) const TLS13: Scenario = Scenario {
    name: "tls13",
    about: "An ordinary TLS 1.3 handshake, with ALPN and tickets.",
    exit_code: 0,
    setup: tls13,
};

pub(super) const TLS12: Scenario = Scenario {
    name: "tls12",
    about: "A server with TLS 1.2 only, ECDHE and AES-GCM.",
    exit_code: 0,
    setup: tls12,
};

pub(super) const RETRY: Scenario = Scenario {
    name: "retry",
    about: "The server wants P-384 and sends a HelloRetryRequest.",
    exit_code: 0,
    setup: retry,
};

pub(super) const RESUMPTION: Scenario = Scenario {
    name: "resumption",
    about: "Two connections, the second resumed with early data.",
    exit_code: 0,
    setup: resumption,
};

pub(super) const COMPRESSED: Scenario = Scenario {
    name: "compressed",
    about: "The server compresses its certificates.",
    exit_code: 0,
    setup: compressed,
};

pub(super) const LARGE_CHAIN: Scenario = Scenario {
    name: "large-chain",
    about: "A Certificate message that spans several records.",
    exit_code: 0,
    setup: large_chain,
};

fn tls13() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut config = Recipe::default().config(&pki.credentials(&good_leaf()?)?)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client: web_client() })
}

fn tls12() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut recipe = Recipe { version: &rustls::version::TLS12, ..Recipe::default() };
    recipe.provider.cipher_suites.retain(|suite| {
        matches!(
            suite.suite(),
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        )
    });
    let mut config = recipe.config(&pki.credentials(&good_leaf()?)?)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // With a NewSessionTicket, as most TLS 1.2 servers have.
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(io::Error::other)?;
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client: web_client() })
}

fn retry() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut recipe = Recipe::default();
    recipe.provider.kx_groups = vec![kx_group::SECP384R1];
    let config = recipe.config(&pki.credentials(&good_leaf()?)?)?;
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client: Client::default() })
}

fn resumption() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut config = Recipe::default().config(&pki.credentials(&good_leaf()?)?)?;
    // rustls accepts early data only for sessions that it stores itself, which is its default.
    config.max_early_data_size = 4096;
    let client = Client {
        connections: 2,
        early_data: Some(format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n").into_bytes()),
        ..Client::default()
    };
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client })
}

fn compressed() -> io::Result<Plan> {
    let pki = Pki::new()?;
    let mut config = Recipe::default().config(&pki.credentials(&good_leaf()?)?)?;
    config.cert_compressors = rustls::compress::default_cert_compressors().to_vec();
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client: Client::default() })
}

fn large_chain() -> io::Result<Plan> {
    let pki = Pki::new()?;
    // About 30 kB: more than one record holds (2^14 bytes), less than rustls accepts in a message (2^16).
    let tenants: Vec<String> = (0..900).map(|n| format!("tenant-{n:03}.customers.tls-trace.test")).collect();
    let names: Vec<&str> = std::iter::once(HOST).chain(tenants.iter().map(String::as_str)).collect();
    let config = Recipe::default().config(&pki.credentials(&leaf_for(&names)?)?)?;
    Ok(Plan { act: converse(config), host: HOST.into(), ca: pki.root_der(), client: Client::default() })
}

/// What a browser or curl offers.
fn web_client() -> Client {
    Client { alpn: vec!["h2".into(), "http/1.1".into()], ..Client::default() }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ENCRYPTED, visit};
    use super::*;
    use rustls::{HandshakeKind, NamedGroup, ProtocolVersion};

    #[test]
    fn tls13_is_an_ordinary_handshake() {
        let seen = visit(&TLS13).only();
        assert!(seen.error.is_none() && seen.closed_properly, "{seen:?}");
        assert_eq!(seen.version, Some(ProtocolVersion::TLSv1_3));
        assert_eq!(seen.kind, Some(HandshakeKind::Full));
        assert_eq!(seen.alpn.as_deref(), Some(&b"h2"[..]));
        assert_eq!(seen.tickets, 2);
        assert!(!seen.decompressed);
        assert_eq!(seen.verified(), Ok(()));
    }

    #[test]
    fn tls12_is_agreed_on() {
        let seen = visit(&super::TLS12).only();
        assert!(seen.error.is_none() && seen.closed_properly, "{seen:?}");
        assert_eq!(seen.version, Some(ProtocolVersion::TLSv1_2));
        assert_eq!(seen.suite, Some(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384));
        assert_eq!(seen.alpn.as_deref(), Some(&b"h2"[..]));
        assert_eq!(seen.tickets, 1);
        assert_eq!(seen.verified(), Ok(()));
    }

    #[test]
    fn retry_takes_a_second_hello() {
        let seen = visit(&RETRY).only();
        assert!(seen.error.is_none() && seen.closed_properly, "{seen:?}");
        assert_eq!(seen.kind, Some(HandshakeKind::FullWithHelloRetryRequest));
        assert_eq!(seen.group, Some(NamedGroup::secp384r1));
    }

    #[test]
    fn resumption_takes_early_data() {
        let [first, second]: [_; 2] = visit(&RESUMPTION).all.try_into().unwrap();
        assert!(first.error.is_none() && second.error.is_none(), "{first:?} {second:?}");
        assert_eq!(first.kind, Some(HandshakeKind::Full));
        assert!(!first.early_data_accepted);
        assert_eq!(second.kind, Some(HandshakeKind::Resumed));
        assert!(second.early_data_accepted);
    }

    #[test]
    fn compressed_needs_a_decompressor() {
        let seen = visit(&COMPRESSED).only();
        assert!(seen.error.is_none() && seen.decompressed, "{seen:?}");
        assert_eq!(seen.verified(), Ok(()));
    }

    #[test]
    fn large_chain_needs_several_records() {
        let seen = visit(&LARGE_CHAIN).only();
        assert!(seen.error.is_none(), "{seen:?}");
        let full = seen.records().filter(|(kind, body)| *kind == ENCRYPTED && body.len() > 0x4000).count();
        assert!(full >= 1, "no full record");
        assert_eq!(seen.verified(), Ok(()));
    }
}

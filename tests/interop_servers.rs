//! The servers of the interop suite, before anything is traced: each starts, and a plain rustls client that
//! trusts its root completes a handshake with it.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helper"
)]

mod support;

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, HandshakeKind, ProtocolVersion, RootCertStore, Stream,
};
use support::pki::{Key, Pki};
use support::{Server, gnutls, java, nginx, openssl};

/// Completes a handshake, says goodbye, and reads what the server still has to say.
fn greet(server: &Server, pki: &Pki) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&pki.root).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut tcp = TcpStream::connect(server.address).unwrap();
    // A server that hangs fails the test instead of hanging it.
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut tcp).unwrap();
    }
    tls.send_close_notify();
    // Any end will do: some servers answer with close_notify, others with a FIN alone.
    let _ = Stream::new(&mut tls, &mut tcp).read_to_end(&mut Vec::new());
    tls
}

#[test]
fn s_server_speaks_1_3_with_any_key() {
    let pki = Pki::new();
    // Not RsaPss2048: rustls offers no signature algorithm for such keys.
    for key in [Key::EcdsaP256, Key::EcdsaP384, Key::Ed25519, Key::Rsa2048] {
        let server = openssl::serve(&pki.server(key), &["-tls1_3"]);
        assert_eq!(greet(&server, &pki).protocol_version(), Some(ProtocolVersion::TLSv1_3), "{key:?}");
    }
}

#[test]
fn s_server_speaks_1_2() {
    let pki = Pki::new();
    for (key, suite) in [
        (Key::EcdsaP256, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
        (Key::Rsa2048, CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    ] {
        let server = openssl::serve(&pki.server(key), &["-tls1_2"]);
        let tls = greet(&server, &pki);
        assert_eq!(tls.protocol_version(), Some(ProtocolVersion::TLSv1_2));
        assert_eq!(tls.negotiated_cipher_suite().map(|agreed| agreed.suite()), Some(suite));
    }
}

#[test]
fn s_server_retries() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-tls1_3", "-groups", "P-384"]);
    assert_eq!(greet(&server, &pki).handshake_kind(), Some(HandshakeKind::FullWithHelloRetryRequest));
}

#[test]
fn s_server_takes_one_connection_after_the_other() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
    for _ in 0..3 {
        greet(&server, &pki);
    }
}

#[test]
fn gnutls_serv_speaks_both() {
    let pki = Pki::new();
    for (priority, version) in [
        ("NORMAL:-VERS-ALL:+VERS-TLS1.3", ProtocolVersion::TLSv1_3),
        ("NORMAL:-VERS-ALL:+VERS-TLS1.2", ProtocolVersion::TLSv1_2),
    ] {
        let server = gnutls::serve(&pki.server(Key::Rsa2048), priority, &["--disable-client-cert"]);
        assert_eq!(greet(&server, &pki).protocol_version(), Some(version));
    }
}

#[test]
fn nginx_speaks_both() {
    let pki = Pki::new();
    let (ecdsa, rsa) = (pki.server(Key::EcdsaP256), pki.server(Key::Rsa2048));
    for (directive, version) in [
        ("ssl_protocols TLSv1.3;", ProtocolVersion::TLSv1_3),
        ("ssl_protocols TLSv1.2;", ProtocolVersion::TLSv1_2),
    ] {
        let server = nginx::serve(&[&ecdsa, &rsa], directive);
        assert_eq!(greet(&server, &pki).protocol_version(), Some(version));
    }
}

#[test]
fn jsse_speaks_both() {
    let pki = Pki::new();
    let credentials = pki.server(Key::EcdsaP256);
    for (name, version) in [("TLSv1.3", ProtocolVersion::TLSv1_3), ("TLSv1.2", ProtocolVersion::TLSv1_2)] {
        let server = java::serve(&credentials, &[name]);
        assert_eq!(greet(&server, &pki).protocol_version(), Some(version));
    }
}

#[test]
fn a_dropped_server_is_gone() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
    let id = server.process_id().to_string();
    drop(server);
    let still = std::process::Command::new("kill").args(["-0", &id]).output().unwrap();
    assert!(!still.status.success(), "process {id} is still there");
}

#[test]
#[should_panic(expected = "install no-such-server: apt-get install no-such-package")]
fn a_missing_program_is_named_with_its_package() {
    support::program("no-such-server", "no-such-package");
}

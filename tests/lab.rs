//! The lab engine against a small server of old TLS: servers that misbehave are refused, with a finding and in time; one
//! that ordinary clients have nothing in common with is named.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

#[path = "lab/any_bytes.rs"]
mod any_bytes;
mod authority;
#[path = "lab/bad_peers.rs"]
mod bad_peers;
#[path = "lab/second_attempt.rs"]
mod second_attempt;
#[path = "lab/tls13.rs"]
mod tls13;

use std::sync::LazyLock;

use rcgen::{CertificateParams, KeyPair};
use tls_trace::demo::classic_server::Server;
use tls_trace::wire::codepoints::{CipherSuite, ProtocolVersion};

const RSA_GCM: u16 = 0x009c;
const RSA_CBC: u16 = 0x003c;
const DHE_GCM: u16 = 0x009e;
const ECDHE_GCM: u16 = 0xc02f;

/// A self-signed RSA certificate and its key, DER.
static IDENTITY: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| authority::self_signed_rsa("localhost"));

/// A certificate with the same key, but not the same.
fn other_certificate() -> Vec<u8> {
    let key = KeyPair::try_from(IDENTITY.1.as_slice()).unwrap();
    CertificateParams::new(vec!["elsewhere".into()]).unwrap().self_signed(&key).unwrap().der().to_vec()
}

/// A server of this suite, TLS 1.2.
fn server(suite: u16) -> Server {
    let (chain, key) = IDENTITY.clone();
    Server { cipher_suite: CipherSuite(suite), chain: vec![chain], key, ..Server::default() }
}

/// The same of an older version.
fn old_server(version: u16, suite: u16) -> Server {
    Server { version: ProtocolVersion(version), extended_master_secret: false, ..server(suite) }
}

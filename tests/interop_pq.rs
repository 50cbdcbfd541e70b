//! Post-quantum signatures, made by OpenSSL 4.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use common::{run, text};
use serde_json::Value;
use support::pki::Pki;
use support::pq::{self, PostQuantum};

#[test]
fn a_chain_and_a_handshake_signed_with_ml_dsa_are_verified() {
    for (kind, scheme) in [("44", "mldsa44"), ("65", "mldsa65"), ("87", "mldsa87")] {
        let served = pq::serve(kind);
        let port = served.server.address.port();
        let (target, address) = (format!("localhost:{port}"), format!("127.0.0.1:{port}"));
        let words = [&target, "--connect", &address, "--cacert", text(&served.root), "--format", "json"];
        let shown = run(words).json();
        assert_eq!(shown["verdict"]["exit_code"], 0, "{:#}", shown["verdict"]);
        assert_eq!(shown["facts"]["sigalg"], scheme, "{:#}", shown["facts"]);
        let connection = &shown["connections"][0];
        for check in ["certificate_verify.server", "certificate.signatures", "signature.server.offered"] {
            let checks = connection["checks"].as_array().unwrap();
            let found = checks.iter().find(|found| found["id"] == check).unwrap();
            assert_eq!(found["state"], "holds", "{scheme}: {found}");
        }
        assert!(connection["chain"][0]["key"].as_str().unwrap().contains(&format!("ML-DSA-{kind}")));
        // A root that it does not lead to.
        let other = pq::serve(kind);
        let words = [&target, "--connect", &address, "--cacert", text(&other.root), "-q"];
        let refused = run(words);
        assert_eq!(refused.code, 1, "{refused:?}");
    }
}

/// What is said of a server with these flags: exit code, key exchange and authentication, each as `state name`.
fn said(port: u16, root: Option<&std::path::Path>, flags: &[&str]) -> (i32, String, String, Value) {
    let (target, address) = (format!("localhost:{port}"), format!("127.0.0.1:{port}"));
    let trust = root.map(|root| ["--cacert", text(root)]);
    let words = [target.as_str(), "--connect", &address, "--json"].into_iter();
    let words = words.chain(trust.into_iter().flatten()).chain(flags.iter().copied());
    let run = run(words);
    let document = run.json();
    let half = |name: &str| {
        let half = &document["post_quantum"][name];
        format!("{} {}", half["state"].as_str().unwrap(), half["name"].as_str().unwrap_or("-"))
    };
    (run.code, half("key_exchange"), half("authentication"), document.clone())
}

fn of(served: &PostQuantum, flags: &[&str]) -> (i32, String, String, Value) {
    said(served.server.address.port(), Some(&served.root), flags)
}

fn assert_said(
    what: &str,
    said: (i32, String, String, Value),
    code: i32,
    key_exchange: &str,
    authentication: &str,
) {
    let (found, exchange, auth, document) = said;
    assert_eq!(
        (found, exchange.as_str(), auth.as_str()),
        (code, key_exchange, authentication),
        "{what}: {:#} {:#}",
        document["post_quantum"],
        document["verdict"]
    );
}

const UNKNOWN: &str = "unknown -";

/// A matrix of servers: each with what one handshake shows, and with what experiments show.
#[test]
fn what_a_server_does_with_post_quantum_cryptography_is_said_as_far_as_it_was_seen() {
    let hybrid = "chosen X25519MLKEM768";
    // Classic: one handshake does not show what it would do with another offer; experiments do.
    let classic = pq::serve_groups("ec", "X25519:P-256");
    assert_said("classic", of(&classic, &[]), 0, UNKNOWN, UNKNOWN);
    let alone = ["--groups", "X25519MLKEM768", "--diagnose"];
    assert_said("classic, asked", of(&classic, &alone), 4, "not_supported X25519MLKEM768", UNKNOWN);
    let alone = ["--sigalgs", "mldsa65", "--diagnose"];
    let (code, _, authentication, document) = of(&classic, &alone);
    assert_eq!((code, authentication.as_str()), (4, "not_supported mldsa65"), "{:#}", document["diagnosis"]);
    // nginx, with the system's OpenSSL, which has none of it.
    let pki = Pki::new();
    let nginx = support::nginx::serve(&[&pki.server(support::pki::Key::EcdsaP256)], "");
    let said_of_nginx = said(nginx.address.port(), Some(&pki.root), &[]);
    assert_said("nginx", said_of_nginx, 0, UNKNOWN, UNKNOWN);

    let preferred = pq::serve_groups("ec", "X25519MLKEM768:X25519");
    assert_said("hybrid", of(&preferred, &[]), 0, hybrid, UNKNOWN);
    // The server lists in EncryptedExtensions what it would have liked better.
    let listed = of(&preferred, &["--groups", "X25519"]);
    assert_said("not offered", listed, 0, "not_preferred X25519MLKEM768", UNKNOWN);
    // A private CA says nothing of it.
    let unknown_ca = said(preferred.server.address.port(), None, &[]);
    assert_said("private CA", unknown_ca, 1, hybrid, UNKNOWN);

    let by_retry = pq::serve_groups("ec", "SecP256r1MLKEM768");
    let retried = of(&by_retry, &["--groups", "X25519,SecP256r1MLKEM768"]);
    assert_said("by HelloRetryRequest", retried, 0, "retry_only SecP256r1MLKEM768", UNKNOWN);

    let pure = pq::serve_groups("ec", "MLKEM768");
    assert_said("pure, not offered", of(&pure, &["--no-retry"]), 4, UNKNOWN, UNKNOWN);
    assert_said("pure, asked", of(&pure, &["--diagnose"]), 4, "retry_only MLKEM768", UNKNOWN);
    assert_said("pure, offered", of(&pure, &["--groups", "MLKEM768"]), 0, "chosen MLKEM768", UNKNOWN);

    let signed = pq::serve_groups("65", "X25519MLKEM768:X25519");
    assert_said("ML-DSA", of(&signed, &[]), 0, hybrid, "chosen mldsa65");
}

/// Something in front of the server takes the first record for the whole ClientHello, up to one segment.
#[test]
fn a_middlebox_that_a_long_client_hello_is_too_much_for_is_told_from_the_server() {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    let served = pq::serve_groups("ec", "X25519MLKEM768:X25519");
    let server = served.server.address;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client: TcpStream = client.unwrap();
            let mut header = [0; 5];
            if client.read_exact(&mut header).is_err() || u16::from_be_bytes([header[3], header[4]]) > 1460 {
                continue;
            }
            let mut to = TcpStream::connect(server).unwrap();
            to.write_all(&header).unwrap();
            let (mut from, mut back) = (client.try_clone().unwrap(), to.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut back, &mut client);
                let _ = client.shutdown(Shutdown::Write);
            });
        }
    });
    let found = said(port, Some(&served.root), &["--diagnose"]);
    let text = found.3["post_quantum"]["key_exchange"]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("sent in two parts, the server chooses X25519MLKEM768"), "{text}");
    assert_said("too long", found, 4, "intolerant X25519MLKEM768", UNKNOWN);
}

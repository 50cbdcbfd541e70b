//! The real program against other people's servers: everything is proven, judged and named, and the same command gives
//! the same verdict every time.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use common::{Run, file, run, scratch, text};
use serde_json::Value;
use support::pki::{Credentials, Key, Pki};
use support::{Server, gnutls, java, nginx, openssl};
use tls_trace::capture::{Event, saved};
use tls_trace::trace::{Proven, Trace};
use tls_trace::wire::Direction;

const TLS13: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "< EncryptedExtensions",
    "< Certificate",
    "< CertificateVerify",
    "< Finished",
    "> Finished",
];

const TLS12: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "< Certificate",
    "< ServerKeyExchange",
    "< ServerHelloDone",
    "> ClientKeyExchange",
    "> Finished",
    "< NewSessionTicket",
    "< Finished",
];

/// The program against a server on loopback that is called localhost.
fn trace(server: &Server, pki: &Pki, flags: &[&str]) -> Run {
    let port = server.address.port();
    let (target, address) = (format!("localhost:{port}"), format!("127.0.0.1:{port}"));
    run([&[&target, "--connect", &address, "--cacert", text(&pki.root)], flags].concat())
}

/// The JSON document of the same.
fn document(server: &Server, pki: &Pki, flags: &[&str]) -> Value {
    trace(server, pki, &[flags, &["--format", "json"]].concat()).json()
}

/// A handshake that is complete, proven and trusted, with these messages up to both Finished.
fn assert_complete(server: &Server, pki: &Pki, flags: &[&str], messages: &[&str]) -> Value {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    let document = document(server, pki, &[flags, &["--save", text(&saved)]].concat());
    assert_eq!(document["verdict"]["exit_code"], 0, "{:#}", document["verdict"]);
    assert_eq!(document["facts"]["verified"], true);
    assert_eq!(names(&document), messages);
    let checks = states(&document);
    for (id, state) in &checks {
        assert_ne!(*state, "fails", "{id}");
    }
    let proof =
        if document["facts"]["tls"] == "1.3" { "certificate_verify.server" } else { "server_key_exchange" };
    for id in ["finished.server", "finished.client", proof, "cert.name", "cert.chain"] {
        let found: Vec<_> = checks.iter().filter(|(check, _)| check.starts_with(id)).collect();
        assert!(!found.is_empty() || id.starts_with("cert."), "{id} is not among {checks:?}");
        assert!(found.iter().all(|(_, state)| *state == "holds"), "{found:?}");
    }
    let chain: Vec<_> = document["connections"][0]["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["role"].as_str().unwrap())
        .collect();
    assert_eq!(chain, ["leaf", "intermediate", "root"]);
    disproves_itself(&saved);
    document
}

/// The names of the handshake's messages. Tickets of TLS 1.3, which some servers send before our Finished, are none.
fn names(document: &Value) -> Vec<String> {
    let messages = document["connections"][0]["messages"].as_array().unwrap();
    let tls13 = document["facts"]["tls"] == "1.3";
    let mut names = Vec::new();
    let mut finished = 0;
    for message in messages {
        let name = message["type"].as_str().unwrap();
        let ticket = tls13 && name == "NewSessionTicket";
        if finished < 2 && !ticket && !matches!(name, "ChangeCipherSpec" | "Alert") {
            finished += usize::from(name == "Finished");
            names.push(format!("{} {name}", if message["direction"] == "client" { ">" } else { "<" }));
        }
    }
    names
}

fn states(document: &Value) -> Vec<(&str, &str)> {
    let checks = document["connections"][0]["checks"].as_array().unwrap();
    checks.iter().map(|check| (check["id"].as_str().unwrap(), check["state"].as_str().unwrap())).collect()
}

/// With one byte of the recorded ClientHello's cipher suites changed, every proof over the transcript fails: none of them
/// was taken from the engine's word.
fn disproves_itself(saved: &std::path::Path) {
    let mut session = saved::parse(&std::fs::read(saved).unwrap()).unwrap();
    let capture = &mut session.captures[0];
    let first = capture.events.iter_mut().find_map(|event| match event {
        Event::Bytes { direction: Direction::Client, bytes, .. } => Some(bytes),
        _ => None,
    });
    let hello = first.unwrap();
    // The session id is behind the record's header, the message's, legacy_version and random.
    let suites = 5 + 4 + 2 + 32 + 1 + usize::from(hello[5 + 4 + 2 + 32]);
    let length = usize::from(u16::from_be_bytes([hello[suites], hello[suites + 1]]));
    hello[suites + 2 + length - 1] ^= 1;
    let trace = Trace::of(capture);
    let proofs: Vec<_> = trace.handshakes.iter().flat_map(|handshake| &handshake.proofs).collect();
    assert!(proofs.iter().any(|proof| proof.what == Proven::ServerFinished));
    for proof in proofs.iter().filter(|proof| proof.what != Proven::ServerKeyExchange) {
        assert!(proof.state.fails(), "{proof:?}");
    }
}

#[test]
fn openssl_with_every_kind_of_key() {
    let pki = Pki::new();
    for (key, sigalg) in [
        (Key::EcdsaP256, "ecdsa_secp256r1_sha256"),
        (Key::EcdsaP384, "ecdsa_secp384r1_sha384"),
        (Key::Ed25519, "ed25519"),
        (Key::Rsa2048, "rsa_pss_rsae_sha"),
    ] {
        let server = openssl::serve(&pki.server(key), &[]);
        let facts = assert_complete(&server, &pki, &[], TLS13)["facts"].clone();
        assert_eq!(facts["tls"], "1.3");
        assert!(facts["sigalg"].as_str().unwrap().starts_with(sigalg), "{facts}");
        let facts = assert_complete(&server, &pki, &["--tls-max", "1.2"], TLS12)["facts"].clone();
        assert_eq!(facts["tls"], "1.2");
    }
}

#[test]
fn openssl_with_every_suite() {
    let pki = Pki::new();
    let (ecdsa, rsa) = (pki.server(Key::EcdsaP256), pki.server(Key::Rsa2048));
    let server = openssl::serve(&ecdsa, &[]);
    for suite in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
        assert_eq!(assert_complete(&server, &pki, &["--ciphers", suite], TLS13)["facts"]["cipher"], suite);
    }
    for (credentials, kind) in [(&ecdsa, "ECDSA"), (&rsa, "RSA")] {
        let server = openssl::serve(credentials, &["-tls1_2"]);
        for cipher in ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"] {
            let suite = format!("TLS_ECDHE_{kind}_WITH_{cipher}");
            assert_eq!(
                assert_complete(&server, &pki, &["--ciphers", &suite], TLS12)["facts"]["cipher"],
                suite.as_str()
            );
        }
    }
}

#[test]
fn openssl_asks_for_another_group() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-groups", "P-384"]);
    let messages = [&["> ClientHello", "< HelloRetryRequest"], TLS13].concat();
    let facts = assert_complete(&server, &pki, &[], &messages)["facts"].clone();
    assert_eq!((&facts["retry"], &facts["group"]), (&true.into(), &"secp384r1".into()));
}

#[test]
fn openssl_resumes_with_early_data() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-early_data"]);
    let directory = scratch();
    let early = file(&directory, "early");
    std::fs::write(&early, "hello\n").unwrap();
    let document = document(&server, &pki, &["--early-data", text(&early)]);
    assert_eq!(document["verdict"]["exit_code"], 0, "{:#}", document["verdict"]);
    assert_eq!(
        (&document["facts"]["resumed"], &document["facts"]["early_data"]),
        (&true.into(), &true.into())
    );
}

#[test]
fn what_is_not_trusted_is_traced_to_its_end() {
    let (pki, other) = (Pki::new(), Pki::new());
    let server = openssl::serve(&pki.server(Key::Rsa2048), &[]);
    let stranger = document(&server, &other, &[]);
    assert_eq!(stranger["verdict"]["exit_code"], 1, "{:#}", stranger["verdict"]);
    assert_eq!(names(&stranger), TLS13);
    assert!(states(&stranger).contains(&("finished.server", "holds")));
    let name = document(&server, &pki, &["--verify-name", "other.test"]);
    assert_eq!(name["verdict"]["id"], "cert.name_mismatch");
    let late = document(&server, &pki, &["--at", "2100-01-01"]);
    assert_eq!(late["verdict"]["id"], "cert.expired");
    let port = server.address.port();
    let (target, address) = (format!("localhost:{port}"), format!("127.0.0.1:{port}"));
    let enforced = run([&target, "--connect", &address, "--trust", "mozilla", "--enforce", "-q"]);
    assert_eq!(enforced.code, 1, "{enforced:?}");
    assert!(server.log().contains("unknown ca"), "{}", server.log());
}

#[test]
fn gnutls_both_versions() {
    let pki = Pki::new();
    for key in [Key::Rsa2048, Key::EcdsaP256] {
        let server = gnutls::serve(&pki.server(key), "NORMAL", &["--disable-client-cert"]);
        assert_complete(&server, &pki, &[], TLS13);
        assert_complete(&server, &pki, &["--tls-max", "1.2"], TLS12);
    }
}

#[test]
fn nginx_both_versions() {
    let pki = Pki::new();
    let (ecdsa, rsa) = (pki.server(Key::EcdsaP256), pki.server(Key::Rsa2048));
    let server = nginx::serve(&[&ecdsa, &rsa], "ssl_protocols TLSv1.2 TLSv1.3;");
    assert_complete(&server, &pki, &["--alpn", "h2,http/1.1"], TLS13);
    for kind in ["ECDSA", "RSA"] {
        let suite = format!("TLS_ECDHE_{kind}_WITH_AES_256_GCM_SHA384");
        let document = assert_complete(&server, &pki, &["--tls-max", "1.2", "--ciphers", &suite], TLS12);
        assert_eq!(document["facts"]["cipher"], suite.as_str());
    }
}

#[test]
fn java_both_versions() {
    let pki = Pki::new();
    let server = java::serve(&pki.server(Key::EcdsaP256), &["TLSv1.3", "TLSv1.2"]);
    assert_complete(&server, &pki, &[], TLS13);
    let messages: Vec<_> = names(&document(&server, &pki, &["--tls-max", "1.2"]));
    // Whether there is a ticket depends on Java's version.
    let without: Vec<_> = messages.iter().filter(|name| !name.ends_with("NewSessionTicket")).collect();
    assert_eq!(without, TLS12.iter().filter(|name| !name.ends_with("NewSessionTicket")).collect::<Vec<_>>());
}

/// Flags with a client's certificate.
fn presenting(client: &Credentials) -> [&str; 4] {
    ["--cert", text(&client.chain), "--key", text(&client.key)]
}

/// The verdict of `times` runs of the same command.
fn assert_stable(
    server: &Server,
    pki: &Pki,
    flags: &[&str],
    times: usize,
    code: i32,
    id: Option<&str>,
    outcome: &str,
) {
    for nth in 1..=times {
        let shown = trace(server, pki, &[flags, &["--format", "json"]].concat());
        let document = shown.json();
        let got = (shown.code, document["verdict"]["id"].as_str());
        assert_eq!(got, (code, id), "run {nth} of {flags:?}: {:#}", document["verdict"]);
        assert_eq!(document["connections"][0]["client_auth"]["outcome"], outcome, "run {nth} of {flags:?}");
    }
}

#[test]
fn openssl_requires_a_client_certificate() {
    let (pki, other) = (Pki::new(), Pki::new());
    let root = text(&pki.root).to_owned();
    let server = openssl::serve(
        &pki.server(Key::EcdsaP256),
        &["-Verify", "2", "-verify_return_error", "-CAfile", &root],
    );
    let (client, stranger) = (pki.client(Key::EcdsaP256), other.client(Key::EcdsaP256));
    assert_stable(&server, &pki, &[], 100, 4, Some("client_cert.required"), "refused");
    assert_stable(&server, &pki, &presenting(&client), 100, 0, None, "accepted");
    assert_stable(&server, &pki, &presenting(&stranger), 100, 4, Some("client_cert.refused"), "refused");
    let tls12 = ["--tls-max", "1.2"];
    assert_stable(&server, &pki, &tls12, 20, 4, Some("client_cert.required"), "refused");
    assert_stable(&server, &pki, &[&presenting(&client), &tls12[..]].concat(), 10, 0, None, "accepted");
    let shown = trace(&server, &pki, &["--width", "400"]).out;
    assert!(shown.contains("Test Root") && shown.contains("--cert CLIENT.pem --key CLIENT.key"), "{shown}");
}

#[test]
fn openssl_takes_a_client_certificate_or_none() {
    let pki = Pki::new();
    let root = text(&pki.root).to_owned();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-verify", "2", "-CAfile", &root]);
    assert_stable(&server, &pki, &[], 100, 0, None, "accepted");
    assert_stable(&server, &pki, &presenting(&pki.client(Key::Rsa2048)), 100, 0, None, "accepted");
    let messages = document(&server, &pki, &presenting(&pki.client(Key::EcdsaP256)));
    assert!(names(&messages).contains(&"> CertificateVerify".to_owned()), "{:?}", names(&messages));
    assert!(states(&messages).contains(&("certificate_verify.client", "holds")));
}

#[test]
fn gnutls_requires_a_client_certificate() {
    let pki = Pki::new();
    let root = text(&pki.root).to_owned();
    let flags = ["--require-client-cert", "--verify-client-cert", "--x509cafile", &root];
    let server = gnutls::serve(&pki.server(Key::Rsa2048), "NORMAL", &flags);
    assert_stable(&server, &pki, &[], 10, 4, Some("client_cert.required"), "refused");
    assert_stable(&server, &pki, &presenting(&pki.client(Key::EcdsaP256)), 10, 0, None, "accepted");
}

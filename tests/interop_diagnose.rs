//! The classics: real servers that refuse, and what `--diagnose` finds out about them. Without it the verdict names
//! what one handshake shows.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use common::{run, text};
use serde_json::Value;
use support::pki::{Key, Pki};
use support::{gnutls, haproxy, nginx, openssl};

/// The document about a server that is called localhost.
fn document(address: SocketAddr, pki: &Pki, flags: &[&str]) -> Value {
    let (target, address) = (format!("localhost:{}", address.port()), address.to_string());
    run([&[&target, "--connect", &address, "--cacert", text(&pki.root), "--json"], flags].concat()).json()
}

/// With experiments: id and certainty of the conclusion.
#[track_caller]
fn found(address: SocketAddr, pki: &Pki, flags: &[&str], id: &str, certainty: &str, says: &str) {
    let document = document(address, pki, &[flags, &["--diagnose"]].concat());
    let diagnosis = &document["diagnosis"];
    assert_eq!(diagnosis["id"], id, "{diagnosis:#}");
    assert_eq!(diagnosis["certainty"], certainty, "{diagnosis:#}");
    assert!(diagnosis["conclusion"].as_str().unwrap().contains(says), "{diagnosis:#}");
    assert!(diagnosis["experiments"].as_array().unwrap().len() <= 24);
    assert_eq!(document["verdict"]["exit_code"], 4, "{:#}", document["verdict"]);
}

/// Without: the verdict's id, and whether it offers experiments.
#[track_caller]
fn verdict(address: SocketAddr, pki: &Pki, flags: &[&str], id: &str, offers: bool) -> Value {
    let verdict = document(address, pki, flags)["verdict"].clone();
    assert_eq!(verdict["id"], id, "{verdict:#}");
    assert_eq!(verdict["exit_code"], 4, "{verdict:#}");
    let next = verdict["try"].as_array().cloned().unwrap_or_default();
    assert_eq!(next.iter().any(|word| word == "--diagnose"), offers, "{verdict:#}");
    verdict
}

#[test]
fn nginx_without_a_certificate_for_the_name() {
    let pki = Pki::new();
    let server = nginx::serve(&[&pki.server(Key::EcdsaP256)], "ssl_reject_handshake on;");
    verdict(server.address, &pki, &[], "alert.unrecognized_name", false);
    found(server.address, &pki, &[], "diagnosis.server_name", "certain", "does not serve the name localhost");
}

#[test]
fn s_server_with_one_old_version() {
    let pki = Pki::new();
    let old = ["-cipher", "ALL:@SECLEVEL=0"];
    for (flag, version) in [("-tls1", "TLS 1.0"), ("-tls1_1", "TLS 1.1")] {
        let server = openssl::serve(&pki.server(Key::Rsa2048), &[&[flag], &old[..]].concat());
        found(server.address, &pki, &["--engine", "rustls"], "diagnosis.old_version", "certain", version);
    }
}

#[test]
fn s_server_with_one_version_of_today() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-tls1_3"]);
    found(server.address, &pki, &["--tls-max", "1.2"], "diagnosis.version", "certain", "TLS 1.3 only");
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-tls1_2"]);
    found(server.address, &pki, &["--tls-min", "1.3"], "diagnosis.version", "certain", "TLS 1.2");
}

#[test]
fn s_server_with_one_suite() {
    let pki = Pki::new();
    for (key, suite, name) in [
        (Key::EcdsaP256, "ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        (Key::Rsa2048, "AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        (Key::Rsa2048, "DHE-RSA-AES128-GCM-SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
    ] {
        let server = openssl::serve(&pki.server(key), &["-tls1_2", "-cipher", suite]);
        verdict(server.address, &pki, &["--engine", "rustls"], "alert.handshake_failure", true);
        found(server.address, &pki, &["--engine", "rustls"], "diagnosis.cipher_suite", "certain", name);
    }
}

#[test]
fn s_server_with_one_group() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &["-groups", "P-521"]);
    found(server.address, &pki, &["--groups", "X25519"], "diagnosis.group", "certain", "secp521r1");
}

/// Only a certificate could show more: nothing is tried.
#[test]
fn a_client_certificate_is_required() {
    let pki = Pki::new();
    // In TLS 1.2 the alert is handshake_failure, which might mean something else.
    for (version, certainty) in [("-tls1_2", "likely"), ("-tls1_3", "certain")] {
        let flags = [version, "-Verify", "1", "-verify_return_error", "-CAfile", text(&pki.root)];
        let server = openssl::serve(&pki.server(Key::EcdsaP256), &flags);
        let verdict = verdict(server.address, &pki, &[], "client_cert.required", false);
        assert_eq!(verdict["causes"][0]["certainty"], certainty, "{version}: {verdict:#}");
        let document = document(server.address, &pki, &["--diagnose"]);
        assert_eq!(document["diagnosis"], Value::Null, "{document:#}");
    }
}

#[test]
fn gnutls_serv_with_priorities() {
    let pki = Pki::new();
    let server = gnutls::serve(
        &pki.server(Key::Rsa2048),
        "NONE:+VERS-TLS1.2:+CIPHER-ALL:+MAC-ALL:+SIGN-ALL:+RSA:+COMP-NULL",
        &["--disable-client-cert"],
    );
    found(server.address, &pki, &["--engine", "rustls"], "diagnosis.cipher_suite", "certain", "TLS_RSA_WITH");
    let server = gnutls::serve(
        &pki.server(Key::Rsa2048),
        "NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT",
        &["--disable-client-cert"],
    );
    found(server.address, &pki, &["--engine", "rustls"], "diagnosis.old_version", "certain", "TLS 1.0");
    let server = gnutls::serve(
        &pki.server(Key::Rsa2048),
        "NORMAL:-GROUP-ALL:+GROUP-SECP521R1",
        &["--disable-client-cert"],
    );
    found(server.address, &pki, &["--groups", "X25519"], "diagnosis.group", "certain", "secp521r1");
}

#[test]
fn haproxy_with_strict_sni() {
    let pki = Pki::new();
    let server = haproxy::serve(&pki.server(Key::EcdsaP256), "strict-sni");
    let flags = ["--sni", "unknown.example"];
    found(server.address, &pki, &flags, "diagnosis.server_name", "certain", "");
    found(server.address, &pki, &["--no-sni"], "diagnosis.needs_server_name", "certain", "needs SNI");
    assert_eq!(document(server.address, &pki, &[])["verdict"]["exit_code"], 0);
}

#[test]
fn http_on_the_port() {
    let pki = Pki::new();
    let server = nginx::plain();
    verdict(server.address, &pki, &[], "plaintext", false);
    found(server.address, &pki, &[], "diagnosis.nothing_helps", "likely", "not TLS");
}

#[test]
fn smtp_on_the_port() {
    let pki = Pki::new();
    let address = smtp();
    verdict(address, &pki, &[], "plaintext", false);
    found(address, &pki, &[], "diagnosis.nothing_helps", "likely", "not TLS");
}

/// A mail server that greets at once, as all of them do.
fn smtp() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let _ = client.write_all(b"220 mail.example ESMTP\r\n");
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(b"500 5.5.2 Error: command not recognized\r\n");
        }
    });
    address
}

/// What a middlebox of ours does with a ClientHello that it does not like: by its length, or as it comes.
#[derive(Clone, Copy)]
enum Middlebox {
    /// Drops what is longer.
    Drops(usize),
    Resets(usize),
    /// Resets records that are longer.
    ResetsRecords(usize),
}

fn middlebox(server: SocketAddr, kind: Middlebox) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            thread::spawn(move || {
                let (mut bytes, mut record) = (Vec::new(), 0);
                // All records of the ClientHello, whose own length is in the first.
                let mut left = 4;
                while left > 0 {
                    let mut header = [0; 5];
                    if client.read_exact(&mut header).is_err() {
                        return;
                    }
                    let mut body = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
                    client.read_exact(&mut body).unwrap();
                    if bytes.is_empty() {
                        left += u32::from_be_bytes([0, body[1], body[2], body[3]]) as usize;
                    }
                    left -= body.len();
                    record = record.max(5 + body.len());
                    bytes.extend([&header[..], &body].concat());
                }
                let len = bytes.len();
                match kind {
                    Middlebox::Drops(most) if len > most => drop(client.read_to_end(&mut Vec::new())),
                    Middlebox::Resets(most) if len > most => reset(&client),
                    Middlebox::ResetsRecords(most) if record > most => reset(&client),
                    _ => forward(client, server, &bytes),
                }
            });
        }
    });
    address
}

fn reset(client: &TcpStream) {
    socket2::SockRef::from(client).set_linger(Some(std::time::Duration::ZERO)).unwrap();
}

fn forward(mut client: TcpStream, server: SocketAddr, first: &[u8]) {
    let mut server = TcpStream::connect(server).unwrap();
    let _ = server.write_all(first);
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(std::net::Shutdown::Write);
}

#[test]
fn a_middlebox_in_front_of_nginx() {
    let pki = Pki::new();
    let server = nginx::serve(&[&pki.server(Key::EcdsaP256)], "");
    let resets = middlebox(server.address, Middlebox::Resets(1400));
    // The second attempt gets through: what it lacks, the offer of TLS 1.3 or the size, is for experiments to say.
    verdict(resets, &pki, &[], "server.lab_only", true);
    found(resets, &pki, &[], "diagnosis.size", "certain", "in two records or segments it fails as well");
    let records = middlebox(server.address, Middlebox::ResetsRecords(1400));
    found(records, &pki, &[], "diagnosis.size", "certain", "in two records the same ClientHello is answered");
    let drops = middlebox(server.address, Middlebox::Drops(1400));
    let document = document(drops, &pki, &["--diagnose", "--max-time", "20"]);
    assert_eq!(document["diagnosis"]["id"], "diagnosis.size", "{:#}", document["diagnosis"]);
    assert_eq!(document["verdict"]["exit_code"], 5);
}

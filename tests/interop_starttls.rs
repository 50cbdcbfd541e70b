//! STARTTLS with other people's servers: the dialogue is shown, the handshake behind it is verified, and a capture of it
//! shows the same dialogue.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use common::{file, run, scratch, text};
use serde_json::Value;
use support::clear;
use support::pki::{Key, Pki};

/// Traces a server on loopback that is called localhost.
fn trace(port: u16, pki: &Pki, flags: &[&str]) -> common::Run {
    let (target, resolve) = (format!("localhost:{port}"), format!("localhost:{port}:127.0.0.1"));
    let words =
        [target.as_str(), "--resolve", &resolve, "--cacert", text(&pki.root), "--max-time", "30", "--json"];
    run(words.iter().chain(flags))
}

fn dialogue(report: &Value) -> Value {
    let mut dialogue = report["connections"][0]["dialogues"][0].clone();
    // Times are the wire's in the one, and ours in the other.
    for said in dialogue["said"].as_array_mut().into_iter().flatten() {
        said["at_us"] = Value::Null;
    }
    for time in ["at_us", "elapsed_us"] {
        dialogue[time] = Value::Null;
    }
    dialogue
}

/// It leads to a verified handshake; `says` is among the server's lines. The capture that is written of it has it too.
fn leads_to_tls(protocol: &str, port: u16, pki: &Pki, says: &str) {
    let directory = scratch();
    let packets = file(&directory, "packets.pcapng");
    let live = trace(port, pki, &["--starttls", protocol, "--pcap", text(&packets)]);
    assert_eq!(live.code, 0, "{protocol}: {live:?}");
    let shown = dialogue(&live.json());
    assert_eq!(
        (shown["protocol"].as_str(), shown["outcome"].as_str()),
        (Some(protocol), Some("agreed")),
        "{shown}"
    );
    assert_eq!(shown["injected"], 0, "{shown}");
    assert!(shown["said"].to_string().contains(says), "{protocol}: {says}: {shown}");
    let read = run(["read", text(&packets), "--cacert", text(&pki.root), "--json"]);
    assert_eq!(read.code, 0, "{protocol}: {read:?}");
    assert_eq!(dialogue(&read.json()), shown, "{protocol}");
}

/// Without it the report says what to try.
fn names_the_protocol(protocol: &str, port: u16, pki: &Pki) {
    let wrong = trace(port, pki, &[]);
    assert_eq!(wrong.code, 4, "{protocol}: {wrong:?}");
    let next = wrong.json()["verdict"]["try"].to_string();
    assert!(next.contains(&format!("\"--starttls\",\"{protocol}\"")), "{protocol}: {next}");
}

#[test]
fn exim() {
    let pki = Pki::new();
    let server = clear::exim(&pki.server(Key::EcdsaP256));
    let port = server.address.port();
    leads_to_tls("smtp", port, &pki, "250-STARTTLS");
    names_the_protocol("smtp", port, &pki);
    let other = trace(port, &pki, &["--starttls", "imap"]);
    assert_eq!(
        (other.code, other.json()["verdict"]["id"].as_str()),
        (3, Some("starttls.unexpected")),
        "{other:?}"
    );
}

#[test]
fn dovecot() {
    let pki = Pki::new();
    let (server, [pop3, sieve, lmtp]) = clear::dovecot(&pki.server(Key::EcdsaP256));
    let imap = server.0.address.port();
    for (protocol, port, says) in [
        ("imap", imap, "STARTTLS"),
        ("pop3", pop3, "STLS"),
        ("managesieve", sieve, "STARTTLS"),
        ("lmtp", lmtp, "STARTTLS"),
    ] {
        leads_to_tls(protocol, port, &pki, says);
    }
    names_the_protocol("imap", imap, &pki);
    names_the_protocol("pop3", pop3, &pki);
}

#[test]
fn vsftpd() {
    let pki = Pki::new();
    let server = clear::vsftpd(&pki.server(Key::Rsa2048));
    leads_to_tls("ftp", server.address.port(), &pki, "AUTH TLS");
    names_the_protocol("ftp", server.address.port(), &pki);
}

#[test]
fn slapd() {
    let pki = Pki::new();
    let server = clear::slapd(&pki.server(Key::Rsa2048), &pki.root);
    leads_to_tls("ldap", server.address.port(), &pki, "success (0)");
}

#[test]
fn postgres() {
    let pki = Pki::new();
    let credentials = pki.server(Key::EcdsaP256);
    let server = clear::postgres(&credentials, true);
    leads_to_tls("postgres", server.0.address.port(), &pki, "S: TLS may begin");
    let without = clear::postgres(&credentials, false);
    let refused = trace(without.0.address.port(), &pki, &["--starttls", "postgres"]);
    assert_eq!((refused.code, refused.json()["verdict"]["id"].as_str()), (3, Some("starttls.not_offered")));
}

#[test]
fn mariadb() {
    let pki = Pki::new();
    let server = clear::mariadb(&pki.server(Key::Rsa2048));
    leads_to_tls("mysql", server.address.port(), &pki, "MariaDB");
    names_the_protocol("mysql", server.address.port(), &pki);
}

#[test]
fn prosody() {
    let pki = Pki::new();
    let (server, servers) = clear::prosody(&pki.server(Key::EcdsaP256));
    leads_to_tls("xmpp", server.address.port(), &pki, "proceed");
    leads_to_tls("xmpp-server", servers, &pki, "proceed");
}

#[test]
fn inspircd() {
    let pki = Pki::new();
    let server = clear::inspircd(&pki.server(Key::Rsa2048));
    leads_to_tls("irc", server.address.port(), &pki, " 670 ");
}

/// It speaks first, and TLS follows without a word of the client.
#[test]
fn nats() {
    let pki = Pki::new();
    let credentials = pki.server(Key::EcdsaP256);
    let server = clear::nats(&credentials, true);
    leads_to_tls("nats", server.address.port(), &pki, "tls_required");
    names_the_protocol("nats", server.address.port(), &pki);
    let without = clear::nats(&credentials, false);
    let refused = trace(without.address.port(), &pki, &["--starttls", "nats"]);
    assert_eq!((refused.code, refused.json()["verdict"]["id"].as_str()), (3, Some("starttls.not_offered")));
}

#[test]
fn xrdp() {
    let pki = Pki::new();
    let credentials = pki.server(Key::Rsa2048);
    let server = clear::xrdp(&credentials, "tls");
    leads_to_tls("rdp", server.address.port(), &pki, "X.224 Connection Confirm: TLS");
    names_the_protocol("rdp", server.address.port(), &pki);
    let without = clear::xrdp(&credentials, "rdp");
    let refused = trace(without.address.port(), &pki, &["--starttls", "rdp"]);
    assert_eq!(
        (refused.code, refused.json()["verdict"]["id"].as_str()),
        (3, Some("starttls.not_offered")),
        "{refused:?}"
    );
}

/// `sslnegotiation=direct`: TLS from the first byte, which the server takes with its application protocol alone.
#[test]
fn postgres_without_a_dialogue() {
    let pki = Pki::new();
    let server = clear::postgres_direct(&pki.server(Key::EcdsaP256));
    let port = server.0.address.port();
    leads_to_tls("postgres", port, &pki, "S: TLS may begin");
    let url = format!("postgres://localhost:{port}/db?sslnegotiation=direct");
    let resolve = format!("localhost:{port}:127.0.0.1");
    let direct = run([&url, "--resolve", &resolve, "--cacert", text(&pki.root), "--json"]);
    assert_eq!(direct.code, 0, "{direct:?}");
    let report = direct.json();
    assert_eq!(report["facts"]["alpn"], "postgresql", "{report:#}");
    assert_eq!(report["connections"][0]["dialogues"], serde_json::json!([]), "{report:#}");
}

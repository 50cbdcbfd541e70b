//! What other people's servers do besides the handshake: tickets, warnings, renegotiation.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::io::Write;
use std::process::Stdio;

use common::{Run, command, finish, run, text};
use serde_json::Value;
use support::pki::{Key, Pki};
use support::{Server, apache, gnutls, openssl};

/// The words that trace a server on loopback that is called localhost.
fn words<'a>(server: &Server, pki: &'a Pki, flags: &[&'a str]) -> Vec<String> {
    let port = server.address.port();
    let target = [format!("localhost:{port}"), "--connect".into(), format!("127.0.0.1:{port}")];
    let flags = ["--cacert", text(&pki.root)].into_iter().chain(flags.iter().copied()).map(str::to_owned);
    target.into_iter().chain(flags).collect()
}

fn document(server: &Server, pki: &Pki, flags: &[&str]) -> Value {
    run(words(server, pki, &[flags, &["--format", "json"]].concat())).json()
}

fn finding(document: &Value, id: &str) -> Option<String> {
    let findings = document["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["id"] == id).map(Value::to_string)
}

/// `--pipe` with this input.
fn pipe(server: &Server, pki: &Pki, flags: &[&str], input: &str) -> Run {
    let mut command = command(words(server, pki, &[&["--pipe"], flags].concat()));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    finish(child.wait_with_output().unwrap())
}

#[test]
fn two_tickets_are_two_every_time() {
    let pki = Pki::new();
    let credentials = pki.server(Key::EcdsaP256);
    let server = openssl::serve(&credentials, &[]);
    for time in 0..100 {
        let document = document(&server, &pki, &[]);
        assert_eq!(document["verdict"]["exit_code"], 0);
        let messages = document["connections"][0]["messages"].as_array().unwrap();
        let tickets = messages.iter().filter(|message| message["type"] == "NewSessionTicket").count();
        assert_eq!(tickets, 2, "run {time}");
    }
}

#[test]
fn a_name_that_the_server_warns_of_is_told() {
    let pki = Pki::new();
    let credentials = pki.server(Key::EcdsaP256);
    let (certificate, key) = (text(&credentials.certificate), text(&credentials.key));
    let flags = ["-tls1_2", "-servername", "elsewhere.lab.test", "-cert2", certificate, "-key2", key];
    let server = openssl::serve(&credentials, &flags);
    let document = document(&server, &pki, &[]);
    assert_eq!(document["verdict"]["exit_code"], 0, "{:#}", document["verdict"]);
    let told = finding(&document, "name.unrecognized_warning").unwrap();
    assert!(told.contains("Java"), "{told}");
}

#[test]
fn a_server_without_extended_master_secret_is_told() {
    let pki = Pki::new();
    let credentials = pki.server(Key::EcdsaP256);
    const ID: &str = "weak.no_extended_master_secret";
    for (priority, missing) in
        [("NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH", true), ("NORMAL:-VERS-ALL:+VERS-TLS1.2", false)]
    {
        let server = gnutls::serve(&credentials, priority, &[]);
        let document = document(&server, &pki, &[]);
        assert_eq!(document["verdict"]["exit_code"], 0, "{:#}", document["verdict"]);
        assert_eq!(finding(&document, ID).is_some(), missing, "{priority}");
    }
}

/// Apache asks for the certificate once it has read the request, by a renegotiation.
#[test]
fn a_renegotiation_that_we_refuse_is_named_as_the_cause() {
    let pki = Pki::new();
    let server = apache::serve_private(&pki, &pki.server(Key::EcdsaP256));
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    let public = pipe(&server, &pki, &[], &get("/index.html"));
    assert!(public.code == 0 && public.out.ends_with("public\n"), "{public:#?}");
    assert!(!public.err.contains("renegotiation"), "{public:#?}");

    let private = pipe(&server, &pki, &[], &get("/private"));
    assert_eq!(private.code, 4);
    for needle in ["id        renegotiation.refused", "SSLVerifyClient"] {
        assert!(private.err.contains(needle), "no {needle:?} in {private:#?}");
    }

    // What it says to try gets through, once there is a certificate.
    let tried = ["--engine", "lab", "--tls-max", "1.2", "--allow-weak"];
    let words = private.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&tried.join(" ")), "{words}");
    let client = pki.client(Key::Rsa2048);
    let certificate = ["--cert", text(&client.chain), "--key", text(&client.key)];
    let through = pipe(&server, &pki, &[&tried[..], &certificate].concat(), &get("/private"));
    assert_eq!(through.code, 0, "{through:#?}");
    assert!(through.out.contains("404 Not Found"), "{through:#?}");
    assert!(through.err.contains("2 certificates sent"), "{through:#?}");
}

/// rustls offers no rsa_pss_pss_*; the lab engine does. Version and suite are today's, and not the cause.
#[test]
fn a_key_for_pss_alone_is_named_as_the_cause() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::RsaPss2048), &[]);
    let failed = document(&server, &pki, &[]);
    let verdict = &failed["verdict"];
    assert_eq!(
        (&verdict["id"], &verdict["exit_code"]),
        (&"server.lab_only".into(), &4.into()),
        "{verdict:#}"
    );
    assert!(verdict["summary"].as_str().unwrap().contains("rsa_pss_pss_sha"), "{verdict:#}");
    assert!(!failed.to_string().contains("ECDHE suites with an AEAD"), "{verdict:#}");
    let words =
        verdict["try"].as_array().unwrap().iter().skip(1).map(|word| word.as_str().unwrap().to_owned());
    let next = run(words).json();
    assert_eq!(next["verdict"]["exit_code"], 0, "{:#}", next["verdict"]);
}

#[test]
fn an_intermediate_that_the_server_cannot_find_is_named() {
    let pki = Pki::new();
    let client = pki.client(Key::EcdsaP256);
    let flags = ["-Verify", "2", "-verify_return_error", "-CAfile", text(&pki.root)];
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &flags);
    let with = |chain| run(words(&server, &pki, &["--cert", text(chain), "--key", text(&client.key)]));
    let alone = with(&client.certificate);
    assert_eq!(alone.code, 4, "{alone:#?}");
    let words = alone.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Test Issuing CA is missing: append it to the file given with --cert"), "{words}");
    let whole = with(&client.chain);
    assert!(whole.code == 0 && !whole.out.contains("is missing"), "{whole:#?}");
}

//! Everyday use against other people's programs: tshark opens a trace with the key log, and servers ask for client
//! certificates, with the same verdict and exit code every time.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::fs;

use common::{file, for_each, run, scratch, text};
use support::pki::{Credentials, Key, Pki};
use support::{Server, gnutls, java, nginx, openssl, program};
use tls_trace::capture::saved;

/// How often the same command is run.
const TIMES: usize = 100;

/// The words that trace a server on loopback that is called localhost.
fn words<'a>(server: &Server, pki: &'a Pki, flags: &[&'a str]) -> Vec<String> {
    let port = server.address.port();
    let (target, resolve) = (format!("localhost:{port}"), format!("localhost:{port}:127.0.0.1"));
    let words = [target.as_str(), "--resolve", &resolve, "--cacert", text(&pki.root)];
    words.iter().chain(flags).map(|word| (*word).to_owned()).collect()
}

/// What tshark sees in a trace that is opened with a key log: the lines of its summary's last column, and the numbers
/// of the handshake's message types.
fn tshark(capture: &tls_trace::capture::Capture, keys: &str) -> (String, Vec<u8>) {
    let directory = scratch();
    let (wire, log) = (file(&directory, "trace.pcap"), file(&directory, "keys"));
    fs::write(&wire, support::pcap::pcap(capture)).unwrap();
    fs::write(&log, keys).unwrap();
    let show = |words: &[&str]| {
        let mut command = program("tshark", "tshark");
        // Its settings and those of its user play no part.
        command.env("HOME", directory.path()).env("XDG_CONFIG_HOME", directory.path());
        command.arg("-o").arg(format!("tls.keylog_file:{}", log.display()));
        let output = command.arg("-r").arg(&wire).args(words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let types = show(&["-T", "fields", "-e", "tls.handshake.type"]);
    let types = types.split([',', '\n', '\t']).filter(|number| !number.is_empty());
    (show(&["-T", "fields", "-e", "_ws.col.Info"]), types.map(|number| number.parse().unwrap()).collect())
}

const ENCRYPTED_EXTENSIONS: u8 = 8;
const CERTIFICATE: u8 = 11;
const CERTIFICATE_VERIFY: u8 = 15;
const FINISHED: u8 = 20;

#[test]
fn tshark_opens_a_trace_with_the_key_log() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
    let directory = scratch();
    for version in ["1.3", "1.2"] {
        let (keys, trace) = (file(&directory, version), file(&directory, "saved.json"));
        let flags = ["--tls-max", version, "--keylog", text(&keys), "--save", text(&trace), "-q"];
        let shown = run(words(&server, &pki, &flags));
        assert_eq!(shown.code, 0, "{shown:#?}");
        let session = saved::parse(&fs::read(&trace).unwrap()).unwrap();
        let keys = fs::read_to_string(&keys).unwrap();

        let (summary, types) = tshark(&session.captures[0], &keys);
        assert_eq!(types.iter().filter(|kind| **kind == FINISHED).count(), 2, "{types:?}\n{summary}");
        assert!(types.contains(&CERTIFICATE) && summary.contains("Finished"), "{types:?}\n{summary}");
        if version == "1.3" {
            assert!(
                types.contains(&ENCRYPTED_EXTENSIONS) && types.contains(&CERTIFICATE_VERIFY),
                "{types:?}"
            );
            assert!(summary.contains("Encrypted Extensions"), "{summary}");
        }
        // It was the key log that opened it.
        let (summary, types) = tshark(&session.captures[0], "");
        assert!(!types.contains(&FINISHED) && !types.contains(&ENCRYPTED_EXTENSIONS), "{types:?}\n{summary}");
    }
}

/// Neither a key log nor a port that is known for TLS is needed.
#[test]
fn tshark_opens_the_packets_that_are_taken_away() {
    let pki = Pki::new();
    let server = openssl::serve(&pki.server(Key::EcdsaP256), &[]);
    let directory = scratch();
    for version in ["1.3", "1.2"] {
        let wire = file(&directory, "trace.pcapng");
        let flags = ["--tls-max", version, "--pcap", text(&wire), "--secrets", "all", "-q"];
        let shown = run(words(&server, &pki, &flags));
        assert_eq!(shown.code, 0, "{shown:#?}");
        let show = |words: &[&str]| {
            let mut command = program("tshark", "tshark");
            command.env("HOME", directory.path()).env("XDG_CONFIG_HOME", directory.path());
            command.args(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]);
            let output = command.arg("-r").arg(&wire).args(words).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let types = show(&["-T", "fields", "-e", "tls.handshake.type"]);
        let types: Vec<u8> = types
            .split([',', '\n', '\t'])
            .filter(|number| !number.is_empty())
            .map(|number| number.parse().unwrap())
            .collect();
        assert_eq!(types.iter().filter(|kind| **kind == FINISHED).count(), 2, "{version}: {types:?}");
        assert!(types.contains(&CERTIFICATE), "{types:?}");
        assert!(version == "1.2" || types.contains(&CERTIFICATE_VERIFY), "{types:?}");
        // Checksums are good, no segment is missing or comes twice.
        let status = show(&["-T", "fields", "-e", "tcp.checksum.status", "-e", "ip.checksum.status"]);
        assert!(status.lines().count() > 8 && status.lines().all(|line| line == "1\t1"), "{status}");
        assert_eq!(show(&["-Y", "tcp.analysis.flags || _ws.malformed"]), "");
    }
}

/// RSA key exchange is decrypted with the server's key, and so is a session that was resumed.
#[test]
fn the_servers_key_decrypts_what_others_recorded() {
    let pki = Pki::new();
    let credentials = pki.server(Key::Rsa2048);
    let server = openssl::serve(&credentials, &["-cipher", "AES128-SHA:AES256-GCM-SHA384", "-no_tls1_3"]);
    let directory = scratch();
    let wire = file(&directory, "trace.pcapng");
    for (flags, finished) in [
        (&["--ciphers", "AES128-SHA"][..], 2),
        (&["--ciphers", "AES256-GCM-SHA384"], 2),
        (&["--ciphers", "AES128-SHA", "--resume"], 4),
    ] {
        let flags = [flags, &["--engine", "lab", "--pcap", text(&wire), "--secrets", "none", "-q"]].concat();
        let live = run(words(&server, &pki, &flags));
        assert_eq!(live.code, 0, "{live:#?}");
        let all = ["read", text(&wire), "--all", "--json", "--decrypt-with", text(&credentials.key)];
        let opened = run(all);
        assert_eq!(opened.out.matches("\"Finished\"").count(), finished, "{flags:?}\n{}", opened.err);
        assert!(!opened.err.contains("not decrypted"), "{}", opened.err);
        // With its packets and its secrets it needs no key any more.
        let cut = file(&directory, "cut.pcapng");
        let words = ["read", text(&wire), "--all", "-q", "--decrypt-with", text(&credentials.key)];
        run(words.into_iter().chain(["--pcap", text(&cut), "--secrets", "all"]));
        let again = run(["read", text(&cut), "--all", "--json"]);
        assert_eq!(again.out.matches("\"Finished\"").count(), finished, "{}", again.err);
    }
    let other = pki.server(Key::Rsa2048).key;
    let sealed = run(["read", text(&wire), "--all", "--decrypt-with", text(&other)]);
    assert!(sealed.err.contains("not decrypted: no private key fits"), "{}", sealed.err);
    let no_rsa = pki.server(Key::EcdsaP256).key;
    let refused = run(["read", text(&wire), "--decrypt-with", text(&no_rsa)]);
    assert!(refused.code == 2 && refused.err.contains("not an RSA key"), "{refused:?}");
}

/// What a client may have to show.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shows {
    Nothing,
    Known,
    Stranger,
}

struct Clients {
    known: Credentials,
    stranger: Credentials,
    /// Holds the stranger's files.
    _others: Pki,
}

impl Clients {
    fn of(pki: &Pki) -> Clients {
        let others = Pki::new();
        Clients {
            known: pki.client(Key::EcdsaP256),
            stranger: others.client(Key::EcdsaP256),
            _others: others,
        }
    }

    fn flags(&self, shows: Shows) -> Vec<&str> {
        let credentials = match shows {
            Shows::Nothing => return Vec::new(),
            Shows::Known => &self.known,
            Shows::Stranger => &self.stranger,
        };
        vec!["--cert", text(&credentials.chain), "--key", text(&credentials.key)]
    }
}

/// With TLS 1.3 and 1.2, each time the same exit code, verdict and word on our certificate.
fn same_every_time(
    server: &Server,
    pki: &Pki,
    clients: &Clients,
    shows: Shows,
    expected: (i32, Option<&str>, &str),
) {
    for version in ["1.3", "1.2"] {
        let flags = [&clients.flags(shows)[..], &["--tls-max", version, "--format", "json"]].concat();
        let words = words(server, pki, &flags);
        let runs: Vec<usize> = (1..=TIMES).collect();
        for_each(
            &runs,
            |nth| format!("run {nth}"),
            |_| {
                let shown = run(&words);
                let document = shown.json();
                let verdict = &document["verdict"];
                let outcome = &document["connections"][0]["client_auth"]["outcome"];
                let got = (shown.code, verdict["id"].as_str(), outcome.as_str().unwrap_or("null"));
                assert_eq!(got, expected, "{shows:?}, TLS {version}: {verdict:#}");
                assert_eq!(verdict["exit_code"], shown.code);
            },
        );
    }
}

const REQUIRED: (i32, Option<&str>, &str) = (4, Some("client_cert.required"), "refused");
const REFUSED: (i32, Option<&str>, &str) = (4, Some("client_cert.refused"), "refused");
const ACCEPTED: (i32, Option<&str>, &str) = (0, None, "accepted");

#[test]
fn gnutls_requires_a_client_certificate() {
    let pki = Pki::new();
    let clients = Clients::of(&pki);
    let root = text(&pki.root).to_owned();
    let flags = ["--require-client-cert", "--verify-client-cert", "--x509cafile", &root];
    let server = gnutls::serve(&pki.server(Key::EcdsaP256), "NORMAL", &flags);
    same_every_time(&server, &pki, &clients, Shows::Nothing, REQUIRED);
    same_every_time(&server, &pki, &clients, Shows::Known, ACCEPTED);
    same_every_time(&server, &pki, &clients, Shows::Stranger, REFUSED);
}

#[test]
fn java_requires_a_client_certificate() {
    let pki = Pki::new();
    let clients = Clients::of(&pki);
    let server = java::serve_known(&pki.server(Key::EcdsaP256), &["TLSv1.3", "TLSv1.2"], &pki.root);
    same_every_time(&server, &pki, &clients, Shows::Nothing, REQUIRED);
    same_every_time(&server, &pki, &clients, Shows::Known, ACCEPTED);
    same_every_time(&server, &pki, &clients, Shows::Stranger, REFUSED);
}

/// nginx takes any client through the handshake, and says 400 to those that it does not like.
#[test]
fn nginx_takes_a_client_certificate_or_none() {
    let pki = Pki::new();
    let clients = Clients::of(&pki);
    let directives = format!(
        "ssl_verify_client optional; ssl_verify_depth 2; ssl_client_certificate {};",
        text(&pki.root)
    );
    let server = nginx::serve(&[&pki.server(Key::EcdsaP256)], &directives);
    same_every_time(&server, &pki, &clients, Shows::Nothing, ACCEPTED);
    same_every_time(&server, &pki, &clients, Shows::Known, ACCEPTED);
}

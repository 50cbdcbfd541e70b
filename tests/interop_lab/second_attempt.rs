//! `--engine auto` against servers that speak only what is old: what is said of them, and that what it says to try works.

use serde_json::Value;

use crate::common::{run, text};
use crate::support::pki::{Key, Pki};
use crate::support::{Server, gnutls, java};
use crate::{common, s_server};

/// The document of a trace of this server, with more flags.
fn document(server: &Server, pki: &Pki, flags: &[&str]) -> Value {
    let port = server.address.port();
    let (target, resolve) = (format!("localhost:{port}"), format!("localhost:{port}:127.0.0.1"));
    let words = [target.as_str(), "--resolve", &resolve, "--cacert", text(&pki.root), "--json"];
    run(words.iter().chain(flags)).json()
}

/// The roles of its connections, with who performed them.
fn connections(document: &Value) -> Vec<String> {
    let connections = document["connections"].as_array().unwrap();
    let of = |it: &Value| format!("{} {}", it["role"].as_str().unwrap(), it["engine"].as_str().unwrap());
    connections.iter().map(of).collect()
}

const PERFORMED: [&str; 3] = ["superseded rustls", "experiment probe", "retry lab"];
const SEEN: [&str; 2] = ["superseded rustls", "retry probe"];

#[track_caller]
fn named(server: &Server, pki: &Pki, expected: &[&str], words: &str) {
    let told = document(server, pki, &[]);
    assert_eq!(connections(&told), expected, "{:#}", told["verdict"]);
    let verdict = &told["verdict"];
    assert_eq!(
        (&verdict["id"], &verdict["exit_code"]),
        (&"server.legacy_only".into(), &4.into()),
        "{verdict:#}"
    );
    assert!(verdict["summary"].as_str().unwrap().contains(words), "{verdict:#}");
    // Asked for by its name, it is performed, and judged for what it is.
    let next = verdict["try"].as_array().unwrap().iter().skip(1).map(|word| word.as_str().unwrap());
    let next = run(next).json();
    assert_eq!(next["verdict"]["exit_code"], 0, "{:#}", next["verdict"]);
    assert_eq!(connections(&next), ["main lab"]);
    // --no-retry
    let once = document(server, pki, &["--no-retry"]);
    assert_eq!(
        (connections(&once), &once["verdict"]["exit_code"]),
        (vec!["main rustls".to_owned()], &4.into())
    );
}

#[test]
fn old_servers_are_named_and_what_to_try_gets_through() {
    let pki = Pki::new();
    let directory = common::scratch();
    let credentials = pki.server(Key::Rsa2048);
    let openssl = |flags: &[&str]| s_server(&credentials, directory.path(), flags);
    // The last -cipher counts.
    let old = ["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"];
    named(&openssl(&old), &pki, &PERFORMED, "RSA key exchange");
    let dhe = ["-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0"];
    named(&openssl(&dhe), &pki, &PERFORMED, "finite-field DHE");
    let cbc = ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"];
    named(&openssl(&cbc), &pki, &PERFORMED, "CBC");
    named(&openssl(&["-tls1"]), &pki, &SEEN, "TLS 1.0");
    named(&openssl(&["-tls1_1"]), &pki, &SEEN, "TLS 1.1");
    let rc4 = "NONE:+VERS-TLS1.2:+ARCFOUR-128:+RSA:+SHA1:+SIGN-ALL:+COMP-NULL:+GROUP-ALL";
    named(&gnutls::serve(&credentials, rc4, &[]), &pki, &PERFORMED, "RSA key exchange, RC4");
    named(&java::serve_anything(&credentials, &["SSLv3"], None, &[]), &pki, &SEEN, "SSL 3.0");
    // Anonymous suites are never offered unasked.
    let anonymous = ["-tls1_2", "-cipher", "ADH-AES128-SHA:@SECLEVEL=0"];
    let told = document(&openssl(&anonymous), &pki, &[]);
    assert_eq!(connections(&told), SEEN);
    assert!(told["verdict"]["summary"].as_str().unwrap().contains("anonymous"), "{:#}", told["verdict"]);
}

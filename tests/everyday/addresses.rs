//! Where the connection goes: curl's --resolve and --connect-to, and every address of a name.

use std::net::{SocketAddr, TcpListener};

use serde_json::{Value, json};

use crate::authority::Authority;
use crate::common::{run, text};
use crate::lab::{Lab, serve_all};
use crate::server::Setup;

/// Both with the same port; the second is IPv6 where there is any.
fn two_listeners() -> (TcpListener, TcpListener) {
    for _ in 0..20 {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let second = TcpListener::bind(("::1", port)).or_else(|_| TcpListener::bind(("127.0.0.2", port)));
        if let Ok(second) = second {
            return (first, second);
        }
    }
    panic!("no port that is free on two addresses");
}

fn addresses(document: &Value) -> Vec<String> {
    let connections = document["connections"].as_array().unwrap();
    let last =
        |connection: &Value| connection["attempts"].as_array().unwrap().last().unwrap()["address"].clone();
    connections.iter().map(|connection| last(connection).as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_address_is_traced_and_a_difference_shown() {
    let lab = Lab::new();
    let (first, second) = two_listeners();
    let (one, two) = (first.local_addr().unwrap(), second.local_addr().unwrap());
    serve_all(first, Setup::default().config(&lab.authority));
    // Another leaf, and TLS 1.2 only.
    let versions = vec![&rustls::version::TLS12];
    serve_all(second, Setup { versions, ..Setup::default() }.config(&lab.authority));
    let target = format!("localhost:{}", one.port());
    let resolve = format!("{target}:{},{}", one.ip(), two.ip());
    let words = [&target, "--resolve", &resolve, "--each-address", "--cacert", text(&lab.ca)];

    let shown = run([&words[..], &["--width", "160"]].concat());
    assert_eq!(shown.code, 0, "{shown:#?}");
    for needle in [&one.ip().to_string(), &two.ip().to_string(), "TLS 1.3", "TLS 1.2", "differ"] {
        assert!(shown.out.contains(needle), "no {needle:?} in {}", shown.out);
    }
    let document = run([&words[..], &["--format", "json"]].concat()).json();
    assert_eq!(addresses(&document), [one.to_string(), two.to_string()]);
}

#[test]
fn the_worst_of_the_addresses_counts() {
    let lab = Lab::new();
    let (first, second) = two_listeners();
    let (one, two) = (first.local_addr().unwrap(), second.local_addr().unwrap());
    serve_all(first, Setup::default().config(&lab.authority));
    serve_all(second, Setup::default().config(&Authority::called("Another CA")));
    let target = format!("localhost:{}", one.port());
    let resolve = format!("{target}:{},{}", one.ip(), two.ip());
    let words =
        [&target, "--resolve", &resolve, "--each-address", "--cacert", text(&lab.ca), "--format", "json"];
    let shown = run(words);
    let document = shown.json();
    assert_eq!((shown.code, &document["verdict"]["exit_code"]), (1, &json!(1)), "{:#}", document["verdict"]);
}

#[test]
fn a_name_is_resolved_as_told() {
    let lab = Lab::new();
    let address = lab.server(Setup::default());
    let port = address.port();
    // `.test` never resolves; the certificate is for localhost.
    let target = format!("nowhere.test:{port}");
    let resolve = format!("{target}:127.0.0.1");
    let words = [&target, "--resolve", &resolve, "--cacert", text(&lab.ca), "--format", "json"];
    let shown = run([&words[..], &["--verify-name", "localhost"]].concat());
    let document = shown.json();
    assert_eq!(shown.code, 0, "{:#}", document["verdict"]);
    assert_eq!(document["target"]["sni"], "nowhere.test");
    assert_eq!(addresses(&document), [address.to_string()]);
    let shown = run(words);
    assert_eq!((shown.code, &shown.json()["verdict"]["id"]), (1, &json!("cert.name_mismatch")));
    // An entry for another port does not count.
    let resolve = format!("nowhere.test:{}:127.0.0.1", port ^ 1);
    let shown = run([&target, "--resolve", &resolve, "--format", "json"]);
    assert_eq!((shown.code, &shown.json()["verdict"]["phase"]), (3, &json!("dns")));
}

#[test]
fn a_connection_goes_elsewhere_than_its_name_says() {
    let lab = Lab::new();
    let address: SocketAddr = lab.server(Setup::default());
    let port = address.port();
    for (flag, value) in [
        ("--connect-to", format!("localhost:443:127.0.0.1:{port}")),
        ("--connect-to", format!("::127.0.0.1:{port}")),
        ("--connect", format!("127.0.0.1:{port}")),
    ] {
        let shown = run(["localhost", flag, &value, "--cacert", text(&lab.ca), "--format", "json"]);
        let document = shown.json();
        assert_eq!(shown.code, 0, "{value}: {:#}", document["verdict"]);
        assert_eq!(
            (&document["target"]["host"], &document["target"]["port"]),
            (&json!("localhost"), &json!(443))
        );
        assert_eq!(addresses(&document), [address.to_string()]);
        // 443 it stays for everything else: ALPN is offered.
        assert!(!document["facts"]["alpn"].is_null());
    }
}

#[test]
fn what_curl_would_not_take_is_told() {
    for (flag, value) in [
        ("--resolve", "host"),
        ("--resolve", "host:443:nonsense"),
        ("--connect-to", "a:1:b"),
        ("--connect-to", "a:x:b:1"),
    ] {
        let shown = run(["host.test", flag, value]);
        assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{flag} {value}");
        assert!(shown.err.contains(flag), "{}", shown.err);
    }
}

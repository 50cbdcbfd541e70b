//! Where the connection goes: curl's --resolve and --connect-to, and every address of a name.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rustls::ServerConfig;
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

/// Which connections of `--each-address --resume` resumed, and the findings' ids.
fn resumed(
    lab: &Lab,
    configs: [Arc<ServerConfig>; 2],
    words: &[&str],
) -> (Vec<(String, Value)>, Value, String) {
    let (first, second) = two_listeners();
    let (one, two) = (first.local_addr().unwrap(), second.local_addr().unwrap());
    let [of_one, of_two] = configs;
    serve_all(first, of_one);
    serve_all(second, of_two);
    let target = format!("localhost:{}", one.port());
    let resolve = format!("{target}:{},{}", one.ip(), two.ip());
    let fixed = [&target, "--resolve", &resolve, "--each-address", "--resume", "--cacert", text(&lab.ca)];
    let document = run([&fixed[..], words, &["--format", "json"]].concat()).json();
    let connections = document["connections"].as_array().unwrap();
    let each = connections.iter().map(|connection| {
        (connection["role"].as_str().unwrap().to_owned(), connection["chain_inherited"].clone())
    });
    let screen = run([&fixed[..], words, &["--width", "120"]].concat());
    assert_eq!(screen.code, 0, "{screen:#?}");
    // The test's certificates have remarks of their own.
    let findings = document["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| !finding["id"].as_str().unwrap().starts_with("cert."));
    (each.collect(), findings.cloned().collect(), screen.out)
}

#[test]
fn a_session_is_offered_to_every_address() {
    let lab = Lab::new();
    let of = |tickets| Setup { tickets, ..Setup::default() }.config(&lab.authority);
    let (full, yes, no) = (json!(false), json!(true), json!(false));
    let role = |name: &str, resumed: &Value| (name.to_owned(), resumed.clone());
    // One configuration, one cache of sessions.
    let shared = of(2);
    let (each, findings, screen) = resumed(&lab, [shared.clone(), shared], &[]);
    assert_eq!(each, [role("each_address", &full), role("each_address", &yes), role("each_address", &yes)]);
    assert_eq!(findings, json!([]));
    assert!(screen.contains("session resumed") && !screen.contains("not_shared"), "{screen}");
    // Two of them.
    for words in [&[][..], &["--tls-max", "1.2"]] {
        let (each, findings, screen) = resumed(&lab, [of(2), of(2)], words);
        assert_eq!(each.last().unwrap().1, no, "{each:?}");
        assert_eq!(findings[0]["id"], "resumption.not_shared", "{words:?} {each:?} {findings:#}");
        assert_eq!(findings[0]["connection"], 2);
        assert!(screen.contains("session not resumed"), "{screen}");
        let title = screen.lines().find(|line| line.contains("they differ in")).unwrap();
        assert!(title.contains("resumption"), "{title}");
    }
    // A ticket is good for once: another connection fetches the next one, and counts for nothing.
    let once = of(1);
    let (each, findings, _) = resumed(&lab, [once.clone(), once], &[]);
    assert_eq!(each[..2], [role("each_address", &full), role("each_address", &yes)]);
    assert_eq!(each.last().unwrap(), &role("each_address", &yes), "{each:?}");
    assert_eq!(findings, json!([]));
    // Who gives none can't be asked.
    let (each, findings, _) = resumed(&lab, [of(0), of(0)], &["--tls-min", "1.3"]);
    assert_eq!(each, [role("each_address", &full), role("each_address", &full)]);
    assert_eq!(findings, json!([]));
}

/// Who is too slow is not left out without a word.
#[test]
fn addresses_that_were_not_come_to_are_named() {
    let lab = Lab::new();
    let (first, second) = two_listeners();
    let (one, two) = (first.local_addr().unwrap(), second.local_addr().unwrap());
    let target = format!("localhost:{}", one.port());
    let resolve = format!("{target}:{},{}", one.ip(), two.ip());
    let shown = run([
        &target,
        "--resolve",
        &resolve,
        "--each-address",
        "--cacert",
        text(&lab.ca),
        "--max-time",
        "0.3",
    ]);
    assert!(shown.err.contains(&format!("before these addresses were tried: {}", two.ip())), "{shown:#?}");
}

//! Pages and pictures as a browser shows them: Debian's Chromium, driven by tests/support/browser.cjs.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;

use common::{file, finish, for_each, run, scratch, text};
use rcgen::{CertificateParams, DnType, KeyPair};
use support::program;
use tempfile::TempDir;
use tls_trace::demo::SCENARIOS;

/// What the browser finds wrong with what lies in the directory: a line each.
fn look(mode: &str, directory: &TempDir) -> String {
    let chromium = program("chromium", "chromium fonts-dejavu-core");
    let modules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/browser/node_modules");
    let driver = modules.join("playwright-core");
    assert!(driver.is_dir(), "{} is missing; install it: .ci/run packages", driver.display());
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/support/browser.cjs");
    let mut node = program("node", "nodejs");
    let seen = node
        .args([text(&script), mode, text(directory.path()), text(&modules)])
        .env("CHROMIUM", chromium.get_program())
        .output()
        .unwrap();
    let seen = finish(seen);
    assert!(seen.code == 0 && !seen.out.is_empty(), "{seen:?}");
    seen.out.trim().to_owned()
}

/// Pages of these runs: each with its report in JSON, and its picture.
fn pages(lines: &[&str]) -> TempDir {
    let directory = scratch();
    for_each(
        lines,
        |line| (*line).to_owned(),
        |line| {
            let name = line.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            let to = |format: &str, suffix: &str| {
                format!("--format={format}={}", text(&file(&directory, &format!("{name}.{suffix}"))))
            };
            let formats = [to("html", "html"), to("json", "json"), to("svg", "svg")];
            let words = line.split(' ').map(str::to_owned).chain(formats);
            let shown = run(words.chain(["-qq".to_owned(), "--fields=all".to_owned()]));
            assert!(![2, 6].contains(&shown.code), "{line}: {shown:?}");
        },
    );
    directory
}

#[test]
fn every_scenario_is_a_page_that_loads_in_silence_and_fits_every_window() {
    let scenarios = SCENARIOS.iter().map(|scenario| format!("demo {}", scenario.name));
    let more = [
        "demo --each-address",
        "demo alpn-mismatch --diagnose",
        "demo --repeat 3",
        "demo --show-secrets",
        "demo rsa-kx --show-secrets",
        "127.0.0.1:1",
        "demo --policy bsi-tr-02102-2 --expect tls>=1.3 --warn days>=900",
    ];
    let lines: Vec<_> = scenarios.chain(more.map(str::to_owned)).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    assert_eq!(look("load", &pages(&lines)), "");
}

#[test]
fn pointing_at_a_field_lights_its_bytes_and_the_other_way_round() {
    assert_eq!(look("light", &pages(&["demo client-cert", "demo tls12"])), "");
}

#[test]
fn the_keyboard_reaches_everything_and_the_page_suits_the_dark_and_paper() {
    assert_eq!(look("use", &pages(&["demo"])), "");
}

#[test]
fn there_is_no_serious_fault_of_accessibility() {
    let lines =
        ["demo", "demo client-cert-missing", "demo untrusted", "demo resumption", "demo --each-address"];
    assert_eq!(look("accessible", &pages(&lines)), "");
}

/// Of a capture with as many connections.
#[test]
fn five_hundred_connections_stay_usable() {
    let directory = scratch();
    let [pcap, page] = ["a.pcapng", "many.html"].map(|name| file(&directory, name));
    assert_eq!(run(["demo", "--repeat", "510", "-qq", "--pcap", text(&pcap)]).code, 0);
    run(["read", text(&pcap), "--all", "-qq", "--format", &format!("html={}", text(&page))]);
    assert_eq!(look("many", &directory), "");
}

/// Ends whatever can be ended, and tries to run and to load something.
const HOSTILE: &str = "</script><script>window.ran=true</script><img src=x onerror=window.ran=true>\"'><svg onload=window.ran=true>\
                       --><!-- javascript:window.ran=true {{7*7}} \u{2028}\u{202e}\u{0}]]>&lt;b&gt;";

#[test]
fn what_peers_write_runs_nothing_and_loads_nothing() {
    let directory = scratch();
    let to = |name: &str| format!("--format=html={}", text(&file(&directory, name)));
    let mut parameters = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    for kind in [DnType::CommonName, DnType::OrganizationName, DnType::LocalityName] {
        parameters.distinguished_name.push(kind, HOSTILE);
    }
    let chain = file(&directory, "chain.pem");
    fs::write(&chain, parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()).unwrap();
    let judged = run(["cert", text(&chain), "--trust", "none", "-qq", to("chain.html").as_str()]);
    assert_eq!(judged.code, 1, "{judged:?}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| stream.write_all(HOSTILE.as_bytes()));
        }
    });
    assert_eq!(run([target.as_str(), "-qq", to("banner.html").as_str()]).code, 4);

    // A saved trace whose names, alone and of several connections, are somebody else's.
    let saved = file(&directory, "saved.json");
    assert_eq!(run(["demo", "resumption", "-qq", "--save", text(&saved)]).code, 0);
    let mut session: serde_json::Value = serde_json::from_str(&fs::read_to_string(&saved).unwrap()).unwrap();
    for capture in session["session"]["captures"].as_array_mut().unwrap() {
        for name in ["host", "sni", "input"] {
            capture["intent"][name] = HOSTILE.into();
        }
    }
    fs::write(&saved, session.to_string()).unwrap();
    run(["read", text(&saved), "-qq", to("saved.html").as_str()]);
    assert_eq!(look("hostile", &directory), "");
}

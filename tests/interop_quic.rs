//! QUIC connections that aioquic makes, read by us and by tshark.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{file, run, scratch, text};
use support::program;
use tempfile::TempDir;

/// A capture of one connection; see tests/support/quic.py.
fn capture(folder: &TempDir, case: &str) -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = manifest.join("target/pq/bin/python");
    assert!(python.is_file(), "{} is missing; make it: .ci/run packages", python.display());
    let path = file(folder, &format!("{case}.pcap"));
    let script = manifest.join("tests/support/quic.py");
    let made = Command::new(python).arg(script).arg(&path).arg(case).output().unwrap();
    assert!(made.status.success(), "{case}: {}", String::from_utf8_lossy(&made.stderr));
    path
}

/// What tshark reads, without repetitions and empty lines.
fn tshark(path: &Path, field: &str) -> Vec<String> {
    let mut command = program("tshark", "tshark");
    let shown = command.args(["-r", text(path), "-T", "fields", "-e", field]).output().unwrap();
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let mut values: Vec<String> = String::from_utf8(shown.stdout)
        .unwrap()
        .split(['\n', ','])
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect();
    values.dedup();
    values
}

#[test]
fn we_read_of_quic_what_tshark_reads() {
    let folder = scratch();
    for case in ["plain", "v2", "retry", "large"] {
        let path = capture(&folder, case);
        let shown = run(["read", text(&path), "--json"]);
        assert_eq!(shown.code, 7, "{case}: {shown:#?}");
        let shown = shown.json();
        let connection = &shown["connections"][0];
        let version = connection["quic"]["version"].as_u64().unwrap();
        assert_eq!(tshark(&path, "quic.version"), [format!("{version:#010x}")], "{case}");
        assert_eq!(connection["quic"]["retry"], case == "retry");
        assert_eq!(connection["quic"]["initial_not_decrypted"], 0, "{case}");
        assert!(connection["quic"]["handshake"].as_u64() > Some(0), "{case}: {connection:#}");
        let sni = tshark(&path, "tls.handshake.extensions_server_name");
        assert_eq!(sni, [shown["target"]["sni"].as_str().unwrap()], "{case}");
        // The last is the server's choice.
        let suites = tshark(&path, "tls.handshake.ciphersuite");
        let suite = u16::from_str_radix(suites.last().unwrap().trim_start_matches("0x"), 16).unwrap();
        let name = tls_trace::wire::codepoints::CipherSuite(suite).to_string();
        assert_eq!(shown["facts"]["cipher"], name.as_str(), "{case}");
        let randoms = tshark(&path, "tls.handshake.random");
        let text = shown.to_string();
        assert_eq!(randoms.len(), 2, "{case}");
        assert!(randoms.iter().all(|random| text.contains(random)), "{case}: {randoms:?}");
        let offered = tshark(&path, "tls.handshake.extensions_alpn_str");
        assert_eq!(offered.len(), if case == "large" { 122 } else { 2 }, "{case}");
    }
}

/// An alert that QUIC carries in CONNECTION_CLOSE ends the handshake as one over TCP does.
#[test]
fn an_alert_over_quic_is_an_alert() {
    let folder = scratch();
    let path = capture(&folder, "refused");
    let shown = run(["read", text(&path), "--json"]);
    assert_eq!(shown.code, 4, "{shown:#?}");
    let shown = shown.json();
    assert_eq!(shown["facts"]["alert"], "no_application_protocol");
    assert_eq!(shown["connections"][0]["quic"]["error"], 0x178);
    assert_eq!(tshark(&path, "quic.cc.error_code.tls_alert"), ["120"]);
}

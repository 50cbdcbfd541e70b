//! What is generated from the tables and committed: it must be current.
//!
//! `UPDATE_GOLDENS=1 cargo test --test generated` writes it anew.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

use std::path::Path;
use std::process::Command;

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tls-trace")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn current(path: &str, generated: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, generated).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == generated, "{path} is not current: UPDATE_GOLDENS=1 cargo test --test generated");
}

#[test]
fn the_manual_page_is_current() {
    let page = run(&["man"]);
    for flag in ["connect\\-timeout", "pinnedpubkey", "keylog", "each\\-address"] {
        assert!(page.contains(flag), "the manual page does not name {flag}");
    }
    current("docs/tls-trace.1", &page);
}

#[test]
fn completions_are_current() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]);
        assert!(script.contains("verify-name"), "{shell}");
        current(&format!("docs/completions/tls-trace.{shell}"), &script);
    }
}

#[test]
fn the_page_of_explanations_is_current() {
    current("docs/explain.md", &tls_trace::render::explain::page());
}

//! Diagrams as mermaid reads them: by its own parser, which GitHub and GitLab have too.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use common::{file, finish, for_each, run, scratch, text};
use serde_json::Value;
use support::program;
use tempfile::TempDir;
use tls_trace::demo::SCENARIOS;

/// Text in the place of names, as somebody would write it who wants to break out.
const HOSTILE: &str = "x; end\n    s->>c: forged %%{init: {}}%% #35; \"q\" <img src=x onerror=alert(1)> `` ``` $$x$$ [a](b) \
                       |z| {{w}} ]:::bad --> click b0_0 href \"https://e.example\" \u{202e}\u{fb02}°60¶ß end";

/// What mermaid makes of the files.
fn parsed(files: &[PathBuf]) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modules = root.join("target/mermaid/node_modules");
    assert!(modules.join("mermaid").is_dir(), "{} is missing; make it: .ci/run packages", modules.display());
    let mut node = program("node", "nodejs");
    node.arg(root.join("tests/support/mermaid.mjs")).arg(&modules).args(files);
    let done = finish(node.output().unwrap());
    assert_eq!(done.code, 0, "{}", done.err);
    let parsed: Vec<Value> = done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(parsed.len(), files.len(), "{}", done.err);
    for one in &parsed {
        assert!(one["error"].is_null(), "{one:#}");
        // As much as who draws takes: maxTextSize and maxEdges.
        assert!(one["length"].as_u64().unwrap() < 50_000 && one["edges"].as_u64().unwrap() < 500, "{one:#}");
    }
    parsed
}

/// Both diagrams of a run, and the one in Markdown, cut out.
fn diagrams(directory: &TempDir, name: &str, words: &[&str]) -> Vec<PathBuf> {
    let at = |suffix: &str| file(directory, &format!("{name}.{suffix}"));
    let files = [at("sequence"), at("flow"), at("md")];
    let formats: Vec<String> = ["mermaid", "mermaid-flow", "markdown"]
        .iter()
        .zip(&files)
        .map(|(format, file)| format!("--format={format}={}", text(file)))
        .collect();
    let formats = formats.iter().map(String::as_str);
    let shown = run(words.iter().copied().chain(["-qq"]).chain(formats));
    assert!(![2, 6].contains(&shown.code), "{words:?}: {shown:?}");
    let markdown = fs::read_to_string(&files[2]).unwrap();
    let (_, block) = markdown.split_once("```mermaid\n").unwrap_or_else(|| panic!("{words:?}: {markdown}"));
    fs::write(&files[2], block.split_once("```").unwrap().0).unwrap();
    files.to_vec()
}

#[test]
fn every_scenario_is_parsed() {
    let directory = scratch();
    let mut runs: Vec<(String, Vec<String>)> = SCENARIOS
        .iter()
        .map(|scenario| (scenario.name.to_owned(), vec!["demo".to_owned(), scenario.name.to_owned()]))
        .collect();
    for (n, line) in [
        "127.0.0.1:1",
        "demo --repeat 3",
        "demo --each-address",
        "demo alpn-mismatch --diagnose",
        "demo --annotate",
    ]
    .iter()
    .enumerate()
    {
        runs.push((format!("more{n}"), line.split(' ').map(str::to_owned).collect()));
    }
    for_each(
        &runs,
        |(name, _)| name.clone(),
        |(name, words)| {
            diagrams(&directory, name, &words.iter().map(String::as_str).collect::<Vec<_>>());
        },
    );
    let files: Vec<PathBuf> = runs
        .iter()
        .flat_map(|(name, _)| {
            ["sequence", "flow", "md"].map(|suffix| file(&directory, &format!("{name}.{suffix}")))
        })
        .collect();
    for one in parsed(&files) {
        let kind = if one["file"].as_str().unwrap().ends_with("flow") { "flowchart-v2" } else { "sequence" };
        assert_eq!(one["diagramType"], kind, "{one:#}");
        assert!(one["texts"].as_array().unwrap().len() > 2, "{one:#}");
    }
}

#[test]
fn hostile_names_stay_texts() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    let plain = file(&directory, "plain.json");
    assert_eq!(run(["demo", "starttls-smtp", "-qq", "--save", text(&plain)]).code, 0);
    let mut session: Value = serde_json::from_str(&fs::read_to_string(&plain).unwrap()).unwrap();
    let capture = &mut session["session"]["captures"][0];
    for name in ["host", "sni", "input"] {
        capture["intent"][name] = HOSTILE.into();
    }
    let mut said = 0;
    for step in capture["steps"].as_array_mut().unwrap() {
        if let Some(lines) = step.pointer_mut("/what/said/lines").and_then(Value::as_array_mut) {
            lines.iter_mut().for_each(|line| *line = HOSTILE.into());
            said += 1;
        }
    }
    assert!(said > 2);
    fs::write(&saved, session.to_string()).unwrap();
    let of_hostile = parsed(&diagrams(&directory, "hostile", &["read", text(&saved)]));
    let of_plain = parsed(&diagrams(&directory, "plain", &["read", text(&plain)]));
    for (hostile, plain) in of_hostile.iter().zip(&of_plain) {
        // As many participants, messages, boxes and edges as without.
        let count = |one: &Value| (one["texts"].as_array().unwrap().len(), one["edges"].clone());
        assert_eq!(count(hostile), count(plain), "{hostile:#}");
        let all = hostile["texts"].to_string();
        assert!(all.contains("forged") && !all.contains("<img") && !all.contains("$$"), "{all}");
    }
}

/// Chromium draws what mermaid makes of it.
#[test]
fn chromium_draws_them() {
    let directory = scratch();
    let files = diagrams(&directory, "client-cert-missing", &["demo", "client-cert-missing", "--recorded"]);
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/mermaid/node_modules/mermaid/dist/mermaid.min.js");
    assert!(script.is_file(), "{} is missing; make it: .ci/run packages", script.display());
    let blocks: String = files[..2]
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .map(|text| format!("<pre class=mermaid>{}</pre>", text.replace('&', "&amp;").replace('<', "&lt;")))
        .collect();
    let page = file(&directory, "page.html");
    let html = format!(
        "<!DOCTYPE html><meta charset=utf-8><body>{blocks}<script src=\"file://{}\"></script>\
         <script>mermaid.initialize({{startOnLoad: true, securityLevel: 'strict'}})</script>",
        script.display()
    );
    fs::write(&page, html).unwrap();
    let mut chromium = program("chromium", "chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]);
    chromium.args(["--virtual-time-budget=10000", "--dump-dom"]).arg(format!("file://{}", page.display()));
    let drawn = finish(chromium.output().unwrap()).out;
    assert_eq!(drawn.matches("<svg ").count(), 2, "{drawn}");
    for text in ["certificate_required (116)", "HelloRetryRequest", "client certificate required, none sent"]
    {
        assert!(drawn.contains(text), "{text} in {drawn}");
    }
    assert!(!drawn.contains("Syntax error"), "{drawn}");
}

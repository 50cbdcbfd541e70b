//! Reports as others read them: official schemas, a JUnit reader, Prometheus's parsers, Nagios's performance data.

#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{command, file, for_each, run, scratch, text};
use serde_json::{Value, json};
use tempfile::TempDir;
use tls_trace::demo::SCENARIOS;

/// Runs of every kind, besides every scenario of the demo.
const LINES: &[&str] = &[
    "127.0.0.1:1",
    "demo --repeat 3",
    "demo expired --repeat 105",
    "demo --each-address",
    "demo --expect tls>=1.3 --expect pq --warn days>=900 --warn revocation=good",
    "demo alpn-mismatch --diagnose",
];

/// Reports of all of them in this format, each with its command.
fn reports(format: &str) -> (TempDir, Vec<(String, PathBuf)>) {
    let directory = scratch();
    let scenarios = SCENARIOS.iter().map(|scenario| format!("demo {}", scenario.name));
    let lines = scenarios.chain(LINES.iter().map(|line| (*line).to_owned()));
    let named = lines.enumerate().map(|(n, line)| (line, file(&directory, &n.to_string())));
    let mut all: Vec<_> = named.collect();
    for_each(
        &all,
        |(line, _)| line.clone(),
        |(line, path)| {
            let to = format!("{format}={}", text(path));
            let words = line.split(' ').chain(["-qq", "--format", &to]);
            let shown = command(words).stdout(Stdio::null()).output().unwrap();
            assert!(shown.status.code().is_some_and(|code| ![2, 6].contains(&code)), "{line}: {shown:?}");
        },
    );
    // The connections of a capture, and a chain from a file, of somebody who wants to break out.
    let pcap = file(&directory, "a.pcapng");
    assert_eq!(run(["demo", "--repeat", "3", "-qq", "--pcap", text(&pcap)]).code, 0);
    let chain = file(&directory, "chain.pem");
    fs::write(&chain, hostile()).unwrap();
    for (n, words) in [["read", text(&pcap), "--all"], ["cert", text(&chain), "-k"]].into_iter().enumerate() {
        let path = file(&directory, &format!("more{n}"));
        let to = format!("{format}={}", text(&path));
        run(words.into_iter().chain(["--trust", "none", "-qq", "--format", to.as_str()]));
        all.push((words.join(" "), path));
    }
    (directory, all)
}

fn hostile() -> String {
    let mut parameters = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    let name = "=1+1|x' \"q\" </failure><b>&amp; ]]> ::error::x {a=\"b\"} \u{202e}\u{7}\u{fffe}\n| days=9";
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

/// A file of other people's data.
fn data(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    let content = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&content).unwrap()
}

/// What the schema of CycloneDX refers to and no report of ours has: licences and signatures.
struct Elsewhere;

impl jsonschema::Retrieve for Elsewhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        match uri.as_str() {
            uri if uri.ends_with("spdx.schema.json") => Ok(json!({ "type": "string" })),
            uri if uri.ends_with("jsf-0.82.schema.json") => Ok(json!({ "definitions": { "signature": {} } })),
            uri => Err(format!("nothing else is referred to, but {uri} is").into()),
        }
    }
}

fn assert_valid(format: &str, schema: &Value) {
    let schema =
        jsonschema::options().with_retriever(Elsewhere).should_validate_formats(true).build(schema).unwrap();
    let (_directory, all) = reports(format);
    for (line, path) in all {
        let report: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let wrong: Vec<_> =
            schema.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{line}: {wrong:#?}");
    }
}

#[test]
fn sarif_is_valid_by_its_schema() {
    assert_valid("sarif", &data("sarif/sarif-schema-2.1.0.json"));
}

#[test]
fn cyclonedx_is_valid_by_its_schema() {
    assert_valid("cyclonedx", &data("cyclonedx/bom-1.6.schema.json"));
}

/// Gives Python the files, and what the program came to with each.
fn python(script: &str, format: &str) {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pq/bin/python");
    assert!(python.is_file(), "{} is missing; make it: .ci/run packages", python.display());
    let (_directory, all) = reports(format);
    let mut command = Command::new(python);
    command.args(["-c", script]).args(all.iter().map(|(_, path)| path));
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let read = String::from_utf8(done.stdout).unwrap();
    assert_eq!(read.trim(), all.len().to_string(), "not all were read");
}

#[test]
fn junit_is_read_by_junitparser() {
    python(
        "
import sys
from junitparser import Error, Failure, JUnitXml, Skipped
for path in sys.argv[1:]:
    report = JUnitXml.fromfile(path)
    assert report.name == 'tls-trace', path
    suites = list(report)
    assert suites, path
    for suite in suites:
        cases = list(suite)
        count = lambda kind: sum(any(isinstance(result, kind) for result in case.result) for case in cases)
        told = (suite.tests, suite.failures, suite.errors, suite.skipped)
        assert told == (len(cases), count(Failure), count(Error), count(Skipped)), (path, suite.name, told)
        names = [case.name for case in cases]
        assert len(names) == len(set(names)), (path, names)
print(len(sys.argv) - 1)
",
        "junit",
    );
}

/// The parser of OpenMetrics, and that of the older text format, which node_exporter reads.
#[test]
fn metrics_are_read_by_both_parsers() {
    python(
        "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as older
for path in sys.argv[1:]:
    text = open(path, encoding='utf-8').read()
    new, old = list(openmetrics(text)), list(older(text))
    assert new and all(family.type == 'gauge' and family.documentation for family in new), path
    flat = lambda families: [(s.name, tuple(sorted(s.labels.items())), str(s.value)) for f in families for s in f.samples]
    assert flat(new) == flat(old), path
    names = [sample[:2] for sample in flat(new)]
    assert len(names) == len(set(names)), path
print(len(sys.argv) - 1)
",
        "openmetrics",
    );
}

#[test]
fn the_performance_data_is_read_by_pynag() {
    python(
        "
import sys
from pynag.Utils import PerfData
for path in sys.argv[1:]:
    lines = open(path, encoding='utf-8').read().splitlines()
    assert len(lines) == 1, path
    text, data = lines[0].split(' | ')
    assert text.startswith(('TLS OK - ', 'TLS WARNING - ', 'TLS CRITICAL - ', 'TLS UNKNOWN - ')), text
    metrics = PerfData(data).metrics
    assert metrics and len(metrics) == len(data.split(' ')) or ' stream ' in data, (path, data)
    for metric in metrics:
        float(metric.value)
        assert metric.uom in ('', 's', '%'), (path, data)
        assert metric.is_valid() or ' ' in metric.label, (path, data)
print(len(sys.argv) - 1)
",
        "nagios",
    );
}

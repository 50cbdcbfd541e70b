//! What each format has of runs of every kind: what a reader of it counts on.

use std::fs;

use serde_json::Value;
use tls_trace::demo::SCENARIOS;
use tls_trace::render::FORMATS;

use crate::common::{Run, file, for_each, run, scratch, text, tls_trace};
use crate::hostile::{cells, elements, samples, statements, tests_of, well_formed};

/// Every scenario in every format: what the exit code says is what the format says.
#[test]
fn every_scenario_is_told_in_every_format() {
    for_each(
        SCENARIOS,
        |scenario| scenario.name.to_owned(),
        |scenario| {
            let directory = scratch();
            let at = |name: &str| file(&directory, name);
            let formats =
                FORMATS.iter().map(|format| format!("--format={}={}", format.name, text(&at(format.name))));
            let words =
                ["demo".to_owned(), scenario.name.to_owned(), "-qq".to_owned()].into_iter().chain(formats);
            let shown = run(words);
            let read = |name: &str| fs::read_to_string(at(name)).unwrap();
            let json = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
            let bad = shown.code != 0;
            let id = json("json")["verdict"]["id"].clone();

            let tests = tests_of(&read("junit"));
            let failed = tests.iter().any(|(_, came)| came == "failure" || came == "error");
            assert_eq!(failed, bad, "{tests:?}");

            let results = json("sarif")["runs"][0]["results"].as_array().unwrap().clone();
            assert_eq!(
                results.iter().any(|result| result["level"] == "error" && result["ruleId"] == id),
                bad
            );
            assert_eq!(json("sarif")["runs"][0]["invocations"][0]["exitCode"], shown.code);

            let github = read("github");
            assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
            assert_eq!(github.contains("::error title="), bad, "{github}");

            let code = match shown.code {
                0 => "TLS OK",
                7 => "TLS UNKNOWN",
                _ => "TLS CRITICAL",
            };
            assert!(read("nagios").starts_with(code), "{}", read("nagios"));

            let samples = samples(&read("openmetrics"));
            let exit_code = samples.iter().find(|sample| sample.name == "tls_trace_exit_code").unwrap();
            assert_eq!(exit_code.value, f64::from(shown.code));

            let rows = cells(&read("csv"));
            let last = rows.last().unwrap();
            let column = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
            assert_eq!(last[column("exit_code")], shown.code.to_string());
            assert_eq!(last[column("id")], id.as_str().unwrap_or_default());

            assert!(
                read("markdown").contains(&format!("(exit code {})", shown.code)),
                "{}",
                read("markdown")
            );

            let diagram = read("mermaid");
            assert!(
                statements(&diagram) > 5 && diagram.contains(&format!("(exit code {})", shown.code)),
                "{diagram}"
            );
            let chart = read("mermaid-flow");
            assert!(
                statements(&chart) > 20 && chart.contains(if bad { ":::bad" } else { ":::good" }),
                "{chart}"
            );

            well_formed(&read("svg"));
            let page = read("html");
            assert!(elements(&page) > 30 && page.contains(&format!("exit code {}", shown.code)), "{page}");

            let bill = json("cyclonedx");
            let properties = bill["services"][0]["properties"].as_array().unwrap();
            let of = |name: &str| properties.iter().find(|property| property["name"] == name).unwrap();
            assert_eq!(of("tls-trace:exit_code")["value"], shown.code.to_string());
        },
    );
}

#[test]
fn the_bill_has_what_was_negotiated_and_no_more() {
    let bill = tls_trace("demo tls12 --format cyclonedx").json();
    let names: Vec<_> =
        bill["components"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    for name in ["TLS 1.2", "AES-256-GCM", "TLS-PRF-SHA384", "x25519", "ecdsa_secp256r1_sha256", "EC P-256"] {
        assert!(names.contains(&name), "{name} among {names:?}");
    }
    assert!(!names.contains(&"X25519MLKEM768"), "it was offered only");
    // All that is referred to is there.
    let references: Vec<_> = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .chain(bill["services"].as_array().unwrap())
        .map(|part| part["bom-ref"].as_str().unwrap())
        .collect();
    for dependency in bill["dependencies"].as_array().unwrap() {
        assert!(references.contains(&dependency["ref"].as_str().unwrap()), "{dependency}");
        for used in dependency["dependsOn"].as_array().unwrap() {
            assert!(references.contains(&used.as_str().unwrap()), "{used}");
        }
    }
    // Of an untrusted server as well; of one without TLS there is nothing but its name.
    let parts = |scenario: &str| {
        let bill = run(["demo", scenario, "--format", "cyclonedx"]).json();
        assert_eq!(bill["services"].as_array().unwrap().len(), 1);
        bill["components"].as_array().unwrap().len()
    };
    assert!(parts("untrusted") > 5);
    assert_eq!(parts("plaintext"), 0);
}

#[test]
fn expectations_are_test_cases_and_metrics() {
    let words = ["demo", "--expect", "tls<=1.2", "--expect", "pq", "--warn", "days>=900", "--format"];
    let shown = |format: &str| -> Run { run(words.iter().copied().chain([format])) };
    let junit = shown("junit");
    assert_eq!(junit.code, 1);
    let tests = tests_of(&junit.out);
    let came = |name: &str| tests.iter().find(|(test, _)| test == name).unwrap().1.as_str();
    assert_eq!(came("--expect tls<=1.2"), "failure");
    assert_eq!(came("--expect pq"), "passed");
    assert_eq!(came("--warn days>=900"), "skipped");
    let metrics = samples(&shown("openmetrics").out);
    let met = |expression: &str| {
        let of = |sample: &&crate::hostile::Sample| {
            sample.name == "tls_trace_expectation" && sample.label("expression") == Some(expression)
        };
        metrics.iter().find(of).unwrap().value
    };
    assert_eq!((met("tls<=1.2"), met("pq"), met("days>=900")), (0.0, 1.0, 0.0));
}

/// A rule is a test case, as an expectation is.
#[test]
fn rules_of_a_policy_are_test_cases() {
    let policy = |name: &str| tls_trace(&format!("demo --policy {name} --format junit"));
    let (strict, good) = (policy("cnsa2"), policy("mozilla-intermediate"));
    assert_eq!((strict.code, good.code), (1, 0));
    let came = |run: &Run, name: &str| {
        let tests = tests_of(&run.out);
        let found = tests.iter().find(|(test, _)| test == name);
        found.unwrap_or_else(|| panic!("no {name} in {tests:#?}")).1.clone()
    };
    assert_eq!(came(&strict, "--policy cnsa2 version"), "passed");
    assert_eq!(came(&strict, "--policy cnsa2 group"), "failure");
    assert_eq!(came(&strict, "verdict"), "failure");
    assert_eq!(came(&good, "--policy mozilla-intermediate suite"), "passed");
    // What would satisfy it stands in the failure.
    assert!(strict.out.contains("MLKEM1024"), "{}", strict.out);
}

/// Connections that are compared: each has its row, those that were not kept whole as well.
#[test]
fn each_connection_of_a_repetition_is_told() {
    let rows = cells(&tls_trace("demo --repeat 105 --format csv").out);
    assert_eq!(rows.len(), 106);
    let column = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
    let handshake = column("handshake_seconds");
    assert!(
        rows[1..].iter().all(|row| row[column("exit_code")] == "0" && !row[handshake].is_empty()),
        "{rows:?}"
    );
    let tests = tests_of(&tls_trace("demo expired --repeat 105 --format junit").out);
    let verdicts: Vec<_> = tests.iter().filter(|(name, _)| name.starts_with("verdict")).collect();
    assert_eq!(verdicts.len(), 105);
    assert!(verdicts.iter().all(|(_, came)| came == "failure"), "{verdicts:?}");
    let metrics = samples(&tls_trace("demo expired --repeat 105 --format openmetrics").out);
    let counted = metrics.iter().find(|sample| sample.name == "tls_trace_connections").unwrap();
    assert_eq!((counted.value, counted.label("exit_code")), (105.0, Some("1")));
    let addresses = cells(&tls_trace("demo --each-address --format csv").out);
    assert!(addresses.len() >= 2 && addresses[1][0].contains(" at "), "{addresses:?}");
}

/// The connections of a capture are added to one document.
#[test]
fn the_connections_of_a_capture_are_in_one_document() {
    let directory = scratch();
    let pcap = file(&directory, "a.pcapng");
    let made = run(["demo", "--repeat", "3", "-qq", "--pcap", text(&pcap)]);
    assert_eq!(made.code, 0, "{made:?}");
    let read = |format: &str| run(["read", text(&pcap), "--all", "--trust", "none", "--format", format]);
    let junit = read("junit");
    let tests = tests_of(&junit.out);
    assert_eq!(tests.iter().filter(|(name, _)| name == "verdict").count(), 3, "{junit:?}");
    assert_eq!(cells(&read("csv").out).len(), 4);
    assert_eq!(read("sarif").json()["runs"][0]["results"].as_array().unwrap().len() % 3, 0);
    let bill = read("cyclonedx").json();
    assert_eq!(bill["services"].as_array().unwrap().len(), 3);
    let nagios = read("nagios");
    assert!(nagios.out.starts_with("TLS CRITICAL - all 3: ") && nagios.code == 2, "{nagios:?}");
    let metrics = samples(&read("openmetrics").out);
    let targets: Vec<_> = metrics
        .iter()
        .filter(|sample| sample.name == "tls_trace_exit_code")
        .map(|sample| sample.label("target"))
        .collect();
    assert_eq!(targets.len(), 3);
    assert!(targets[0] != targets[1], "{targets:?}");
    // Beside them the text is on standard output.
    let csv = file(&directory, "a.csv");
    let both = run(["read", text(&pcap), "--trust", "none", "--format", &format!("csv={}", text(&csv))]);
    assert_eq!(cells(&fs::read_to_string(&csv).unwrap()).len(), 4);
    assert!(both.out.contains("stream 0"), "{both:?}");
}

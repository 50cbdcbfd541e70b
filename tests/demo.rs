//! The real program against each of its own demo's servers: what it prints, how it ends, what it leaves.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml permits it in #[test] functions, but not in their helpers"
)]

mod common;

use std::io::Read;
use std::process::Stdio;

use common::{Run, command, file, finish, for_each, run, scratch, text};
use serde_json::{Value, json};
use tls_trace::demo::{SCENARIOS, Scenario};
use tls_trace::finding::HEADLINE;
use unicode_width::UnicodeWidthStr;

/// The forms in which a report is looked at.
const FORMS: &[&[&str]] = &[&[], &["-v"], &["-vv"], &["--format", "json"]];

/// The words with which a last line begins.
const WORDS: &[&str] = &[
    "TRUSTED · ",
    "COMPLETE · ",
    "NOT TRUSTED · ",
    "NOT MET · ",
    "NOT EVALUATED · ",
    "NOT REACHED · ",
    "FAILED · ",
    "TIMED OUT · ",
];

fn every_scenario(work: impl Fn(&Scenario) + Sync) {
    for_each(SCENARIOS, |scenario| scenario.name.to_owned(), work);
}

/// Saves the scenario's trace in `at`.
fn save(scenario: &str, at: &str, form: &[&str]) -> Run {
    run([&["demo", scenario, "--save", at], form].concat())
}

/// Live, every form has the row's exit code, and what was saved is rendered as the live run was, without any secret.
#[test]
fn every_scenario_ends_as_its_row_says_and_is_read_again_identically() {
    every_scenario(|scenario| {
        for form in FORMS {
            let directory = scratch();
            let saved = file(&directory, "saved.json");
            let live = save(scenario.name, text(&saved), form);
            assert_eq!(live.code, i32::from(scenario.exit_code), "{live:#?}");
            let again = run([&["read", text(&saved)], *form].concat());
            assert_eq!(again, Run { err: String::new(), ..live.clone() });
            is_private(&saved);
            for secret in secrets(&saved) {
                assert_hidden(&live.out, &secret);
                assert_hidden(&live.err, &secret);
            }
        }
    });
}

#[cfg(unix)]
fn is_private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(not(unix))]
fn is_private(_: &std::path::Path) {}

/// The secrets in a saved trace, in hex.
fn secrets(saved: &std::path::Path) -> Vec<String> {
    let saved: Value = serde_json::from_slice(&std::fs::read(saved).unwrap()).unwrap();
    let captures = saved["session"]["captures"].as_array().unwrap();
    let secrets = captures.iter().flat_map(|capture| capture["secrets"].as_array().unwrap());
    secrets.map(|secret| secret["secret"].as_str().unwrap().to_owned()).collect()
}

/// Neither in one piece nor in bytes apart (`-vv` shows eight to a line).
fn assert_hidden(shown: &str, secret: &str) {
    assert!(secret.len() >= 64, "{secret} is no secret");
    let apart: Vec<_> = secret.as_bytes()[..16].chunks(2).map(|two| str::from_utf8(two).unwrap()).collect();
    assert!(!shown.contains(&secret[..32]) && !shown.contains(&apart.join(" ")), "{secret} in {shown}");
}

/// A scenario, its verdict's id, and what a reader of the text has to find.
const SHOWN: &[(&str, Option<&str>, &[&str])] = &[
    (
        "tls13",
        None,
        &[
            "→   ClientHello ",
            "←   ServerHello         TLS 1.3 · TLS_AES_256_GCM_SHA384 (1st of 3)",
            "X25519MLKEM768, post-quantum (1st of 5)",
            "handshake keys: what follows is encrypted",
            "← ● EncryptedExtensions ALPN h2",
            "← ● CertificateVerify   ✓ ecdsa_secp256r1_sha256",
            "← ● Finished            ✓ recomputed over the transcript, equal",
            "→ ● Finished            ✓ recomputed over the transcript, equal",
            "1 TLS round trip",
            "✓ name  ✓ dates  ✓ signatures  ✓ usage",
            "TRUSTED · TLS 1.3 · TLS_AES_256_GCM_SHA384 · h2 · leaf 90 days",
        ],
    ),
    (
        "tls12",
        None,
        &[
            "←   ServerKeyExchange ",
            "✓ ecdsa_secp256r1_sha256, by the leaf's key",
            "←   ServerHelloDone ",
            "→   ClientKeyExchange ",
            "→   ChangeCipherSpec ",
            "← ● Finished            ✓ recomputed over the transcript, equal",
            "2 TLS round trips",
        ],
    ),
    ("retry", None, &["←   HelloRetryRequest ", "secp384r1 (4th of 5)", "2 TLS round trips"]),
    ("resumption", None, &["connection 1:", "connection 2:", "early data"]),
    ("compressed", None, &["CompressedCertificate", "brotli"]),
    ("client-cert", None, &["← ● CertificateRequest ", "→ ● CertificateVerify   ✓"]),
    (
        "client-cert-missing",
        Some("client_cert.required"),
        &["EMPTY (no --cert given)", "certificate_required (116)", "--cert CLIENT.pem --key CLIENT.key"],
    ),
    ("expired", Some("cert.expired"), &["✗ dates", "NOT TRUSTED · certificate expired 7 days ago"]),
    ("not-yet-valid", Some("cert.not_yet_valid"), &["✗ dates"]),
    ("wrong-name", Some("cert.name_mismatch"), &["✗ name", "but for other.tls-trace.test"]),
    ("untrusted", Some("cert.untrusted_root"), &["✗ path to an anchor", "trust: mozilla"]),
    ("missing-intermediate", Some("cert.missing_intermediate"), &["✗ path to an anchor"]),
    ("self-signed", Some("cert.self_signed"), &["✗ path to an anchor"]),
    (
        "expired-intermediate",
        Some("cert.ca_expired"),
        &["✗ dates", "the CA replaced its intermediate certificate"],
    ),
    ("path-length", Some("cert.path_length"), &["✗ usage"]),
    ("wrong-eku", Some("cert.extended_key_usage"), &["✗ usage", "clientAuth"]),
    ("cn-only", Some("cert.name_mismatch"), &["✗ name", "common name"]),
    ("stapled", None, &["✓ revocation: demo.tls-trace.test is not revoked (staple by key "]),
    (
        "revoked",
        Some("cert.revoked"),
        &["✗ revocation: demo.tls-trace.test: revoked on ", "(keyCompromise) (staple by key ", "NOT TRUSTED"],
    ),
    (
        "alpn-mismatch",
        Some("alert.no_application_protocol"),
        &["fatal: no_application_protocol (120)", "after the server's ServerHello", "ALPN h2"],
    ),
    ("version-mismatch", Some("alert.protocol_version"), &["fatal: protocol_version (70)"]),
    ("plaintext", Some("plaintext"), &["\"HTTP/1.1 400 Bad Request\""]),
    ("silent", Some("timeout.silent"), &["TIMED OUT", "0 B received", "--max-time"]),
    ("reset", Some("closed.reset"), &["RST"]),
    ("truncated", Some("closed.fin"), &["in the middle of Certificate", "INCOMPLETE"]),
];

#[test]
fn every_scenario_shows_what_it_is_about() {
    for_each(
        SHOWN,
        |row| row.0.to_owned(),
        |(scenario, id, needles)| {
            let directory = scratch();
            let saved = file(&directory, "saved.json");
            let live = save(scenario, text(&saved), &["--width", "400"]);
            for needle in *needles {
                assert!(live.out.contains(needle), "no {needle:?} in {}", live.out);
            }
            let document = run(["read", text(&saved), "--format", "json"]).json();
            assert_eq!(document["verdict"]["id"], json!(id));
            assert_eq!(document["verdict"]["exit_code"], json!(live.code));
            if let Some(id) = id {
                assert!(live.out.contains(&format!("  id        {id}\n")), "{}", live.out);
            }
            // Nothing that was computed fails, whatever else is wrong.
            for check in document["connections"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|c| c["checks"].as_array().unwrap())
            {
                let id = check["id"].as_str().unwrap();
                let proof = ["finished.", "certificate_verify.", "server_key_exchange"]
                    .iter()
                    .any(|p| id.starts_with(p));
                assert!(!proof || check["state"] == "holds", "{check}");
            }
        },
    );
}

#[test]
fn facts_are_what_was_agreed_on() {
    for (scenario, facts) in [
        (
            "tls13",
            json!({"tls": "1.3", "alpn": "h2", "group": "X25519MLKEM768", "retry": false, "resumed": false}),
        ),
        (
            "tls12",
            json!({"tls": "1.2", "cipher": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "sigalg": "ecdsa_secp256r1_sha256"}),
        ),
        ("retry", json!({"group": "secp384r1", "retry": true, "verified": true})),
        ("resumption", json!({"resumed": true, "early_data": true, "verified": true})),
        ("expired", json!({"verified": false, "days": -7, "complete": true})),
        ("client-cert", json!({"client_certificate_requested": true, "verified": true})),
        ("plaintext", json!({"tls": null, "cipher": null, "verified": null, "complete": false})),
    ] {
        let document = run(["demo", scenario, "--format", "json"]).json();
        for (name, value) in facts.as_object().unwrap() {
            assert_eq!(document["facts"][name], *value, "{scenario}: {name} in {}", document["facts"]);
        }
    }
}

#[test]
fn json_is_what_its_schema_says() {
    let schema: Value = run(["schema"]).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    every_scenario(|scenario| {
        let document = run(["demo", scenario.name, "--format", "json"]).json();
        let wrong: Vec<_> =
            validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(document["schema"], "tls-trace/1");
    });
    // It is a schema that can fail.
    let mut document = run(["demo", "--format", "json"]).json();
    document["verdict"]["exit_code"] = json!("zero");
    assert!(!validator.is_valid(&document));
}

#[test]
fn quiet_is_one_line() {
    every_scenario(|scenario| {
        let quiet = run(["demo", scenario.name, "-q", "--width", "60"]);
        assert_eq!(quiet.out.lines().count(), 1, "{quiet:?}");
        assert!(quiet.out.ends_with(&format!("[exit {}]\n", scenario.exit_code)), "{quiet:?}");
        assert_eq!((quiet.err.as_str(), quiet.code), ("", i32::from(scenario.exit_code)));
    });
}

#[test]
fn no_line_is_wider_than_asked_for_and_ascii_is_ascii() {
    every_scenario(|scenario| {
        let directory = scratch();
        let saved = file(&directory, "saved.json");
        save(scenario.name, text(&saved), &[]);
        for form in [
            &[][..],
            &["-v"],
            &["-vv"],
            &["--annotate"],
            &["-v", "--annotate", "--data"],
            &["--diagram", "--annotate"],
        ] {
            for width in [None, Some("60"), Some("120")] {
                let width_flag: Vec<_> = width.iter().flat_map(|width| ["--width", width]).collect();
                let shown = run([&["read", text(&saved)], form, &width_flag].concat()).out;
                let columns: usize = width.unwrap_or("80").parse().unwrap();
                for line in shown.lines() {
                    assert!(line.width() <= columns, "{form:?} {} columns: {line}", line.width());
                    assert_eq!(line.trim_end(), line, "{form:?}: white space at the end of {line:?}");
                    assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
                }
                // The exit code stands on the headline's own line, and that is short.
                let ends: Vec<&str> = shown.lines().filter(|line| line.contains(" [exit ")).collect();
                let [.., last] = ends[..] else { panic!("no last line in {shown}") };
                let (headline, _) = last.split_once(" [exit ").unwrap();
                assert!(WORDS.iter().any(|word| headline.starts_with(word)), "{last}");
                let success = headline.starts_with("TRUSTED · ") || headline.starts_with("COMPLETE · ");
                assert!(success || headline.trim_end().width() <= HEADLINE, "{last}");
            }
            let arguments = [&["read", text(&saved)], form].concat();
            for locale in ["C", "en_US.ISO-8859-1"] {
                let ascii = finish(command(&arguments).env("LC_ALL", locale).output().unwrap()).out;
                assert!(ascii.is_ascii(), "{:?}", ascii.lines().find(|line| !line.is_ascii()));
                let wide: Vec<_> = ascii.lines().filter(|line| line.len() > 80).collect();
                assert!(wide.is_empty(), "{form:?}: {wide:#?}");
            }
        }
    });
}

#[test]
fn ascii_forms_say_the_same() {
    let ascii = finish(command(["demo", "expired"]).env("LC_ALL", "C").output().unwrap()).out;
    for needle in ["->", "<-", "ok name", "FAIL dates", "n/a"] {
        assert!(ascii.contains(needle), "no {needle:?} in {ascii}");
    }
}

#[test]
fn colour_is_only_paint() {
    let directory = scratch();
    let saved = file(&directory, "saved.json");
    save("expired", text(&saved), &[]);
    for form in [&[][..], &["-vv"], &["-q"]] {
        let plain = run([&["read", text(&saved)], form].concat()).out;
        let painted = run([&["read", text(&saved), "--color", "always"], form].concat()).out;
        assert!(painted.contains("\x1b[") && !plain.contains('\x1b'));
        assert_eq!(without_paint(&painted), plain);
    }
    // JSON is for programs.
    assert!(!run(["read", text(&saved), "--color", "always", "--format", "json"]).out.contains('\x1b'));
}

/// Without the sequences ESC [ … m.
fn without_paint(painted: &str) -> String {
    let mut parts = painted.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

/// `script` (util-linux) gives it a terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    let on_a_terminal = |environment: &[(&str, &str)], flags: &str| {
        let line = format!("{} demo {flags}", env!("CARGO_BIN_EXE_tls-trace"));
        let mut script = std::process::Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
        script.env("LC_ALL", "C.UTF-8").env("TERM", "xterm").env_remove("NO_COLOR");
        script.envs(environment.iter().copied());
        finish(script.output().unwrap()).out.contains("\x1b[")
    };
    assert!(on_a_terminal(&[], ""));
    assert!(!on_a_terminal(&[("NO_COLOR", "1")], ""));
    assert!(!on_a_terminal(&[("TERM", "dumb")], ""));
    assert!(!on_a_terminal(&[], "--color never"));
}

#[test]
fn a_reader_that_stops_is_no_error() {
    for arguments in [
        &["demo", "expired", "-vv"][..],
        &["demo", "expired", "--format", "json"],
        &["schema"],
        &["demo", "--list"],
    ] {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut complaints = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
        let code = child.wait().unwrap().code();
        assert_eq!(
            (complaints.as_str(), code),
            ("", Some(i32::from(arguments.contains(&"expired")))),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_report_goes_to_the_file_that_was_named() {
    let directory = scratch();
    let (saved, report) = (file(&directory, "saved.json"), file(&directory, "report.txt"));
    let live = save("tls12", text(&saved), &["-o", text(&report)]);
    assert_eq!((live.code, live.out.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(&report).unwrap(), run(["read", text(&saved)]).out);
    let mut input = command(["read", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::copy(&mut std::fs::File::open(&saved).unwrap(), &mut input.stdin.take().unwrap()).unwrap();
    assert_eq!(finish(input.wait_with_output().unwrap()).out, std::fs::read_to_string(&report).unwrap());
}

#[test]
fn the_list_names_every_scenario() {
    let list = run(["demo", "--list"]);
    let rows: Vec<_> = list.out.lines().filter(|line| line.starts_with("  ")).collect();
    // The last one is about several of them.
    assert_eq!(rows.len(), SCENARIOS.len() + 1);
    assert!(rows.last().is_some_and(|line| line.trim_start().starts_with("capture ") && line.len() <= 80));
    for (line, scenario) in rows.into_iter().zip(SCENARIOS) {
        assert!(
            line.trim_start().starts_with(scenario.name)
                && line.ends_with(scenario.about)
                && line.len() <= 80,
            "{line}"
        );
    }
}

/// What a user is told to append works here too.
#[test]
fn a_server_that_rejects_something_is_diagnosed() {
    for (scenario, id) in [
        ("needs-sni", "diagnosis.needs_server_name"),
        ("sni-filter", "diagnosis.server_name"),
        ("size-limit", "diagnosis.size"),
        ("two-causes", "diagnosis.several"),
        ("extension-limit", "diagnosis.extension_count"),
    ] {
        let offered = run(["demo", scenario, "--json"]).json();
        let words = offered["verdict"]["try"].as_array().unwrap();
        assert!(words.iter().any(|word| word == "--diagnose"), "{scenario}: {words:?}");
        let document = run(["demo", scenario, "--diagnose", "--json"]).json();
        assert_eq!(document["diagnosis"]["id"], id, "{scenario}: {:#}", document["diagnosis"]);
    }
}

/// The user's own flags come before what the scenario wants.
#[test]
fn flags_work_on_the_demo_too() {
    assert_eq!(run(["demo", "expired", "-k", "-q"]).code, 0);
    let enforced = run(["demo", "expired", "--enforce"]);
    assert_eq!(enforced.code, 1, "{enforced:?}");
    assert!(enforced.out.contains("certificate_expired (45)"), "{}", enforced.out);
    assert_eq!(run(["demo", "--tls-max", "1.2", "-q"]).code, 4);
    let at = run(["demo", "--at", "2100-01-01", "--format", "json"]).json();
    assert_eq!(
        (&at["verdict"]["id"], &at["judged_at"]),
        (&json!("cert.expired"), &json!("2100-01-01T00:00:00Z"))
    );
}

/// Its own connections in a capture: the table of them, and each as it was.
#[test]
fn a_capture_of_the_demo_is_written_and_read() {
    let directory = common::scratch();
    let path = common::file(&directory, "own.pcapng");
    let path = common::text(&path);
    let shown = common::run(["demo", "capture", "--pcap", path]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    for part in [
        "stream  time",
        "TLS 1.2  complete",
        "TLS 1.3  failed: no_applic",
        "11 connections, none of them verified",
    ] {
        assert!(shown.out.contains(part), "{part}\n{}", shown.out);
    }
    assert!(shown.err.contains(&format!("tls-trace read {path} --stream 1 -v")), "{}", shown.err);
    // Its secrets are in it.
    let classic = common::run(["read", path, "--filter", "tls<1.3 and complete", "--format", "jsonl"]);
    assert_eq!(classic.out.lines().count(), 3, "{}", classic.out);
    let failed = common::run(["read", path, "--stream", "9"]);
    assert!(failed.code == 4 && failed.out.contains("alert.no_application_protocol"), "{}", failed.out);
    let mail = common::run(["read", path, "--stream", "10"]);
    assert!(mail.out.contains("STARTTLS"), "{}", mail.out);
    assert_eq!(common::run(["demo", "capture", "--save", "x.json"]).code, 2);
}

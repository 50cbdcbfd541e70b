//! `--like`: two ClientHellos at one server, one ClientHello at two.

use crate::common::{run, text};
use crate::diagnose::{How, Seen, middlebox};
use crate::lab::Lab;
use crate::server::Setup;

/// In front of a good server, with `--like` and these flags.
fn compared(
    code: i32,
    flags: &[&str],
    how: How,
    rejects: impl Fn(&Seen) -> bool + Send + 'static,
) -> serde_json::Value {
    let lab = Lab::new();
    let address = middlebox(lab.server(Setup::default()), how, rejects);
    let run = run(lab.words(address, &[&["--json"], flags].concat()));
    assert_eq!(run.code, code, "{run:#?}");
    let document = run.json();
    assert!(document["diagnosis"]["experiments"].as_array().unwrap().len() <= 24);
    document["diagnosis"].clone()
}

/// The other client's ClientHello is answered, and ours is not: what it has otherwise is found.
#[test]
fn what_a_client_that_works_does_otherwise_is_found() {
    // OpenSSL 1.0 knows no TLS 1.3.
    let version = compared(4, &["--like", "openssl-1.0"], How::Reset, |seen| seen.lists(43, 0x0304));
    assert_eq!(
        (&version["id"], &version["certainty"]),
        (&"diagnosis.like".into(), &"certain".into()),
        "{version:#}"
    );
    assert_eq!(version["changed"], serde_json::json!(["no extension supported_versions"]), "{version:#}");
    let suite =
        compared(4, &["--like", "openssl-1.0", "--tls-max", "1.2", "--no-alpn"], How::Alert(40), |seen| {
            !seen.hello.cipher_suites.contains(&0x0035)
        });
    assert_eq!(suite["id"], "diagnosis.like", "{suite:#}");
    let changed = suite["changed"].to_string();
    assert_eq!(changed, "[\"cipher suites with TLS_RSA_WITH_AES_256_CBC_SHA\"]", "{suite:#}");
    let words: Vec<&str> = suite["try"].as_array().unwrap().iter().filter_map(|word| word.as_str()).collect();
    assert!(words.contains(&"--ciphers") && !words.contains(&"--like"), "{words:?}");
}

/// Ours works and the other one does not, as of a program that fails where tls-trace gets through.
#[test]
fn what_makes_another_client_fail_is_found() {
    let found = compared(0, &["--like", "chrome"], How::Close, |seen| {
        // application_settings, which Chromium alone sends.
        seen.hello.extension(17613).is_some() || seen.hello.extension(17513).is_some()
    });
    assert_eq!(
        (&found["id"], &found["certainty"]),
        (&"diagnosis.like".into(), &"certain".into()),
        "{found:#}"
    );
    assert!(found["conclusion"].as_str().unwrap().contains("the other ClientHello fails"), "{found:#}");
    assert_eq!(found["changed"].as_array().unwrap().len(), 1, "{found:#}");
    assert!(found["changed"][0].as_str().unwrap().contains("application_settings"), "{found:#}");
}

/// Several differences that matter together are found together.
#[test]
fn a_smallest_set_is_found() {
    let found = compared(4, &["--like", "openssl-1.0"], How::Close, |seen| {
        seen.lists(43, 0x0304) || !seen.hello.cipher_suites.contains(&0x0035)
    });
    assert_eq!(found["id"], "diagnosis.like", "{found:#}");
    assert_eq!(found["changed"].as_array().unwrap().len(), 2, "{found:#}");
}

#[test]
fn both_work_or_both_fail() {
    let works = compared(0, &["--like", "firefox"], How::Close, |_| false);
    assert_eq!(works["id"], "diagnosis.like_both_work");
    assert_eq!(works["experiments"].as_array().unwrap().len(), 1);
    let fails = compared(4, &["--like", "firefox"], How::Close, |_| true);
    assert_eq!(fails["id"], "diagnosis.like_both_fail");
    assert!(fails["try"].as_array().unwrap().iter().any(|word| word == "--diagnose"), "{fails:#}");
}

/// A saved trace is a ClientHello too, and what was found is shown again from one.
#[test]
fn a_saved_trace_is_compared_with_and_a_comparison_is_saved() {
    let lab = Lab::new();
    let good = lab.server(Setup::default());
    let works = lab.file("works.json");
    let saved = run(lab.words(good, &["--no-alpn", "--save", text(&works)]));
    assert_eq!(saved.code, 0, "{saved:#?}");
    let strict = middlebox(good, How::Alert(120), |seen| seen.hello.extension(16).is_some());
    let trace = lab.file("trace.json");
    let words = ["--alpn", "h2", "--like", text(&works), "--save", text(&trace)];
    let live = run(lab.words(strict, &words));
    assert_eq!(live.code, 4, "{live:#?}");
    assert!(live.err.contains("--like: up to 24 more connections"), "{live:#?}");
    let words = live.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("is answered with no extension application_layer_protocol_negotiation"),
        "{words}"
    );
    assert!(words.contains("--no-alpn") && !words.contains("try tls-trace localhost --like"), "{words}");
    let again = run(["read", text(&trace)]);
    assert_eq!((again.code, again.out), (4, live.out));
}

/// The same ClientHello at two servers.
#[test]
fn another_server_shows_that_it_is_not_the_client() {
    let lab = Lab::new();
    let good = lab.server(Setup::default());
    let bad = middlebox(good, How::Close, |seen| seen.hello.extension(23).is_some());
    let other = format!("localhost:{}", good.port());
    let run_to = |server, other: &str| run(lab.words(server, &["--json", "--like", other]));
    let fails = run_to(bad, &other);
    assert_eq!(fails.code, 4, "{fails:#?}");
    let found = fails.json()["diagnosis"].clone();
    assert_eq!(found["id"], "diagnosis.like_host", "{found:#}");
    assert!(found["conclusion"].as_str().unwrap().contains(&format!("{other} goes on")), "{found:#}");
    let alike = run_to(good, &other);
    assert_eq!((alike.code, &alike.json()["diagnosis"]["id"]), (0, &"diagnosis.like_both_work".into()));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let refused = |like: &str| {
        let run = run(["localhost:1", "--like", like]);
        assert_eq!(run.code, 2, "{run:#?}");
        run.err
    };
    assert!(refused("chrom").contains("there is no client \"chrom\"; the nearest is chrome"));
    assert!(refused("./none.json").contains("none.json"));
    assert!(refused("./Cargo.toml").contains("--like ./Cargo.toml"));
    let both = run(["localhost:1", "--like", "chrome", "--diagnose"]);
    assert!(both.code == 2 && both.err.contains("--like and --diagnose can't be used together"), "{both:#?}");
}

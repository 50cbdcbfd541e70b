//! Every alert at every stage: none is passed over, none has a cause that the recording rules out.

use tls_trace::demo::script::Script;
use tls_trace::wire::codepoints::ALERTS;

use crate::common;
use crate::run::perform;

/// What comes before the alert. The client's own alerts, or its flight, may be behind it.
const STAGES: &[(&str, &str, &[&str])] = &[
    ("first", "", &[]),
    ("retry", "{ hello_retry_request = {} }, 'hear_hello'", &[]),
    ("ServerHello 1.2", "{ server_hello = { tls12 = true } }", &["no common version", "server_name"]),
    (
        "ServerHelloDone",
        "{ server_hello = { tls12 = true } }, { certificate = {} }, { server_key_exchange = {} }, \
         { server_hello_done = {} }, 'hear'",
        &["no common version", "server_name", "it has no certificate"],
    ),
    ("ServerHello 1.3", "{ server_hello = {} }", &["no common version", "server_name"]),
    (
        "EncryptedExtensions",
        "{ server_hello = {} }, { encrypted_extensions = {} }",
        &["no common version", "server_name", "ALPN"],
    ),
    (
        "Certificate",
        "{ server_hello = {} }, { encrypted_extensions = {} }, { certificate = {} }",
        &["no common version", "server_name", "it has no certificate"],
    ),
    (
        "Finished",
        "{ server_hello = {} }, { encrypted_extensions = {} }, { certificate = {} }, \
         { certificate_verify = {} }, { finished = {} }, 'hear'",
        &["no common version", "server_name", "it has no certificate"],
    ),
];

const USER_CANCELED: u8 = 90;

#[test]
fn every_alert_at_every_stage() {
    let alerts: Vec<u8> =
        (ALERTS.all)().into_iter().map(|row| row.code as u8).filter(|code| *code != 0).collect();
    let all: Vec<_> =
        STAGES.iter().flat_map(|stage| alerts.iter().map(move |alert| (stage, *alert))).collect();
    assert!(all.len() > 8 * 25);
    common::for_each(
        &all,
        |((stage, ..), alert)| format!("{alert} behind {stage}"),
        |((_, before, ruled_out), alert)| {
            let comma = if before.is_empty() { "" } else { ", " };
            let text = format!("steps = [{before}{comma}{{ alert = [2, {alert}] }}, 'close']\n");
            let report = perform(&Script::read(&text).unwrap());
            let verdict = report.verdict().unwrap();
            if *alert == USER_CANCELED {
                // It ends nothing by itself: the end behind it does, or has nothing left to end.
                let id = verdict.id.as_deref();
                assert!(id.is_none_or(|id| id.starts_with("closed.")), "{verdict:#?}");
                return;
            }
            let failure = verdict.failure.as_ref().unwrap_or_else(|| panic!("no failure: {verdict:#?}"));
            assert_eq!(verdict.exit_code, 4, "{verdict:#?}");
            let id = verdict.id.as_deref().unwrap();
            assert!(id.starts_with("alert.") || id.starts_with("client_cert."), "{verdict:#?}");
            assert!(!failure.causes.is_empty() && !failure.stage.is_empty(), "{failure:#?}");
            for cause in &failure.causes {
                let wrong = ruled_out.iter().find(|words| cause.text.contains(**words));
                assert!(wrong.is_none(), "{wrong:?} can't be: {failure:#?}");
            }
        },
    );
}

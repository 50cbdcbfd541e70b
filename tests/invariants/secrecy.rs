//! `Debug` shows no secret, wherever one is.

use tls_trace::report::Report;

use super::golden::{GOLDENS, captures};

#[test]
fn debug_shows_no_secret() {
    for (name, capture) in captures() {
        let mut shown = vec![format!("{capture:?}"), format!("{:#?}", capture.secrets)];
        shown.extend(capture.secrets.0.iter().map(|secret| format!("{secret:?}")));
        for shown in &shown {
            assert_hidden(&name, shown, &capture);
        }
        if let Some(secret) = capture.secrets.0.first() {
            let length = format!("{} bytes", secret.secret.len());
            assert!(shown[0].contains(secret.label.name()) && shown[0].contains(&length), "{name}");
        }
    }
}

#[test]
fn nor_does_a_report() {
    for golden in GOLDENS {
        let report = Report::of(golden.session()).unwrap();
        let shown = format!("{report:?}");
        for judged in &report.connections {
            assert_hidden(golden.name, &shown, &judged.capture);
        }
    }
}

fn assert_hidden(name: &str, shown: &str, capture: &tls_trace::capture::Capture) {
    for secret in &capture.secrets.0 {
        let start = &secret.secret[..8];
        let decimal = format!("{start:?}");
        let forms =
            [hex::encode(start), hex::encode_upper(start), decimal.trim_matches(['[', ']']).to_owned()];
        for form in forms {
            assert!(!shown.contains(&form), "{name}: {secret:?} is shown as {form}");
        }
    }
}

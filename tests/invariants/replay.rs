//! A saved trace is rendered as its expectation says, white space and all, and in whatever order its secrets come.

use std::fs;
use std::path::PathBuf;

use tls_trace::capture::{Capture, Limits, Secret, saved};
use tls_trace::render::{self, Settings};
use tls_trace::report::Report;
use tls_trace::trace::{Fold, Trace, Work};

use super::golden::{GOLDENS, captures};

#[test]
fn goldens_are_rendered_as_expected() {
    let mut wrong = Vec::new();
    for golden in GOLDENS {
        let report = Report::of(golden.session()).unwrap();
        let mut forms = vec![("txt", "text", 0)];
        if golden.in_full {
            forms.extend([("v.txt", "text", 1), ("report.json", "json", 0)]);
        }
        for (ending, format, verbosity) in forms {
            let mut shown = Vec::new();
            let settings = Settings { verbosity, ..Settings::default() };
            render::find(format).unwrap().write(&report, &settings, &mut shown).unwrap();
            let shown = String::from_utf8(shown).unwrap();
            let name = format!("{}.{ending}", golden.name);
            let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(&name);
            if std::env::var_os("UPDATE_GOLDENS").is_some() {
                fs::write(&file, &shown).unwrap();
            }
            let expected = fs::read_to_string(&file).unwrap_or_default();
            if shown != expected {
                let line =
                    shown.lines().zip(expected.lines()).position(|(shown, expected)| shown != expected);
                let line = line.unwrap_or_else(|| shown.lines().count().min(expected.lines().count()));
                wrong.push(format!(
                    "{name}:{}\n  shown:    {:?}\n  expected: {:?}",
                    line + 1,
                    shown.lines().nth(line),
                    expected.lines().nth(line)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "UPDATE_GOLDENS=1 accepts this:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_saved_is_read_back() {
    for golden in GOLDENS {
        let mut written = Vec::new();
        saved::write(&golden.session(), &mut written).unwrap();
        let again = saved::parse(&written).unwrap();
        assert_eq!(
            shown(&Report::of(again).unwrap()),
            shown(&Report::of(golden.session()).unwrap()),
            "{}",
            golden.name
        );
    }
}

fn shown(report: &Report) -> String {
    let mut shown = Vec::new();
    let settings = Settings { fields: Some(render::json::Choice::All), ..Settings::default() };
    render::find("json").unwrap().write(report, &settings, &mut shown).unwrap();
    String::from_utf8(shown).unwrap()
}

/// Live, every secret comes after the bytes that brought it about; in a file, before all of them.
#[test]
fn when_the_secrets_come_does_not_matter() {
    for (name, capture) in captures() {
        let expected = format!("{:?}", Trace { work: Work::default(), ..Trace::of(&capture) });
        let secrets = &capture.secrets.0;
        let backwards: Vec<_> = secrets.iter().rev().cloned().collect();
        let moments = capture.events.len() + 1;
        for moment in 0..moments {
            for secrets in [secrets, &backwards] {
                let at = vec![moment; secrets.len()];
                assert_eq!(fold(&capture, secrets, &at), expected, "{name}: all before event {moment}");
            }
        }
        for (i, secret) in secrets.iter().enumerate() {
            let mut at = vec![0; secrets.len()];
            at[i] = moments - 1;
            assert_eq!(fold(&capture, secrets, &at), expected, "{name}: {secret:?} last");
            let at: Vec<_> = (0..secrets.len()).map(|n| if n == i { 0 } else { moments - 1 }).collect();
            assert_eq!(fold(&capture, secrets, &at), expected, "{name}: {secret:?} first");
        }
    }
}

/// Each secret comes before the event with its number in `moments`.
fn fold(capture: &Capture, secrets: &[Secret], moments: &[usize]) -> String {
    let mut fold = Fold::new(Limits::DEFAULT, capture.tls_from);
    for at in 0..=capture.events.len() {
        for (secret, _) in secrets.iter().zip(moments).filter(|(_, moment)| **moment == at) {
            fold.secret(secret);
        }
        if let Some(event) = capture.events.get(at) {
            fold.event(event);
        }
    }
    format!("{:?}", Trace { work: Work::default(), ..fold.finish() })
}

//! SARIF 2.1.0 (OASIS), for code scanning: a result for each finding.
//!
//! Results are written as they come; the rules that they name stand behind them.

use std::collections::BTreeSet;
use std::io::{self, Write};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use super::plain::{moment, safe};
use super::{Document, Format, Settings, Several, json};
use crate::capture::Intent;
use crate::finding::{Outcome, Severity, explain, verdict};
use crate::report::many::Untraced;
use crate::report::told::{self, Told};
use crate::report::{Report, connection};

/// `--format sarif`
pub const FORMAT: Format = Format {
    name: "sarif",
    about: "SARIF 2.1.0, for code scanning: a result for each finding",
    suffix: "sarif",
    several: Several::Document,
    begin: || Box::new(Log::default()),
};

const START: &str = r#"{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json","version":"2.1.0","runs":[{"results":["#;

#[derive(Default)]
struct Log {
    begun: bool,
    /// A result was written.
    any: bool,
    /// Ids of what was found.
    rules: BTreeSet<String>,
    started: Option<String>,
    exit_codes: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultOut {
    rule_id: String,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    /// The same for the same finding at the same target, run after run.
    partial_fingerprints: Fingerprints,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    logical_locations: [Logical; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "targetAndFinding/v1")]
    target_and_finding: String,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_description: Option<Message>,
    help: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time_utc: Option<String>,
}

impl Log {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match std::mem::replace(&mut self.begun, true) {
            true => Ok(()),
            false => out.write_all(START.as_bytes()),
        }
    }

    fn result(&mut self, result: ResultOut, out: &mut dyn Write) -> io::Result<()> {
        let separator: &[u8] = if std::mem::replace(&mut self.any, true) { b",\n" } else { b"\n" };
        out.write_all(separator)?;
        json::value(&result, out)?;
        self.rules.insert(result.rule_id);
        Ok(())
    }

    /// One code is enough to know the worst.
    fn came_to(&mut self, exit_code: u8) {
        self.exit_codes = vec![verdict::worst(self.exit_codes.iter().copied().chain([exit_code]))];
    }
}

impl Document for Log {
    fn add(&mut self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        for told in told::of(report, settings.min_severity) {
            self.result(ResultOut::of(report, &told), out)?;
        }
        let began = report.connections.first().map(|judged| moment(judged.capture.began));
        self.started = self.started.take().or(began);
        self.came_to(report.exit_code());
        Ok(())
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        self.result(ResultOut::untraced(target), out)?;
        self.came_to(target.exit_code());
        Ok(())
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let exit_code = self.exit_codes.first().copied().unwrap_or_default();
        let invocation = Invocation {
            // It did its work, whatever it found; a signal or a fault ended it.
            execution_successful: !matches!(exit_code, 6 | 130 | 143),
            exit_code,
            start_time_utc: self.started.take(),
        };
        let rules = std::mem::take(&mut self.rules).into_iter().map(Rule::of).collect();
        let driver = Driver { name: "tls-trace", version: env!("CARGO_PKG_VERSION"), rules };
        out.write_all(b"\n],\"tool\":")?;
        json::value(&Tool { driver }, out)?;
        out.write_all(b",\"invocations\":")?;
        json::value(&[invocation], out)?;
        out.write_all(b"}]}\n")
    }
}

impl ResultOut {
    fn of(report: &Report, told: &Told) -> ResultOut {
        let name = connection::name(report, told.connection);
        let lines = told.lines().into_iter().map(|(what, text)| match what {
            "what" => safe(&text).into_owned(),
            what => format!("{what}: {}", safe(&text)),
        });
        let lines: Vec<_> = std::iter::once(format!("{name}: {}", safe(&told.title))).chain(lines).collect();
        let level = match told.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let intent = report.connections.get(told.connection).map(|judged| &judged.capture.intent);
        // The address of a connection and its number are no part of what is told apart.
        let about = connection::target(report);
        ResultOut::new(told.id.clone(), level, lines.join("\n"), (intent, name), &about)
    }

    fn untraced(target: &Untraced) -> ResultOut {
        let name = target.name();
        let text = format!("{name}: {} · {}", target.outcome.word(), safe(&target.why));
        let id = target.outcome.name().to_owned();
        ResultOut::new(id, "error", text, (Some(&target.intent), name.clone()), &name)
    }

    fn new(
        rule_id: String,
        level: &'static str,
        text: String,
        (intent, name): (Option<&Intent>, String),
        about: &str,
    ) -> ResultOut {
        let uri = uri(intent, &name);
        let about = format!("{about}\n{rule_id}");
        ResultOut {
            rule_id,
            level,
            message: Message { text },
            locations: [Location {
                physical_location: Physical { artifact_location: Artifact { uri } },
                logical_locations: [Logical { fully_qualified_name: name, kind: "resource" }],
            }],
            partial_fingerprints: Fingerprints {
                target_and_finding: hex::encode(digest(&SHA256, about.as_bytes())),
            },
        }
    }
}

/// `tls://example.com:443`; of files their name.
fn uri(intent: Option<&Intent>, name: &str) -> String {
    let scheme = if intent.is_some_and(|intent| intent.port > 0) { "tls://" } else { "" };
    // RFC 3986, section 2: what is neither unreserved nor wanted as it is. A colon in a relative reference would end a
    // scheme.
    let as_it_is = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || (scheme.is_empty() && byte == b'/')
            || (!scheme.is_empty() && b":[]".contains(&byte))
    };
    let mut uri = scheme.to_owned();
    for byte in name.bytes() {
        match as_it_is(byte) {
            true => uri.push(char::from(byte)),
            false => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

impl Rule {
    fn of(id: String) -> Rule {
        let topic = explain::topic(&id);
        let help = match &topic {
            Some(topic) if !topic.reference.is_empty() => format!("{} ({})", topic.about, topic.reference),
            Some(topic) => topic.about.to_string(),
            None if id == Outcome::NotAttempted.name() => {
                "Nothing could be done for this target: its line, or what is asked of it, is wrong."
                    .to_owned()
            }
            None if id == Outcome::Fault.name() => "This is a fault of tls-trace itself.".to_owned(),
            None => format!("tls-trace explain {id}"),
        };
        let title = topic.as_ref().map(|topic| Message { text: topic.title.clone() });
        let about = topic.map(|topic| Message { text: topic.about.to_string() });
        Rule { id, short_description: title, full_description: about, help: Message { text: help } }
    }
}

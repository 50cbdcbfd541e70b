//! One JSON document a run. Its shape is a promise: every key is always there, null if unknown.

mod connection;
pub mod diff;
mod document;
mod ech;
mod list;
mod message;
pub mod watch;

use std::io::{self, Write};

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Each, Format, Settings, Several};
use crate::capture::Intent;
use crate::certificate::host::unicode;
use crate::finding::post_quantum::{Half, PostQuantum};
use crate::finding::{self, Cause};
use crate::report::diagnosis::Diagnosis;
use crate::report::many::Untraced;
use crate::report::told::{self, Told};
use crate::report::{self, Report};
use crate::wire::codepoints::Registry;
use crate::wire::text::is_hostile;
use document::*;
use list::List;
pub use message::Choice;

/// `--format json`
pub const FORMAT: Format = Format {
    name: "json",
    about: "one document for a script; `tls-trace schema` describes it",
    suffix: "json",
    several: Several::Merged,
    begin: || Box::new(Each { report: write, untraced }),
};

/// Written as it is made: neither the document nor its text is in memory.
fn write(report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let document = Document::of(report, settings);
    let mut out = Safe(out);
    if settings.quiet {
        document.serialize(&mut serde_json::Serializer::new(&mut out))?;
    } else {
        document.serialize(&mut serde_json::Serializer::pretty(&mut out))?;
    }
    out.write_all(b"\n")
}

/// The document, in one line, of a target without a report.
pub(super) fn untraced(target: &Untraced, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let report = Report::default();
    let mut document = Document::of(&report, settings);
    document.target = Target::of(&target.intent);
    document.verdict.outcome = target.outcome.name();
    document.verdict.exit_code = target.exit_code();
    document.verdict.summary.clone_from(&target.why);
    line(&document, out)
}

/// A value in one line.
pub(super) fn line(line: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value(line, out)?;
    out.write_all(b"\n")
}

/// A value, without the line's end.
pub(super) fn value(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    Ok(value.serialize(&mut serde_json::Serializer::new(&mut Safe(out)))?)
}

/// Escapes what may steer a terminal or a log all the same after serde has escaped what JSON demands: bidi and
/// C1 characters.
struct Safe<'a>(&'a mut dyn Write);

impl Write for Safe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // serde writes whole characters.
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        let steers = |c: char| c != '\n' && is_hostile(c);
        let mut rest = text;
        while let Some((before, c)) = rest.find(steers).and_then(|at| Some((at, rest[at..].chars().next()?)))
        {
            self.0.write_all(&rest.as_bytes()[..before])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(self.0, "\\u{unit:04x}")?;
            }
            rest = &rest[before + c.len_utf8()..];
        }
        self.0.write_all(rest.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The same over several lines.
pub(super) fn pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    Ok(value.serialize(&mut serde_json::Serializer::pretty(&mut Safe(out)))?)
}

/// The JSON Schema of the document.
pub fn schema() -> String {
    schema_of::<Document>()
}

fn schema_of<T: schemars::JsonSchema>() -> String {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

impl<'a> Document<'a> {
    fn of(report: &'a Report, settings: &Settings) -> Document<'a> {
        let (choice, least) = (settings.fields.unwrap_or_default(), settings.min_severity);
        let capture = report.connections.first().map(|judged| &judged.capture);
        let intent = capture.map(|capture| &capture.intent);
        Document {
            schema: "tls-trace/1",
            started_at: capture.and_then(|capture| rfc3339(capture.began.into())),
            judged_at: capture.and_then(|capture| moment(capture.judged_at(&report.question))),
            verified_again: &report.question.again,
            target: intent.map(Target::of).unwrap_or_default(),
            connections: List::of(&report.connections, move |_, judged| {
                ConnectionOut::of(judged, &report.question, choice)
            }),
            diagnosis: Diagnosis::of(report).map(DiagnosisOut::of),
            post_quantum: report::post_quantum::of(report).map(PostQuantumOut::of),
            findings: List::new(move || told::of(report, least).map(FindingOut::of)),
            facts: report.facts(),
            verdict: VerdictOut::of(report),
        }
    }
}

impl Target {
    fn of(intent: &Intent) -> Self {
        Target {
            input: Some(intent.input.clone()),
            options: intent.options.clone(),
            host: Some(intent.host.clone()).filter(|host| !host.is_empty()),
            host_unicode: unicode(&intent.host),
            port: Some(intent.port).filter(|port| *port != 0),
            sni: intent.sni.clone(),
            verify_name: intent.verify_name.clone(),
        }
    }
}

impl PostQuantumOut {
    fn of(known: PostQuantum) -> Self {
        let half =
            |half: Half| HalfOut { state: half.state.name(), name: half.name, text: half.text.into_owned() };
        PostQuantumOut { key_exchange: half(known.key_exchange), authentication: half(known.authentication) }
    }
}

impl DiagnosisOut {
    fn of(diagnosis: Diagnosis) -> Self {
        let Diagnosis { rows, conclusion, next } = diagnosis;
        let experiments = rows.into_iter().map(|row| ExperimentOut {
            id: row.id,
            changes: row.about,
            outcome: row.outcome.name(),
            answer: row.outcome.to_string(),
            elapsed_us: u64::try_from(row.took.as_micros()).unwrap_or(u64::MAX),
        });
        DiagnosisOut {
            id: conclusion.id,
            conclusion: conclusion.cause.text,
            certainty: conclusion.cause.certainty.name(),
            changed: conclusion.smallest,
            need: conclusion.remedy.text,
            r#try: next,
            experiments: experiments.collect(),
        }
    }
}

impl VerdictOut {
    fn of(report: &Report) -> Self {
        let Some(verdict) = report.verdict() else {
            return VerdictOut {
                outcome: finding::Outcome::Fault.name(),
                exit_code: 6,
                id: None,
                phase: None,
                stage: None,
                by: None,
                certainty: None,
                who: None,
                summary: "nothing was traced".into(),
                detail: None,
                causes: Vec::new(),
                need: None,
                r#try: Vec::new(),
            };
        };
        let failure = verdict.failure.as_ref();
        VerdictOut {
            outcome: verdict.outcome.name(),
            exit_code: report.exit_code(),
            id: verdict.id.as_ref().map(|id| id.clone().into_owned()),
            phase: verdict.phase,
            stage: verdict.stage.clone(),
            by: verdict.by.map(finding::By::name),
            certainty: verdict.certainty.map(finding::Certainty::name),
            who: failure.and_then(|failure| failure.who.clone()),
            summary: verdict.summary.clone(),
            detail: verdict.detail.clone(),
            causes: failure.map(|failure| causes(&failure.causes)).unwrap_or_default(),
            need: failure.and_then(|failure| failure.remedy.text.clone()),
            r#try: verdict.next.clone(),
        }
    }
}

impl FindingOut {
    fn of(told: Told) -> Self {
        FindingOut {
            id: told.id,
            severity: told.severity.name(),
            title: told.title,
            what: told.what,
            connection: told.connection,
            who: told.who,
            evidence: told.evidence.iter().map(EvidenceOut::of).collect(),
            causes: causes(&told.causes),
            need: told.need,
            remedy: told.next,
        }
    }
}

fn causes(causes: &[Cause]) -> Vec<CauseOut> {
    let one = |cause: &Cause| CauseOut { certainty: cause.certainty.name(), text: cause.text.clone() };
    causes.iter().map(one).collect()
}

fn code(code: u16, registry: &'static Registry) -> Code {
    Code { code, name: registry.name_of(code) }
}

fn micros(at: std::time::Duration) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(u64::MAX)
}

fn moment(at: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at).ok().and_then(rfc3339)
}

fn rfc3339(at: OffsetDateTime) -> Option<String> {
    at.format(&Rfc3339).ok()
}

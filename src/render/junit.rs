//! JUnit XML, for the test report of a CI server: a suite for each connection; the verdict, each expectation and each
//! check is a test case.
//!
//! A suite has a failure or an error exactly when the connection's exit code is not 0. What was not evaluated is skipped,
//! and so is what fails without a consequence (`-k`, `--warn`, remarks), with the reason.

use std::collections::HashMap;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::plain::{moment, safe, seconds};
use super::{Document, Format, Settings, Several};
use crate::finding::{Outcome, Verdict};
use crate::judged::Judged;
use crate::judged::expectations::Weight;
use crate::policy;
use crate::report::connection::{self, Times};
use crate::report::many::Untraced;
use crate::report::told::{self, Told};
use crate::report::{Report, comparison, verdict};
use crate::trace::State;

/// `--format junit`
pub const FORMAT: Format = Format {
    name: "junit",
    about: "JUnit XML, for CI servers: each check and expectation is a test case",
    suffix: "junit.xml",
    several: Several::Document,
    begin: || Box::new(Suites { begun: false }),
};

struct Suites {
    begun: bool,
}

impl Suites {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let mut xml = Writer::new(out);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        xml.get_mut().write_all(b"\n")?;
        xml.write_event(Event::Start(
            BytesStart::new("testsuites").with_attributes([("name", "tls-trace")]),
        ))?;
        xml.get_mut().write_all(b"\n")
    }
}

impl Document for Suites {
    fn add(&mut self, report: &Report, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let mut all = told::of(report, settings.min_severity).peekable();
        for (place, judged) in report.connections.iter().enumerate() {
            let mut findings = Vec::new();
            while let Some(told) = all.next_if(|told| told.connection == place) {
                findings.push(told);
            }
            if judged.counts() {
                Suite::of(report, place, judged, &findings).write(out)?;
            }
        }
        let together: Vec<_> = all.collect();
        if !together.is_empty() {
            Suite::together(report, &together).write(out)?;
        }
        // Of many alike there is a row each.
        let mut others = connection::others(report).peekable();
        if others.peek().is_some() {
            Suite::others(report, others).write(out)?;
        }
        if let Some(signal) = report.interrupted {
            Suite::interrupted(report, signal).write(out)?;
        }
        Ok(())
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let mut suite = Suite::named(target.name());
        let message = format!("{} · {}", target.outcome.word(), target.why);
        let id = target.outcome.name().to_owned();
        suite.test("verdict", Came::Error { id, text: message.clone(), message });
        suite.write(out)
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        Writer::new(&mut *out).write_event(Event::End(BytesEnd::new("testsuites")))?;
        out.write_all(b"\n")
    }
}

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    Passed,
    /// What was asked is not so.
    Failed {
        id: String,
        message: String,
        text: String,
    },
    /// It could not be found out.
    Error {
        id: String,
        message: String,
        text: String,
    },
    Skipped {
        message: String,
    },
}

struct Case {
    name: String,
    time: Option<String>,
    came: Came,
}

struct Suite {
    name: String,
    began: Option<String>,
    host: Option<String>,
    time: Option<String>,
    properties: Vec<(&'static str, String)>,
    cases: Vec<Case>,
    /// Findings, for whoever looks into a report.
    said: Vec<String>,
}

impl Suite {
    fn of(report: &Report, place: usize, judged: &Judged, findings: &[Told]) -> Suite {
        let case = judged.case(&report.question);
        let times = Times::of(&case);
        let mut suite = Suite {
            name: connection::name(report, place),
            began: Some(moment(judged.capture.began)),
            host: connection::address(&case).map(|address| address.ip().to_string()),
            time: Some(seconds(times.total)),
            properties: properties(report, judged),
            cases: vec![Case {
                name: "verdict".into(),
                time: times.handshake.map(seconds),
                came: came_of(&judged.verdict, findings),
            }],
            said: findings.iter().map(finding).collect(),
        };
        let decides = judged.verdict.exit_code != 0;
        for one in &judged.expectations {
            let decides = decides && one.weight == Weight::Expect;
            let id = match one.weight {
                Weight::Expect => "expect.unmet",
                Weight::Warn => "expect.warning",
            };
            let found = one.found.join(", ");
            suite.test(&format!("{} {}", one.weight.flag(), one.text), came(&one.state, decides, id, &found));
        }
        for one in &judged.adherence {
            for rule in &one.rules {
                let decides = decides && rule.violated() && rule.weight == policy::Weight::Error;
                let name = format!("--policy {} {}", one.policy, rule.id);
                let need = rule.need.as_deref().unwrap_or_default();
                suite.test(&name, came(&rule.state, decides, &rule.id, &lines([need, &rule.reference])));
            }
        }
        let mut seen = HashMap::new();
        for check in &judged.checks {
            let of = check.evidence.first().and_then(|evidence| evidence.certificate);
            let name = match of {
                Some(place) => format!("{} of certificate {}", check.id, place + 1),
                None => check.id.to_owned(),
            };
            // Names tell test cases apart.
            let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
            let name = if *count > 1 { format!("{name} ({count})") } else { name };
            let places = check.evidence.iter().filter_map(|evidence| verdict::place(&case, evidence));
            let places = places.collect::<Vec<_>>().join("; ");
            suite.test(&name, came(&check.state, decides, check.id, &places));
        }
        suite
    }

    /// What the connections of a run show together.
    fn together(report: &Report, findings: &[Told]) -> Suite {
        let mut suite = Suite::named(format!("{} together", connection::target(report)));
        for told in findings {
            suite.test(&told.id, Came::Skipped { message: format!("{}: {}", told.title, told.what) });
        }
        suite.said = findings.iter().map(finding).collect();
        suite
    }

    fn others<'a>(report: &Report, rows: impl Iterator<Item = &'a comparison::Row>) -> Suite {
        let target = connection::target(report);
        let mut suite = Suite::named(format!("{target} more connections"));
        for row in rows {
            let summary = row.values.join(", ");
            let id = row.values.first().cloned().unwrap_or_default();
            suite.cases.push(Case {
                name: format!("verdict {}", row.label),
                time: row.handshake.map(seconds),
                came: match row.exit_code {
                    0 => Came::Passed,
                    1 | 4 => Came::Failed { id, message: summary.clone(), text: summary },
                    _ => Came::Error { id, message: summary.clone(), text: summary },
                },
            });
        }
        suite
    }

    fn interrupted(report: &Report, signal: u8) -> Suite {
        let mut suite = Suite::named(format!("{} run", connection::target(report)));
        let message = format!("the run was interrupted, exit code {signal}");
        suite.test("run", Came::Error { id: "interrupted".into(), text: message.clone(), message });
        suite
    }

    fn named(name: String) -> Suite {
        Suite {
            name,
            began: None,
            host: None,
            time: None,
            properties: Vec::new(),
            cases: Vec::new(),
            said: Vec::new(),
        }
    }

    fn test(&mut self, name: &str, came: Came) {
        self.cases.push(Case { name: name.to_owned(), time: None, came });
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = |wanted: fn(&Came) -> bool| {
            self.cases.iter().filter(|case| wanted(&case.came)).count().to_string()
        };
        let mut start = BytesStart::new("testsuite");
        attribute(&mut start, "name", &self.name);
        attribute(&mut start, "tests", &count(|_| true));
        attribute(&mut start, "failures", &count(|came| matches!(came, Came::Failed { .. })));
        attribute(&mut start, "errors", &count(|came| matches!(came, Came::Error { .. })));
        attribute(&mut start, "skipped", &count(|came| matches!(came, Came::Skipped { .. })));
        for (name, value) in [("time", &self.time), ("timestamp", &self.began), ("hostname", &self.host)] {
            if let Some(value) = value {
                attribute(&mut start, name, value);
            }
        }
        let mut xml = Writer::new_with_indent(out, b' ', 2);
        xml.write_event(Event::Start(start))?;
        if !self.properties.is_empty() {
            xml.write_event(Event::Start(BytesStart::new("properties")))?;
            for (name, value) in &self.properties {
                let mut property = BytesStart::new("property");
                attribute(&mut property, "name", name);
                attribute(&mut property, "value", value);
                xml.write_event(Event::Empty(property))?;
            }
            xml.write_event(Event::End(BytesEnd::new("properties")))?;
        }
        for case in &self.cases {
            case.write(&self.name, &mut xml)?;
        }
        if !self.said.is_empty() {
            element(&mut xml, "system-out", &[], &self.said.join("\n"))?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
        xml.get_mut().write_all(b"\n")
    }
}

impl Case {
    fn write(&self, suite: &str, xml: &mut Writer<&mut dyn Write>) -> io::Result<()> {
        let mut start = BytesStart::new("testcase");
        attribute(&mut start, "classname", suite);
        attribute(&mut start, "name", &self.name);
        if let Some(time) = &self.time {
            attribute(&mut start, "time", time);
        }
        let (name, id, message, text) = match &self.came {
            Came::Passed => return xml.write_event(Event::Empty(start)),
            Came::Failed { id, message, text } => ("failure", id.as_str(), message, text.as_str()),
            Came::Error { id, message, text } => ("error", id.as_str(), message, text.as_str()),
            Came::Skipped { message } => ("skipped", "", message, ""),
        };
        xml.write_event(Event::Start(start))?;
        let attributes = [("type", id), ("message", message)];
        let attributes = &attributes[usize::from(id.is_empty())..];
        match text {
            "" => {
                let mut element = BytesStart::new(name);
                attributes.iter().for_each(|(name, value)| attribute(&mut element, name, value));
                xml.write_event(Event::Empty(element))?;
            }
            text => element(xml, name, attributes, text)?,
        }
        xml.write_event(Event::End(BytesEnd::new("testcase")))
    }
}

/// What a state is as a test; what does not decide is no failure.
fn came(state: &State, decides: bool, id: &str, more: &str) -> Came {
    match state {
        State::Holds => Came::Passed,
        State::Fails(why) if decides => {
            Came::Failed { id: id.to_owned(), message: why.clone(), text: lines([why.as_str(), more]) }
        }
        State::Fails(why) => Came::Skipped { message: format!("fails, without consequence: {why}") },
        State::NotEvaluated(why) => Came::Skipped { message: format!("not evaluated: {why}") },
    }
}

fn came_of(verdict: &Verdict, findings: &[Told]) -> Came {
    let id = verdict.id.as_deref().unwrap_or(verdict.outcome.name()).to_owned();
    let message = format!("{} · {}", verdict.word(), verdict.summary);
    let own = findings.iter().find(|told| Some(told.id.as_str()) == verdict.id.as_deref());
    let text = lines([message.as_str(), &own.map(details).unwrap_or_default()]);
    match verdict.outcome {
        Outcome::Ok => Came::Passed,
        Outcome::Untrusted | Outcome::Unmet | Outcome::Failed => Came::Failed { id, message, text },
        Outcome::Unevaluated
        | Outcome::Unreachable
        | Outcome::Timeout
        | Outcome::Interrupted
        | Outcome::NotAttempted
        | Outcome::Fault => Came::Error { id, message, text },
    }
}

/// Flat facts, for who has the report and nothing else.
fn properties(report: &Report, judged: &Judged) -> Vec<(&'static str, String)> {
    let facts = crate::judged::Facts::judged(judged, &report.question);
    let text = |number: Option<i64>| number.map(|number| number.to_string());
    let rows = [
        ("verdict", Some(judged.verdict.summary.clone())),
        ("exit_code", Some(judged.verdict.exit_code.to_string())),
        ("tls", facts.tls),
        ("cipher", facts.cipher),
        ("group", facts.group),
        ("alpn", facts.alpn),
        ("verified", facts.verified.map(|is| if is { "yes" } else { "no" }.to_owned())),
        ("subject", facts.subject),
        ("issuer", facts.issuer),
        ("days", text(facts.days)),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn finding(told: &Told) -> String {
    let what = if told.what == told.title { "" } else { &told.what };
    lines([&format!("{} {}: {}", told.severity.name(), told.id, told.title), what])
}

/// What is known of a finding, a line each.
fn details(told: &Told) -> String {
    told.lines().into_iter().map(|(what, text)| format!("{what}: {text}")).collect::<Vec<_>>().join("\n")
}

fn lines<const N: usize>(parts: [&str; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Lines without what steers or hides, which is all that XML does not take.
fn legal(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

fn attribute(to: &mut BytesStart<'_>, name: &str, value: &str) {
    // In an attribute a line's end would be read as a blank.
    to.push_attribute((name, legal(value).replace('\n', " ").as_str()));
}

fn element(
    xml: &mut Writer<&mut dyn Write>,
    name: &str,
    attributes: &[(&str, &str)],
    text: &str,
) -> io::Result<()> {
    let mut start = BytesStart::new(name);
    attributes.iter().for_each(|(name, value)| attribute(&mut start, name, value));
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Text(BytesText::new(&legal(text))))?;
    xml.write_event(Event::End(BytesEnd::new(name)))
}

//! OpenMetrics 1.0, also for the textfile collector of Prometheus's node_exporter, which reads the older text format:
//! all families are gauges, and no sample has a time.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::UNIX_EPOCH;

use super::plain::{safe, seconds};
use super::{Document, Format, Settings, Several};
use crate::finding::Severity;
use crate::judged::{Facts, Judged};
use crate::report::connection::{self, Times};
use crate::report::many::Untraced;
use crate::report::{Report, told};
use crate::trace::State;

/// `--format openmetrics`
pub const FORMAT: Format = Format {
    name: "openmetrics",
    about: "metrics for Prometheus, as for node_exporter's textfile collector",
    suffix: "prom",
    several: Several::Document,
    begin: || Box::new(Families::default()),
};

/// A family of metrics.
struct Family {
    /// Behind `tls_trace_`.
    name: &'static str,
    unit: &'static str,
    help: &'static str,
}

const fn family(name: &'static str, unit: &'static str, help: &'static str) -> Family {
    Family { name, unit, help }
}

/// In the order in which they are written.
const FAMILIES: &[Family] = &[
    family("exit_code", "", "Exit code of tls-trace: 0 is good"),
    family("verified", "", "Whether the server is authenticated: 1 yes, 0 no, NaN not evaluated"),
    family("complete", "", "Whether the handshake was completed"),
    family("certificate_left_days", "days", "Whole days until the server's certificate expires"),
    family("certificate_life_left_ratio", "ratio", "How much of its time the server's certificate has left"),
    family("certificate_expiry_seconds", "seconds", "When the server's certificate expires, Unix time"),
    family("phase_seconds", "seconds", "How long each phase of the connection took"),
    family("roundtrips", "", "Round trips of the handshake"),
    family("post_quantum", "", "Whether the key exchange is post-quantum"),
    family("connection", "", "What was negotiated, and what it came to; always 1"),
    family("findings", "", "Findings by severity"),
    family("finding", "", "Findings by id"),
    family("expectation", "", "Whether an expectation is met: 1 yes, 0 no, NaN not evaluated"),
    family("connections", "", "Connections of a repetition by exit code"),
    family("checked_seconds", "seconds", "When the connection was made, Unix time"),
];

/// Bytes of samples, of which there are then more than anybody scrapes: they are in memory up to the end of the run.
const MOST: usize = 64 << 20;

/// Samples by family, which have to stand together.
#[derive(Default)]
struct Families {
    samples: HashMap<&'static str, String>,
    targets: HashSet<String>,
    /// Of the samples and the names.
    bytes: usize,
    left_out: usize,
}

type Labels<'a> = &'a [(&'a str, &'a str)];

impl Families {
    fn sample(&mut self, family: &'static str, labels: Labels<'_>, value: impl std::fmt::Display) {
        debug_assert!(FAMILIES.iter().any(|known| known.name == family), "{family}");
        let samples = self.samples.entry(family).or_default();
        let before = samples.len();
        let labels: Vec<_> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", label(value))).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(samples, "tls_trace_{family}{{{}}} {value}", labels.join(","));
        self.bytes += samples.len() - before;
    }

    /// A name that no other target has: the same labels twice are an error to whoever reads them. Whether there is room for it.
    fn claim(&mut self, target: &mut String) -> bool {
        if self.bytes >= MOST {
            self.left_out += 1;
            return false;
        }
        let first = target.clone();
        let mut n = 1;
        while self.targets.contains(target) {
            n += 1;
            *target = format!("{first} ({n})");
        }
        self.bytes += target.len();
        self.targets.insert(target.clone());
        true
    }

    /// A connection under the name of its target.
    fn connection(&mut self, report: &Report, target: &str, judged: &Judged) {
        let target = ("target", target);
        let case = judged.case(&report.question);
        let (facts, times) = (Facts::judged(judged, &report.question), Times::of(&case));
        self.sample("exit_code", &[target], judged.verdict.exit_code);
        self.sample("verified", &[target], tristate(facts.verified));
        self.sample("complete", &[target], u8::from(facts.complete));
        if let Some(days) = facts.days {
            self.sample("certificate_left_days", &[target], days);
        }
        if let Some(life) = facts.life {
            self.sample("certificate_life_left_ratio", &[target], life as f64 / 100.0);
        }
        let leaf = judged.judgement.as_ref().and_then(|judgement| judgement.elements.first());
        if let Some(until) = leaf.and_then(|leaf| leaf.not_after) {
            self.sample("certificate_expiry_seconds", &[target], until);
        }
        let phases = [
            ("dns", times.dns),
            ("tcp", times.tcp),
            ("preamble", times.preamble),
            ("handshake", times.handshake),
            ("total", Some(times.total)),
        ];
        for (phase, time) in phases.into_iter().filter_map(|(phase, time)| Some((phase, time?))) {
            self.sample("phase_seconds", &[target, ("phase", phase)], seconds(time));
        }
        if let Some(trips) = facts.roundtrips {
            self.sample("roundtrips", &[target], trips);
        }
        if let Some(pq) = facts.pq {
            self.sample("post_quantum", &[target], u8::from(pq));
        }
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        let labels = [
            target,
            ("version", &known(&facts.tls)),
            ("cipher", &known(&facts.cipher)),
            ("group", &known(&facts.group)),
            ("sigalg", &known(&facts.sigalg)),
            ("alpn", &known(&facts.alpn)),
            ("key", &known(&facts.key)),
            ("outcome", judged.verdict.outcome.name()),
            ("id", judged.verdict.id.as_deref().unwrap_or_default()),
        ];
        self.sample("connection", &labels, 1);
        let mut seen = HashSet::new();
        for one in judged.expectations.iter().filter(|one| seen.insert((&one.text, one.weight.name()))) {
            let met = match one.state {
                State::Holds => Some(true),
                State::Fails(_) => Some(false),
                State::NotEvaluated(_) => None,
            };
            let labels = [target, ("expression", &one.text), ("weight", one.weight.name())];
            self.sample("expectation", &labels, tristate(met));
        }
        let began = judged.capture.began.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.sample(
            "checked_seconds",
            &[target],
            format_args!("{}.{:03}", began.as_secs(), began.subsec_millis()),
        );
    }

    /// What was found at a connection, or at all of a repetition.
    fn findings(&mut self, target: &str, told: impl Iterator<Item = (Severity, String)>) {
        let mut counts: Vec<((Severity, String), usize)> = Vec::new();
        for one in told {
            match counts.iter_mut().find(|(known, _)| *known == one) {
                Some((_, count)) => *count += 1,
                None => counts.push((one, 1)),
            }
        }
        let target = ("target", target);
        for severity in [Severity::Note, Severity::Warning, Severity::Error] {
            let all = counts.iter().filter(|((of, _), _)| *of == severity);
            let count: usize = all.map(|(_, count)| count).sum();
            self.sample("findings", &[target, ("severity", severity.name())], count);
        }
        for ((severity, id), count) in &counts {
            self.sample("finding", &[target, ("id", id), ("severity", severity.name())], count);
        }
    }
}

impl Document for Families {
    fn add(&mut self, report: &Report, settings: &Settings, _: &mut dyn Write) -> io::Result<()> {
        let told: Vec<_> = told::of(report, settings.min_severity).collect();
        let of = |place: usize| told.iter().filter(move |told| told.connection == place);
        let parts = |told: &told::Told| (told.severity, told.id.clone());
        let repeated = !report.rows.is_empty() && report.purpose != crate::capture::Purpose::EachAddress;
        let connections: Vec<_> = match (repeated, report.decisive_place().zip(report.decisive())) {
            // Alike as they are: the one that decides, and how many came to what.
            (true, Some(one)) => vec![(connection::target(report), one)],
            _ => connection::counting(report)
                .map(|(place, judged)| (connection::name(report, place), (place, judged)))
                .collect(),
        };
        for (mut target, (place, judged)) in connections {
            if !self.claim(&mut target) {
                continue;
            }
            self.connection(report, &target, judged);
            self.findings(&target, of(place).map(parts));
            if repeated {
                let mut codes: Vec<_> = report.rows.iter().map(|row| row.exit_code).collect();
                codes.sort_unstable();
                for alike in codes.chunk_by(|a, b| a == b) {
                    let code = alike[0].to_string();
                    self.sample("connections", &[("target", &target), ("exit_code", &code)], alike.len());
                }
            }
        }
        Ok(())
    }

    fn untraced(&mut self, untraced: &Untraced, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        let mut target = untraced.name();
        if self.claim(&mut target) {
            let target = ("target", target.as_str());
            self.sample("exit_code", &[target], untraced.exit_code());
            self.sample("verified", &[target], tristate(None));
            self.sample("complete", &[target], 0);
            let unknown = ["version", "cipher", "group", "sigalg", "alpn", "key"].map(|name| (name, ""));
            let labels = [&[target], &unknown[..], &[("outcome", untraced.outcome.name()), ("id", "")]];
            self.sample("connection", &labels.concat(), 1);
        }
        Ok(())
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        for Family { name, unit, help } in FAMILIES {
            let Some(samples) = self.samples.get(name) else { continue };
            writeln!(out, "# HELP tls_trace_{name} {help}")?;
            writeln!(out, "# TYPE tls_trace_{name} gauge")?;
            if !unit.is_empty() {
                writeln!(out, "# UNIT tls_trace_{name} {unit}")?;
            }
            out.write_all(samples.as_bytes())?;
        }
        if self.left_out > 0 {
            writeln!(out, "# HELP tls_trace_left_out Connections without metrics: there are too many")?;
            writeln!(out, "# TYPE tls_trace_left_out gauge")?;
            writeln!(out, "tls_trace_left_out {}", self.left_out)?;
        }
        out.write_all(b"# EOF\n")
    }
}

fn tristate(is: Option<bool>) -> &'static str {
    match is {
        Some(true) => "1",
        Some(false) => "0",
        None => "NaN",
    }
}

/// The value of a label: backslash, quote and line feed are escaped.
fn label(text: &str) -> String {
    safe(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_ends_its_label() {
        assert_eq!(
            label("a\"} 1\ntls_trace_exit_code{x=\"\\"),
            "a\\\"} 1\\\\ntls_trace_exit_code{x=\\\"\\\\"
        );
    }

    /// Names as long as a list's lines may be.
    #[test]
    fn memory_is_bounded_and_what_is_left_out_is_counted() {
        const TARGETS: usize = 20;
        // All but some MiB are taken.
        let mut families = Families { bytes: MOST - (2 << 20), ..Families::default() };
        let settings = Settings::default();
        for n in 0..TARGETS {
            let mut target = crate::report::many::Untraced::wrong("no".into());
            target.intent.input = format!("{n}{}", "x".repeat(64 << 10));
            families.untraced(&target, &settings, &mut io::sink()).unwrap();
        }
        assert!(families.bytes < MOST + (1 << 20), "{}", families.bytes);
        let kept = families.targets.len();
        assert_eq!(((3..15).contains(&kept), kept + families.left_out), (true, TARGETS));
        let mut out = Vec::new();
        families.end(&settings, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains(&format!("\ntls_trace_left_out {}\n# EOF\n", families.left_out)));
    }
}

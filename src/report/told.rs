//! Everything worth telling of a run, as each format that lists findings tells it.

use super::{Report, comparison, verdict};
use crate::finding::{Cause, Finding, Severity, Verdict};
use crate::judged::Judged;
use crate::trace::Evidence;

/// A finding, with what the verdict knows of it if it is the one that the verdict is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Place of its connection in [`Report::connections`].
    pub connection: usize,
    pub id: String,
    pub severity: Severity,
    /// A headline.
    pub title: String,
    /// What was seen, in a sentence.
    pub what: String,
    /// Who ended it, how and when.
    pub who: Option<String>,
    pub evidence: Vec<Evidence>,
    /// The same in words.
    pub places: Vec<String>,
    /// Likeliest first.
    pub causes: Vec<Cause>,
    /// What is needed, in words.
    pub need: Option<String>,
    /// The command to run next, as words.
    pub next: Vec<String>,
}

/// Of all connections, in their order. Findings below `least` are left out; what a verdict is about never is.
pub fn of(report: &Report, least: Severity) -> impl Iterator<Item = Told> {
    // An experiment may be meant to fail: what it came to is no finding.
    let told = |(_, judged): &(usize, &Judged)| !judged.capture.role.is_experiment();
    let judged = report.connections.iter().enumerate().filter(told);
    let each = judged.flat_map(move |(place, judged)| of_connection(report, place, judged, least));
    let together = comparison::findings(report).into_iter();
    let together = together.filter(move |(_, finding)| finding.severity >= least);
    each.chain(together.map(|(place, finding)| Told::new(place, &finding)))
}

fn of_connection(report: &Report, place: usize, judged: &Judged, least: Severity) -> Vec<Told> {
    let last = &judged.verdict;
    // What the verdict is about stays, whatever it weighs.
    let own = |finding: &&Finding| last.id.as_ref() == Some(&finding.id);
    let findings = judged.findings.iter().filter(|finding| finding.severity >= least || own(finding));
    let mut told: Vec<_> = findings.map(|finding| Told::new(place, finding)).collect();
    let Some(id) = &last.id else { return told };
    let index = told.iter().position(|told| told.id == *id).unwrap_or_else(|| {
        // Accepted by -k, it is no error any more.
        let severity = if last.failure.is_some() { Severity::Error } else { Severity::Warning };
        let title = last.summary.clone();
        let what = last.detail.clone().unwrap_or_else(|| title.clone());
        told.insert(0, Told::new(place, &Finding::new(id.clone(), severity, title, what)));
        0
    });
    if let Some(own) = told.get_mut(index) {
        own.explain(last);
    }
    let case = judged.case(&report.question);
    for told in &mut told {
        let places = told.evidence.iter().filter_map(|evidence| verdict::place(&case, evidence));
        told.places = places.collect();
        told.places.dedup();
    }
    told
}

impl Told {
    fn new(connection: usize, finding: &Finding) -> Told {
        Told {
            connection,
            id: finding.id.clone().into_owned(),
            severity: finding.severity,
            title: finding.title.clone().into_owned(),
            what: finding.what.clone(),
            who: None,
            evidence: finding.evidence.clone(),
            places: Vec::new(),
            causes: finding.causes.clone(),
            need: finding.remedy.as_ref().and_then(|remedy| remedy.text.clone()),
            next: Vec::new(),
        }
    }

    /// All that is known of it but its title, each line with what it says: `what`, `who`, `at`, how certain a cause is, `need`, `try`.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        // A headline may have said it all.
        lines.extend(Some(("what", self.what.clone())).filter(|_| self.what != self.title));
        lines.extend(self.who.iter().map(|who| ("who", who.clone())));
        lines.extend(self.places.iter().map(|place| ("at", place.clone())));
        lines.extend(self.causes.iter().map(|cause| (cause.certainty.name(), cause.text.clone())));
        lines.extend(self.need.iter().map(|need| ("need", need.clone())));
        if !self.next.is_empty() {
            lines.push(("try", verdict::command(&self.next)));
        }
        lines
    }

    /// Adds what the verdict knows of it.
    fn explain(&mut self, verdict: &Verdict) {
        let Some(failure) = &verdict.failure else { return };
        self.who.clone_from(&failure.who);
        if !failure.evidence.is_empty() {
            self.evidence.clone_from(&failure.evidence);
        }
        self.causes.clone_from(&failure.causes);
        self.need.clone_from(&failure.remedy.text);
        self.next.clone_from(&verdict.next);
    }
}

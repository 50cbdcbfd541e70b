//! `--diagnose`: after a failure, one experiment after the other.

use std::time::{Duration, Instant};

use crate::capture::{Question, Role, Stopped};
use crate::engine::Request;
use crate::finding::Certainty;
use crate::finding::authenticated::{self, Standard};
use crate::finding::experiment::{Base, Depth, Done, Step, next};
use crate::inquiry::experiments::Experiments;
use crate::judged::Judged;
use crate::wire::handshake::types;

/// How much may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections beside the one that failed.
    pub most: usize,
    /// How many of them are opened in a second at most; None: each as soon as the one before has ended.
    pub rate: Option<u32>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { most: crate::finding::experiment::MOST, rate: None }
    }
}

/// The experiments of one failure.
pub(super) struct Diagnosis {
    base: Base,
    experiments: Experiments,
    done: Vec<Done>,
    bounds: Bounds,
    last: Option<Instant>,
    /// How long the next one waits for its own sake.
    wait: Duration,
}

impl Diagnosis {
    /// Of the connection that was made for `request`; an error says why there is nothing to find out.
    pub(super) fn new(
        request: &Request,
        failed: &Judged,
        question: &Question,
        bounds: Bounds,
    ) -> Result<Self, String> {
        if matches!(failed.capture.stopped, Some(Stopped::Interrupt | Stopped::Terminate)) {
            return Err("it was interrupted".into());
        }
        let case = failed.case(question);
        let base = Base::of(&case)?;
        let verdict = &failed.verdict;
        if base.depth == Depth::Whole && verdict.certainty == Some(Certainty::Certain) {
            return Err("the cause is certain already: no experiment is needed".into());
        }
        if base.client_certificate {
            if let Some(why) = authenticated::peer(&case, Standard::of(&case)).reason() {
                let why = format!(
                    "the client certificate is not sent again, since the server is not authenticated: {why}"
                );
                return Err(why);
            }
        } else if case.certificate_request().is_some() && base.depth == Depth::Whole {
            return Err("the server asked for a client certificate, and none was sent: only one that it accepts can show more (--cert FILE --key FILE)".into());
        }
        let hello = failed.trace.first(types::CLIENT_HELLO).map(|(_, message)| message.bytes.clone());
        let round_trip =
            failed.capture.tcp.and_then(|tcp| tcp.rtt_us).map(|us| Duration::from_micros(us.into()));
        let hello = hello.unwrap_or_default();
        let experiments = Experiments::new(request.clone(), &hello, &base, round_trip)
            .map_err(|e| format!("the ClientHello can't be sent again: {e}"))?;
        Ok(Self { base, experiments, done: Vec::new(), bounds, last: None, wait: Duration::ZERO })
    }

    /// Learns what came of the last experiment.
    pub(super) fn learn(&mut self, judged: &Judged, question: &Question) {
        self.done.extend(Done::of(&judged.case(question), self.base.depth));
    }

    /// The next experiment and its role; None: the conclusion is reached.
    pub(super) fn next(&mut self) -> Option<(Request, Role)> {
        loop {
            let Step::Try(experiment) = next(&self.base, &self.done, self.bounds.most) else { return None };
            match self.experiments.request(&experiment) {
                Ok(request) => {
                    self.wait = Experiments::pause(&experiment);
                    return Some((request, Role::Experiment(experiment.id)));
                }
                // What can't be built can't be what helps.
                Err(_) => self.done.push(Done::impossible(experiment)),
            }
        }
    }

    /// Whether no experiment was made yet.
    pub(super) fn is_new(&self) -> bool {
        self.last.is_none()
    }

    /// How many there may be.
    pub(super) fn most(&self) -> usize {
        self.bounds.most
    }

    /// How long to wait before it.
    pub(super) fn pause(&mut self) -> Duration {
        let now = Instant::now();
        let apart = self.bounds.rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1));
        let due = self.last.map_or(now, |last| last + apart).max(now + self.wait);
        self.last = Some(due.max(now));
        due.saturating_duration_since(now)
    }
}

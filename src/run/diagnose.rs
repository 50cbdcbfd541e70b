//! `--diagnose` and `--like`: one experiment after the other.

use std::time::{Duration, Instant};

use crate::capture::{Question, Role, Stopped};
use crate::engine::hello::Opening;
use crate::engine::{Engine, Probe, Request, lab};
use crate::finding::Certainty;
use crate::finding::authenticated::{self, Standard};
use crate::finding::experiment::like::{self, Likeness, Side};
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

/// What a connection is compared with.
pub enum Like {
    /// Another ClientHello to the same server.
    Hello(Box<Opening>),
    /// The same request to another server.
    Host(Box<Request>),
}

impl Like {
    /// The connection that `ours` is compared with, and its role. No client certificate is sent: nobody knows whether
    /// the server is who it should be.
    pub(super) fn request(self, ours: &Request, judged: &Judged, question: &Question) -> (Request, Role) {
        let late = Side::of(&judged.case(question)).failed_late();
        match self {
            Like::Host(request) => (*request, Role::Experiment(like::HOST.into())),
            Like::Hello(opening) => {
                // As far as the handshake that it is compared with went, if it can be performed.
                let whole = late || judged.case(question).complete();
                let engine = match whole && lab::lacking(&opening).is_empty() {
                    true => Engine::Lab,
                    false => Engine::Probe,
                };
                let probe = Probe { opening: Some(*opening), ..Probe::default() };
                let request =
                    Request { engine, probe, client: None, psk: None, retry: false, ..ours.clone() };
                (request, Role::Experiment(like::HELLO.into()))
            }
        }
    }
}

/// What decides which experiment is next.
enum Plan {
    Failure(Box<Base>),
    Likeness(Box<Likeness>),
}

impl Plan {
    fn next(&self, done: &[Done], most: usize) -> Step {
        match self {
            Plan::Failure(base) => next(base, done, most),
            Plan::Likeness(likeness) => likeness.next(done, most),
        }
    }
}

/// The experiments of one failure.
pub(super) struct Diagnosis {
    plan: Plan,
    depth: Depth,
    experiments: Experiments,
    done: Vec<Done>,
    bounds: Bounds,
    last: Option<Instant>,
    /// How long the next one waits for its own sake.
    wait: Duration,
}

impl Diagnosis {
    /// Of two connections that are compared: `ours` was made for `request`, and `theirs` is the one behind it. None where
    /// no experiment is needed.
    pub(super) fn compare(
        request: &Request,
        ours: Side,
        our_hello: &[u8],
        theirs: &Judged,
        question: &Question,
        bounds: Bounds,
    ) -> Option<Self> {
        let likeness = Likeness::of(ours, &theirs.case(question))?;
        let base = likeness.base()?;
        let depth = base.depth;
        let theirs_hello = client_hello(theirs);
        let hello = if likeness.theirs_fails() { &theirs_hello } else { our_hello };
        let mut request = request.clone();
        request.client = None;
        let experiments = Experiments::new(request, hello, base, round_trip(theirs)).ok()?;
        let plan = Plan::Likeness(Box::new(likeness));
        // The connection that is compared with was one of them.
        let bounds = Bounds { most: bounds.most.saturating_sub(1), ..bounds };
        Some(Self { plan, depth, experiments, done: Vec::new(), bounds, last: None, wait: Duration::ZERO })
    }

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
        let hello = client_hello(failed);
        let experiments = Experiments::new(request.clone(), &hello, &base, round_trip(failed))
            .map_err(|e| format!("the ClientHello can't be sent again: {e}"))?;
        let (depth, plan) = (base.depth, Plan::Failure(Box::new(base)));
        Ok(Self { plan, depth, experiments, done: Vec::new(), bounds, last: None, wait: Duration::ZERO })
    }

    /// Learns what came of the last experiment.
    pub(super) fn learn(&mut self, judged: &Judged, question: &Question) {
        self.done.extend(Done::of(&judged.case(question), self.depth));
    }

    /// The next experiment and its role; None: the conclusion is reached.
    pub(super) fn next(&mut self) -> Option<(Request, Role)> {
        loop {
            let Step::Try(experiment) = self.plan.next(&self.done, self.bounds.most) else { return None };
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

    /// Whether two connections are compared, instead of one explained.
    pub(super) fn compares(&self) -> bool {
        matches!(self.plan, Plan::Likeness(_))
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

/// The ClientHello of a connection, with its header; empty if there was none.
pub(super) fn client_hello(judged: &Judged) -> Vec<u8> {
    let first = judged.trace.first(types::CLIENT_HELLO);
    first.map(|(_, message)| message.bytes.clone()).unwrap_or_default()
}

/// As the kernel measured it.
fn round_trip(judged: &Judged) -> Option<Duration> {
    let measured = judged.capture.tcp.and_then(|tcp| tcp.rtt_us);
    measured.map(|us| Duration::from_micros(us.into()))
}

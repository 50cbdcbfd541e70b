//! The source's side: one capture after the other.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Cancel, Error, Reading, Sink, Source, Traced};
use crate::capture::{
    Anchor, Capture, EchSource, Https, HttpsRecord, Intent, Origin, Question, Role, Step, StepKind, Stopped,
};
use crate::connect::{self, Journal, Resolve, https_record};
use crate::engine::{self, Engine, Request, Sessions};
use crate::finding::experiment::like::Side;
use crate::finding::{
    self,
    authenticated::{self, Standard},
};
use crate::judged::Judged;
use crate::trace::Trace;

use super::addresses::Addresses;
use super::diagnose::{Bounds, Diagnosis, Like, client_hello};
use super::judging::Judging;
use super::second_attempt::{self, Found};

/// What is still to be done.
pub(super) struct Connections {
    state: State,
    /// Made already, and to be handed over before anything else.
    ready: VecDeque<(Capture, Cancel)>,
    /// What is made again if the server rejects its ECH and sends other configurations.
    with_ech: Option<Box<Request>>,
    /// What was to be piped over it, of which a rejected handshake took nothing.
    streams: Option<Streams>,
    /// Steps that the first connection begins with, and how long they took.
    before: Option<(Vec<Step>, Duration)>,
    /// That, with those configurations.
    again: Option<Box<Request>>,
    /// There are many connections, of which more than one is in memory.
    several: bool,
    /// What the captured connection that was given last shows.
    traced: Option<Trace>,
    /// It is not reported.
    unwanted: bool,
    /// The lab engine took the place of rustls.
    replaced: bool,
    question: Arc<Question>,
    /// Whom an engine that enforces trusts.
    anchors: Arc<[Anchor]>,
}

/// Where what is piped comes from, and where it goes.
type Streams = (Box<dyn AsyncRead + Unpin + Send>, Box<dyn AsyncWrite + Unpin + Send>);

/// What is recorded of each of several connections: more than any handshake has.
const ONE_OF_SEVERAL: u64 = 2 << 20;

enum State {
    Source(Source),
    /// The second of two; the early data is held back until the first was judged.
    Second {
        request: Request,
        early_data: Option<Vec<u8>>,
    },
    /// The addresses that are left.
    Addresses(Addresses),
    /// The connection of `--diagnose` was made; if it failed, experiments follow.
    Failed(Request, Bounds),
    /// The connection was made that is to be compared with another one.
    Compared(Request, Like, Bounds),
    /// The other one was made.
    Likeness(Box<Comparison>),
    Experiments(Box<Diagnosis>),
    /// The captures that are left.
    Saved(std::vec::IntoIter<Capture>),
    /// Those that a thread reads.
    Captured(Reading),
    Done,
}

/// What is kept of a connection until the one that it is compared with has been made.
struct Comparison {
    request: Request,
    ours: Side,
    hello: Vec<u8>,
    bounds: Bounds,
}

impl Connections {
    pub(super) fn new(source: Source, judging: &Judging) -> Connections {
        let question = Arc::new(judging.question().clone());
        let enforce = question.enforce || source.request().is_some_and(|request| request.tls_proxy.is_some());
        let anchors = if enforce { judging.anchors() } else { Arc::new([]) };
        let several = matches!(
            source,
            Source::Repeat(..) | Source::EachAddress(_) | Source::Diagnose(..) | Source::Like(..)
        );
        Connections {
            several,
            state: State::Source(source),
            ready: VecDeque::new(),
            replaced: false,
            with_ech: None,
            streams: None,
            before: None,
            again: None,
            traced: None,
            unwanted: false,
            question,
            anchors,
        }
    }

    /// A server that rejected ECH, proved to be the one of the public name and sent other configurations is asked once
    /// more with those (RFC 9849, section 6.1.6), and that connection takes the place of this one.
    pub(super) fn note(&mut self, judged: &mut Judged, cancel: &Cancel) {
        let Some(mut request) = self.with_ech.take().filter(|_| cancel.stopped().is_none()) else { return };
        let list = finding::ech::to_try_next(&judged.case(&self.question)).map(<[u8]>::to_vec);
        let Some(Ok(ech)) = list.map(|list| engine::ech::choose(EchSource::Retry, list)) else { return };
        match &mut self.state {
            // What follows goes to the same server.
            State::Second { request: next, .. } | State::Source(Source::Repeat(next, _)) => {
                next.ech = Some(ech.clone());
            }
            // The others are to resume the first one's session.
            State::Addresses(Addresses { request: next, .. }) if next.resumption.is_some() => {
                next.ech = Some(ech.clone());
            }
            // Each of the others may be another server: it gets what the user offers.
            _ => {}
        }
        request.ech = Some(ech);
        judged.capture.role = Role::Superseded;
        self.again = Some(request);
    }

    /// The connection that is made next is made again, once, if its ECH is rejected.
    fn with_ech(&mut self, request: &Request) {
        self.with_ech = (request.retry_ech && request.ech.is_some()).then(|| Box::new(request.clone()));
    }

    /// What the capture that was given last shows, where that was found out when it was read.
    pub(super) fn trace_of_captured(&mut self) -> Option<Trace> {
        self.traced.take()
    }

    /// Whether the capture that was given last is reported.
    pub(super) fn wanted(&self) -> bool {
        !self.unwanted
    }

    /// The next capture, and what ends all that is done for it; `None` when there are no more.
    pub(super) async fn next(
        &mut self,
        judging: &Judging,
        earlier: Option<&Judged>,
        cancel: &Cancel,
        sink: &mut dyn Sink,
    ) -> Result<Option<(Capture, Cancel)>, Error> {
        if let Some(unmade) = self.ech_from_dns(cancel).await {
            return Ok(Some((unmade, cancel.clone())));
        }
        let mut next = self.made(judging, earlier, cancel, sink).await?;
        if let Some((capture, _)) = &mut next
            && let Some((steps, took)) = self.before.take()
        {
            capture.preceded_by(steps, took);
            capture.cut_times();
        }
        Ok(next)
    }

    /// Looks up the ECH configurations of a source that wants them from the DNS, once. A capture comes back where there
    /// are none: without them the name would be sent in the clear, so no connection is made.
    async fn ech_from_dns(&mut self, cancel: &Cancel) -> Option<Capture> {
        let State::Source(source) = &mut self.state else { return None };
        let request = source.request_mut().filter(|request| request.ech.is_none())?;
        let record = request.ech_record.take()?;
        let began = Instant::now();
        let mut journal = Journal::telling(began, &request.progress);
        let intent = &request.intent;
        let host = intent.sni.as_ref().unwrap_or(&intent.host);
        let look_up = https_record::look_up(host, intent.port, record.server, &mut journal);
        let limit = request.connect_timeout.or(request.max_time).and_then(|limit| began.checked_add(limit));
        let found = cancel.until(limit).over(look_up).await;
        let stopped = found.as_ref().err().copied().filter(|stopped| *stopped != Stopped::MaxTime);
        let found = found.ok().flatten();
        let mut steps = journal.into_steps();
        for service in found.iter().flat_map(|found| &found.records) {
            let Some(list) = &service.ech else { continue };
            match engine::ech::choose(EchSource::Dns, list.clone()) {
                Ok(ech) => {
                    request.ech = Some(ech);
                    // The configurations are those of the endpoint that the record names (RFC 9460, section 2.4.2), unless
                    // the user says where to connect.
                    let owner = found.as_ref().map_or(host, |found| &found.owner);
                    let target = if service.target == "." { owner } else { &service.target };
                    let named = (intent.host.clone(), intent.port);
                    if intent.connect.is_none()
                        && (&request.connect.host, request.connect.port) == (&named.0, named.1)
                    {
                        request.connect.host = target.clone();
                        request.connect.port = service.port.unwrap_or(named.1);
                    }
                    self.before = Some((steps, began.elapsed()));
                    return None;
                }
                Err(why) => unusable(&mut steps, service, &why.to_string()),
            }
        }
        let mut capture = Capture::new(request.intent.clone(), SystemTime::now() - began.elapsed());
        capture.steps = steps;
        capture.stopped = stopped;
        capture.total = began.elapsed();
        self.state = State::Done;
        Some(done(capture, Role::Main))
    }

    async fn made(
        &mut self,
        judging: &Judging,
        earlier: Option<&Judged>,
        cancel: &Cancel,
        sink: &mut dyn Sink,
    ) -> Result<Option<(Capture, Cancel)>, Error> {
        if let Some(ready) = self.ready.pop_front() {
            return Ok(Some(ready));
        }
        if let Some(mut request) = self.again.take() {
            return match self.streams.take() {
                Some(streams) => self.pipe(*request, streams, Role::Retry, cancel).await.map(Some),
                None => self.trace(&mut request, Role::Retry, cancel).await.map(Some),
            };
        }
        match mem::replace(&mut self.state, State::Done) {
            State::Done => Ok(None),
            State::Source(source) => self.first(source, judging, cancel, sink).await,
            State::Saved(mut captures) => Ok(self.saved(captures.next(), captures, cancel)),
            State::Captured(mut read) => {
                let next = read.next(cancel).await;
                self.state = State::Captured(read);
                Ok(next.map(|Traced { capture, trace, wanted }| {
                    (self.traced, self.unwanted) = (trace, !wanted);
                    (capture, cancel.clone())
                }))
            }
            State::Second { mut request, early_data } => {
                let Some(earlier) = earlier.filter(|earlier| can_be_resumed(earlier)) else {
                    return Ok(None);
                };
                request.early_data = early_data.filter(|_| self.may_send_early(earlier, sink));
                self.trace(&mut request, Role::Resumed, cancel).await.map(Some)
            }
            State::Failed(request, bounds) => {
                let Some(failed) = earlier else { return Ok(None) };
                match Diagnosis::new(&request, failed, &self.question, bounds) {
                    Ok(diagnosis) => self.experiment(Box::new(diagnosis), cancel, sink).await,
                    Err(why) => {
                        sink.notice(&format!("--diagnose: {why}"));
                        Ok(None)
                    }
                }
            }
            State::Compared(request, like, bounds) => {
                let Some(ours) = earlier.filter(|_| cancel.stopped().is_none()) else { return Ok(None) };
                let (mut next, role) = like.request(&request, ours, &self.question);
                let (side, hello) = (Side::of(&ours.case(&self.question)), client_hello(ours));
                sink.notice(&format!("--like: up to {} more connections", bounds.most));
                let next = self.trace(&mut next, role, cancel).await?;
                self.state = State::Likeness(Box::new(Comparison { request, ours: side, hello, bounds }));
                Ok(self.unless_cut_short(next, cancel))
            }
            State::Likeness(comparison) => {
                let Comparison { request, ours, hello, bounds } = *comparison;
                let Some(theirs) = earlier else { return Ok(None) };
                let question = self.question.clone();
                match Diagnosis::compare(&request, ours, &hello, theirs, &question, bounds) {
                    Some(diagnosis) => self.experiment(Box::new(diagnosis), cancel, sink).await,
                    None => Ok(None),
                }
            }
            State::Experiments(mut diagnosis) => {
                if let Some(done) = earlier {
                    diagnosis.learn(done, &self.question);
                }
                self.experiment(diagnosis, cancel, sink).await
            }
            State::Addresses(addresses) => self.further_address(addresses, cancel, sink).await,
        }
    }

    async fn first(
        &mut self,
        source: Source,
        judging: &Judging,
        cancel: &Cancel,
        sink: &mut dyn Sink,
    ) -> Result<Option<(Capture, Cancel)>, Error> {
        match source {
            Source::One(mut request) => {
                self.with_ech(&request);
                let first = self.trace(&mut request, Role::Main, cancel).await?;
                self.attempt_again(first, &mut request, cancel).await.map(Some)
            }
            Source::Pipe { request, input, output } => {
                self.with_ech(&request);
                self.pipe(request, (input, output), Role::Main, cancel).await.map(Some)
            }
            Source::Resume(mut request) => {
                request.resumption = Some(Sessions::new());
                let early_data = request.early_data.take();
                self.with_ech(&request);
                let first = self.trace(&mut request, Role::Main, cancel).await?;
                let first = self.attempt_again(first, &mut request, cancel).await?;
                self.state = State::Second { request, early_data };
                Ok(Some(first))
            }
            Source::Repeat(mut request, times) => {
                if times == 0 || cancel.stopped().is_some() {
                    return Ok(None);
                }
                self.with_ech(&request);
                let role = if self.replaced { Role::Retry } else { Role::Repeated };
                let next = self.trace(&mut request, role, cancel).await?;
                let next = self.attempt_again(next, &mut request, cancel).await?;
                if next.0.stopped.is_none_or(|stopped| stopped == Stopped::MaxTime) {
                    self.state = State::Source(Source::Repeat(request, times - 1));
                }
                Ok(Some(next))
            }
            Source::Diagnose(mut request, bounds) => {
                request.retry = false;
                let first = self.trace(&mut request, Role::Main, cancel).await?;
                self.state = State::Failed(request, bounds);
                Ok(Some(first))
            }
            Source::Like(mut request, like, bounds) => {
                request.retry = false;
                let first = self.trace(&mut request, Role::Main, cancel).await?;
                self.state = State::Compared(request, like, bounds);
                Ok(Some(first))
            }
            Source::EachAddress(request) => self.look_up(request, cancel, sink).await,
            Source::Saved(session) | Source::Again(session) => {
                let mut captures = session.captures.into_iter();
                Ok(self.saved(captures.next(), captures, cancel))
            }
            Source::Captured(captures) => {
                self.state = State::Captured(Reading::start(captures)?);
                Box::pin(self.made(judging, None, cancel, sink)).await
            }
            Source::Files { intent, chain } => {
                let intent = Intent { origin: Origin::Files, ..intent };
                let mut capture = Capture::new(intent, SystemTime::now());
                capture.given = chain;
                let limit = judging.question().max_time.and_then(|limit| Instant::now().checked_add(limit));
                Ok(Some((capture, cancel.until(limit))))
            }
        }
    }

    fn saved(
        &mut self,
        next: Option<Capture>,
        rest: std::vec::IntoIter<Capture>,
        cancel: &Cancel,
    ) -> Option<(Capture, Cancel)> {
        self.state = State::Saved(rest);
        // What is replayed is replayed whole, but for a signal.
        next.filter(|_| cancel.signal().is_none()).map(|capture| (capture, cancel.clone()))
    }

    /// Gives a request what belongs to the run.
    fn equip(&self, request: &mut Request, cancel: &Cancel) -> Cancel {
        let began = Instant::now();
        if self.several {
            request.limits.recorded_bytes = request.limits.recorded_bytes.min(ONE_OF_SEVERAL);
        }
        request.question = self.question.clone();
        request.anchors = self.anchors.clone();
        request.stop = Some(cancel.told());
        let left = cancel.deadline().map(|deadline| deadline.saturating_duration_since(began));
        request.max_time = match (request.max_time, left) {
            (Some(limit), Some(left)) => Some(limit.min(left)),
            (limit, left) => limit.or(left),
        };
        cancel.until(request.max_time.and_then(|limit| began.checked_add(limit)))
    }

    /// One connection.
    async fn trace(
        &self,
        request: &mut Request,
        role: Role,
        cancel: &Cancel,
    ) -> Result<(Capture, Cancel), Error> {
        let limit = request.max_time;
        let cancel = self.equip(request, cancel);
        let capture = Box::pin(engine::trace(request)).await.map_err(|e| Error(e.to_string()))?;
        request.max_time = limit;
        Ok((done(capture, role), cancel))
    }

    /// One connection, over which the input goes to the server and its answer to the output.
    async fn pipe(
        &mut self,
        mut request: Request,
        (mut input, mut output): Streams,
        role: Role,
        cancel: &Cancel,
    ) -> Result<(Capture, Cancel), Error> {
        let limited = self.equip(&mut request, cancel);
        // A limit on the handshake alone is over when the talk is.
        let cancel = if request.max_time_covers_pipe { limited } else { cancel.clone() };
        let prepared = engine::prepare(&request).map_err(|e| Error(e.to_string()))?;
        let piped = prepared.pipe(&mut *input, &mut *output).await.map_err(|e| Error(e.to_string()))?;
        self.streams = self.with_ech.is_some().then_some((input, output));
        Ok((done(piped, role), cancel))
    }

    /// Where rustls could not speak to the server: a probe, and what the lab engine makes of its answer. They are handed
    /// over behind the first attempt, which comes back with its role. Later connections of the run are the engine's that
    /// got through, and there is no third attempt.
    async fn attempt_again(
        &mut self,
        (mut capture, of_it): (Capture, Cancel),
        request: &mut Request,
        cancel: &Cancel,
    ) -> Result<(Capture, Cancel), Error> {
        if !request.retry || !second_attempt::may_help(&capture) || cancel.stopped().is_some() {
            return Ok((capture, of_it));
        }
        request.retry = false;
        let first = capture.role.clone();
        let mut probe = self.trace(&mut second_attempt::probe(request), first.clone(), cancel).await?;
        let found = Found::of(&capture, &probe.0, request);
        let mut again = None;
        if let Found::Performable { offer, .. } = &found {
            let mut lab = Request { engine: Engine::Lab, offer: offer.clone(), ..request.clone() };
            let performed = self.trace(&mut lab, first.clone(), cancel).await?;
            again = Some(performed);
        }
        let complete = again.as_ref().is_some_and(|(capture, _)| is_complete(capture));
        let old = matches!(found, Found::Performable { old: true, .. });
        // A server of today may have failed once by chance: then the next repetition is an ordinary one again.
        let stays = old || first != Role::Repeated;
        let shows = again.as_ref().map(|(capture, _)| match old {
            true => second_attempt::shows(capture),
            false => is_complete(capture),
        });
        let roles = second_attempt::roles(&found, first, shows);
        request.retry = complete && !stays;
        if let (Found::Performable { offer, .. }, true) = (found, complete && stays) {
            (request.engine, request.offer) = (Engine::Lab, offer);
            self.replaced = true;
        }
        [capture.role, probe.0.role] = [roles[0].clone(), roles[1].clone()];
        self.ready.push_back(probe);
        if let Some(mut again) = again {
            again.0.role = roles[2].clone();
            self.ready.push_back(again);
        }
        Ok((capture, of_it))
    }

    /// The next experiment.
    async fn experiment(
        &mut self,
        mut diagnosis: Box<Diagnosis>,
        cancel: &Cancel,
        sink: &mut dyn Sink,
    ) -> Result<Option<(Capture, Cancel)>, Error> {
        let Some((mut request, role)) = diagnosis.next().filter(|_| cancel.stopped().is_none()) else {
            return Ok(None);
        };
        if diagnosis.is_new() && !diagnosis.compares() {
            sink.notice(&format!("--diagnose: up to {} more connections", diagnosis.most()));
        }
        // If that is cut short, so is the connection.
        let _ = cancel.over(tokio::time::sleep(diagnosis.pause())).await;
        let next = self.trace(&mut request, role, cancel).await?;
        self.state = State::Experiments(diagnosis);
        Ok(self.unless_cut_short(next, cancel))
    }

    /// An experiment that was cut short by the end of the run is the last, and shows nothing: silence would be taken for
    /// an answer. But that a run was interrupted is kept.
    fn unless_cut_short(&mut self, next: (Capture, Cancel), cancel: &Cancel) -> Option<(Capture, Cancel)> {
        if cancel.stopped().is_none() {
            return Some(next);
        }
        self.state = State::Done;
        Some(next).filter(|_| cancel.signal().is_some())
    }

    /// `--early-data`: whether the server of the first connection is who it should be.
    fn may_send_early(&self, earlier: &Judged, sink: &mut dyn Sink) -> bool {
        let case = earlier.case(&self.question);
        let state = authenticated::of(&case, Standard::of(&case));
        let Some(why) = state.reason() else { return true };
        let waived = authenticated::of(&case, Standard::Insecure).holds();
        let hint = if waived { " (-k sends it anyway)" } else { "" };
        sink.notice(&format!("the early data was not sent: the server is not authenticated: {why}{hint}"));
        false
    }

    /// All addresses of the name, then the first of them.
    async fn look_up(
        &mut self,
        mut request: Request,
        cancel: &Cancel,
        sink: &mut dyn Sink,
    ) -> Result<Option<(Capture, Cancel)>, Error> {
        /// More than any ordinary name has.
        const MOST: usize = 32;
        let began = Instant::now();
        let mut journal = Journal::telling(began, &request.progress);
        let limit = request.connect_timeout.and_then(|limit| began.checked_add(limit));
        let resolved = cancel.until(limit).over(connect::resolve(&request.connect, &mut journal)).await;
        let mut addresses = match resolved {
            Ok(Some(addresses)) => addresses,
            Ok(None) | Err(Stopped::MaxTime) => {
                return self.trace(&mut request, Role::EachAddress, cancel).await.map(Some);
            }
            Err(stopped) => {
                let mut capture = Capture::new(request.intent, SystemTime::now() - began.elapsed());
                capture.steps = journal.into_steps();
                capture.stopped = Some(stopped);
                capture.total = began.elapsed();
                return Ok(Some((done(capture, Role::EachAddress), cancel.clone())));
            }
        };
        addresses.dedup();
        if addresses.len() > MOST {
            sink.notice(&format!("the name has {} addresses; the first {MOST} are traced", addresses.len()));
            addresses.truncate(MOST);
        }
        let look_up = Some((journal.into_steps(), began.elapsed()));
        self.address(Addresses::new(request, addresses), look_up, cancel).await
    }

    async fn further_address(
        &mut self,
        addresses: Addresses,
        cancel: &Cancel,
        sink: &mut dyn Sink,
    ) -> Result<Option<(Capture, Cancel)>, Error> {
        let left = addresses.left();
        if cancel.stopped().is_some() && !left.is_empty() {
            sink.notice(&format!("the run ended before these addresses were tried: {}", left.join(", ")));
        }
        self.address(addresses, None, cancel).await
    }

    /// `look_up` is what the look-up was and took, before the first of them.
    async fn address(
        &mut self,
        mut addresses: Addresses,
        look_up: Option<(Vec<Step>, Duration)>,
        cancel: &Cancel,
    ) -> Result<Option<(Capture, Cancel)>, Error> {
        if cancel.stopped().is_some() {
            return Ok(None);
        }
        let Some((address, role)) = addresses.next(look_up.is_some()) else { return Ok(None) };
        let mut to_it = addresses.request.clone();
        let (host, port) = to_it.connect.destination();
        let only = Resolve { host: Some(host.to_owned()), port, addresses: vec![address.ip()] };
        to_it.connect.resolve.push(only);
        self.with_ech(&to_it);
        let cancel_of_it = self.equip(&mut to_it, cancel);
        let mut capture = engine::trace(&to_it).await.map_err(|e| Error(e.to_string()))?;
        if let Some((steps, took)) = look_up {
            capture.preceded_by(steps, took);
        }
        if capture.stopped.is_none_or(|stopped| stopped == Stopped::MaxTime) {
            self.state = State::Addresses(addresses);
        }
        let capture = (done(capture, role), cancel_of_it);
        self.attempt_again(capture, &mut to_it, cancel).await.map(Some)
    }
}

/// Notes in the steps why a record's configurations can't be used.
fn unusable(steps: &mut [Step], record: &HttpsRecord, why: &str) {
    let Some(StepKind::Https { outcome: Https::Records(records), .. }) =
        steps.last_mut().map(|step| &mut step.what)
    else {
        return;
    };
    for noted in records.iter_mut().filter(|noted| *noted == record) {
        noted.unusable = Some(why.to_owned());
    }
}

/// Only a complete handshake that nobody ended leaves a session.
fn can_be_resumed(judged: &Judged) -> bool {
    judged.capture.stopped.is_none() && is_complete(&judged.capture)
}

fn is_complete(capture: &Capture) -> bool {
    capture.engine.as_ref().is_some_and(|engine| engine.complete)
}

fn done(mut capture: Capture, role: Role) -> Capture {
    capture.role = role;
    capture.cut_times();
    if let Some(outer) = &mut capture.outer {
        outer.cut_times();
    }
    capture
}

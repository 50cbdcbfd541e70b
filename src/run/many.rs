//! Many targets at the same time. Each is a run of its own; of its report only that is kept which the caller makes of it,
//! so that memory does not grow with their number.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use super::queue::{Next, Queue};
use super::workers::{Came, Shared, Workers};
use super::{Cancel, Error, Inquiry, Source};
use crate::capture::{Limits, Question, Stopped};
use crate::engine::Request;
use crate::judged::Judge;
use crate::report::Report;
use crate::trust::Anchors;

/// One of many.
#[derive(Debug, Clone)]
pub struct Target {
    pub request: Request,
    /// What is asked of it.
    pub question: Question,
    /// Why nothing can be done for it, if that is so: it has its result all the same, in its place.
    pub wrong: Option<String>,
}

impl Target {
    pub fn new(request: Request, question: Question) -> Target {
        Target { request, question, wrong: None }
    }
}

/// The targets as they are read: in a thread of its own, since reading may have to wait.
pub type Targets = Box<dyn Iterator<Item = Target> + Send>;

/// How many at the same time, how fast, and in which order the results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Targets that are worked on at the same time.
    pub concurrency: usize,
    /// The same, of those that lead to one host.
    pub per_host: usize,
    /// Targets that begin in a second.
    pub rate: Option<u32>,
    /// Further attempts on a target that was not reached, or did not answer in time.
    pub retries: u32,
    /// Results come in the order of the targets, not as they end.
    pub in_order: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { concurrency: 100, per_host: 10, rate: None, retries: 0, in_order: false }
    }
}

/// What became of one target.
pub enum Outcome {
    Report(Box<Report>),
    /// It can't be done: the engine can't make this offer, for example.
    Refused(Error),
    /// A fault of ours, which has been told.
    Fault,
}

/// From one target's outcome to what is kept of it.
pub type Make<T> = Arc<dyn Fn(&Target, Outcome) -> T + Send + Sync>;

/// A run over many targets.
pub struct Many<T> {
    pub targets: Targets,
    /// Which connections are made to each.
    pub source: Arc<dyn Fn(Request) -> Source + Send + Sync>,
    /// Whom to trust.
    pub anchors: Anchors,
    /// What all targets are asked, which is read once.
    pub question: Question,
    pub inquiry: Inquiry,
    pub cancel: Cancel,
    pub pace: Pace,
    /// Called in the thread that worked on the target, right after that.
    pub make: Make<T>,
}

/// How a run over many targets ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    /// Targets with a result.
    pub done: usize,
    /// Why the others have none.
    pub stopped: Option<Stopped>,
}

impl<T: Send + 'static> Many<T> {
    /// Performs it, within a runtime. `take` gets the results, one after the other; an error of it ends the run.
    pub async fn perform(self, take: &mut dyn FnMut(T) -> Result<(), String>) -> Result<Ended, Error> {
        let Many { targets, source, anchors, question, inquiry, cancel, pace, make } = self;
        let judge = Judge::new(question).map_err(Error)?.remembering();
        let limits = each_of(pace.concurrency);
        let retries = pace.retries;
        let shared =
            Shared { source, anchors, judge, inquiry, cancel: cancel.clone(), limits, retries, make };
        let (workers, mut results) = Workers::start(Arc::new(shared), pace.concurrency)?;
        let mut targets = reading(targets)?;
        let stop = cancel.over(std::future::pending::<()>());
        let mut run = Running {
            queue: Queue::new(pace),
            workers,
            exhausted: false,
            order: pace.in_order.then(Order::new),
            ended: Ended::default(),
        };
        let mut stop = pin!(stop);
        loop {
            let due = run.begin();
            if run.exhausted && run.queue.is_empty() {
                break;
            }
            let room = run.queue.has_room(run.order.as_ref().map(|order| order.given_out));
            let due = due.map(tokio::time::Instant::from_std);
            tokio::select! {
                biased;
                stopped = &mut stop, if run.ended.stopped.is_none() => {
                    run.ended.stopped = stopped.err();
                    run.queue.clear();
                    run.exhausted = true;
                }
                Some((worker, came)) = results.recv() => {
                    if let Err(why) = run.came(worker, came, take) {
                        // The workers are done sooner.
                        cancel.stop(Stopped::Interrupt);
                        return Err(Error(why));
                    }
                }
                target = targets.recv(), if !run.exhausted && room => match target {
                    Some(target) => run.queue.push(target),
                    None => run.exhausted = true,
                },
                () = sleep_until(due), if due.is_some() => {}
            }
        }
        let read = run.queue.read();
        run.workers.end();
        // A signal that came when everything was done has ended nothing.
        if run.ended.done == read && targets.is_closed() && targets.is_empty() {
            run.ended.stopped = run.ended.stopped.filter(|stopped| stopped.exit_code().is_some());
        }
        Ok(run.ended)
    }
}

async fn sleep_until(due: Option<tokio::time::Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
}

/// What goes on.
struct Running<T> {
    queue: Queue,
    workers: Workers,
    /// No more targets will be read.
    exhausted: bool,
    order: Option<Order<T>>,
    ended: Ended,
}

impl<T> Running<T> {
    /// Begins what may begin. When to look again, if that is known.
    fn begin(&mut self) -> Option<Instant> {
        loop {
            match self.queue.next(Instant::now()) {
                Next::Begin(job) => self.workers.give(*job),
                Next::Wait(due) => return due,
            }
        }
    }

    fn came(
        &mut self,
        worker: usize,
        came: Came<T>,
        take: &mut dyn FnMut(T) -> Result<(), String>,
    ) -> Result<(), String> {
        self.workers.ended(worker);
        let (number, host, made) = match came {
            Came::Made { number, host, made } => (number, host, made),
            Came::Again(job) => {
                self.queue.ended(&job.host);
                if !self.exhausted || self.ended.stopped.is_none() {
                    self.queue.again(*job, Instant::now());
                }
                return Ok(());
            }
        };
        self.queue.ended(&host);
        self.ended.done += usize::from(made.is_some());
        match &mut self.order {
            None => made.map_or(Ok(()), take),
            Some(order) => order.came(number, made, take),
        }
    }
}

/// Results that wait for those before them.
struct Order<T> {
    waiting: BTreeMap<usize, Option<T>>,
    given_out: usize,
}

impl<T> Order<T> {
    fn new() -> Self {
        Order { waiting: BTreeMap::new(), given_out: 0 }
    }

    fn came(
        &mut self,
        number: usize,
        made: Option<T>,
        take: &mut dyn FnMut(T) -> Result<(), String>,
    ) -> Result<(), String> {
        self.waiting.insert(number, made);
        while let Some(made) = self.waiting.remove(&self.given_out) {
            self.given_out += 1;
            if let Some(made) = made {
                take(made)?;
            }
        }
        Ok(())
    }
}

/// What is recorded of each connection, so that peers which send without end take no more than some tens of MiB together.
fn each_of(concurrency: usize) -> Limits {
    /// Of one direction of all connections.
    const TOGETHER: u64 = 48 << 20;
    /// Room for any handshake but of the largest chains.
    const LEAST: u64 = 128 << 10;
    let share = TOGETHER / concurrency.max(1) as u64;
    let recorded_bytes = share.clamp(LEAST, 2 << 20);
    Limits { recorded_bytes, events: 2048, ..Limits::DEFAULT }
}

/// Reads in a thread of its own, which ends when nobody wants more.
fn reading(targets: Targets) -> Result<mpsc::Receiver<Target>, Error> {
    /// Targets between the two threads.
    const AHEAD: usize = 64;
    let (tell, told) = mpsc::channel(AHEAD);
    let read = move || {
        for target in targets {
            if tell.blocking_send(target).is_err() {
                break;
            }
        }
    };
    let thread = std::thread::Builder::new().name("targets".into()).spawn(read);
    thread.map_err(|e| Error(format!("no thread to read the targets: {e}")))?;
    Ok(told)
}

//! The threads that work on many targets: one a core, each with a runtime of its own.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc;
use tokio::task::{JoinSet, LocalSet};

use super::judging::Judging;
use super::many::{Make, Outcome};
use super::queue::Job;
use super::{Cancel, Error, Inquiry, Source, perform, runtime};
use crate::capture::Limits;
use crate::engine::Request;
use crate::judged::Judge;
use crate::report::Report;
use crate::trust::Anchors;

/// What all workers have in common.
pub(super) struct Shared<T> {
    pub(super) source: Arc<dyn Fn(Request) -> Source + Send + Sync>,
    pub(super) anchors: Anchors,
    pub(super) judge: Judge,
    pub(super) inquiry: Inquiry,
    pub(super) cancel: Cancel,
    pub(super) limits: Limits,
    /// Further attempts.
    pub(super) retries: u32,
    pub(super) make: Make<T>,
}

/// What comes back of a job.
pub(super) enum Came<T> {
    /// Its result; `None`: the run ended before there was one.
    Made { number: usize, host: String, made: Option<T> },
    /// It should be attempted once more.
    Again(Box<Job>),
}

/// What came, from the worker with this number.
pub(super) type Results<T> = mpsc::Receiver<(usize, Came<T>)>;

pub(super) struct Workers(Vec<Worker>);

struct Worker {
    jobs: mpsc::UnboundedSender<Job>,
    thread: JoinHandle<()>,
    /// Jobs that it has not brought back.
    running: usize,
}

impl Workers {
    /// As many as there are cores, and jobs at the same time.
    pub(super) fn start<T: Send + 'static>(
        shared: Arc<Shared<T>>,
        concurrency: usize,
    ) -> Result<(Workers, Results<T>), Error> {
        /// Results that wait to be taken: who is slow to take them slows the workers down.
        const WAITING: usize = 64;
        let (tell, told) = mpsc::channel(WAITING);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let start = |number| {
            let (jobs, given) = mpsc::unbounded_channel();
            let (shared, tell) = (shared.clone(), tell.clone());
            let runtime = runtime()?;
            let work = move || {
                LocalSet::new().block_on(&runtime, work(shared, given, tell, number));
                runtime.shutdown_background();
            };
            let thread = thread::Builder::new().name("worker".into()).spawn(work);
            let thread = thread.map_err(|e| Error(format!("no thread to work in: {e}")))?;
            Ok(Worker { jobs, thread, running: 0 })
        };
        let workers = (0..cores.min(concurrency).max(1)).map(start).collect::<Result<_, Error>>()?;
        Ok((Workers(workers), told))
    }

    /// The one with the least to do gets it.
    pub(super) fn give(&mut self, job: Job) {
        if let Some(worker) = self.0.iter_mut().min_by_key(|worker| worker.running) {
            worker.running += 1;
            // It takes jobs as long as this sender is there.
            let _ = worker.jobs.send(job);
        }
    }

    /// A job came back.
    pub(super) fn ended(&mut self, worker: usize) {
        if let Some(worker) = self.0.get_mut(worker) {
            worker.running = worker.running.saturating_sub(1);
        }
    }

    /// Lets them end, and waits for that: aws-lc does not bear a thread that outlives the process's main one.
    pub(super) fn end(self) {
        for Worker { jobs, thread, .. } in self.0 {
            drop(jobs);
            // Faults of single jobs were caught, and told.
            let _ = thread.join();
        }
    }
}

async fn work<T: Send + 'static>(
    shared: Arc<Shared<T>>,
    mut given: mpsc::UnboundedReceiver<Job>,
    tell: mpsc::Sender<(usize, Came<T>)>,
    number: usize,
) {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            job = given.recv() => match job {
                Some(job) => {
                    let (shared, tell) = (shared.clone(), tell.clone());
                    tasks.spawn_local(async move {
                        let came = job_done(shared, job).await;
                        // Nobody listens any more if the run was ended.
                        let _ = tell.send((number, came)).await;
                    });
                }
                None => break,
            },
            Some(_) = tasks.join_next() => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

async fn job_done<T: Send + 'static>(shared: Arc<Shared<T>>, mut job: Job) -> Came<T> {
    // In a task of its own: a fault in it costs nothing but this target.
    let performed = tokio::task::spawn_local(attempt(shared.clone(), job.target.clone())).await;
    job.attempts += 1;
    let stopped = shared.cancel.stopped().is_some();
    let made = match performed {
        Ok(Ok(report)) if stopped && was_cut_short(&report) => None,
        Ok(Ok(report)) if !stopped && job.attempts <= shared.retries && may_pass(&report) => {
            return Came::Again(Box::new(job));
        }
        Ok(Ok(report)) => Some((shared.make)(&job.target, Outcome::Report(Box::new(report)))),
        Ok(Err(error)) => Some((shared.make)(&job.target, Outcome::Refused(error))),
        Err(_) => Some((shared.make)(&job.target, Outcome::Fault)),
    };
    Came::Made { number: job.number, host: job.host, made }
}

/// One run.
async fn attempt<T>(shared: Arc<Shared<T>>, target: super::many::Target) -> Result<Report, Error> {
    let super::many::Target { mut request, question, wrong } = target;
    if let Some(why) = wrong {
        return Err(Error(why));
    }
    request.limits = shared.limits;
    let judge = shared.judge.asking(question).map_err(Error)?;
    let judging = Judging::new(judge, shared.anchors.clone(), shared.inquiry, false);
    perform((shared.source)(request), judging, &shared.cancel, &mut ()).await
}

/// The end of the whole run was the end of it.
fn was_cut_short(report: &Report) -> bool {
    report.decisive().is_none_or(|judged| judged.capture.stopped.is_some())
}

/// Whether another attempt may bring something else: it was not reached or did not answer in time, and the name exists.
fn may_pass(report: &Report) -> bool {
    /// Not reached, timed out.
    const PASSING: [u8; 2] = [3, 5];
    report.verdict().is_some_and(|verdict| {
        PASSING.contains(&verdict.exit_code) && verdict.id.as_deref() != Some("dns.not_found")
    })
}

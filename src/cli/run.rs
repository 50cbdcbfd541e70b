//! The job that the options name, as a run.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::demo;
use super::early;
use super::options::{Job, Like, Options, Several, Sni};
use super::request::{self, anchors, passphrase, question, request};
use super::spinner::Spinner;
use super::take_away::Files;
use super::target::Target;
use super::watched::Watched;
use crate::capture::{Intent, Stopped};
use crate::connect::Progress;
use crate::engine::{self, Request, Sessions};
use crate::report::Report;
use crate::run::{self, Bounds, Cancel, Inquiry, Run, Sink, Source, runtime};
use crate::trust;
use crate::wire::text;

/// Performs what the options ask for and judges it.
pub(super) fn report(options: &Options) -> Result<(Report, Files), String> {
    match &options.job {
        Job::Cert { files } => perform(options, chain(options, files)?, Files::none()),
        Job::Demo { scenario, recorded: true } => {
            perform(options, demo::recorded(options, scenario)?, Files::open(&options.take_away, true)?)
        }
        Job::Demo { scenario, recorded: false } => {
            let _warm_up = engine::warm_up();
            let (run, _stage) = demo::run(options, scenario)?;
            perform(options, run, Files::open(&options.take_away, true)?)
        }
        Job::Trace { typed, target } => {
            let _warm_up = engine::warm_up();
            perform(options, trace(options, typed, target)?, Files::open(&options.take_away, true)?)
        }
        _ => Err("nothing to report".into()),
    }
}

/// The limit on a run with `--diagnose`, unless one was given.
const DIAGNOSIS: Duration = Duration::from_secs(60);

/// The limit on the connection that may fail, of a run with `--diagnose`.
const FIRST: Duration = Duration::from_secs(9);

fn perform(options: &Options, run: Run, mut files: Files) -> Result<(Report, Files), String> {
    let report = perform_into(options, run, &mut files)?;
    Ok((report, files))
}

/// The same with another sink.
pub(super) fn perform_into(options: &Options, mut run: Run, sink: &mut dyn Sink) -> Result<Report, String> {
    let began = Instant::now();
    let runtime = runtime().map_err(|e| e.to_string())?;
    run.inquiry = Inquiry { issuers: options.judging.fetch_aia, revocation: options.judging.revocation };
    // For a Watched output: why writing to it failed.
    let mut failure = None;
    let progress = match &mut run.source {
        Source::One(request) if options.pipe => {
            let request = std::mem::take(request);
            let output = Watched::new(tokio::io::stdout());
            failure = Some(output.failure());
            let input = Box::new(tokio::io::stdin());
            run.source = Source::Pipe { request, input, output: Box::new(output) };
            None
        }
        Source::One(request)
        | Source::Resume(request)
        | Source::EachAddress(request)
        | Source::Repeat(request, _) => Some(request.progress.clone()),
        _ => Some(Progress::default()),
    };
    let spinner = progress.filter(|_| !options.output.silent).map(|progress| Spinner::start(&progress));
    let done = runtime.block_on(async {
        let limit = options.max_time.filter(|_| options.max_time_given);
        let limit =
            limit.or(matches!(run.source, Source::Diagnose(..) | Source::Like(..)).then_some(DIAGNOSIS));
        let cancel = Cancel::on_signals();
        early::run_begins();
        run.cancel = cancel.until(limit.and_then(|limit| began.checked_add(limit)));
        (run.perform(sink).await, cancel)
    });
    // A resolver that hangs, or a terminal that is read, must not delay the exit.
    runtime.shutdown_background();
    drop(spinner);
    let (report, cancel) = done;
    let mut report = report.map_err(|e| e.to_string())?;
    report.interrupted = cancel.signal().and_then(Stopped::exit_code);
    // `--step` waits at a terminal that has to be as it was before the program ends.
    if !options.output.step {
        cancel.at_once();
    }
    if let Some(e) = failure.and_then(|failure| failure.take()) {
        return Err(format!("can't write the server's answer to standard output: {e}"));
    }
    Ok(report)
}

/// A server by name.
fn trace(options: &Options, typed: &str, target: &Target) -> Result<Run, String> {
    let request = request(options, typed, target)?;
    let (anchors, question) = (anchors(options)?, question(options)?);
    let source = match (&options.like, options.several) {
        (Some(other), Several::Like(bounds)) => compared(options, request, other, bounds)?,
        _ => source(options, request, options.several),
    };
    Ok(Run { question, ..Run::trusting(anchors, source) })
}

/// A connection that is compared with another one.
fn compared(options: &Options, mut ours: Request, other: &Like, bounds: Bounds) -> Result<Source, String> {
    // Time has to be left for the experiments.
    let limit = ours.max_time.map(|limit| limit.min(FIRST));
    ours.max_time = limit;
    let like = match other {
        Like::Hello(hello) => run::Like::Hello(Box::new(request::compared(hello, options, &ours)?)),
        Like::Host(typed, target) => {
            let mut theirs = request(options, typed, target)?;
            theirs.max_time = limit;
            theirs.retry = false;
            theirs.client = None;
            theirs.intent.client_certificate = false;
            run::Like::Host(Box::new(theirs))
        }
    };
    Ok(Source::Like(ours, like, bounds))
}

/// Which connections are made.
pub(super) fn source(options: &Options, mut request: Request, several: Several) -> Source {
    // A limit that was given spans the run.
    let limit = request.max_time;
    request.max_time = limit.filter(|_| !options.max_time_given || options.pipe);
    match several {
        Several::One => Source::One(request),
        Several::Resume => Source::Resume(request),
        Several::Diagnose(bounds) | Several::Like(bounds) => {
            // Time has to be left for the experiments.
            request.max_time = limit.map(|limit| limit.min(FIRST));
            Source::Diagnose(request, bounds)
        }
        Several::EachAddress { resume } => {
            request.resumption = resume.then(Sessions::new);
            Source::EachAddress(request)
        }
        Several::Repeat(times) => Source::Repeat(request, times.into()),
    }
}

/// A chain from files, judged like one that a server sent.
fn chain(options: &Options, paths: &[PathBuf]) -> Result<Run, String> {
    let passphrase = passphrase(options)?;
    let mut given = Vec::new();
    for path in paths {
        if path.is_dir() {
            return Err(format!(
                "{} is a folder; name the file with the chain, the leaf first",
                text::path(path)
            ));
        }
        given.extend(trust::files::chain(path, passphrase.as_ref()).map_err(|e| e.to_string())?);
    }
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    let mut intent = Intent { input: names.join(" "), ..Intent::default() };
    intent.verify_name = match (&options.verify_name, &options.sni) {
        (Some(name), _) | (None, Sni::Name(name)) => Some(name.clone()),
        (None, _) => None,
    };
    if let Some(path) = &options.key {
        let key = trust::files::private_key(path, passphrase.as_ref()).map_err(|e| e.to_string())?;
        intent.key = Some(crate::certificate::key::owner(&given, key.secret_der()));
    }
    let source = Source::Files { intent, chain: given };
    Ok(Run { question: question(options)?, ..Run::trusting(anchors(options)?, source) })
}

//! Many targets: the list, the run, what is written of each, and the summary.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::files::Out;
use super::options::{Many, Options, Several};
use super::outputs::{Outputs, Part, Whole, redacted};
use super::progress::Bar;
use super::request::{Own, anchors, question};
use super::resume::Done;
use super::say::say;
use super::take_away::Files;
use super::targets::{List, Read, Reader, typed};
use super::{USAGE, early, settings};
use crate::capture::Stopped;
use crate::engine::{self, Sessions};
use crate::finding::verdict::{self, worst};
use crate::render;
use crate::report::Report;
use crate::report::many::{Row, Summary, Untraced};
use crate::report::redaction::Redaction;
use crate::run::many::{self, Outcome, Pace, Targets};
use crate::run::{self, Cancel, Inquiry, Sink, Source, runtime};
use crate::wire::text::escape;

/// What is kept of a target.
struct Made {
    row: Row,
    /// What is written of it to each output.
    parts: Vec<Vec<u8>>,
    /// For outputs that are documents.
    whole: Option<Whole>,
    /// Why it was never a target: its line can't be read.
    wrong: Option<String>,
}

/// Checks them; the exit code.
pub(super) fn report(options: &Options, many: &Many) -> Result<u8, String> {
    let began = Instant::now();
    if let Some(merged) =
        options.output.reports.iter().find(|to| to.format.several == render::Several::Merged)
    {
        let name = merged.format.name;
        return Err(format!(
            "many targets and --format {name} can't be used together: it is one document about one server; \
             --format jsonl has a line for each target"
        ));
    }
    let done = many.resume_from.as_deref().map(Done::read).transpose()?.unwrap_or_default();
    let mut outputs = Outputs::open_but(options, |path| {
        let more = many.resume_from.as_deref() == Some(path);
        more.then(|| done.append(path)).transpose()
    })?;
    let files = Arc::new(Mutex::new(Files::open(&options.take_away, true)?));
    let _warm_up = engine::warm_up();

    let (question, anchors) = (question(options)?, anchors(options)?);
    let options = Arc::new(options.clone());
    let mut reader = Reader::new(options.clone(), Own::read(&options)?, question.clone(), many.timeout);
    let first = typed(many, &reader)?;
    let list = many.list.as_deref().map(|path| List::open(path, &mut reader)).transpose()?;
    let total = match &list {
        None => Some(first.len()),
        Some(list) => list.count.map(|count| count + first.len()),
    };
    let skipped = Arc::new(AtomicUsize::new(0));
    let run = many::Many {
        targets: targets(first, list, reader, done, skipped.clone()),
        source: source(options.several, many.timeout),
        anchors,
        question,
        inquiry: Inquiry { issuers: options.judging.fetch_aia, revocation: options.judging.revocation },
        cancel: Cancel::never(),
        pace: Pace { concurrency: descriptors(many.pace.concurrency), ..many.pace },
        make: make(outputs.parts(), files.clone(), outputs.redaction()),
    };
    let bar = Bar::start(total, options.output.silent);
    let mut summary = Summary::default();
    let mut closed = false;
    let mut take = |made: Made| {
        match &made.wrong {
            Some(why) => {
                summary.wrong += 1;
                bar.complain(why);
            }
            None => {
                summary.tally.add(&made.row);
                bar.one_more(summary.tally.done - summary.tally.good());
            }
        }
        closed = !bar.aside(|| outputs.add_made(&made.parts, made.whole.as_ref()))?;
        // Whoever reads no more (`| head`) has seen enough.
        if closed { Err(String::new()) } else { Ok(()) }
    };
    let runtime = runtime().map_err(|e| e.to_string())?;
    let (ended, cancel) = runtime.block_on(async {
        let limit = options.max_time.filter(|_| options.max_time_given);
        let cancel = Cancel::on_signals();
        early::run_begins();
        let until = cancel.until(limit.and_then(|limit| began.checked_add(limit)));
        (many::Many { cancel: until, ..run }.perform(&mut take).await, cancel)
    });
    runtime.shutdown_background();
    drop(bar);
    let ended = match ended {
        Err(_) if closed => return Ok(summary.tally.exit_code()),
        ended => ended.map_err(|e| e.to_string())?,
    };
    let interrupted = cancel.signal().and_then(Stopped::exit_code);
    cancel.at_once();
    summary.skipped = skipped.load(Ordering::Relaxed);
    summary.took = began.elapsed();
    summary.left = total.map(|total| total.saturating_sub(summary.skipped + ended.done));
    summary.stopped = ended.stopped.map(|stopped| match stopped {
        Stopped::MaxTime => "--max-time",
        _ => "interrupted",
    });
    let wrong = (summary.wrong > 0).then_some(USAGE);
    // What was not checked is not known to be good.
    let late = ended.stopped.is_some_and(|stopped| stopped == Stopped::MaxTime).then_some(TIMED_OUT);
    let codes = [Some(summary.tally.exit_code()), wrong, late, interrupted];
    summary.exit_code = worst(codes.into_iter().flatten());
    outputs.say(|settings, out| render::many::summary(&summary, settings, out));
    // Results that a program reads have the summary beside them.
    if !options.output.silent && !outputs.have_text() {
        let mut beside = Out::Stderr;
        let settings = settings(&options.output, &beside);
        beside.write(|out| render::many::summary(&summary, &settings, out))?;
    }
    let written = outputs.end();
    files.lock().unwrap_or_else(PoisonError::into_inner).end(&Report::default())?;
    written?;
    Ok(summary.exit_code)
}

/// The run's own limit on time.
const TIMED_OUT: u8 = 5;

/// All targets that have no result yet; of the others only their number.
fn targets(
    first: Vec<many::Target>,
    list: Option<List>,
    mut reader: Reader,
    done: Done,
    skipped: Arc<AtomicUsize>,
) -> Targets {
    // The list borrows the reader, so both are moved into one iterator.
    let (mut first, mut list) = (first.into_iter(), list.map(List::lines));
    Box::new(std::iter::from_fn(move || {
        loop {
            let target = match first.next() {
                Some(target) => target,
                None => match list.as_mut()?.next(&mut reader)? {
                    Read::Target(target) => *target,
                    Read::Wrong { line, why } => reader.wrong(line, why),
                },
            };
            let intent = &target.request.intent;
            if !done.has(&intent.input, &intent.options) {
                return Some(target);
            }
            skipped.fetch_add(1, Ordering::Relaxed);
        }
    }))
}

/// Which connections are made to each.
pub(super) fn source(
    several: Several,
    limit: Duration,
) -> Arc<dyn Fn(engine::Request) -> Source + Send + Sync> {
    Arc::new(move |mut request| {
        request.max_time = Some(limit);
        match several {
            Several::Resume => Source::Resume(request),
            Several::EachAddress { resume } => {
                request.resumption = resume.then(Sessions::new);
                Source::EachAddress(request)
            }
            _ => Source::One(request),
        }
    })
}

/// What is kept, and written, of a target.
fn make(parts: Vec<Part>, files: Arc<Mutex<Files>>, redaction: Option<Redaction>) -> many::Make<Made> {
    let keeps = files.lock().unwrap_or_else(PoisonError::into_inner).any();
    let wanted_whole = parts.iter().any(|part| matches!(part, Part::Whole));
    Arc::new(move |asked, outcome| {
        let without = |outcome, why| Untraced { intent: asked.request.intent.clone(), outcome, why };
        let whole = match outcome {
            Outcome::Report(report) => match Row::of(&report) {
                Some(row) => Ok((row, report)),
                None => Err(without(verdict::Outcome::Fault, "nothing was traced".into())),
            },
            Outcome::Refused(run::Error(why)) => Err(without(verdict::Outcome::NotAttempted, why)),
            Outcome::Fault => Err(without(verdict::Outcome::Fault, "a bug in tls-trace".into())),
        };
        let (mut row, whole) = match whole {
            Ok((row, report)) => (row, Whole::Report(report)),
            Err(untraced) => (untraced.row(), Whole::Untraced(Box::new(untraced))),
        };
        if let (Whole::Report(report), true) = (&whole, keeps) {
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            for judged in &report.connections {
                // A file that can't be written is told at the end.
                let _ = files.connection(judged, &report.question);
            }
        }
        let replacing = redaction.as_ref().map(|redaction| {
            Arc::new(match &whole {
                Whole::Report(report) => redaction.of(report),
                Whole::Untraced(target) => redaction.of_intent(&target.intent),
            })
        });
        if let Some(replacing) = &replacing {
            row.target = replacing.apply(&row.target).into_owned();
            row.headline = replacing.apply(&row.headline).into_owned();
        }
        let made = parts.iter().map(|part| {
            let mut text = Vec::new();
            // Writing to memory does not fail.
            let _ = match (part, &asked.wrong, &replacing) {
                // Told on standard error, as what is wrong with the command line is.
                (Part::Row(_), Some(_), _) => Ok(()),
                (_, _, None) => write(part, &row, &whole, &mut text),
                (_, _, Some(replacing)) => redacted(replacing, &mut text, |made| {
                    write(&part.replacing(replacing), &row, &whole, made)
                }),
            };
            text
        });
        let parts = made.collect();
        Made { parts, row, whole: wanted_whole.then_some(whole), wrong: asked.wrong.clone() }
    })
}

fn write(part: &Part, row: &Row, whole: &Whole, text: &mut Vec<u8>) -> io::Result<()> {
    match (part, whole) {
        (Part::Whole, _) => Ok(()),
        (Part::Line(format, settings), Whole::Report(report)) => format.write(report, settings, text),
        (Part::Line(format, settings), Whole::Untraced(target)) => {
            format.write_untraced(target, settings, text)
        }
        (Part::Row(settings), _) if settings.quiet => Ok(()),
        (Part::Row(settings), Whole::Report(report)) if settings.verbosity > 0 => {
            writeln!(text, "{}", escape(&row.target))?;
            render::text::FORMAT.write(report, settings, text)?;
            writeln!(text)
        }
        (Part::Row(settings), _) => render::many::row(row, settings, text),
    }
}

/// Makes room for the descriptors that so many targets need; fewer targets, where there is no such room.
pub(super) fn descriptors(concurrency: usize) -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        /// Of one target: racing connections, and what asks the kernel about one.
        const EACH: usize = 4;
        /// Files, resolvers, the runtimes.
        const OTHERS: usize = 400;
        let mut limit = getrlimit(Resource::Nofile);
        let wanted = (concurrency * EACH + OTHERS) as u64;
        if limit.current.is_some_and(|current| current < wanted) {
            limit.current = Some(limit.maximum.map_or(wanted, |most| most.min(wanted)));
            // If that is not allowed, there are fewer.
            let _ = setrlimit(Resource::Nofile, limit);
        }
        if let Some(current) = getrlimit(Resource::Nofile).current.filter(|current| *current < wanted) {
            let fits = usize::try_from(current).unwrap_or(usize::MAX).saturating_sub(OTHERS) / EACH;
            let fits = fits.clamp(1, concurrency);
            say(&format!("only {fits} targets at the same time: {current} files may be open (ulimit -n)"));
            return fits;
        }
    }
    concurrency
}

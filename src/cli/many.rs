//! Many targets: the list, the run, what is written of each, and the summary.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::files::Out;
use super::options::{Many, Options, Several};
use super::outputs::{Outputs, Part};
use super::progress::Bar;
use super::request::{Own, anchors, question};
use super::resume::Done;
use super::say::{complain, say};
use super::take_away::Files;
use super::targets::{List, Read, Reader, typed};
use super::{FAULT, USAGE, early, settings};
use crate::capture::{Intent, Stopped};
use crate::engine::{self, Sessions};
use crate::finding::verdict::worst;
use crate::render::{self, jsonl};
use crate::report::Report;
use crate::report::many::{Row, Summary, target};
use crate::run::many::{self, Outcome, Pace, Targets};
use crate::run::{self, Cancel, Inquiry, Sink, Source, runtime};
use crate::wire::text::escape;

/// What is kept of a target.
struct Made {
    row: Row,
    /// What is written of it to each output.
    parts: Vec<Vec<u8>>,
    /// For outputs that are documents.
    report: Option<Box<Report>>,
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
    let counts = Arc::new(Counts::default());
    let run = many::Many {
        targets: targets(first, list, reader, done, counts.clone()),
        source: source(options.several, many.timeout),
        anchors,
        question,
        inquiry: Inquiry { issuers: options.judging.fetch_aia, revocation: options.judging.revocation },
        cancel: Cancel::never(),
        pace: Pace { concurrency: descriptors(many.pace.concurrency), ..many.pace },
        make: make(outputs.parts(), files.clone()),
    };
    let bar = Bar::start(total, options.output.silent);
    let mut summary = Summary::default();
    let mut closed = false;
    let mut take = |made: Made| {
        summary.tally.add(&made.row);
        bar.one_more(summary.tally.done - summary.tally.good());
        closed = !bar.aside(|| outputs.add_made(&made.parts, made.report.as_deref()))?;
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
    summary.skipped = counts.skipped.load(Ordering::Relaxed);
    summary.wrong = counts.wrong.load(Ordering::Relaxed);
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

/// What the list said, counted where it is read.
#[derive(Default)]
struct Counts {
    skipped: AtomicUsize,
    wrong: AtomicUsize,
}

/// All targets that have no result yet.
fn targets(
    first: Vec<many::Target>,
    list: Option<List>,
    mut reader: Reader,
    done: Done,
    counts: Arc<Counts>,
) -> Targets {
    // The list borrows the reader, so both are moved into one iterator.
    let (mut first, mut list) = (first.into_iter(), list.map(List::lines));
    Box::new(std::iter::from_fn(move || {
        loop {
            let read = match first.next() {
                Some(target) => Read::Target(Box::new(target)),
                None => list.as_mut()?.next(&mut reader)?,
            };
            match read {
                Read::Target(target) => {
                    let intent = &target.request.intent;
                    if !done.has(&intent.input, &intent.options) {
                        return Some(*target);
                    }
                    counts.skipped.fetch_add(1, Ordering::Relaxed);
                }
                Read::Wrong(why) => {
                    counts.wrong.fetch_add(1, Ordering::Relaxed);
                    complain(&why);
                }
            }
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
fn make(parts: Vec<Part>, files: Arc<Mutex<Files>>) -> many::Make<Made> {
    let keeps = files.lock().unwrap_or_else(PoisonError::into_inner).any();
    let wants_report = parts.iter().any(|part| matches!(part, Part::Report));
    Arc::new(move |asked, outcome| {
        let intent = &asked.request.intent;
        let without = |exit_code, why: &str| {
            Row::without_report(target(&intent.input, &intent.options), exit_code, why)
        };
        let (row, report) = match outcome {
            Outcome::Report(report) => {
                (Row::of(&report).unwrap_or_else(|| without(FAULT, "nothing was traced")), Some(report))
            }
            Outcome::Refused(run::Error(why)) => (without(USAGE, &why), None),
            Outcome::Fault => (without(FAULT, "a bug in tls-trace"), None),
        };
        if let (Some(report), true) = (&report, keeps) {
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            for judged in &report.connections {
                // A file that can't be written is told at the end.
                let _ = files.connection(judged, &report.question);
            }
        }
        let made = parts.iter().map(|part| {
            let mut text = Vec::new();
            // Writing to memory does not fail.
            let _ = write(part, &row, intent, report.as_deref(), &mut text);
            text
        });
        Made { parts: made.collect(), row, report: report.filter(|_| wants_report) }
    })
}

fn write(
    part: &Part,
    row: &Row,
    intent: &Intent,
    report: Option<&Report>,
    text: &mut Vec<u8>,
) -> io::Result<()> {
    match (part, report) {
        (Part::Report, _) => Ok(()),
        (Part::Line(format, settings), Some(report)) => format.write(report, settings, text),
        (Part::Line(_, settings), None) => {
            jsonl::without_report(intent, row.exit_code, &row.headline, settings, text)
        }
        (Part::Row(settings), _) if settings.quiet => Ok(()),
        (Part::Row(settings), Some(report)) if settings.verbosity > 0 => {
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

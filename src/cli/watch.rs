//! `watch TARGET…`: looks again and again, and tells what has changed.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::args::Typed;
use super::files::Out;
use super::many::{descriptors, source};
use super::options::{self, Many, Options, ReportTo, Several};
use super::request::{Own, anchors, question};
use super::say::complain;
use super::targets::{List, Read, Reader, typed as typed_targets};
use super::{FAULT, USAGE, early, settings};
use crate::capture::Stopped;
use crate::engine;
use crate::expect::{Expr, fields};
use crate::finding::verdict::worst;
use crate::judged::facts;
use crate::render::watch::{Line, Summary};
use crate::render::{self, Document, Settings, json, jsonl};
use crate::report::many::target;
use crate::report::watch::{Look, State, Target};
use crate::report::{Report, connection};
use crate::run::many::{self, Ended, Outcome, Pace};
use crate::run::{Cancel, Inquiry, runtime};

/// What is watched, and for how long.
#[derive(Debug, Clone)]
pub struct Watch {
    pub many: Many,
    pub every: Duration,
    /// It ends when this holds at every address; as typed.
    pub until: Option<(String, Expr)>,
}

impl Watch {
    /// What was typed.
    pub(super) fn read(
        typed: &Typed,
        targets: &[String],
        every: &str,
        until: Option<&str>,
    ) -> Result<Watch, String> {
        if targets.is_empty() && typed.flags.many.target_list.is_none() {
            return Err("no target; try: tls-trace watch example.com --every 5m".into());
        }
        let until = until.map(|text| match Expr::parse(text, fields::FIELDS) {
            Ok(expr) => Ok((text.to_owned(), expr)),
            Err(wrong) => Err(format!("--until: {wrong}")),
        });
        Ok(Watch { many: options::many(typed, targets)?, every: interval(every)?, until: until.transpose()? })
    }
}

/// `50ms`, `30s`, `5m`, `1h`, `1d`
fn interval(typed: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 5] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];
    let wrong = || format!("--every: {typed:?} is not an interval such as 30s, 5m or 1h");
    let digits = typed.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == &typed[digits.len()..]).ok_or_else(wrong)?;
    let seconds = digits.parse::<f64>().map_err(|_| wrong())? * unit;
    let every = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    match every >= Duration::from_millis(1) && every <= Duration::from_secs(366 * 86_400) {
        true => Ok(every),
        false => Err(format!("--every: {typed:?} is not between 1ms and 366d")),
    }
}

/// What a look at a target came to.
struct Made {
    /// Place in the list.
    place: usize,
    look: Look,
    /// What is waited for holds at every address.
    holds: bool,
    /// For the files that are written anew.
    report: Option<Box<Report>>,
}

/// Watches; the exit code.
pub(super) fn report(options: &Options, watch: &Watch) -> Result<u8, String> {
    let mut lines = Lines::open(options)?;
    let files = Files::of(options)?;
    let _warm_up = engine::warm_up();
    let (question, anchors) = (question(options)?, anchors(options)?);
    let shared = Arc::new(options.clone());
    let mut reader = Reader::new(shared, Own::read(options)?, question.clone(), watch.many.timeout);
    let targets = targets(&watch.many, &mut reader)?;
    files.allow(targets.len())?;
    drop(reader);
    let names: Vec<String> =
        targets.iter().map(|one| target(&one.request.intent.input, &one.request.intent.options)).collect();
    let pace = Pace { concurrency: descriptors(watch.many.pace.concurrency), ..watch.many.pace };
    let source = source(Several::EachAddress { resume: false }, watch.many.timeout);
    let inquiry = Inquiry { issuers: options.judging.fetch_aia, revocation: options.judging.revocation };
    let expr = watch.until.as_ref().map(|(_, expr)| expr.clone());
    let make = make(names.clone(), expr, files.any());
    let round = |cancel: Cancel| many::Many {
        targets: Box::new(targets.clone().into_iter()),
        source: source.clone(),
        anchors: anchors.clone(),
        question: question.clone(),
        inquiry,
        cancel,
        pace,
        make: make.clone(),
    };

    let began = Instant::now();
    let mut watched = Watched::new(names.len(), watch.until.is_some());
    let runtime = runtime().map_err(|e| e.to_string())?;
    let (ended, stopped, signals) = runtime.block_on(async {
        let signals = Cancel::on_signals();
        early::run_begins();
        let limit = options.max_time.filter(|_| options.max_time_given);
        let cancel = signals.until(limit.and_then(|limit| began.checked_add(limit)));
        let first = Instant::now();
        let mut due = first;
        let ended = loop {
            if let Err(stopped) = cancel.over(tokio::time::sleep_until(due.into())).await {
                break Ok(Some(stopped));
            }
            watched.begin();
            let mut written = files.begin();
            let mut take = |made: Made| {
                if let Some(report) = &made.report {
                    written.add(report);
                }
                watched.take_in(made, &names, &mut lines)
            };
            match round(cancel.clone()).perform(&mut take).await {
                Err(_) if lines.closed => break Ok(None),
                Err(e) => break Err(e.to_string()),
                // What was cut short shows nothing about all targets.
                Ok(Ended { stopped: Some(stopped), .. }) => break Ok(Some(stopped)),
                Ok(_) => {}
            }
            written.end();
            if watched.ended() {
                break Ok(None);
            }
            due = next(first, Instant::now(), watch.every);
        };
        (ended, cancel.stopped(), signals)
    });
    runtime.shutdown_background();
    signals.at_once();
    let stopped = ended?.and(stopped);
    let met = watched.ended();
    let summary = Summary {
        rounds: watched.rounds,
        changes: watched.changes,
        targets: names.len(),
        addresses: watched.targets.iter().map(Target::addresses).sum(),
        took: began.elapsed(),
        until: watch.until.as_ref().map(|(text, _)| (text.clone(), met)),
        stopped: stopped.map(|stopped| match stopped {
            Stopped::MaxTime => "--max-time",
            _ => "interrupted",
        }),
        exit_code: match stopped {
            Some(Stopped::MaxTime) if watch.until.is_some() => TIMED_OUT,
            Some(stopped) => stopped.exit_code().unwrap_or_else(|| watched.exit_code()),
            None if met => 0,
            None => watched.exit_code(),
        },
    };
    lines.end(&summary, options)?;
    files.told()?;
    Ok(summary.exit_code)
}

/// When the next round begins: a whole number of intervals after the first one. A slow round takes the place of those that
/// would have begun within it.
fn next(first: Instant, now: Instant, every: Duration) -> Instant {
    let since = now.saturating_duration_since(first).as_nanos();
    let intervals = since / every.as_nanos().max(1) + 1;
    let after = u64::try_from(intervals.saturating_mul(every.as_nanos())).unwrap_or(u64::MAX);
    first.checked_add(Duration::from_nanos(after)).unwrap_or(now + every)
}

/// `--until` was not met in time.
const TIMED_OUT: u8 = 5;

/// All of them, read once.
fn targets(many: &Many, reader: &mut Reader) -> Result<Vec<many::Target>, String> {
    let mut all = typed_targets(many, reader)?;
    if let Some(path) = &many.list {
        let mut lines = List::open(path, reader)?.lines();
        while let Some(read) = lines.next(reader) {
            match read {
                Read::Target(target) => all.push(*target),
                Read::Wrong { why, .. } => return Err(why),
            }
        }
    }
    // Twice the same says nothing more.
    let mut seen = std::collections::HashSet::new();
    all.retain(|one| seen.insert(target(&one.request.intent.input, &one.request.intent.options)));
    match all.is_empty() {
        true => Err("there is no target in the list".into()),
        false => Ok(all),
    }
}

fn make(names: Vec<String>, until: Option<Expr>, keeps: bool) -> many::Make<Made> {
    Arc::new(move |asked, outcome| {
        let intent = &asked.request.intent;
        let name = target(&intent.input, &intent.options);
        let place = names.iter().position(|known| *known == name).unwrap_or_default();
        let fault = |exit_code, why: &str| Made {
            place,
            look: Look { without: Some(State::fault(exit_code, why)), exit_code, ..Look::default() },
            holds: false,
            report: None,
        };
        match outcome {
            Outcome::Report(report) => {
                let look = Look::of(&report);
                let mut counting = connection::counting(&report).peekable();
                let any = counting.peek().is_some();
                let holds = until.as_ref().is_some_and(|expr| {
                    any && look.is_whole()
                        && counting.all(|(_, judged)| {
                            expr.of(&facts::values(judged, &report.question)) == Some(true)
                        })
                });
                drop(counting);
                Made { place, look, holds, report: keeps.then_some(report) }
            }
            Outcome::Refused(error) => fault(USAGE, &error.0),
            Outcome::Fault => fault(FAULT, "a bug in tls-trace"),
        }
    })
}

/// What is known of all targets.
struct Watched {
    targets: Vec<Target>,
    /// Of the last look at each.
    exit_codes: Vec<Option<u8>>,
    waits: bool,
    rounds: usize,
    changes: usize,
    /// Of this round: targets that were looked at, and those of them of which what is waited for holds.
    looked_at: usize,
    hold: usize,
}

impl Watched {
    fn new(targets: usize, waits: bool) -> Watched {
        Watched {
            targets: vec![Target::default(); targets],
            exit_codes: vec![None; targets],
            waits,
            rounds: 0,
            changes: 0,
            looked_at: 0,
            hold: 0,
        }
    }

    fn begin(&mut self) {
        self.rounds += 1;
        (self.looked_at, self.hold) = (0, 0);
    }

    /// Tells what has changed; an error if nobody reads it.
    fn take_in(&mut self, made: Made, names: &[String], lines: &mut Lines) -> Result<(), String> {
        self.looked_at += 1;
        self.hold += usize::from(made.holds);
        let (Some(known), Some(name)) = (self.targets.get_mut(made.place), names.get(made.place)) else {
            return Ok(());
        };
        if let Some(code) = self.exit_codes.get_mut(made.place) {
            *code = Some(made.look.exit_code);
        }
        let at = SystemTime::now();
        for change in known.take_in(made.look) {
            self.changes += usize::from(change.before.is_some() || change.now.is_none());
            lines.write(&Line { at, round: self.rounds, target: name, change: &change })?;
        }
        Ok(())
    }

    /// What is waited for holds at every address of every target, in the same round.
    fn ended(&self) -> bool {
        self.waits && self.looked_at == self.targets.len() && self.hold == self.looked_at
    }

    fn exit_code(&self) -> u8 {
        // What was not looked at is not known to be good.
        worst(self.exit_codes.iter().map(|code| code.unwrap_or(TIMED_OUT)))
    }
}

/// Where changes are written.
struct Lines {
    all: Vec<(bool, Out, Settings)>,
    /// Nobody reads any more (`| head`).
    closed: bool,
}

/// Whether changes are written in this format, as they come.
fn is_lines(to: &ReportTo) -> bool {
    to.format.is(&render::text::FORMAT) || to.format.is(&jsonl::FORMAT)
}

impl Lines {
    fn open(options: &Options) -> Result<Lines, String> {
        let mut all = Vec::new();
        for to in options.output.reports.iter().filter(|to| is_lines(to)) {
            let out = match &to.file {
                Some((_, path)) => Out::open(path, false, false)?,
                None => Out::Stdout,
            };
            if !options.output.silent || out.is_file() {
                let settings = settings(&options.output, &out);
                all.push((to.format.is(&jsonl::FORMAT), out, settings));
            }
        }
        Ok(Lines { all, closed: false })
    }

    fn write(&mut self, line: &Line<'_>) -> Result<(), String> {
        let mut read = self.all.is_empty();
        for (is_json, out, settings) in &mut self.all {
            let mut closed = false;
            out.write(|out| {
                let written = match is_json {
                    true => json::watch::write(line, out),
                    false if settings.quiet => Ok(()),
                    false => render::watch::text(line, settings, out),
                };
                let written = written.and_then(|()| out.flush());
                closed = written.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe);
                written
            })?;
            read |= !closed;
        }
        self.closed = !read;
        if read { Ok(()) } else { Err(String::new()) }
    }

    /// The summary; beside lines that a program reads on standard error.
    fn end(&mut self, summary: &Summary, options: &Options) -> Result<(), String> {
        for (is_json, out, settings) in &mut self.all {
            if !*is_json {
                out.write(|out| render::watch::summary(summary, settings, out))?;
            }
        }
        if !options.output.silent && self.all.iter().all(|(is_json, ..)| *is_json) {
            let mut beside = Out::Stderr;
            let settings = settings(&options.output, &beside);
            beside.write(|out| render::watch::summary(summary, &settings, out))?;
        }
        Ok(())
    }
}

/// The files that are written anew after each round.
struct Files {
    all: Vec<ReportTo>,
    settings: Vec<Settings>,
    /// The last round's could not be written, and why.
    failure: Arc<Mutex<Option<String>>>,
}

impl Files {
    /// Each is opened, so that a wrong path is told at once.
    fn of(options: &Options) -> Result<Files, String> {
        let all: Vec<ReportTo> = options.output.reports.iter().filter(|to| !is_lines(to)).cloned().collect();
        let mut settings = Vec::new();
        for to in &all {
            let Some((_, path)) = &to.file else {
                return Err(format!(
                    "watch writes changes as text or jsonl; a file in another format is written anew each time: \
                     --format {}=FILE",
                    to.format.name
                ));
            };
            settings.push(super::settings(&options.output, &Out::open(path, false, true)?));
        }
        Ok(Files { all, settings, failure: Arc::default() })
    }

    fn any(&self) -> bool {
        !self.all.is_empty()
    }

    /// A document about one server is none about several.
    fn allow(&self, targets: usize) -> Result<(), String> {
        let merged = self.all.iter().find(|to| to.format.several == render::Several::Merged);
        match merged.filter(|_| targets > 1) {
            None => Ok(()),
            Some(to) => Err(format!(
                "several targets and --format {} can't be used together: it is one document about one server",
                to.format.name
            )),
        }
    }

    fn begin(&self) -> Round<'_> {
        let document = |to: &ReportTo| ((to.format.begin)(), Vec::new());
        Round { files: self, documents: self.all.iter().map(document).collect() }
    }

    /// What could not be written the last time.
    fn told(&self) -> Result<(), String> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure.map_or(Ok(()), Err)
    }
}

/// The documents of one round, in memory until it is over.
struct Round<'a> {
    files: &'a Files,
    documents: Vec<(Box<dyn Document>, Vec<u8>)>,
}

impl Round<'_> {
    fn add(&mut self, report: &Report) {
        for ((document, text), settings) in self.documents.iter_mut().zip(&self.files.settings) {
            // Writing to memory does not fail.
            let _ = document.add(report, settings, text);
        }
    }

    /// Puts the files in their places, each as a whole.
    fn end(self) {
        let mut failure = None;
        let with = self.documents.into_iter().zip(&self.files.all).zip(&self.files.settings);
        for (((mut document, mut text), to), settings) in with {
            let Some((_, path)) = &to.file else { continue };
            let _ = document.end(settings, &mut text);
            let written = Out::open(path, false, true).and_then(|mut out| {
                out.write(|out| out.write_all(&text))?;
                out.complete()
            });
            failure = failure.or(written.err());
        }
        let mut told = self.files.failure.lock().unwrap_or_else(PoisonError::into_inner);
        // The next round may have better luck; the same is not said again.
        if let Some(why) = failure.as_ref().filter(|why| told.as_ref() != Some(*why)) {
            complain(why);
        }
        *told = failure;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_begin_at_whole_intervals() {
        let first = Instant::now();
        let ms = Duration::from_millis;
        let after = |now: u64| next(first, first + ms(now), ms(100)).duration_since(first).as_millis();
        assert_eq!([0, 1, 99, 100, 101, 250, 999].map(after), [100, 100, 100, 200, 200, 300, 1000]);
        // Longer than a clock can tell.
        let forever = Duration::from_secs(366 * 86_400);
        assert_eq!(next(first, first + ms(5), forever), first + forever);
    }

    #[test]
    fn intervals() {
        let ms = |typed: &str| interval(typed).map(|every| every.as_millis());
        assert_eq!((ms("50ms"), ms("30s"), ms("5m")), (Ok(50), Ok(30_000), Ok(300_000)));
        assert_eq!((ms("1.5h"), ms("1d")), (Ok(5_400_000), Ok(86_400_000)));
        for wrong in ["", "5", "m", "0s", "-5m", "5 m", "1w", "NaNs", "infs", "1e99h", "5µs", "400d", "0.1ms"]
        {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}

//! `read`: a saved trace, a capture file or bare bytes, as a run.

mod summary;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use super::decrypt::Decryption;
use super::exit::ExitCodes;
use super::options::{Options, Which};
use super::outputs::Outputs;
use super::raw::Raw;
use super::request::{anchors, question};
use super::say::say;
use super::take_away::Files;
use super::writer::Writer;
use super::{USAGE, accepts, early, run};
use crate::capture::{Argument, Capture, Limits, Purpose, Question, Session, Stopped, saved};
use crate::finding::summary::counted;
use crate::finding::{Case, verdict};
use crate::judged::Judged;
use crate::judged::facts;
use crate::packet::{self, Captures, Found, Keep, Waiting, bytes, compression};
use crate::render;
use crate::report::Report;
use crate::report::status::Status;
use crate::report::table::Row;
use crate::run::{Cancel, Captured, Reading, Run, Sink, Source, Traced, reading, runtime};
use crate::trace::Trace;
use crate::trust::{self, Anchors};
use crate::wire::text;
use summary::{Summary, Telling};

/// What a file has in it.
pub(super) enum Content {
    Saved(Box<Session>),
    Packets(Box<Captures<Box<dyn Read + Send>>>),
    Bytes(Box<Capture>),
}

/// Shows what is in `file`; the exit code.
pub(super) fn report(
    options: &Options,
    file: &Path,
    decryption: &Decryption,
    which: &Which,
    outputs: Outputs,
) -> Result<u8, String> {
    let content = open(file)?;
    let whole = if options.output.data { Trace::with_data } else { Trace::of };
    if *which != Which::default() && !matches!(content, Content::Packets(_)) {
        return Err(format!("{}: --stream, --filter and --all are about capture files", text::path(file)));
    }
    let files = Files::open(&options.take_away, false)?;
    let mut captures = match content {
        Content::Saved(mut session) => {
            for capture in session.captures.iter_mut().filter(|_| decryption.asked()) {
                decryption.open(capture, true, Trace::seen);
            }
            return one(options, again(options, *session)?, outputs, files);
        }
        Content::Bytes(mut capture) => {
            capture.intent.input = file.display().to_string();
            let trace = decryption.open(&mut capture, true, whole);
            let only = Traced { trace, ..Traced::from(*capture) };
            let run = captured(options, Captured::from(only))?;
            return one(options, run, outputs, files);
        }
        Content::Packets(captures) => captures,
    };
    if which.stream.is_some() && options.output.data {
        captures.keep(Keep { data: Limits::DEFAULT.recorded_bytes as usize, ..Keep::ALL });
    }
    if decryption.asked() {
        captures.opens();
    }
    let summary = Summary::default();
    // What is taken away is what is shown.
    let table =
        outputs.are_text() && !which.all && which.stream.is_none() && options.take_away.pcap.is_none();
    let stop = captures.stop();
    let captures = Telling::new(captures, table, summary.clone());
    // With one that is looked for nothing is read behind it.
    let captures: Box<dyn Iterator<Item = Found> + Send> = match which.stream {
        Some(_) => Box::new(captures),
        None => Box::new(ahead(captures)?),
    };
    let unverified = table && !which.verifies();
    let how = if unverified { Trace::seen } else { whole };
    let most = if which.stream.is_some() { 1 } else { usize::MAX };
    let opened = decryption.each(captures, which.stream.clone(), most, how).map(move |traced| {
        // Here, while others are judged.
        let trace = traced.trace.or_else(|| (!unverified).then(|| how(&traced.capture)));
        Traced { trace, ..traced }
    });
    let captures = Captured { captures: Box::new(opened), stop };
    let (exit_code, count) = match unverified {
        _ if which.raw => {
            let mut raw = Raw::new(outputs);
            let report = run::perform_into(options, captured(options, captures)?, &mut raw)?;
            raw.end()?;
            (report.exit_code(), report.count)
        }
        true => self::table(options, captures, which, outputs)?,
        false => {
            let mut each = Each { rows: table, ..Each::new(which, outputs, files)? };
            let report = match run::perform_into(options, captured(options, captures)?, &mut each) {
                Ok(report) => report,
                Err(why) => {
                    // What was found before it is written all the same.
                    each.writer.end()?;
                    return Err(why);
                }
            };
            each.end(&report, options.output.exit)?
        }
    };
    let limited = options.max_time_given && !matches!(exit_code, 130 | 143);
    let cut_short = summary.tell(file, which, count, limited)?;
    // What was not read may be worse than all that was.
    Ok(if cut_short && exit_code == 0 { USAGE } else { exit_code })
}

/// A report of all that a run does.
fn one(options: &Options, run: Run, mut outputs: Outputs, mut files: Files) -> Result<u8, String> {
    let report = run::perform_into(options, run, &mut files)?;
    outputs.add(&report);
    let stopped = outputs.stopped();
    let written = outputs.end();
    files.end(&report)?;
    written?;
    Ok(stopped.unwrap_or_else(|| options.output.exit.of(report.exit_code(), Status::of(&report))))
}

/// The run that judges captures.
pub(super) fn captured(options: &Options, Captured { captures, stop }: Captured) -> Result<Run, String> {
    let name = options.verify_name.clone();
    let named = captures.map(move |mut traced| {
        if name.is_some() {
            traced.capture.intent.verify_name.clone_from(&name);
        }
        traced
    });
    let source = Source::Captured(Captured { captures: Box::new(named), stop });
    Ok(Run { question: question(options)?, ..Run::trusting(anchors(options)?, source) })
}

/// The table, a row as each connection ends; a single connection is shown whole. The exit code, and the connections.
fn table(
    options: &Options,
    captures: Captured,
    which: &Which,
    mut outputs: Outputs,
) -> Result<(u8, usize), String> {
    let began = Instant::now();
    let question = question(options)?;
    let runtime = runtime().map_err(|e| e.to_string())?;
    let mut captures = Reading::start(captures).map_err(|e| e.to_string())?;
    let tell = |outputs: &mut Outputs, Traced { capture, trace, .. }: &Traced, first: bool| {
        let read = trace.is_none().then(|| Trace::seen(capture));
        let Some(trace) = trace.as_ref().or(read.as_ref()) else { return false };
        let case = Case { question: &question, capture, trace, judgement: None, original: None };
        let wanted = which.filter.as_ref().is_none_or(|filter| filter.of(&facts::seen(&case)) == Some(true));
        if wanted {
            show(outputs, &told(outputs, &case), first);
        }
        wanted
    };
    let (first, count, mut shown, signal) = runtime.block_on(async {
        let limit = options.max_time.filter(|_| options.max_time_given);
        let cancel = Cancel::on_signals().until(limit.and_then(|limit| began.checked_add(limit)));
        early::run_begins();
        // Whether there are several is known when the second one comes.
        let (mut first, mut count, mut shown) = (None, 0, 0);
        while let Some(capture) = captures.next(&cancel).await {
            if !capture.wanted {
                continue;
            }
            count += 1;
            if count == 1 && which.filter.is_none() {
                first = Some(capture);
                continue;
            }
            for capture in first.take().iter().chain([&capture]) {
                shown += usize::from(tell(&mut outputs, capture, shown == 0));
            }
        }
        (first, count, shown, cancel.signal())
    });
    runtime.shutdown_background();
    let interrupted = signal.and_then(Stopped::exit_code);
    match first {
        Some(capture) if interrupted.is_none() => {
            // It is verified, which it was not so far.
            let run = captured(options, Captured::from(Traced::from(capture.capture)))?;
            return Ok((one(options, run, outputs, Files::none())?, 1));
        }
        Some(capture) => shown += usize::from(tell(&mut outputs, &capture, true)),
        None => {}
    }
    if shown == 0 && count > 0 {
        none_matches(count);
    }
    if shown > 0 {
        let connections = counted(shown, "connection");
        outputs.say(|_, out| {
            writeln!(out, "{connections}, none of them verified: --all verifies each, --stream N shows one")
        });
    }
    outputs.end()?;
    // Nothing was verified.
    Ok((options.output.exit.of(interrupted.unwrap_or(0), Status::Unknown), count))
}

/// Of what was read nothing is shown: only `--filter` leaves something out.
fn none_matches(count: usize) {
    say(&format!("note: --filter: it is true of none of {}", counted(count, "connection")));
}

/// A connection's row, with what `--redact` makes of it.
fn told(outputs: &Outputs, case: &Case<'_>) -> Row {
    let row = Row::of(case);
    match outputs.redaction() {
        None => row,
        Some(redaction) => {
            let replacing = redaction.of_case(case);
            let of = |text: Option<String>| text.map(|text| replacing.apply(&text).into_owned());
            Row {
                client: of(row.client),
                server: of(row.server),
                sni: of(row.sni),
                handshake: of(Some(row.handshake)).unwrap_or_default(),
                ..row
            }
        }
    }
}

/// A row of the table, below its header if it is the first.
fn show(outputs: &mut Outputs, row: &Row, first: bool) {
    outputs.say(|settings, out| {
        if first {
            render::table::header(settings, out)?;
        }
        render::table::text(row, settings, out)
    });
}

/// Shows each connection as it ends.
struct Each<'a> {
    which: &'a Which,
    /// As a row of the table.
    rows: bool,
    shown: usize,
    writer: Writer,
    /// What is taken away of them.
    files: Files,
    /// All of them, where they are to be in one report.
    merged: Option<Report>,
    exit_codes: Vec<u8>,
    status: Option<Status>,
}

impl<'a> Each<'a> {
    fn new(which: &'a Which, outputs: Outputs, files: Files) -> Result<Self, String> {
        let merged = outputs.merge().then(|| Report::new(Purpose::Captured));
        let writer = Writer::start(outputs)?;
        Ok(Each { which, rows: false, shown: 0, writer, files, merged, exit_codes: Vec::new(), status: None })
    }

    /// Once all have ended: the exit code, and the connections that the file has.
    fn end(mut self, report: &Report, codes: ExitCodes) -> Result<(u8, usize), String> {
        let mut outputs = self.writer.end()?;
        if let Some(mut merged) = self.merged.filter(|merged| merged.count > 0) {
            merged.question = report.question.clone();
            if merged.count > merged.connections.len() {
                let (kept, count) = (merged.connections.len(), merged.count);
                say(&format!(
                    "warning: the document has {kept} of {count} connections; --format jsonl has a line for each"
                ));
            }
            outputs.add_merged(&merged);
        }
        if self.shown == 0 && report.count > 0 {
            none_matches(report.count);
        }
        if self.rows && self.shown > 0 {
            let connections = counted(self.shown, "connection");
            let of = report.count;
            outputs.say(|_, out| writeln!(out, "{connections} of {of}, each of them verified for --filter"));
        }
        if self.which.all && self.shown > 0 {
            let connections = counted(self.shown, "connection");
            let of = report.count;
            let of = if self.shown < of { format!(" of {of}") } else { String::new() };
            outputs.say(|_, out| writeln!(out, "\n{connections}{of}"));
        }
        let written = outputs.end();
        self.files.end(report)?;
        written?;
        let worst = verdict::worst(self.exit_codes.into_iter());
        let interrupted = report.interrupted.map(|_| Status::Unknown);
        let status = self.status.max(interrupted).unwrap_or(Status::Unknown);
        Ok((codes.of(report.interrupted.unwrap_or(worst), status), report.count))
    }
}

impl Sink for Each<'_> {
    fn connection(&mut self, judged: &Judged, question: &Question) -> Result<(), String> {
        let values = || facts::values(judged, question);
        if self.which.filter.as_ref().is_some_and(|filter| filter.of(&values()) != Some(true)) {
            return Ok(());
        }
        self.files.connection(judged, question)?;
        let first = self.shown == 0;
        self.shown += 1;
        let exit_code = judged.verdict.exit_code;
        let worst = verdict::worst([exit_code].into_iter().chain(self.exit_codes.pop()));
        self.exit_codes = vec![worst];
        self.status = self.status.max(Some(Status::of_connection(judged)));
        if self.rows {
            let judged = judged.clone();
            let question = question.clone();
            self.writer.then(move |outputs| show(outputs, &told(outputs, &judged.case(&question)), first));
            return Ok(());
        }
        if let Some(merged) = &mut self.merged {
            merged.push(judged.clone(), question);
        }
        let mut report = Report::new(Purpose::Single);
        report.push(judged.clone(), question);
        report.question = question.clone();
        let stream = judged.capture.intent.stream_name().filter(|_| self.which.stream.is_none());
        self.writer.then(move |outputs| {
            if let Some(stream) = stream {
                let gap = if first { "" } else { "\n" };
                outputs.say(|_, out| writeln!(out, "{gap}stream {stream}"));
            }
            outputs.add_single(&report);
        });
        Ok(())
    }
}

/// Reads packets in a thread of its own, while connections are opened.
fn ahead(captures: Telling) -> Result<impl Iterator<Item = Found> + Send, String> {
    let mut captures = reading(captures).map_err(|e| e.to_string())?;
    Ok(std::iter::from_fn(move || captures.blocking_recv()))
}

/// Recognises a file by what is in it.
pub(super) fn open(file: &Path) -> Result<Content, String> {
    let named = |why: &dyn std::fmt::Display| format!("can't read {}: {why}", text::path(file));
    let stop = Arc::new(AtomicBool::new(false));
    let waiting = |from: Box<dyn Read + Send>| Waiting::new(from, stop.clone()).map_err(|e| named(&e));
    let from: Box<dyn Read + Send> = match file == Path::new("-") {
        true => Box::new(waiting(Box::new(io::stdin()))?),
        false => {
            let from = File::open(file).map_err(|e| named(&e))?;
            match from.metadata().is_ok_and(|it| it.is_file()) {
                true => Box::new(from),
                false => Box::new(waiting(Box::new(from))?),
            }
        }
    };
    let mut from = compression::open(from).map_err(|e| named(&e))?;
    let mut start = Vec::new();
    from.by_ref().take(packet::file::MAGIC as u64).read_to_end(&mut start).map_err(|e| named(&e))?;
    let is_capture = packet::file::is_capture(&start);
    let mut whole: Box<dyn Read + Send> = Box::new(io::Cursor::new(start).chain(from));
    if is_capture {
        return Captures::new(whole, Keep::ALL)
            .map(|read| Content::Packets(Box::new(read.until(stop))))
            .map_err(|e| named(&e));
    }
    let limit = Limits::DEFAULT.saved_bytes;
    let mut content = Vec::new();
    whole.by_ref().take(limit + 1).read_to_end(&mut content).map_err(|e| named(&e))?;
    if content.len() as u64 > limit {
        return Err(named(&saved::Error::TooLarge { limit }));
    }
    if let Some(capture) = bytes::capture(&content, SystemTime::now()) {
        return Ok(Content::Bytes(Box::new(capture)));
    }
    session(file, &content).map(|session| Content::Saved(Box::new(session)))
}

/// A saved trace: with what was asked when it was recorded, but for what is asked now.
pub(super) fn again(options: &Options, mut session: Session) -> Result<Run, String> {
    let now = question(options)?;
    let is_asked = |argument: &&Argument| {
        let flag = argument.flag.as_deref().and_then(|flag| flag.strip_prefix("--"));
        flag.is_some_and(|flag| flag != "max-time" && accepts::READ.contains(&flag))
    };
    let asked = options.arguments.iter().filter(is_asked);
    let question = &mut session.question;
    question.again = asked.flat_map(|argument| argument.words.clone()).collect();
    question.data = now.data;
    question.insecure |= now.insecure;
    question.at = now.at.or(question.at);
    question.min_days = now.min_days.or(question.min_days.take());
    question.ct_logs = now.ct_logs.or(question.ct_logs.take());
    question.allow_unevaluated = now.allow_unevaluated.or(question.allow_unevaluated.take());
    if !now.expect.is_empty() || !now.warn.is_empty() {
        (question.expect, question.warn) = (now.expect, now.warn);
    }
    if !now.policies.is_empty() {
        question.policies = now.policies;
    }
    if !now.pins.is_empty() {
        question.pins = now.pins;
    }
    if !now.crls.is_empty() {
        question.crls = now.crls;
    }
    if options.verify_name.is_some() {
        session
            .captures
            .iter_mut()
            .for_each(|capture| capture.intent.verify_name.clone_from(&options.verify_name));
    }
    let trusts = !options.trust.cacert.is_empty() || options.trust.stores_given;
    Ok(match trusts {
        true => Run::trusting(anchors(options)?, Source::Again(session)),
        false => Run::trusting(Anchors::none(), Source::Saved(session)),
    })
}

/// The session of a saved trace.
fn session(file: &Path, content: &[u8]) -> Result<Session, String> {
    let named = |why: &dyn std::fmt::Display| format!("can't read {}: {why}", text::path(file));
    let session = saved::parse(content).map_err(|e| match trust::files::recognised(content) {
        Some(what) => named(&format!("it is not a saved trace; {what}")),
        None => named(&e),
    })?;
    if session.captures.is_empty() {
        return Err(named(&"it contains no connection"));
    }
    if !session.captures.iter().any(|capture| capture.role.counts()) {
        return Err(named(
            &"it contains no connection that has an outcome: only superseded ones and experiments",
        ));
    }
    Ok(session)
}

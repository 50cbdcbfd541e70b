//! `read`: a saved trace, a capture file or bare bytes, as a run.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::accepts;
use super::options::Options;
use super::request::{anchors, question};
use super::say::say;
use crate::capture::{Argument, Capture, Limits, Session, saved};
use crate::finding::summary::counted;
use crate::packet::{self, Captures, Counts, Keep, Notice, bytes, compression};
use crate::report::Report;
use crate::run::{Captured, Run, Source};
use crate::trust::{self, Anchors};
use crate::wire::text;

/// What a file has in it.
enum Content {
    Saved(Box<Session>),
    Packets(Box<Captures<Box<dyn Read + Send>>>),
    Bytes(Box<Capture>),
}

/// What is known of a capture file once it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary(Arc<Mutex<WhatWasRead>>);

#[derive(Debug, Default)]
struct WhatWasRead {
    counts: Option<Counts>,
    notices: Vec<Notice>,
    more_notices: u64,
}

/// The run that shows what is in `file`.
pub(super) fn run(options: &Options, file: &Path) -> Result<(Run, Summary), String> {
    let summary = Summary::default();
    let captured: Captured = match open(file)? {
        Content::Saved(session) => return Ok((again(options, *session)?, summary)),
        Content::Packets(captures) => Box::new(Telling { captures, told: summary.clone() }),
        Content::Bytes(mut capture) => {
            capture.intent.input = file.display().to_string();
            Box::new(std::iter::once(*capture))
        }
    };
    let name = options.verify_name.clone();
    let named = captured.map(move |mut capture| {
        if name.is_some() {
            capture.intent.verify_name.clone_from(&name);
        }
        capture
    });
    let source = Source::Captured(Box::new(named));
    Ok((Run { question: question(options)?, ..Run::trusting(anchors(options)?, source) }, summary))
}

/// Leaves a summary when the file was read.
struct Telling {
    captures: Box<Captures<Box<dyn Read + Send>>>,
    told: Summary,
}

impl Iterator for Telling {
    type Item = Capture;

    fn next(&mut self) -> Option<Capture> {
        let next = self.captures.next();
        if let Ok(mut told) = self.told.0.lock() {
            told.counts = Some(self.captures.counts());
            if next.is_none() {
                (told.notices, told.more_notices) =
                    (self.captures.notices().to_vec(), self.captures.more_notices());
            }
        }
        next.map(|found| found.capture)
    }
}

impl Summary {
    /// Says what of the file could not be read; an error if nothing of it is in the report.
    pub(super) fn tell(&self, file: &Path, report: &Report) -> Result<(), String> {
        let file = text::path(file);
        let Ok(told) = self.0.lock() else { return Ok(()) };
        let Some(counts) = told.counts else { return Ok(()) };
        for Notice { offset, what } in &told.notices {
            say(&format!("warning: {file}, byte {offset}: {what}"));
        }
        let tell = |n: u64, what: &str| {
            if n > 0 {
                say(&format!("warning: {file}: {n} {what}"));
            }
        };
        tell(told.more_notices, "more places that could not be read");
        tell(counts.other_links, "packets of a link layer that is not read");
        tell(counts.fragments_lost, "fragments of IP packets that did not become whole");
        tell(counts.evicted, "connections were cut off, since too many were open at once");
        if report.count == 0 && report.interrupted.is_none() {
            let (packets, connections) = (counts.packets, counts.connections);
            return Err(format!(
                "{file}: there is no TLS in it: {}, {}",
                counted(packets as usize, "packet"),
                counted(connections as usize, "TCP connection")
            ));
        }
        Ok(())
    }
}

/// Recognises a file by what is in it.
fn open(file: &Path) -> Result<Content, String> {
    let named = |why: &dyn std::fmt::Display| format!("can't read {}: {why}", text::path(file));
    let from: Box<dyn Read + Send> = match file == Path::new("-") {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(file).map_err(|e| named(&e))?),
    };
    let mut from = compression::open(from).map_err(|e| named(&e))?;
    let mut start = Vec::new();
    from.by_ref().take(packet::file::MAGIC as u64).read_to_end(&mut start).map_err(|e| named(&e))?;
    let is_capture = packet::file::is_capture(&start);
    let mut whole: Box<dyn Read + Send> = Box::new(io::Cursor::new(start).chain(from));
    if is_capture {
        return Captures::new(whole, Keep::ALL)
            .map(|read| Content::Packets(Box::new(read)))
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
fn again(options: &Options, mut session: Session) -> Result<Run, String> {
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

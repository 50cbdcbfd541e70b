//! A list of targets: one a line, parsed as shell words, with options of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::args;
use super::file_or_name::FileOrName;
use super::options::{Job, Many, Options};
use super::request::{Own, asked, request_with};
use super::target::Target;
use crate::capture::{Argument, Question};
use crate::engine::Request;
use crate::run::many;
use crate::wire::text;

/// A line is no longer.
const LONGEST: u64 = 64 << 10;

/// Wrong lines that are told one by one.
const TOLD: usize = 10;

/// Makes targets of lines.
pub(super) struct Reader {
    options: Arc<Options>,
    own: Own,
    question: Question,
    lines: args::Lines,
    /// The flags of the command line that are about each target: what a remedy repeats.
    flags: Vec<Argument>,
}

/// Flags of the command line that are about all targets together.
const TOGETHER: &[&str] = &[
    "--targets",
    "--concurrency",
    "--per-host",
    "--rate",
    "--retries",
    "--target-timeout",
    "--in-order",
    "--resume-from",
    "--format",
    "--output",
    "--quiet",
    "--fields",
    "--every",
    "--until",
];

impl Reader {
    pub(super) fn new(options: Arc<Options>, own: Own, mut question: Question, limit: Duration) -> Reader {
        question.max_time = Some(limit);
        let about_each =
            |argument: &&Argument| argument.flag.as_deref().is_some_and(|flag| !TOGETHER.contains(&flag));
        let flags: Vec<Argument> = options.arguments.iter().filter(about_each).cloned().collect();
        Reader { lines: args::Lines::behind(flags.clone()), options, own, question, flags }
    }

    /// A target of the command line, or of a line without options.
    pub(super) fn plain(&self, typed: &str, target: &Target) -> Result<many::Target, String> {
        let request = request_with(&self.options, &self.own, typed, target)?;
        let mut question = self.question.clone();
        question.arguments = self.flags.clone();
        question.arguments.push(Argument::word(typed));
        Ok(many::Target::new(request, question))
    }

    /// A line that can't be read: it is a target all the same, whose result says why.
    pub(super) fn wrong(&self, line: String, why: String) -> many::Target {
        let mut request = Request::default();
        request.intent.input = line;
        many::Target { wrong: Some(why), ..many::Target::new(request, self.question.clone()) }
    }

    /// A line; `None` if nothing stands in it.
    fn line(&mut self, line: &[u8]) -> Result<Option<many::Target>, String> {
        let line = str::from_utf8(line).map_err(|_| "it is not UTF-8")?.trim();
        let words = shlex::split(line).ok_or("a quotation mark is not closed")?;
        match words.as_slice() {
            [] => return Ok(None),
            [word] if !word.starts_with('-') => {
                let target = Target::parse(word).map_err(|e| e.to_string())?;
                return self.plain(word, &target).map(Some);
            }
            _ => {}
        }
        let (typed, arguments) = self.lines.read(&words)?;
        let options = Options::resolve(typed, arguments)?;
        let (input, target) = match &options.job {
            Job::Trace { typed, target } => (typed, target),
            Job::Many(_) => return Err("there is more than one target in it".into()),
            _ => return Err("there is no target in it".into()),
        };
        if matches!(options.hello, Some(FileOrName::File(_))) {
            return Err("--hello names a file, which only the command line may do".into());
        }
        let mut request = request_with(&options, &self.own, input, target)?;
        request.settle = self.options.settle;
        // The words as they stand, but for the target.
        let mut own = words.clone();
        if let Some(place) = own.iter().position(|word| word == input) {
            own.remove(place);
        }
        request.intent.options = own;
        let Question { crls, ct_logs, max_time, .. } = self.question.clone();
        let question = Question { crls, ct_logs, max_time, ..asked(&options) };
        Ok(Some(many::Target::new(request, question)))
    }
}

/// The lines of a list that say something, with their numbers.
struct Numbered<R> {
    lines: BufReader<R>,
    number: usize,
}

impl<R: io::Read> Iterator for Numbered<R> {
    type Item = io::Result<(usize, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        self.number += 1;
        match self.lines.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(read) if read as u64 == LONGEST && line.last() != Some(&b'\n') => {
                Some(Err(io::Error::other(format!("line {} is too long", self.number))))
            }
            Ok(_) => Some(Ok((self.number, line))),
            Err(e) => Some(Err(e)),
        }
    }
}

/// What a list has, as it was read.
pub(super) enum Read {
    Target(Box<many::Target>),
    /// A line that can't be read, and why.
    Wrong {
        line: String,
        why: String,
    },
}

/// A list that has been opened.
pub(super) struct List {
    from: Box<dyn io::Read + Send>,
    name: String,
    /// Targets in it, if they could be counted.
    pub(super) count: Option<usize>,
}

impl List {
    /// Opens `path`. A file is looked through first, so that a wrong line in it costs no connection; what can be read only
    /// once is not.
    pub(super) fn open(path: &Path, reader: &mut Reader) -> Result<List, String> {
        let name = if path == Path::new("-") { "standard input".to_owned() } else { text::path(path) };
        let named = |e: io::Error| format!("--targets {name}: {e}");
        if path == Path::new("-") {
            return Ok(List { from: Box::new(io::stdin()), name, count: None });
        }
        let open = || File::open(path).map_err(named);
        let file = open()?;
        if !file.metadata().map_err(named)?.is_file() {
            return Ok(List { from: Box::new(file), name, count: None });
        }
        let mut wrong = Vec::new();
        let mut count = 0;
        let mut lines = List { from: Box::new(file), name: name.clone(), count: None }.lines();
        while let Some(read) = lines.next(reader) {
            match read {
                Read::Target(_) => count += 1,
                Read::Wrong { why, .. } => wrong.push(why),
            }
        }
        if wrong.is_empty() {
            return Ok(List { from: Box::new(open()?), name, count: Some(count) });
        }
        let more = wrong.len().saturating_sub(TOLD);
        wrong.truncate(TOLD);
        if more > 0 {
            wrong.push(format!("and {more} more lines that can't be read"));
        }
        Err(wrong.join("\n"))
    }

    /// Its lines, one after the other.
    pub(super) fn lines(self) -> Lines {
        let lines = Numbered { lines: BufReader::with_capacity(LONGEST as usize, self.from), number: 0 };
        Lines { lines, name: self.name, over: false }
    }
}

/// What is left of a list.
pub(super) struct Lines {
    lines: Numbered<Box<dyn io::Read + Send>>,
    name: String,
    /// It could not be read on.
    over: bool,
}

impl Lines {
    /// What the next line says that says something.
    pub(super) fn next(&mut self, reader: &mut Reader) -> Option<Read> {
        let name = &self.name;
        while !self.over {
            match self.lines.next()? {
                Ok((number, line)) => match reader.line(&line) {
                    Ok(None) => {}
                    Ok(Some(target)) => return Some(Read::Target(Box::new(target))),
                    Err(why) => {
                        let line = String::from_utf8_lossy(line.trim_ascii()).into_owned();
                        return Some(Read::Wrong { line, why: format!("{name}, line {number}: {why}") });
                    }
                },
                Err(e) => {
                    self.over = true;
                    return Some(Read::Wrong { line: name.clone(), why: format!("{name}: {e}") });
                }
            }
        }
        None
    }
}

/// The targets of the command line.
pub(super) fn typed(many: &Many, reader: &Reader) -> Result<Vec<many::Target>, String> {
    many.typed.iter().map(|(typed, target)| reader.plain(typed, target)).collect()
}

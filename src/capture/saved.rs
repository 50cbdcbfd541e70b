//! Saved traces: the captures themselves, in JSON, to be read again anywhere.

use std::fmt;
use std::io::{self, BufWriter, Read, Write};

use serde::Deserialize;

use super::{Capture, Limits, Purpose, Question, Session};

/// What the first key of the file says.
pub const FORMAT: &str = "tls-trace-saved/1";

#[derive(Deserialize)]
struct Saved {
    session: Session,
}

/// Why a file is no saved trace that we read.
#[derive(Debug)]
pub enum Error {
    Io(io::Error),
    TooLarge {
        limit: u64,
    },
    Empty,
    /// A report of `--format json`, not a saved trace.
    Report,
    /// Some other JSON, with its `format` if it has one.
    Format(Option<String>),
    Json(serde_json::Error),
    /// No JSON at all, nor anything else that is read.
    Unknown,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io(e) => write!(f, "{e}"),
            Error::TooLarge { limit } => write!(f, "larger than the limit of {limit} bytes"),
            Error::Empty => f.write_str("the file is empty"),
            Error::Report => f.write_str(
                "a report of --format json, which does not contain the recorded bytes; `--save FILE.json` \
                 writes a file that can be read again",
            ),
            Error::Format(Some(format)) => {
                write!(f, "its format is {format:?}, this version reads {FORMAT:?}")
            }
            Error::Format(None) => f.write_str("JSON, but not a trace that --save wrote"),
            Error::Json(e) => write!(f, "not a saved trace: {e}"),
            Error::Unknown => f.write_str(
                "not a saved trace (--save FILE.json), not a capture (pcap or pcapng, also in gzip or zstd), and not TLS \
                 records (bytes or hexadecimal)",
            ),
        }
    }
}

impl std::error::Error for Error {}

/// Writes a session as it comes about: its captures one by one, and at the end what was asked.
pub struct Writer<W: Write> {
    to: BufWriter<W>,
    captures: usize,
}

impl<W: Write> Writer<W> {
    /// Nothing is written before the first capture or the end.
    pub fn new(to: W) -> Self {
        Writer { to: BufWriter::new(to), captures: 0 }
    }

    /// The next capture.
    pub fn capture(&mut self, capture: &Capture) -> io::Result<()> {
        self.lead()?;
        self.captures += 1;
        serde_json::to_writer(&mut self.to, capture)?;
        // What was seen is there, whatever becomes of the rest.
        self.to.flush()
    }

    /// Completes the file.
    pub fn end(mut self, purpose: Purpose, question: &Question) -> io::Result<()> {
        if self.captures == 0 {
            self.lead()?;
        }
        self.to.write_all(b"],\"purpose\":")?;
        serde_json::to_writer(&mut self.to, &purpose)?;
        self.to.write_all(b",\"question\":")?;
        serde_json::to_writer(&mut self.to, question)?;
        self.to.write_all(b"}}\n")?;
        self.to.flush()
    }

    fn lead(&mut self) -> io::Result<()> {
        if self.captures > 0 {
            return self.to.write_all(b",");
        }
        let version = env!("CARGO_PKG_VERSION");
        write!(self.to, r#"{{"format":"{FORMAT}","written_by":"{version}","session":{{"captures":["#)
    }
}

/// Writes a session.
pub fn write(session: &Session, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(to);
    session.captures.iter().try_for_each(|capture| writer.capture(capture))?;
    writer.end(session.purpose, &session.question)
}

/// Reads a session back.
pub fn read(from: &mut dyn Read) -> Result<Session, Error> {
    let limit = Limits::DEFAULT.saved_bytes;
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes).map_err(Error::Io)?;
    if bytes.len() as u64 > limit {
        return Err(Error::TooLarge { limit });
    }
    parse(&bytes)
}

/// Reads a session from the file's bytes.
pub fn parse(bytes: &[u8]) -> Result<Session, Error> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::Empty);
    }
    if !matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')) {
        return Err(Error::Unknown);
    }
    #[derive(Deserialize)]
    #[serde(expecting = "an object with its format")]
    struct Peek {
        format: Option<String>,
        schema: Option<String>,
    }
    // The format is looked at first, so that a file of another kind is called by its name.
    let peek: Peek = serde_json::from_slice(bytes).map_err(Error::Json)?;
    match (peek.format.as_deref(), peek.schema) {
        (Some(FORMAT), _) => {}
        (_, Some(schema)) if schema.starts_with("tls-trace/") => return Err(Error::Report),
        (format, _) => return Err(Error::Format(format.map(str::to_owned))),
    }
    let saved: Saved = serde_json::from_slice(bytes).map_err(Error::Json)?;
    Ok(saved.session)
}

//! From a target to a report, as a library: a source of captures, the judge, a sink that gets each connection as it
//! ends. One cancellation spans all of it.
//!
//! ```no_run
//! use tls_trace::engine::Request;
//! use tls_trace::run::{Run, Source};
//!
//! let report = Run::new(Source::One(Request::to("localhost", 8443))).report().unwrap();
//! assert_eq!(report.exit_code(), 0, "{}", report.verdict().unwrap().summary);
//! ```

mod addresses;
mod cancel;
mod captured;
mod connections;
mod diagnose;
mod judging;
pub mod many;
mod queue;
mod second_attempt;
mod workers;

use std::fmt;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::capture::{Intent, Purpose, Question, Session};
use crate::engine::Request;
use crate::judged::{Judge, Judged};
use crate::report::Report;
use crate::trust::{Anchors, Loaded};

pub use cancel::Cancel;
pub use captured::{Captured, Reading, Traced, reading};
use connections::Connections;
pub use diagnose::{Bounds, Like};
use judging::Judging;
pub use many::Many;

/// Where captures come from.
pub enum Source {
    /// One connection.
    One(Request),
    /// One, over which the input goes to the server and its answer to the output.
    Pipe {
        request: Request,
        input: Box<dyn AsyncRead + Unpin + Send>,
        output: Box<dyn AsyncWrite + Unpin + Send>,
    },
    /// Two: the second resumes the first one's session, and sends the request's early data if the server of the
    /// first is authenticated.
    Resume(Request),
    /// One, and if its handshake fails, experiments that find out why.
    Diagnose(Request, Bounds),
    /// One, another one that it is compared with, and if one of the two fails, experiments that find out what the
    /// difference is.
    Like(Request, Like, Bounds),
    /// One to each address of the name.
    EachAddress(Request),
    /// The same so many times.
    Repeat(Request, u64),
    /// Connections that were recorded, with the question that they were recorded for.
    Saved(Session),
    /// The same, but verified with the anchors of this run instead of those that were recorded.
    Again(Session),
    /// Connections that others made, as they are read from a file of packets or of bytes.
    Captured(Captured),
    /// A chain from files, leaf first, DER.
    Files { intent: Intent, chain: Vec<Vec<u8>> },
}

impl Source {
    /// What is asked of each connection, or of the first.
    fn request(&self) -> Option<&Request> {
        match self {
            Source::One(request)
            | Source::Pipe { request, .. }
            | Source::Resume(request)
            | Source::EachAddress(request)
            | Source::Repeat(request, _)
            | Source::Diagnose(request, _)
            | Source::Like(request, ..) => Some(request),
            Source::Saved(_) | Source::Again(_) | Source::Captured(_) | Source::Files { .. } => None,
        }
    }

    fn purpose(&self) -> Purpose {
        match self {
            Source::One(_) | Source::Pipe { .. } | Source::Files { .. } => Purpose::Single,
            Source::Captured(_) => Purpose::Captured,
            Source::Diagnose(..) => Purpose::Diagnosis,
            Source::Like(..) => Purpose::Likeness,
            Source::Resume(_) => Purpose::Resumption,
            Source::EachAddress(_) => Purpose::EachAddress,
            Source::Repeat(..) => Purpose::Repeat,
            Source::Saved(session) | Source::Again(session) => session.purpose,
        }
    }
}

impl Source {
    /// The request of a source that makes connections.
    fn request_mut(&mut self) -> Option<&mut Request> {
        match self {
            Source::One(request)
            | Source::Pipe { request, .. }
            | Source::Diagnose(request, ..)
            | Source::Like(request, ..)
            | Source::Resume(request)
            | Source::EachAddress(request)
            | Source::Repeat(request, ..) => Some(request),
            Source::Saved(_) | Source::Again(_) | Source::Captured(_) | Source::Files { .. } => None,
        }
    }
}

/// What may be fetched for the judge, over plain HTTP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Inquiry {
    /// Missing issuers, from where the certificates say that they are (AIA).
    pub issuers: bool,
    /// The certificates' status, from the responders that they name.
    pub revocation: bool,
}

/// Gets each connection as it ends.
pub trait Sink {
    /// The next connection of the run; an error ends it.
    fn connection(&mut self, judged: &Judged, question: &Question) -> Result<(), String>;

    /// Something that whoever runs this should know at once.
    fn notice(&mut self, _words: &str) {}
}

/// Needs nothing but the report.
impl Sink for () {
    fn connection(&mut self, _: &Judged, _: &Question) -> Result<(), String> {
        Ok(())
    }
}

/// Everything that a run needs.
pub struct Run {
    pub source: Source,
    pub question: Question,
    /// Whom to trust. The system's store is read only if the others don't suffice.
    pub anchors: Anchors,
    pub inquiry: Inquiry,
    pub cancel: Cancel,
}

impl Run {
    /// A run that trusts Mozilla's roots, asks for nothing in particular, and is not cancelled.
    pub fn new(source: Source) -> Run {
        let mut anchors = Anchors::none();
        anchors.push(Loaded::mozilla());
        Run::trusting(anchors, source)
    }

    /// The same with other anchors: Mozilla's are not made ready.
    pub fn trusting(anchors: Anchors, source: Source) -> Run {
        Run {
            source,
            question: Question::default(),
            anchors,
            inquiry: Inquiry::default(),
            cancel: Cancel::never(),
        }
    }

    /// Performs it, on a runtime of its own.
    pub fn report(self) -> Result<Report, Error> {
        runtime()?.block_on(self.perform(&mut ()))
    }

    /// Performs it: each connection is made, judged, given to the sink, and added to the report.
    pub async fn perform(self, sink: &mut dyn Sink) -> Result<Report, Error> {
        let Run { source, question, anchors, inquiry, cancel } = self;
        let (question, saved) = match &source {
            Source::Saved(session) => (session.question.clone(), true),
            Source::Again(session) => (session.question.clone(), false),
            _ => (question, false),
        };
        let judge = Judge::new(question).map_err(Error)?;
        let judging = Judging::new(judge, anchors, inquiry, saved);
        let captured = source.purpose() == Purpose::Captured;
        let judging = if captured { judging.of_captured() } else { judging };
        // Boxed: it is large, and a thread's stack is not.
        Box::pin(perform(source, judging, &cancel, sink)).await
    }
}

/// Performs what `source` says.
async fn perform(
    source: Source,
    mut judging: Judging,
    cancel: &Cancel,
    sink: &mut dyn Sink,
) -> Result<Report, Error> {
    let mut report = Report::new(source.purpose());
    let mut connections = Connections::new(source, &judging);
    // A resumed session stands on the connection before.
    let mut not_kept: Option<Judged> = None;
    loop {
        // Nothing is learnt from it here, and its peer decided how large it is.
        if matches!(report.purpose, Purpose::Repeat | Purpose::EachAddress) {
            not_kept = None;
        }
        let earlier = not_kept.as_ref().or(report.earlier());
        // Boxed, like what is around it: all ways to a server are in it.
        let next = Box::pin(connections.next(&judging, earlier, cancel, sink)).await?;
        let Some((mut capture, cancel)) = next else { break };
        if let Some(outer) = capture.outer.take() {
            let judged = judging.judge(*outer, None, None, &cancel).await;
            sink.connection(&judged, judging.question()).map_err(Error)?;
            let _ = report.push(judged, judging.question());
        }
        let earlier = not_kept.as_ref().or(report.earlier());
        let trace = connections.trace_of_captured();
        let mut judged = judging.judge(capture, trace, earlier, &cancel).await;
        connections.note(&mut judged, &cancel);
        if !connections.wanted() {
            continue;
        }
        sink.connection(&judged, judging.question()).map_err(Error)?;
        not_kept = report.push(judged, judging.question());
    }
    report.question = judging.into_question();
    Ok(report)
}

/// What runs are made for: one thread, woken by sockets, time and signals.
pub fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|e| Error(format!("the runtime can't start: {e}")))
}

/// tls-trace could not do its work; what a server does is never an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

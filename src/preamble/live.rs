//! A dialogue that we hold.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::AsyncBufRead;

use super::talk::{Carrier, Stream};
use super::{Planned, Stop, Talk, Transcript};
use crate::capture::recorder::Recorder;
use crate::capture::{Dialogue, Limits};
use crate::wire::Direction;

/// Holds the dialogue over `io`, and writes down what is said in `transcript`. Whether it ended as wanted: then TLS, or
/// the next dialogue, begins with the next byte.
pub async fn perform<IO>(planned: &Planned, io: &mut Recorder<IO>, transcript: &mut Transcript) -> bool
where
    Recorder<IO>: Stream,
{
    let now = transcript.now();
    transcript.begin(planned.row.name, now);
    let tape = io.tape().clone();
    let mut talk = Talk::new(planned.row, Carrier::Live { io: &mut *io, tape }, &mut *transcript);
    let ended = (planned.row.script)(&mut talk, &planned.ask).await;
    let agreed = ended.is_ok();
    if matches!(ended, Err(Stop::Unexpected)) {
        // What else is there shows what it is instead.
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(Ok(ahead)) = Pin::new(&mut *io).poll_fill_buf(&mut cx) {
            let now = transcript.now();
            transcript.said(planned.row.name, Direction::Server, now, ahead);
        }
    }
    let outcome = ended.map_or_else(Stop::outcome, |()| Dialogue::Agreed { injected: 0 });
    let now = transcript.now();
    transcript.end(outcome, now);
    agreed
}

/// Takes away what the server has said behind its go-ahead, before anything of TLS was said: it is none of the stream
/// (CVE-2011-0411), and it is told. Nothing is waited for.
pub fn injected<IO>(planned: &Planned, io: &mut Recorder<IO>, transcript: &mut Transcript)
where
    Recorder<IO>: Stream,
{
    let mut io = Pin::new(io);
    let mut cx = Context::from_waker(Waker::noop());
    let mut count = 0_u64;
    // An end or an error stays for the engine to meet.
    while let Poll::Ready(Ok(ahead)) = io.as_mut().poll_fill_buf(&mut cx) {
        if ahead.is_empty() || count >= Limits::DEFAULT.preamble_bytes {
            break;
        }
        let bytes = ahead.to_vec();
        count += bytes.len() as u64;
        io.as_mut().consume(bytes.len());
        let now = transcript.now();
        transcript.injected(planned.row.name, now, &bytes, count);
    }
}

//! `--pipe`: the user's input goes to the server, the server's answer to the user's output.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep};

use super::settle::{ROUNDS, poll_read, yield_to_others};

/// Where the two directions of a connection come from and go to.
pub struct Pipe<'a> {
    pub input: &'a mut (dyn AsyncRead + Unpin),
    pub output: &'a mut (dyn AsyncWrite + Unpin),
    /// How long our direction stays open after the end of the input, counted from the last bytes
    /// that came.
    pub hold: Duration,
}

/// How piping ended.
#[derive(Debug)]
pub enum Ended {
    /// The server said that it closes; all that it had sent is in the output.
    Closed,
    /// The server ended otherwise; all that it had sent is in the output.
    Failed(io::Error),
    /// The output takes no more.
    Output,
}

/// Pipes until the server ends, or the output. The end of the input closes our direction, after
/// `hold`, and what the server still has to say is waited for.
///
/// Memory does not grow with what goes through: each direction has one buffer, and nothing is read
/// for it before it is empty.
pub async fn pipe<S: AsyncRead + AsyncWrite + Unpin>(server: &mut S, pipe: &mut Pipe<'_>) -> Ended {
    let mut pump = Pump {
        server,
        pipe,
        to_server: Buffer::new(),
        to_output: Buffer::new(),
        input: Input::Open,
        hold: Box::pin(tokio::time::sleep(Duration::ZERO)),
        ended: None,
        server_dirty: false,
        output_dirty: false,
    };
    poll_fn(|cx| pump.poll(cx)).await
}

struct Pump<'p, 'a, S> {
    server: &'p mut S,
    pipe: &'p mut Pipe<'a>,
    to_server: Buffer,
    to_output: Buffer,
    input: Input,
    /// Runs while the input is [`Input::Held`].
    hold: Pin<Box<Sleep>>,
    /// The server's end; it is told once the output has everything before it.
    ended: Option<Ended>,
    /// The server's side wants to be flushed.
    server_dirty: bool,
    /// The output wants to be flushed.
    output_dirty: bool,
}

#[derive(PartialEq)]
enum Input {
    Open,
    /// It has ended, but the server need not know yet.
    Held,
    /// It has ended: close_notify is on its way, and then the FIN.
    Ended,
    /// The FIN is out.
    Closed,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Pump<'_, '_, S> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        for _ in 0..ROUNDS {
            let mut moved = false;
            moved |= self.write_output(cx);
            if let Some(Ended::Output) = self.ended {
                return Poll::Ready(Ended::Output);
            }
            if self.ended.is_some() && self.to_output.is_empty() {
                // The buffer is out; an output that buffers itself is asked to let go of it.
                if self.output_dirty && self.flush_output(cx).is_pending() {
                    return Poll::Pending;
                }
                return Poll::Ready(self.ended.take().unwrap_or(Ended::Closed));
            }
            moved |= self.read_server(cx);
            moved |= self.write_server(cx);
            moved |= self.read_input(cx);
            if !moved {
                if self.output_dirty && self.to_output.is_empty() {
                    // Nothing more for now: what was said so far should be seen.
                    let _ = self.flush_output(cx);
                }
                return Poll::Pending;
            }
        }
        yield_to_others(cx)
    }

    /// To the output; whether any moved.
    fn write_output(&mut self, cx: &mut Context<'_>) -> bool {
        if self.to_output.is_empty() {
            return false;
        }
        match Pin::new(&mut *self.pipe.output).poll_write(cx, self.to_output.rest()) {
            Poll::Pending => false,
            Poll::Ready(Ok(len)) if len > 0 => {
                self.to_output.advance(len);
                self.output_dirty = true;
                true
            }
            Poll::Ready(_) => {
                self.ended = Some(Ended::Output);
                true
            }
        }
    }

    fn flush_output(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let flushed = Pin::new(&mut *self.pipe.output).poll_flush(cx);
        self.output_dirty = flushed.is_pending();
        // An output that fails here fails at the next write as well.
        flushed.map(drop)
    }

    /// From the server to the output's buffer; whether any moved.
    fn read_server(&mut self, cx: &mut Context<'_>) -> bool {
        if self.ended.is_some() || !self.to_output.is_empty() {
            return false;
        }
        match self.to_output.poll_fill(&mut *self.server, cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(0)) => self.ended = Some(Ended::Closed),
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => self.ended = Some(Ended::Failed(error)),
        }
        if self.input == Input::Held {
            self.hold.as_mut().reset(Instant::now() + self.pipe.hold);
        }
        true
    }

    /// To the server; whether any moved.
    fn write_server(&mut self, cx: &mut Context<'_>) -> bool {
        if self.input == Input::Closed {
            return false;
        }
        if !self.to_server.is_empty() {
            return match Pin::new(&mut *self.server).poll_write(cx, self.to_server.rest()) {
                Poll::Pending => false,
                Poll::Ready(Ok(len)) if len > 0 => {
                    self.to_server.advance(len);
                    self.server_dirty = true;
                    true
                }
                Poll::Ready(_) => self.server_takes_no_more(),
            };
        }
        if self.server_dirty {
            match Pin::new(&mut *self.server).poll_flush(cx) {
                Poll::Pending => return false,
                Poll::Ready(Ok(())) => self.server_dirty = false,
                Poll::Ready(Err(_)) => return self.server_takes_no_more(),
            }
        }
        if self.input == Input::Ended && Pin::new(&mut *self.server).poll_shutdown(cx).is_ready() {
            self.input = Input::Closed;
            return true;
        }
        false
    }

    /// What it has sent may say why: it is read on.
    fn server_takes_no_more(&mut self) -> bool {
        self.to_server.clear();
        self.input = Input::Closed;
        false
    }

    /// From the input to the server's buffer; whether any moved.
    fn read_input(&mut self, cx: &mut Context<'_>) -> bool {
        if self.input == Input::Held && (self.pipe.hold.is_zero() || self.hold.as_mut().poll(cx).is_ready()) {
            self.input = Input::Ended;
            return true;
        }
        if self.input != Input::Open || !self.to_server.is_empty() {
            return false;
        }
        match self.to_server.poll_fill(&mut *self.pipe.input, cx) {
            Poll::Pending => false,
            Poll::Ready(Ok(len)) if len > 0 => true,
            // An input that can't be read has no more to say.
            Poll::Ready(_) => {
                self.hold.as_mut().reset(Instant::now() + self.pipe.hold);
                self.input = Input::Held;
                true
            }
        }
    }
}

/// Bytes on their way.
struct Buffer {
    bytes: Box<[u8]>,
    /// How many of them are out. `<= filled`
    done: usize,
    /// How many there are. `<= bytes.len()`
    filled: usize,
}

impl Buffer {
    fn new() -> Self {
        Self { bytes: vec![0; 32 << 10].into_boxed_slice(), done: 0, filled: 0 }
    }

    fn is_empty(&self) -> bool {
        self.done == self.filled
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.done..self.filled).unwrap_or_default()
    }

    fn advance(&mut self, len: usize) {
        self.done += len;
    }

    fn clear(&mut self) {
        (self.done, self.filled) = (0, 0);
    }

    /// One read into the buffer, which is empty.
    fn poll_fill<R: AsyncRead + Unpin + ?Sized>(
        &mut self,
        from: &mut R,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.clear();
        poll_read(from, cx, &mut self.bytes).map_ok(|len| {
            self.filled = len;
            len
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant as StdInstant;

    use super::super::settle::tests::{Endless, run};
    use super::super::watch::Watch;
    use super::*;
    use crate::capture::Stopped;

    #[test]
    fn time_and_signals_end_a_pipe_through_which_always_more_comes() {
        let piped = |watch: Watch| async move {
            let (mut server, mut output) = (Endless::new(), tokio::io::sink());
            let (mut input, _kept_open) = tokio::io::duplex(64);
            let mut ends = Pipe { input: &mut input, output: &mut output, hold: Duration::ZERO };
            watch.over(pipe(&mut server, &mut ends)).await
        };
        run(async {
            let watch = Watch::new(StdInstant::now(), Some(Duration::from_millis(20)), None);
            assert_eq!(piped(watch).await.unwrap_err(), Stopped::MaxTime);
            let (stop, told) = tokio::sync::watch::channel(None);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                stop.send(Some(Stopped::Terminate))
            });
            let watch = Watch::new(StdInstant::now(), None, Some(told));
            assert_eq!(piped(watch).await.unwrap_err(), Stopped::Terminate);
        });
    }
}

//! `--pipe`: the user's input goes to the server, the server's answer to the user's output.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ClientConnection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::drive::{self, Failure};

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
    Failed(Failure),
    /// The output takes no more.
    Output,
}

/// Pipes until the server ends, or the output. The end of the input closes our direction, after
/// `hold`, and what the server still has to say is waited for.
///
/// Memory does not grow with what goes through: each direction has one buffer, and nothing is read
/// for it before it is empty.
pub async fn pipe<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    conn: &mut ClientConnection,
    pipe: &mut Pipe<'_>,
    buf: &mut [u8],
) -> Ended {
    let mut pump = Pump {
        io,
        conn,
        pipe,
        buf,
        to_server: Buffer::default(),
        to_output: Buffer::default(),
        input: Input::Open,
        hold: Box::pin(tokio::time::sleep(Duration::ZERO)),
        ended: None,
        output_dirty: false,
    };
    poll_fn(|cx| pump.poll(cx)).await
}

struct Pump<'p, 'a, IO> {
    io: &'p mut IO,
    conn: &'p mut ClientConnection,
    pipe: &'p mut Pipe<'a>,
    /// For reading, from either side.
    buf: &'p mut [u8],
    /// Records on their way.
    to_server: Buffer,
    /// Plaintext on its way.
    to_output: Buffer,
    input: Input,
    /// Runs while the input is [`Input::Held`].
    hold: Pin<Box<Sleep>>,
    /// The server's end; it is told once the output has everything before it.
    ended: Option<Ended>,
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

impl<IO: AsyncRead + AsyncWrite + Unpin> Pump<'_, '_, IO> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        loop {
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
    }

    /// Plaintext to the output; whether any moved.
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

    /// From the server to rustls, and what it opens to the output's buffer; whether any moved.
    fn read_server(&mut self, cx: &mut Context<'_>) -> bool {
        if self.ended.is_some() || !self.to_output.is_empty() {
            return false;
        }
        let len = match poll_read(&mut *self.io, cx, self.buf) {
            Poll::Pending => return false,
            Poll::Ready(Ok(0)) => {
                self.ended = Some(Ended::Failed(Failure::Eof));
                return true;
            }
            Poll::Ready(Ok(len)) => len,
            Poll::Ready(Err(error)) => {
                self.ended = Some(Ended::Failed(Failure::Io(error)));
                return true;
            }
        };
        let bytes = self.buf.get(..len).unwrap_or_default();
        match drive::feed(self.conn, bytes, &mut self.to_output.bytes) {
            Ok(heard) if heard.closed => self.ended = Some(Ended::Closed),
            Ok(_) => {}
            Err(failure) => self.ended = Some(Ended::Failed(failure)),
        }
        if self.input == Input::Held {
            self.hold.as_mut().reset(Instant::now() + self.pipe.hold);
        }
        true
    }

    /// Records to the server; whether any moved.
    fn write_server(&mut self, cx: &mut Context<'_>) -> bool {
        while self.conn.wants_write() {
            // Writing to memory does not fail.
            if self.conn.write_tls(&mut self.to_server.bytes).is_err() {
                break;
            }
        }
        if !self.to_server.is_empty() {
            return match Pin::new(&mut *self.io).poll_write(cx, self.to_server.rest()) {
                Poll::Pending => false,
                Poll::Ready(Ok(len)) if len > 0 => {
                    self.to_server.advance(len);
                    true
                }
                Poll::Ready(_) => {
                    // The server takes no more. What it has sent may say why: read on.
                    self.to_server = Buffer::default();
                    self.input = Input::Closed;
                    false
                }
            };
        }
        if self.input == Input::Ended && Pin::new(&mut *self.io).poll_shutdown(cx).is_ready() {
            self.input = Input::Closed;
            return true;
        }
        false
    }

    /// From the input to rustls; whether any moved.
    fn read_input(&mut self, cx: &mut Context<'_>) -> bool {
        if self.input == Input::Held && (self.pipe.hold.is_zero() || self.hold.as_mut().poll(cx).is_ready()) {
            self.conn.send_close_notify();
            self.input = Input::Ended;
            return true;
        }
        if self.input != Input::Open || !self.to_server.is_empty() {
            return false;
        }
        match poll_read(&mut *self.pipe.input, cx, self.buf) {
            Poll::Pending => false,
            Poll::Ready(Ok(len)) if len > 0 => {
                let bytes = self.buf.get(..len).unwrap_or_default();
                // It fits: the buffer is smaller than rustls's own, which is empty.
                let _ = io::Write::write_all(&mut self.conn.writer(), bytes);
                true
            }
            // An input that can't be read has no more to say.
            Poll::Ready(_) => {
                self.hold.as_mut().reset(Instant::now() + self.pipe.hold);
                self.input = Input::Held;
                true
            }
        }
    }
}

fn poll_read<R: AsyncRead + Unpin + ?Sized>(
    from: &mut R,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buf = ReadBuf::new(buf);
    Pin::new(from).poll_read(cx, &mut buf).map_ok(|()| buf.filled().len())
}

/// Bytes on their way.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// How many of them are out. `<= bytes.len()`
    done: usize,
}

impl Buffer {
    fn is_empty(&self) -> bool {
        self.done == self.bytes.len()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.done..).unwrap_or_default()
    }

    fn advance(&mut self, len: usize) {
        self.done += len;
        if self.is_empty() {
            self.bytes.clear();
            self.done = 0;
        }
    }
}

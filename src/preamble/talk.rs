//! What a script hears with and speaks with.

use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt};

use super::watched::Sides;
use super::{Preamble, Stop, Transcript};
use crate::capture::Limits;
use crate::capture::recorder::Tape;
use crate::wire::Direction;

/// Where something that is heard or said ends.
#[derive(Debug, Clone, Copy)]
pub enum Frame {
    /// Behind the next line feed.
    Line,
    /// Behind these bytes.
    Through(&'static [u8]),
    /// After so many bytes.
    Exactly(usize),
    /// Its first bytes say how long it is: `None` as long as they don't suffice. It has to be quick, and to answer
    /// for 16 bytes at the latest.
    Sized(fn(&[u8]) -> Option<usize>),
}

impl Frame {
    /// The length of the whole, once all of it is there, or enough to tell. `looked` bytes were looked at before.
    fn length(self, bytes: &[u8], looked: usize) -> Option<usize> {
        let behind = |end: &[u8]| {
            let from = looked.saturating_sub(end.len().saturating_sub(1));
            let new = bytes.get(from..).unwrap_or_default();
            new.windows(end.len()).position(|part| part == end).map(|at| from + at + end.len())
        };
        match self {
            Frame::Line => behind(b"\n"),
            Frame::Through(end) => behind(end),
            Frame::Exactly(length) => Some(length),
            Frame::Sized(length) => length(bytes),
        }
    }
}

/// What carries it.
pub(super) enum Carrier<'a> {
    /// A connection of ours.
    Live { io: &'a mut (dyn Stream + 'a), tape: Tape },
    /// A recording: both sides' bytes are there.
    Watched(Sides<'a>),
}

/// Both directions of a live connection.
pub trait Stream: AsyncBufRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncBufRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Hears what the server says, says what a client does, and writes both down.
pub struct Talk<'a> {
    pub(super) row: &'static Preamble,
    pub(super) carrier: Carrier<'a>,
    pub(super) transcript: &'a mut Transcript,
    /// Bytes that may still be heard.
    pub(super) left: usize,
    /// Times that something may still be said.
    pub(super) turns: usize,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        row: &'static Preamble,
        carrier: Carrier<'a>,
        transcript: &'a mut Transcript,
    ) -> Talk<'a> {
        let limits = Limits::DEFAULT;
        let left = usize::try_from(limits.preamble_bytes).unwrap_or(usize::MAX);
        Talk { row, carrier, transcript, left, turns: limits.preamble_turns }
    }

    /// The protocol that is spoken.
    pub fn row(&self) -> &'static Preamble {
        self.row
    }

    /// Whether others made the connection: what is said is what their client said.
    pub fn is_watched(&self) -> bool {
        matches!(self.carrier, Carrier::Watched(_))
    }

    /// The server's next bytes, up to the end of `frame`.
    ///
    /// # Errors
    /// The connection ended or failed before, or the limit is reached.
    pub async fn hear(&mut self, frame: Frame) -> Result<Vec<u8>, Stop> {
        let mut heard = Vec::new();
        let mut looked = 0;
        loop {
            let length = frame.length(&heard, looked);
            looked = heard.len();
            if length.is_some_and(|length| length > heard.len().saturating_add(self.left)) {
                return Err(Stop::Endless);
            }
            if length.is_some_and(|length| length <= heard.len()) {
                return Ok(heard);
            }
            if self.left == 0 {
                return Err(Stop::Endless);
            }
            // What is beyond the frame is left for whoever hears next: a byte at a time, unless the length is known.
            let most = match (length, frame) {
                (Some(length), _) => length - heard.len(),
                (None, Frame::Line) => usize::MAX,
                (None, _) => 1,
            };
            let most = most.min(self.left);
            let piece = self.next(most, matches!(frame, Frame::Line)).await?;
            self.left -= piece.len();
            heard.extend(piece);
        }
    }

    /// The server's next line, without its end.
    ///
    /// # Errors
    /// As [`Talk::hear`].
    pub async fn hear_line(&mut self) -> Result<Vec<u8>, Stop> {
        let mut line = self.hear(Frame::Line).await?;
        line.truncate(line.trim_ascii_end().len());
        Ok(line)
    }

    /// The server's next bytes, which stay there: at least one.
    ///
    /// # Errors
    /// The connection ended or failed.
    pub async fn peek(&mut self) -> Result<Vec<u8>, Stop> {
        poll_fn(|cx| self.poll_ahead(cx).map_ok(<[u8]>::to_vec)).await
    }

    /// Says `bytes`, which go to the end of `frame`. What was said: of a connection that others made, their client's
    /// words, which may be something else.
    ///
    /// # Errors
    /// It can't be said; or the recording has no more of it.
    pub async fn say(&mut self, bytes: &[u8], frame: Frame) -> Result<Vec<u8>, Stop> {
        self.turns = self.turns.checked_sub(1).ok_or(Stop::Endless)?;
        let (said, from, at) = match &mut self.carrier {
            Carrier::Live { io, tape } => {
                let (from, at) = (tape.bytes(Direction::Client), self.transcript.now());
                io.write_all(bytes).await.map_err(Stop::Io)?;
                io.flush().await.map_err(Stop::Io)?;
                (bytes.to_vec(), from, at)
            }
            Carrier::Watched(sides) => sides.said(|ahead, looked| frame.length(ahead, looked))?,
        };
        self.write_down(&said, (self.row.secret)(&said), from, at);
        Ok(said)
    }

    /// Of a recording: the client's next line, which is a secret as a whole. We never say one.
    ///
    /// # Errors
    /// The recording has none; or it is none.
    pub async fn pass_secret_line(&mut self) -> Result<(), Stop> {
        let Carrier::Watched(sides) = &mut self.carrier else { return Err(Stop::Unexpected) };
        let (said, from, at) = sides.said(|ahead, looked| Frame::Line.length(ahead, looked))?;
        self.write_down(&said, Some(0..said.trim_ascii_end().len()), from, at);
        Ok(())
    }

    /// What the client said, its bytes from `from` on.
    fn write_down(&mut self, said: &[u8], secret: Option<Range<usize>>, from: u64, at: Duration) {
        let mut shown = said.to_vec();
        if let Some(secret) = secret {
            if let Some(part) = shown.get_mut(secret.clone()) {
                part.fill(b'*');
            }
            self.blank(from + secret.start as u64..from + secret.end as u64);
        }
        self.transcript.said(self.row.name, Direction::Client, at, &shown);
    }

    /// Says a line; its end is added. What was said, without its end.
    ///
    /// # Errors
    /// As [`Talk::say`].
    pub async fn say_line(&mut self, line: &str) -> Result<Vec<u8>, Stop> {
        let mut said = self.say(format!("{line}\r\n").as_bytes(), Frame::Line).await?;
        said.truncate(said.trim_ascii_end().len());
        Ok(said)
    }

    /// What the binary message that was heard or said last means: stands in its place in the timeline. Peers' bytes
    /// in it have to be escaped.
    pub fn means(&mut self, words: impl Into<String>) {
        self.transcript.means(words.into());
    }

    /// The next bytes, at most `most`, and not beyond the end of a line if that is wanted.
    async fn next(&mut self, most: usize, line: bool) -> Result<Vec<u8>, Stop> {
        let piece = poll_fn(|cx| {
            self.poll_ahead(cx).map_ok(|ahead| {
                let ahead = ahead.get(..most).unwrap_or(ahead);
                let end = line.then(|| ahead.iter().position(|byte| *byte == b'\n')).flatten();
                ahead.get(..end.map_or(ahead.len(), |at| at + 1)).unwrap_or(ahead).to_vec()
            })
        })
        .await?;
        let at = match &mut self.carrier {
            Carrier::Live { io, .. } => {
                Pin::new(&mut **io).consume(piece.len());
                self.transcript.now()
            }
            Carrier::Watched(sides) => sides.consume(piece.len()),
        };
        self.transcript.said(self.row.name, Direction::Server, at, &piece);
        // A server that never pauses must let time and signals be looked at.
        tokio::task::coop::consume_budget().await;
        Ok(piece)
    }

    /// What the server said and nobody has heard yet.
    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<Result<&[u8], Stop>> {
        let ahead = match &mut self.carrier {
            Carrier::Live { io, .. } => match Pin::new(&mut **io).poll_fill_buf(cx) {
                Poll::Ready(ahead) => ahead.map_err(Stop::Io)?,
                Poll::Pending => return Poll::Pending,
            },
            Carrier::Watched(sides) => sides.ahead(),
        };
        Poll::Ready(if ahead.is_empty() { Err(Stop::Closed) } else { Ok(ahead) })
    }

    fn blank(&mut self, range: Range<u64>) {
        match &mut self.carrier {
            Carrier::Live { tape, .. } => tape.blank(Direction::Client, range),
            Carrier::Watched(sides) => sides.secrets.push(range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{live, steps};
    use super::super::{Ask, Kind, Running, nothing_secret, waits};
    use super::*;

    const fn row(script: super::super::Script) -> Preamble {
        Preamble {
            name: "test",
            aliases: &[],
            title: "test",
            kind: Kind::StartTls,
            about: "",
            port: 1,
            tls_port: None,
            greets: waits,
            secret: nothing_secret,
            script,
        }
    }

    static FRAMES: Preamble = row(frames);
    static SECRET: Preamble =
        Preamble { secret: |said| said.starts_with(b"pass ").then_some(5..said.len() - 2), ..row(secret) };

    fn frames<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
        Box::pin(async move {
            assert_eq!(talk.hear_line().await.map_err(|_| Stop::Refused)?, b"a line");
            assert_eq!(talk.hear(Frame::Exactly(3)).await?, b"abc");
            assert_eq!(talk.hear(Frame::Through(b"--")).await?, b"a-b--");
            let sized = Frame::Sized(|bytes| bytes.first().map(|n| usize::from(*n) + 1));
            assert_eq!(talk.hear(sized).await?, b"\x02xy");
            talk.means("two bytes");
            assert_eq!(talk.peek().await?, b"left");
            Ok(())
        })
    }

    fn secret<'t>(talk: &'t mut Talk<'_>, _: &'t Ask) -> Running<'t> {
        Box::pin(async move {
            talk.say_line("user me").await?;
            talk.say_line("pass word").await?;
            Ok(())
        })
    }

    #[test]
    fn what_is_beyond_a_frame_stays_there() {
        let ended = live(&FRAMES, &[&b"a line\r\nabca-b--\x02xyleft"[..]]);
        assert_eq!(ended.left, b"left");
        assert_eq!(steps(&ended.steps), ["test Agreed { injected: 0 }", "< two bytes"]);
    }

    /// A length that the server names is not believed.
    #[test]
    fn what_is_announced_longer_than_the_limit_is_not_waited_for() {
        static ROW: Preamble = row(|talk, _| {
            Box::pin(async move { talk.hear(Frame::Sized(|_| Some(usize::MAX))).await.map(|_| ()) })
        });
        assert_eq!(live(&ROW, &[b"x"]).outcome(), crate::capture::Dialogue::Endless);
    }

    #[test]
    fn what_is_secret_is_said_but_not_recorded() {
        let ended = live(&SECRET, &[b""]);
        assert_eq!(ended.bytes, b"user me\r\npass word\r\n");
        assert_eq!(ended.recorded, b"user me\r\npass ****\r\n");
        assert_eq!(steps(&ended.steps)[1..], ["> user me | pass ****"]);
    }
}

//! The recorder: a stream that remembers what it carried.

use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use super::{Event, How, Limits};
use crate::wire::Direction;

/// Carries bytes to and from `IO` as if it were not there, and writes them down on its [`Tape`].
///
/// It speaks for a client: what is written goes in the direction [`Direction::Client`]. What goes
/// on the tape is what the inner stream took or gave, not what was asked of it. When the tape is
/// full the bytes still flow; they are only counted.
///
/// It reads ahead: however little its reader asks for, what has come together is one event.
#[derive(Debug)]
pub struct Recorder<IO> {
    io: IO,
    tape: Tape,
    /// The inner stream was found reset while writing: the end that a later read sees is no FIN.
    reset: bool,
    /// What was read ahead, and is on the tape already.
    ahead: Box<[u8]>,
    /// The part of `ahead` that nobody has asked for yet.
    left: Range<usize>,
}

/// Room for one read: a server's flight fits, and so does a record.
const AHEAD: usize = 32 << 10;

impl<IO> Recorder<IO> {
    /// Records what `io` carries on `tape`.
    pub fn new(io: IO, tape: Tape) -> Self {
        Self { io, tape, reset: false, ahead: vec![0; AHEAD].into_boxed_slice(), left: 0..0 }
    }

    /// The stream inside. What is written there is not recorded; what was read ahead is missing.
    pub fn get_ref(&self) -> &IO {
        &self.io
    }

    /// The tape.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The same, over what `change` makes of the stream inside.
    pub fn over<T>(self, change: impl FnOnce(IO) -> T) -> Recorder<T> {
        let Recorder { io, tape, reset, ahead, left } = self;
        Recorder { io: change(io), tape, reset, ahead, left }
    }

    /// TLS begins behind what was taken from here so far: how many bytes that is in each direction. What was read ahead
    /// is TLS's. From here on, "first" is the first of TLS.
    pub fn begin_tls(&self) -> [u64; 2] {
        let mut log = self.tape.lock();
        for side in &mut log.sides {
            side.first = None;
        }
        let carried = Direction::BOTH.map(|direction| log.side(direction).carried);
        [carried[0], carried[1].saturating_sub(self.left.len() as u64)]
    }

    /// A write that began `at`.
    fn wrote(&mut self, at: Duration, result: &io::Result<usize>, bufs: &[IoSlice<'_>]) {
        match result {
            Ok(taken) => {
                let parts = bufs.iter().map(|buf| &**buf);
                self.tape.lock().bytes(Direction::Client, at, parts, *taken);
            }
            Err(error) => {
                self.reset |= error.kind() == io::ErrorKind::ConnectionReset;
                self.tape.lock().end(Direction::Client, how(error));
            }
        }
    }
}

impl<IO: AsyncRead + Unpin> Recorder<IO> {
    /// Reads ahead, if all of what was read is given out.
    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.left.is_empty() {
            let mut ahead = ReadBuf::new(&mut self.ahead);
            let result = ready!(Pin::new(&mut self.io).poll_read(cx, &mut ahead));
            let mut log = self.tape.lock();
            if let Err(error) = result {
                log.end(Direction::Server, how(&error));
                return Poll::Ready(Err(error));
            }
            let new = ahead.filled();
            if new.is_empty() {
                log.end(Direction::Server, if self.reset { How::Reset } else { How::Fin });
            } else {
                let at = log.now();
                log.bytes(Direction::Server, at, [new], new.len());
            }
            self.left = 0..new.len();
        }
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Recorder<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buf.remaining() > 0 {
            ready!(this.poll_ahead(cx))?;
        }
        // What was read ahead counts as well: a reader that always finds something must let others run.
        let proceed = ready!(tokio::task::coop::poll_proceed(cx));
        let wanted = this.left.len().min(buf.remaining());
        let (given, left) = (this.left.start, this.left.start + wanted);
        buf.put_slice(this.ahead.get(given..left).unwrap_or_default());
        this.left.start = left;
        proceed.made_progress();
        Poll::Ready(Ok(()))
    }
}

/// What was read ahead, for those who must not take more than is theirs.
impl<IO: AsyncRead + Unpin> AsyncBufRead for Recorder<IO> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.poll_ahead(cx))?;
        Poll::Ready(Ok(this.ahead.get(this.left.clone()).unwrap_or_default()))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.left.start = (this.left.start + amount).min(this.left.end);
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Recorder<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let at = this.tape.lock().now();
        let result = ready!(Pin::new(&mut this.io).poll_write(cx, buf));
        this.wrote(at, &result, &[IoSlice::new(buf)]);
        Poll::Ready(result)
    }

    // Forwarded, not left to the default: TLS libraries write their last words (ChangeCipherSpec
    // and alert) as two slices in one call and do not ask again; the default takes only the first.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let at = this.tape.lock().now();
        let result = ready!(Pin::new(&mut this.io).poll_write_vectored(cx, bufs));
        this.wrote(at, &result, bufs);
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = ready!(Pin::new(&mut this.io).poll_shutdown(cx));
        this.tape.lock().end(Direction::Client, result.as_ref().map_or_else(how, |()| How::Fin));
        Poll::Ready(result)
    }
}

/// How a direction ended, by the error that told us.
fn how(error: &io::Error) -> How {
    match error.kind() {
        // EPIPE: the reset came earlier, and a read or a write has already told of it.
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => How::Reset,
        _ => How::Error(error.to_string()),
    }
}

/// What was recorded so far. It is shared, so that it outlives a stream dropped in mid-read.
#[derive(Debug, Clone)]
pub struct Tape(Arc<Mutex<Log>>);

impl Tape {
    /// An empty tape whose times count from `began`.
    pub fn new(began: Instant, limits: Limits) -> Self {
        Self(Arc::new(Mutex::new(Log {
            began,
            limits,
            events: Vec::with_capacity(16),
            sides: [Side::default(), Side::default()],
            full: [false; 2],
        })))
    }

    /// How many bytes went in `direction`, recorded or not.
    pub fn bytes(&self, direction: Direction) -> u64 {
        self.lock().side(direction).carried
    }

    /// When the first bytes of `direction` went by.
    pub fn first(&self, direction: Direction) -> Option<Duration> {
        self.lock().side(direction).first
    }

    /// Puts `*` in the place of recorded bytes of `direction`: those of `range`, counted from its first one.
    pub fn blank(&self, direction: Direction, range: Range<u64>) {
        super::dialogue::blank(&mut self.lock().events, direction, range);
    }

    /// Whether `direction` has ended.
    pub fn ended(&self, direction: Direction) -> bool {
        self.lock().side(direction).ended
    }

    /// Marks every direction that has not ended as left by us.
    pub fn stop(&self) {
        let mut log = self.lock();
        for direction in Direction::BOTH {
            log.end(direction, How::LocalStop);
        }
    }

    /// Takes the events, and the names of the limits that were reached, off the tape.
    pub fn take(&self) -> (Vec<Event>, Vec<String>) {
        let mut log = self.lock();
        for side in &mut log.sides {
            side.gap = None;
        }
        let reached = log.full.iter().zip(LIMITS).filter(|(full, _)| **full);
        let reached = reached.map(|(_, name)| name.to_owned()).collect();
        (std::mem::take(&mut log.events), reached)
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        // Nothing panics while it holds the lock; what is there stays true in any case.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names of the limits in [`Log::full`], as in [`Limits`].
const LIMITS: [&str; 2] = ["recorded_bytes", "events"];

#[derive(Debug)]
struct Log {
    began: Instant,
    limits: Limits,
    /// At most `limits.events` events, two gaps and two ends.
    events: Vec<Event>,
    sides: [Side; 2],
    /// Which of [`LIMITS`] were reached.
    full: [bool; 2],
}

#[derive(Debug, Default)]
struct Side {
    carried: u64,
    recorded: u64,
    first: Option<Duration>,
    ended: bool,
    /// The place in `events` of the gap that counts what is no longer recorded.
    gap: Option<usize>,
}

impl Log {
    fn side(&mut self, direction: Direction) -> &mut Side {
        &mut self.sides[direction.index()]
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// `len` bytes, the first ones of `parts`, went by. Those that were sent did so when the write
    /// began: they may be at the other end before it returns.
    fn bytes<'a>(
        &mut self,
        direction: Direction,
        at: Duration,
        parts: impl IntoIterator<Item = &'a [u8]>,
        len: usize,
    ) {
        if len == 0 {
            return;
        }
        let (most, most_events, events) = (self.limits.recorded_bytes, self.limits.events, self.events.len());
        let side = self.side(direction);
        side.first.get_or_insert(at);
        side.carried += len as u64;

        let left = usize::try_from(most.saturating_sub(side.recorded)).unwrap_or(usize::MAX);
        // Once something is missing nothing behind it is recorded: the gap is the tape's last word.
        let kept = if side.gap.is_some() || events >= most_events { 0 } else { len.min(left) };
        if kept > 0 {
            side.recorded += kept as u64;
            let mut bytes = Vec::with_capacity(kept);
            for part in parts {
                let part = part.get(..kept - bytes.len()).unwrap_or(part);
                bytes.extend_from_slice(part);
            }
            self.events.push(Event::Bytes { direction, at, bytes });
        }
        if kept < len {
            self.full[usize::from(kept != left)] = true;
            self.gap(direction, at, (len - kept) as u64);
        }
    }

    fn gap(&mut self, direction: Direction, at: Duration, more: u64) {
        let place = self.side(direction).gap;
        if let Some(Event::Gap { len: Some(len), .. }) = place.and_then(|place| self.events.get_mut(place)) {
            *len += more;
            return;
        }
        let place = self.events.len();
        self.side(direction).gap = Some(place);
        self.events.push(Event::Gap { direction, at, len: Some(more) });
    }

    fn end(&mut self, direction: Direction, how: How) {
        if !std::mem::replace(&mut self.side(direction).ended, true) {
            let at = self.began.elapsed();
            self.events.push(Event::End { direction, at, how });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn tape(limits: Limits) -> Tape {
        Tape::new(Instant::now(), limits)
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    /// What is on the tape, without the times.
    fn shown(events: &[Event]) -> Vec<String> {
        let side = |direction: &Direction| if *direction == Direction::Client { ">" } else { "<" };
        events
            .iter()
            .map(|event| match event {
                Event::Bytes { direction, bytes, .. } => {
                    format!("{} {}", side(direction), String::from_utf8_lossy(bytes))
                }
                Event::Gap { direction, len, .. } => format!("{} gap {len:?}", side(direction)),
                Event::End { direction, how, .. } => format!("{} {how:?}", side(direction)),
            })
            .collect()
    }

    #[test]
    fn both_directions_and_their_ends_are_recorded() {
        run(async {
            let (near, mut far) = tokio::io::duplex(64);
            let tape = tape(Limits::DEFAULT);
            let mut near = Recorder::new(near, tape.clone());
            near.write_all(b"hello").await.unwrap();
            far.write_all(b"hi").await.unwrap();
            let mut buf = [0; 8];
            assert_eq!(near.read(&mut buf).await.unwrap(), 2);
            drop(far);
            assert_eq!(near.read(&mut buf).await.unwrap(), 0);
            assert!(near.write_all(b"more").await.is_err());
            drop(near);
            assert_eq!(shown(&tape.take().0), ["> hello", "< hi", "< Fin", "> Reset"]);
        });
    }

    /// A server may send both together: the end of what stands before TLS, and what the client takes for TLS.
    #[test]
    fn what_was_read_ahead_when_tls_begins_belongs_to_it() {
        run(async {
            let (near, mut far) = tokio::io::duplex(64);
            far.write_all(b"go ahead, then TLS").await.unwrap();
            let mut near = Recorder::new(near, tape(Limits::DEFAULT));
            near.write_all(b"please").await.unwrap();
            near.read_exact(&mut [0; 8]).await.unwrap();
            assert_eq!(near.begin_tls(), [6, 8]);
        });
    }

    #[test]
    fn what_is_sent_is_stamped_before_it_is_written() {
        /// Takes its time to write.
        struct Slow;
        impl AsyncWrite for Slow {
            fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                std::thread::sleep(Duration::from_millis(20));
                Poll::Ready(Ok(buf.len()))
            }
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
        }
        run(async {
            let tape = tape(Limits::DEFAULT);
            let mut near = Recorder::new(Slow, tape.clone());
            near.write_all(b"hello").await.unwrap();
            assert_eq!(near.write_vectored(&[IoSlice::new(b"again")]).await.unwrap(), 5);
            let over = tape.lock().now();
            let at: Vec<_> = tape.take().0.iter().map(Event::at).collect();
            assert!(at[1] - at[0] >= Duration::from_millis(20), "{at:?}");
            assert!(over - at[1] >= Duration::from_millis(20), "{at:?}");
        });
    }

    #[test]
    fn small_reads_are_served_from_what_came_together() {
        run(async {
            let (near, mut far) = tokio::io::duplex(64);
            let tape = tape(Limits::DEFAULT);
            let mut near = Recorder::new(near, tape.clone());
            far.write_all(b"a flight").await.unwrap();
            drop(far);
            let mut all = Vec::new();
            while let Ok(byte) = near.read_u8().await {
                all.push(byte);
            }
            assert_eq!(all, b"a flight");
            assert_eq!(shown(&tape.take().0), ["< a flight", "< Fin"]);
        });
    }

    #[test]
    fn only_what_the_stream_took_is_recorded() {
        run(async {
            let (near, _far) = tokio::io::duplex(3);
            let tape = tape(Limits::DEFAULT);
            let mut near = Recorder::new(near, tape.clone());
            assert_eq!(near.write(b"hello").await.unwrap(), 3);
            assert_eq!(shown(&tape.take().0), ["> hel"]);
        });
    }

    #[test]
    fn slices_written_at_once_are_one_event() {
        run(async {
            let (near, mut far) = tokio::io::duplex(64);
            let tape = tape(Limits::DEFAULT);
            let mut near = Recorder::new(near, tape.clone());
            assert!(near.is_write_vectored());
            let slices = [IoSlice::new(b"ccs "), IoSlice::new(b"alert")];
            assert_eq!(near.write_vectored(&slices).await.unwrap(), 9);
            near.shutdown().await.unwrap();
            let mut all = String::new();
            far.read_to_string(&mut all).await.unwrap();
            assert_eq!(all, "ccs alert");
            assert_eq!(shown(&tape.take().0), ["> ccs alert", "> Fin"]);
        });
    }

    #[test]
    fn beyond_the_limit_bytes_flow_and_are_counted() {
        run(async {
            let (near, mut far) = tokio::io::duplex(1 << 16);
            let tape = tape(Limits { recorded_bytes: 7, ..Limits::DEFAULT });
            let mut near = Recorder::new(near, tape.clone());
            for _ in 0..3 {
                near.write_all(b"hello").await.unwrap();
            }
            far.write_all(b"server").await.unwrap();
            assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 6);
            assert_eq!(tape.bytes(Direction::Client), 15);
            tape.stop();
            let (events, reached) = tape.take();
            assert_eq!(
                shown(&events),
                ["> hello", "> he", "> gap Some(8)", "< server", "> LocalStop", "< LocalStop"]
            );
            assert_eq!(reached, ["recorded_bytes"]);
        });
    }

    #[test]
    fn the_number_of_events_is_limited() {
        run(async {
            let (near, mut far) = tokio::io::duplex(1 << 16);
            let tape = tape(Limits { events: 2, ..Limits::DEFAULT });
            let mut near = Recorder::new(near, tape.clone());
            for _ in 0..5 {
                near.write_all(b"a").await.unwrap();
            }
            far.write_all(b"bc").await.unwrap();
            assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 2);
            let (events, reached) = tape.take();
            assert_eq!(shown(&events), ["> a", "> a", "> gap Some(3)", "< gap Some(2)"]);
            assert_eq!(reached, ["events"]);
        });
    }

    #[test]
    fn a_read_without_room_is_no_end() {
        run(async {
            let (near, _far) = tokio::io::duplex(8);
            let tape = tape(Limits::DEFAULT);
            let mut near = Recorder::new(near, tape.clone());
            assert_eq!(near.read(&mut []).await.unwrap(), 0);
            assert!(!tape.ended(Direction::Server));
        });
    }
}

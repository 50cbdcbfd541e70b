//! Listening on after the handshake, and the end of the connection.
//!
//! Tickets, a server's late refusal and its first words come only when somebody reads.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::call::{Call, Failure, Session};

/// The longest that is listened by default.
pub const MOST: Duration = Duration::from_millis(300);
/// How long a server's end is waited for when it must be near.
pub const LEAVE: Duration = Duration::from_millis(50);
/// The shortest that is listened for the tickets of TLS 1.3, if none came: a busy server may take
/// its time to make them, however near it is. Servers that send none are few.
const LEAST: Duration = Duration::from_millis(100);
/// How often is looked whether a handshake within the connection is through.
const STEP: Duration = Duration::from_millis(30);
/// The shortest that is listened for a second ticket. Servers that send several commonly send two,
/// but not always in one piece.
const SECOND: Duration = Duration::from_millis(5);
/// How long to wait for a word on our client certificate, or on its absence. RFC 8446 lets a
/// server refuse it only after our Finished, when the handshake is complete for us.
const EVIDENCE: Duration = Duration::from_secs(2);
/// How long to wait for the server's end once we have closed our direction.
const DRAIN: Duration = Duration::from_millis(500);
/// Room for one read; more is served from what the recorder has read ahead.
const READ: usize = 4 << 10;

/// How listening ended.
#[derive(Debug)]
enum Outcome {
    /// It was time, or what was waited for came.
    Quiet,
    /// The server said that it closes.
    Closed,
    /// An alert, an end, or something that the engine refuses.
    Failed(Failure),
}

impl Call<'_> {
    /// Listens on, and closes.
    pub async fn settle<S: Session>(&mut self, session: &mut S) {
        let now = Instant::now();
        let established = session.established();
        // Whether the server likes our certificate, or that there is none, it says now (TLS 1.3).
        let judged = established.certificate_requested && established.tls13;
        let mut outcome = Outcome::Quiet;
        if judged {
            let until = self.watch.cap(now + EVIDENCE);
            outcome = listen(session, until, |heard| heard.data > 0 || heard.tickets > 0).await;
        }
        if let Outcome::Quiet = outcome {
            outcome = match self.request.settle {
                // A session that is to be resumed stands on a ticket.
                Some(time) if !self.awaits_ticket(session) || time > MOST => {
                    listen(session, self.watch.cap(now + time), |_| false).await
                }
                _ => self.listen_a_while(session).await,
            };
        }
        // A handshake within the connection that has begun is seen through.
        let until = self.watch.cap(now + EVIDENCE);
        while matches!(outcome, Outcome::Quiet) && session.is_renegotiating() && Instant::now() < until {
            outcome = listen(session, until.min(Instant::now() + STEP), |_| false).await;
        }
        self.ask_kernel();
        match outcome {
            Outcome::Closed => {
                // The server may be gone: then there is nobody to tell.
                let _ = session.shutdown().await;
                drain(session.below(), self.watch.cap(Instant::now() + LEAVE)).await;
            }
            Outcome::Quiet => {
                // As above.
                let _ = session.shutdown().await;
                if judged {
                    // A refusal that was on its way, and the FIN. Closing now would answer them
                    // with a reset, and a reset destroys what has not been read.
                    let until = self.watch.cap(Instant::now() + DRAIN);
                    match listen(session, until, |_| false).await {
                        Outcome::Failed(failure) => self.note_late(&failure),
                        Outcome::Closed => drain(session.below(), until).await,
                        Outcome::Quiet => {}
                    }
                }
            }
            Outcome::Failed(failure) => {
                self.note_late(&failure);
                self.part(session.below(), &failure).await;
            }
        }
    }

    /// Whether this session is to be resumed by a ticket, which comes after the handshake.
    fn awaits_ticket<S: Session>(&self, session: &S) -> bool {
        let established = session.established();
        self.request.resumption.is_some() && !established.resumed && established.tls13
    }

    /// Three round trips, at most 300 ms. What a server says unasked it says together with the
    /// tickets: after two of them one TCP round trip is enough, without the server's thinking,
    /// which on a local connection is most of the time. (After early data an answer is to be
    /// expected, which is more.)
    async fn listen_a_while<S: Session>(&self, session: &mut S) -> Outcome {
        let established = session.established();
        let until = |time: Duration| self.watch.cap(Instant::now() + time.min(MOST));
        let all = match (self.awaits_ticket(session), established.tls13) {
            // Only the limit ends the wait for it.
            (true, _) => MOST,
            // On loopback three round trips are over before a server has made its tickets.
            (false, true) => self.round_trips(3).max(LEAST),
            (false, false) => self.round_trips(3),
        };
        let all = until(all);
        let early_data = self.request.early_data.is_some();
        let came = |tickets: usize, wanted: usize| tickets >= wanted && !early_data;
        let mut outcome = Outcome::Quiet;
        let began = Instant::now();
        if !came(session.tickets(), 1) {
            outcome = listen(session, all, |heard| came(heard.tickets, 1)).await;
        }
        if matches!(outcome, Outcome::Quiet) && came(session.tickets(), 1) {
            // A server that took long over the first takes as long over the second.
            let second = until(self.tcp_took.max(SECOND).max(began.elapsed()));
            outcome = listen(session, second, |heard| came(heard.tickets, 2)).await;
        }
        if matches!(outcome, Outcome::Quiet) && came(session.tickets(), 2) {
            outcome = listen(session, all.min(until(self.tcp_took)), |_| false).await;
        }
        outcome
    }
}

/// What listening has brought so far.
#[derive(Clone, Copy)]
struct Heard {
    /// Bytes of application data.
    data: usize,
    /// Tickets, those that came with the handshake included.
    tickets: usize,
}

/// Listens until `until`, or until `enough` says so. Application data is dropped: the recording
/// has it.
async fn listen<S: Session>(session: &mut S, until: Instant, enough: impl Fn(Heard) -> bool) -> Outcome {
    let (mut alarm, mut buf, mut data) = (Alarm::at(until), vec![0; READ], 0);
    poll_fn(|cx| {
        for _ in 0..ROUNDS {
            let read = poll_read(session, cx, &mut buf);
            match read {
                Poll::Ready(Ok(0)) => return Poll::Ready(Outcome::Closed),
                Poll::Ready(Ok(len)) => data += len,
                Poll::Ready(Err(error)) => return Poll::Ready(Outcome::Failed(S::failure(error))),
                Poll::Pending => {}
            }
            if enough(Heard { data, tickets: session.tickets() }) {
                return Poll::Ready(Outcome::Quiet);
            }
            if read.is_pending() {
                return alarm.poll(cx).map(|()| Outcome::Quiet);
            }
            // Asked after each read, since a server that never pauses would keep any timer waiting; not before it: on a busy
            // machine we may be woken late, and what came in time is there.
            if alarm.is_over() {
                return Poll::Ready(Outcome::Quiet);
            }
        }
        yield_to_others(cx)
    })
    .await
}

/// Reads until the server's end, or until `until`; what comes is only recorded.
pub async fn drain<IO: AsyncRead + Unpin>(io: &mut IO, until: Instant) {
    let (mut alarm, mut buf) = (Alarm::at(until), vec![0; READ]);
    poll_fn(|cx| {
        for _ in 0..ROUNDS {
            match poll_read(io, cx, &mut buf) {
                Poll::Ready(Ok(len)) if len > 0 => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return alarm.poll(cx),
            }
            if alarm.is_over() {
                return Poll::Ready(());
            }
        }
        yield_to_others(cx)
    })
    .await;
}

/// So many reads and writes are done in one go at most, even if there is always more to do.
pub const ROUNDS: usize = 64;

/// There is more to do, but a signal, say, may have to be looked at first.
pub fn yield_to_others<T>(cx: &mut Context<'_>) -> Poll<T> {
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// How many bytes were read.
pub fn poll_read<R: AsyncRead + Unpin + ?Sized>(
    from: &mut R,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buf = ReadBuf::new(buf);
    Pin::new(from).poll_read(cx, &mut buf).map_ok(|()| buf.filled().len())
}

/// Goes off at a moment.
struct Alarm {
    until: Instant,
    /// `None`: so near that it is waited for by asking again. tokio's timer counts in milliseconds
    /// and rounds up, which on a local connection would be the longest part of the whole trace.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    fn at(until: Instant) -> Self {
        let far = until.saturating_duration_since(Instant::now()) > Duration::from_millis(2);
        Self { until, sleep: far.then(|| Box::pin(tokio::time::sleep_until(until))) }
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // tokio's timer does not go off for who has used up the budget, as reading tickets without end does.
        if self.is_over() {
            return Poll::Ready(());
        }
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().poll(cx),
            None => yield_to_others(cx),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use std::time::Instant as StdInstant;

    use tokio::io::AsyncWrite;

    use super::super::call::Established;
    use super::super::watch::Watch;
    use super::*;
    use crate::capture::recorder::{Recorder, Tape};
    use crate::capture::{Limits, Stopped};

    /// A server that always has more to say, up to more than any test should wait for.
    pub struct Endless {
        left: usize,
        below: Recorder<tokio::io::Empty>,
    }

    impl Endless {
        pub fn new() -> Self {
            let below = Recorder::new(tokio::io::empty(), Tape::new(StdInstant::now(), Limits::DEFAULT));
            Self { left: 20_000_000, below }
        }
    }

    impl AsyncRead for Endless {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let this = self.get_mut();
            this.left -= 1;
            if this.left == 0 {
                return Poll::Ready(Err(io::Error::other("nobody stopped listening")));
            }
            buf.put_slice(b"x");
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Endless {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buf.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl Session for Endless {
        type Io = tokio::io::Empty;

        fn established(&self) -> Established {
            Established { tls13: true, resumed: false, early_data: None, certificate_requested: false }
        }
        fn tickets(&self) -> usize {
            0
        }
        fn below(&mut self) -> &mut Recorder<Self::Io> {
            &mut self.below
        }
        fn failure(error: io::Error) -> Failure {
            Failure::Io(error)
        }
    }

    pub fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn listening_ends_in_time_although_the_server_never_pauses() {
        // Near enough to be waited for by asking, and far enough for a timer.
        for time in [1, 30] {
            run(async {
                let until = Instant::now() + Duration::from_millis(time);
                let mut server = Endless::new();
                let outcome = listen(&mut server, until, |_| false).await;
                assert!(matches!(outcome, Outcome::Quiet), "{outcome:?}");
                drain(&mut server, Instant::now() + Duration::from_millis(time)).await;
                assert!(server.left > 0);
            });
        }
    }

    /// On a busy machine the process may sleep for longer than it wanted to listen.
    #[test]
    fn what_came_in_time_is_read_although_it_is_late() {
        run(async {
            let mut server = Endless::new();
            let before = server.left;
            let outcome = listen(&mut server, Instant::now(), |_| false).await;
            assert!(matches!(outcome, Outcome::Quiet) && server.left == before - 1, "{outcome:?}");
            drain(&mut server, Instant::now()).await;
            assert_eq!(server.left, before - 2);
        });
    }

    #[test]
    fn a_signal_is_seen_although_the_server_never_pauses() {
        run(async {
            let (stop, told) = tokio::sync::watch::channel(None);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                stop.send(Some(Stopped::Interrupt))
            });
            let watch = Watch::new(StdInstant::now(), None, Some(told));
            let mut server = Endless::new();
            let until = Instant::now() + Duration::from_secs(3600);
            let stopped = watch.but_for_signals(listen(&mut server, until, |_| false)).await;
            assert_eq!(stopped.unwrap_err(), Stopped::Interrupt);
        });
    }
}

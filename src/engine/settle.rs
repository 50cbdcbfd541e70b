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
/// The shortest that is listened for the tickets of TLS 1.3, if none came.
const LEAST: Duration = Duration::from_millis(10);
/// How long to wait for a word on our client certificate, or on its absence. RFC 8446 lets a
/// server refuse it only after our Finished, when the handshake is complete for us.
const EVIDENCE: Duration = Duration::from_secs(2);
/// How long to wait for the server's end once we have closed our direction.
const DRAIN: Duration = Duration::from_millis(500);
/// Room for one read.
const READ: usize = 32 << 10;

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
                Some(time) => listen(session, self.watch.cap(now + time), |_| false).await,
                None => self.listen_a_while(session).await,
            };
        }
        // A handshake within the connection that has begun is seen through.
        let until = self.watch.cap(now + EVIDENCE);
        while matches!(outcome, Outcome::Quiet) && session.is_renegotiating() && Instant::now() < until {
            outcome = listen(session, until.min(Instant::now() + LEAST), |_| false).await;
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

    /// Three round trips, at most 300 ms. What a server says unasked it says together with the
    /// tickets: after the first of them one TCP round trip is enough, without the server's
    /// thinking, which on a local connection is most of the time. (After early data an answer is to
    /// be expected, which is more.)
    async fn listen_a_while<S: Session>(&self, session: &mut S) -> Outcome {
        let established = session.established();
        let until = |time: Duration| self.watch.cap(Instant::now() + time.min(MOST));
        // A session that is to be resumed stands on a ticket: only the limit ends the wait for one.
        let awaited = self.request.resumption.is_some() && !established.resumed && established.tls13;
        let all = match (awaited, established.tls13) {
            (true, _) => MOST,
            // On loopback three round trips are over before a server has made its tickets.
            (false, true) => self.round_trips(3).max(LEAST),
            (false, false) => self.round_trips(3),
        };
        let all = until(all);
        let early_data = self.request.early_data.is_some();
        let came = |tickets: usize| tickets > 0 && !early_data;
        let mut outcome = Outcome::Quiet;
        if !came(session.tickets()) {
            outcome = listen(session, all, |heard| came(heard.tickets)).await;
        }
        if matches!(outcome, Outcome::Quiet) && came(session.tickets()) {
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
        loop {
            // Asked after each read: a server that never pauses would keep any timer waiting.
            if alarm.is_over() {
                return Poll::Ready(Outcome::Quiet);
            }
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
        }
    })
    .await
}

/// Reads until the server's end, or until `until`; what comes is only recorded.
pub async fn drain<IO: AsyncRead + Unpin>(io: &mut IO, until: Instant) {
    let (mut alarm, mut buf) = (Alarm::at(until), vec![0; READ]);
    poll_fn(|cx| {
        loop {
            if alarm.is_over() {
                return Poll::Ready(());
            }
            match poll_read(io, cx, &mut buf) {
                Poll::Ready(Ok(len)) if len > 0 => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return alarm.poll(cx),
            }
        }
    })
    .await;
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
        if let Some(sleep) = &mut self.sleep {
            return sleep.as_mut().poll(cx);
        }
        if self.is_over() {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

//! What can end a trace from outside: time, and signals.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant as StdInstant};

use tokio::sync::watch::Receiver;
use tokio::time::Instant;

use crate::capture::Stopped;

/// Watches over everything that waits.
#[derive(Debug, Clone)]
pub struct Watch {
    deadline: Option<Instant>,
    stop: Option<Receiver<Option<Stopped>>>,
}

impl Watch {
    pub fn new(
        began: StdInstant,
        max_time: Option<Duration>,
        stop: Option<Receiver<Option<Stopped>>>,
    ) -> Self {
        // A limit beyond the clock's end is none.
        let deadline = max_time.and_then(|most| began.checked_add(most)).map(Instant::from_std);
        Self { deadline, stop }
    }

    /// From now on there is no limit on time.
    pub fn lift_limit(&mut self) {
        self.deadline = None;
    }

    /// What `future` gives, unless time is up or a signal comes first.
    pub async fn over<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        let time_is_up = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let mut time_is_up = pin!(time_is_up);
        let mut watched = pin!(self.but_for_signals(future));
        poll_fn(|cx| {
            // A future that always has more to do would use up tokio's budget each time, and a
            // timer that is asked then never goes off: so the clock is asked as well.
            if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Poll::Ready(Err(Stopped::MaxTime));
            }
            match watched.as_mut().poll(cx) {
                Poll::Pending => time_is_up.as_mut().poll(cx).map(|()| Err(Stopped::MaxTime)),
                done => done,
            }
        })
        .await
    }

    /// What `future` gives, unless a signal comes first. `future` itself keeps to [`Watch::cap`].
    pub async fn but_for_signals<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        let mut signal = pin!(self.signal());
        let mut future = pin!(future);
        poll_fn(|cx| {
            // As above.
            if let Some(stopped) = self.stop.as_ref().and_then(|stop| *stop.borrow()) {
                return Poll::Ready(Err(stopped));
            }
            match future.as_mut().poll(cx) {
                Poll::Pending => signal.as_mut().poll(cx).map(Err),
                Poll::Ready(done) => Poll::Ready(Ok(done)),
            }
        })
        .await
    }

    /// `until`, or the end of all time if that is earlier.
    pub fn cap(&self, until: Instant) -> Instant {
        self.deadline.map_or(until, |deadline| until.min(deadline))
    }

    async fn signal(&self) -> Stopped {
        if let Some(stop) = &self.stop {
            let mut stop = stop.clone();
            if let Ok(value) = stop.wait_for(Option::is_some).await
                && let Some(stopped) = *value
            {
                return stopped;
            }
        }
        // Nobody can send a signal (any more).
        std::future::pending().await
    }
}

//! What can end a trace from outside: time, and signals.

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
        tokio::select! {
            biased;
            done = self.but_for_signals(future) => done,
            () = time_is_up => Err(Stopped::MaxTime),
        }
    }

    /// What `future` gives, unless a signal comes first. `future` itself keeps to [`Watch::cap`].
    pub async fn but_for_signals<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            done = future => Ok(done),
            stopped = self.signal() => Err(stopped),
        }
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

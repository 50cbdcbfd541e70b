//! Connections that others made, as they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::timeout_at;

use super::{Cancel, Error};
use crate::capture::Capture;
use crate::trace::Trace;

/// Captures as they are read: in a thread of its own, since reading may have to wait.
pub struct Captured {
    pub captures: Box<dyn Iterator<Item = Traced> + Send>,
    /// Ends them once it is set: those that are open come last.
    pub stop: Arc<AtomicBool>,
}

/// A connection that others made, with what it shows where that was found out already.
#[derive(Debug)]
pub struct Traced {
    pub capture: Capture,
    pub trace: Option<Trace>,
    /// Whether it is reported. Else it is there for those that resume its session.
    pub wanted: bool,
}

impl From<Capture> for Traced {
    fn from(capture: Capture) -> Self {
        Traced { capture, trace: None, wanted: true }
    }
}

impl From<Traced> for Captured {
    fn from(only: Traced) -> Self {
        Captured { captures: Box::new(std::iter::once(only)), stop: Arc::default() }
    }
}

/// Captures that a thread reads, which ends when nobody wants more.
#[derive(Debug)]
pub struct Reading {
    told: mpsc::Receiver<Traced>,
    stop: Arc<AtomicBool>,
    /// When the run was ended.
    ended: Option<Instant>,
}

impl Reading {
    /// Starts the thread.
    ///
    /// # Errors
    /// There is none.
    pub fn start(Captured { captures, stop }: Captured) -> Result<Reading, Error> {
        Ok(Reading { told: reading(captures)?, stop, ended: None })
    }

    /// The next one. When the run is ended, those that are open come last, as far as that takes no time.
    pub async fn next(&mut self, cancel: &Cancel) -> Option<Traced> {
        /// How long they are waited for.
        const LAST: Duration = Duration::from_secs(1);
        let ended = match self.ended {
            Some(ended) => ended,
            None => {
                if let Ok(next) = cancel.over(self.told.recv()).await {
                    return next;
                }
                self.stop.store(true, Ordering::Relaxed);
                *self.ended.insert(Instant::now())
            }
        };
        let next = timeout_at((ended + LAST).into(), self.told.recv()).await;
        next.ok().flatten().filter(|_| ended.elapsed() < LAST)
    }
}

/// Reads in a thread of its own, which ends when nobody wants more.
///
/// # Errors
/// There is no thread.
pub fn reading<T: Send + 'static>(
    captures: impl Iterator<Item = T> + Send + 'static,
) -> Result<mpsc::Receiver<T>, Error> {
    /// Captures that are read ahead.
    const AHEAD: usize = 8;
    let (tell, told) = mpsc::channel(AHEAD);
    let thread = thread::Builder::new().name("captures".into());
    let read = move || {
        for capture in captures {
            if tell.blocking_send(capture).is_err() {
                break;
            }
        }
    };
    thread.spawn(read).map_err(|e| Error(format!("no thread to read the captures: {e}")))?;
    Ok(told)
}

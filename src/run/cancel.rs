//! What can end a run from outside, in every phase: time, and signals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::watch;

use crate::capture::Stopped;

/// One cancellation for all that a run does. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cancel {
    /// Told when a signal comes, for everything that waits.
    told: watch::Receiver<Option<Stopped>>,
    /// Keeps `told` open.
    tell: Arc<watch::Sender<Option<Stopped>>>,
    /// Set by the signal handlers themselves, for everything that computes.
    flags: Arc<[(AtomicFlag, Stopped)]>,
    deadline: Option<Instant>,
}

type AtomicFlag = Arc<AtomicBool>;

impl Cancel {
    /// Neither time nor a signal ends it; [`Cancel::stop`] does.
    pub fn never() -> Cancel {
        let (tell, told) = watch::channel(None);
        Cancel { told, tell: Arc::new(tell), flags: Arc::new([]), deadline: None }
    }

    /// Ctrl-C and SIGTERM end what goes on; a second one ends the process at once, as does one that comes when
    /// [`Cancel::at_once`] was called. Has to be called within the runtime.
    pub fn on_signals() -> Cancel {
        let mut cancel = Cancel::never();
        let flags = [Stopped::Interrupt, Stopped::Terminate].map(|stopped| (AtomicFlag::default(), stopped));
        for (flag, stopped) in &flags {
            // Without a handler the signal ends the process, which is what was wanted.
            let _ = cancel.listen(flag, *stopped);
        }
        cancel.flags = Arc::new(flags);
        cancel
    }

    #[cfg(unix)]
    fn listen(&self, flag: &AtomicFlag, stopped: Stopped) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let (kind, code) = match stopped {
            Stopped::Terminate => (SignalKind::terminate(), 143),
            _ => (SignalKind::interrupt(), 130),
        };
        let mut signals = signal(kind)?;
        // In this order: the first signal finds the flag unset.
        signal_hook::flag::register_conditional_shutdown(kind.as_raw_value(), code, flag.clone())?;
        signal_hook::flag::register(kind.as_raw_value(), flag.clone())?;
        let tell = self.tell.clone();
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                let _ = tell.send(Some(stopped));
            }
        });
        Ok(())
    }

    #[cfg(not(unix))]
    fn listen(&self, flag: &AtomicFlag, stopped: Stopped) -> std::io::Result<()> {
        if stopped == Stopped::Interrupt {
            let (tell, flag) = (self.tell.clone(), flag.clone());
            tokio::spawn(async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    flag.store(true, Ordering::Relaxed);
                    let _ = tell.send(Some(stopped));
                }
            });
        }
        Ok(())
    }

    /// From now on there is nothing left to be reported: a signal ends the process at once, with its code.
    pub fn at_once(&self) {
        for (flag, _) in self.flags.iter() {
            flag.store(true, Ordering::Relaxed);
        }
    }

    /// Ends what goes on, as a signal does.
    pub fn stop(&self, why: Stopped) {
        let _ = self.tell.send(Some(why));
    }

    /// The same, and over when `deadline` is there, if that is earlier.
    pub fn until(&self, deadline: Option<Instant>) -> Cancel {
        let deadline = match (self.deadline, deadline) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Cancel { deadline, ..self.clone() }
    }

    /// When time is up.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What an engine listens to.
    pub fn told(&self) -> watch::Receiver<Option<Stopped>> {
        self.told.clone()
    }

    /// The signal that came, if one did.
    pub fn signal(&self) -> Option<Stopped> {
        let set = self.flags.iter().find(|(flag, _)| flag.load(Ordering::Relaxed));
        set.map(|(_, stopped)| *stopped).or(*self.told.borrow())
    }

    /// Why everything has to end now, if it has to.
    pub fn stopped(&self) -> Option<Stopped> {
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        self.signal().or(late.then_some(Stopped::MaxTime))
    }

    /// What `future` gives, unless time is up or a signal comes first.
    pub async fn over<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        if let Some(stopped) = self.stopped() {
            return Err(stopped);
        }
        let late = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        let mut told = self.told.clone();
        tokio::select! {
            biased;
            Ok(stopped) = told.wait_for(Option::is_some) => Err((*stopped).unwrap_or(Stopped::Interrupt)),
            () = late => Err(Stopped::MaxTime),
            done = future => Ok(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn a_stop_and_the_deadline_end_what_waits() {
        let cancel = Cancel::never();
        assert_eq!(run(cancel.over(async { 1 })), Ok(1));
        let soon = cancel.until(Instant::now().checked_add(Duration::from_millis(1)));
        assert_eq!(run(soon.over(std::future::pending::<()>())), Err(Stopped::MaxTime));
        assert_eq!((soon.stopped(), soon.signal()), (Some(Stopped::MaxTime), None));
        soon.stop(Stopped::Terminate);
        assert_eq!(run(cancel.over(std::future::pending::<()>())), Err(Stopped::Terminate));
        // A signal says more than the time that is up as well.
        assert_eq!(soon.stopped(), Some(Stopped::Terminate));
    }

    #[test]
    fn the_earlier_deadline_counts() {
        let now = Instant::now();
        let later = now + Duration::from_secs(5);
        let cancel = Cancel::never().until(Some(later));
        assert_eq!(cancel.until(Some(now)).deadline(), Some(now));
        assert_eq!(cancel.until(None).deadline(), Some(later));
    }
}

//! Writes the reports of connections in a thread of its own, in their order, while the next ones are read and judged.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::outputs::Outputs;

type Job = Box<dyn FnOnce(&mut Outputs) + Send>;

/// The outputs, and the thread that has them.
pub(super) struct Writer {
    jobs: SyncSender<Job>,
    thread: JoinHandle<Outputs>,
}

impl Writer {
    /// Begins with `outputs`.
    pub(super) fn start(mut outputs: Outputs) -> Result<Writer, String> {
        /// Reports that wait: whoever reads slowly slows the judge down, and memory stays as it is.
        const WAITING: usize = 8;
        let (jobs, given) = sync_channel::<Job>(WAITING);
        let write = move || {
            for job in given {
                job(&mut outputs);
            }
            outputs
        };
        let thread = thread::Builder::new().name("reports".into()).spawn(write);
        let thread = thread.map_err(|e| format!("no thread to write the reports: {e}"))?;
        Ok(Writer { jobs, thread })
    }

    /// Has it done behind all before it.
    pub(super) fn then(&mut self, job: impl FnOnce(&mut Outputs) + Send + 'static) {
        // Its thread ends before this only by a fault, which `end` tells.
        let _ = self.jobs.send(Box::new(job));
    }

    /// The outputs, once all is done.
    pub(super) fn end(self) -> Result<Outputs, String> {
        drop(self.jobs);
        self.thread
            .join()
            .map_err(|_| "a bug in tls-trace ended the thread that writes the reports".to_owned())
    }
}

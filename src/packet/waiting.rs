//! Bytes that may have to be waited for, as from a pipe: whoever waits for them can be told to stop.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// Reads in a thread of its own. The thread is left behind when the bytes are no longer wanted: a read can't be ended.
#[derive(Debug)]
pub struct Waiting {
    told: Receiver<io::Result<Vec<u8>>>,
    stop: Arc<AtomicBool>,
    /// What was read and not yet given.
    rest: io::Cursor<Vec<u8>>,
}

/// Bytes that are read at once.
const CHUNK: usize = 1 << 18;

/// How often `stop` is looked at.
const LOOK: Duration = Duration::from_millis(50);

impl Waiting {
    /// Starts the thread. Once `stop` is set, the bytes end.
    ///
    /// # Errors
    /// There is no thread.
    pub fn new(mut from: impl Read + Send + 'static, stop: Arc<AtomicBool>) -> io::Result<Self> {
        let (tell, told) = sync_channel(4);
        let read = move || {
            let mut buffer = vec![0; CHUNK];
            loop {
                let read = match from.read(&mut buffer) {
                    Ok(0) => return,
                    Ok(n) => Ok(buffer[..n].to_vec()),
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    Err(e) => Err(e),
                };
                let failed = read.is_err();
                if tell.send(read).is_err() || failed {
                    return;
                }
            }
        };
        thread::Builder::new().name("input".into()).spawn(read)?;
        Ok(Waiting { told, stop, rest: io::Cursor::default() })
    }
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.rest.read(buffer)?;
            if n > 0 || buffer.is_empty() || self.stop.load(Ordering::Relaxed) {
                return Ok(n);
            }
            match self.told.recv_timeout(LOOK) {
                Ok(read) => self.rest = io::Cursor::new(read?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_comes() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * CHUNK + 7).collect();
        let mut waiting = Waiting::new(io::Cursor::new(bytes.clone()), Arc::default()).unwrap();
        let mut read = Vec::new();
        waiting.read_to_end(&mut read).unwrap();
        assert!(read == bytes);
    }

    #[test]
    fn an_error_is_passed_on() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        let mut waiting = Waiting::new(Broken, Arc::default()).unwrap();
        assert_eq!(waiting.read(&mut [0; 9]).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    /// With a read that never returns.
    #[test]
    fn who_waits_can_be_told_to_stop() {
        struct Silent;
        impl Read for Silent {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                loop {
                    thread::park();
                }
            }
        }
        let stop = Arc::new(AtomicBool::new(false));
        let mut waiting = Waiting::new(Silent, stop.clone()).unwrap();
        let read = thread::spawn(move || waiting.read(&mut [0; 9]).unwrap());
        stop.store(true, Ordering::Relaxed);
        assert_eq!(read.join().unwrap(), 0);
    }
}

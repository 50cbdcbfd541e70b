//! The listener: one thread that accepts, one for each connection, all of them ended by a flag.

use std::io::{self, Read};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What the server does with a connection. The connection is closed when it returns.
pub(super) type Act = Box<dyn Fn(&TcpStream) -> io::Result<()> + Send + Sync>;

/// How long a server that has something to wait for waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// A running listener. Dropping it ends its threads and waits for them: aws-lc takes its locks down when the
/// process ends, and aborts it if a thread comes to one afterwards.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(act: Act) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let over = Arc::new(AtomicBool::new(false));
        let seen_by_thread = Arc::clone(&over);
        let thread = thread::Builder::new()
            .name("demo-listener".into())
            .spawn(move || listen(&listener, &seen_by_thread, &Arc::new(act)))?;
        Ok(Server { address, over, thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells the threads to end. The handle serves to wait for them; None if it was taken before, or if they can't
    /// be told.
    pub(super) fn stop(&mut self) -> Option<JoinHandle<()>> {
        self.over.store(true, Ordering::SeqCst);
        let thread = self.thread.take()?;
        // `accept` has no timeout; a connection of our own wakes it on every system.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).is_ok();
        (woken || thread.is_finished()).then_some(thread)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(thread) = self.stop() {
            let _ = thread.join();
        }
    }
}

fn listen(listener: &TcpListener, over: &AtomicBool, act: &Arc<Act>) {
    // Weak: only the thread of a connection keeps it open, so that its end closes it (or resets it).
    let mut open: Vec<(Weak<TcpStream>, JoinHandle<()>)> = Vec::new();
    while let Ok((stream, _)) = listener.accept() {
        if over.load(Ordering::SeqCst) {
            break;
        }
        for (_, ended) in open.extract_if(.., |(_, handler)| handler.is_finished()) {
            let _ = ended.join();
        }
        let stream = Arc::new(stream);
        let connection = Arc::downgrade(&stream);
        let act = Arc::clone(act);
        // A handler that fails has lost its client: there is nobody left to tell.
        let handler = move || drop(prepare(&stream).and_then(|()| act(&stream)));
        if let Ok(handler) = thread::Builder::new().name("demo-connection".into()).spawn(handler) {
            open.push((connection, handler));
        }
    }
    for stream in open.iter().filter_map(|(connection, _)| connection.upgrade()) {
        let _ = stream.shutdown(Shutdown::Both);
    }
    for (_, handler) in open {
        let _ = handler.join();
    }
}

/// No connection outlives a client that has gone silent.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))
}

/// Ends a connection so that everything written arrives: closing while unread bytes wait would send a reset,
/// which may overtake the alert before it.
pub(super) fn hang_up(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + PATIENCE;
    let mut rest = [0; 4096];
    while stream.read(&mut rest)? > 0 && Instant::now() < deadline {}
    Ok(())
}

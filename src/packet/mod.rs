//! Capture files: packets in, the captures of the TLS connections in them out.
//!
//! File (`file`, `pcap`, `pcapng`) → link layer (`link`) → IP (`ip`) → TCP (`connections`, `connection`,
//! `half`) or UDP (`datagrams`, `quic`). Packets are pushed in one by one and captures come out as their connections end, so that neither the file
//! nor its connections need to fit into memory. Everything is bounded by [`Limits`](crate::capture::Limits); what is
//! dropped is counted.
//!
//! The packets of a connection of ours come from a packet socket (`tap`, `live`).

pub mod bytes;
pub mod compression;
mod connection;
mod connections;
mod datagrams;
pub mod file;
mod half;
pub mod ip;
pub mod link;
pub mod live;
mod order;
mod pcap;
mod pcapng;
mod quic;
mod source;
#[cfg(target_os = "linux")]
mod tap;
#[cfg(not(target_os = "linux"))]
#[path = "no_tap.rs"]
mod tap;
mod tls;
mod waiting;
pub mod write;

pub use connections::{Connections, Counts, Found, Keep};
pub use datagrams::DatagramCounts;
pub use file::{Item, Notice, Packet, Reader};
pub use tap::Tap;
pub use waiting::Waiting;
pub use write::Writer;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything that a capture file has of TLS, one connection after the other.
pub struct Captures<R> {
    reader: Reader<R>,
    connections: Connections,
    over: bool,
    /// Set from outside: the file ends here.
    stop: Arc<AtomicBool>,
}

impl<R: io::Read> Captures<R> {
    /// Reads `from`, which starts with a capture file's first byte, neither compressed.
    ///
    /// # Errors
    /// Reading fails, or it is no capture file.
    pub fn new(from: R, keep: Keep) -> io::Result<Self> {
        let (reader, connections) = (Reader::new(from)?, Connections::new(keep));
        Ok(Captures { reader, connections, over: false, stop: Arc::default() })
    }

    /// The same, but once `stop` is set the file ends: the connections that are open then come last.
    pub fn until(self, stop: Arc<AtomicBool>) -> Self {
        Captures { stop, ..self }
    }

    /// What was in the file so far.
    pub fn counts(&self) -> Counts {
        self.connections.counts()
    }

    /// What of the file could not be read.
    pub fn notices(&self) -> &[Notice] {
        self.reader.notices()
    }

    /// How many more places there were.
    pub fn more_notices(&self) -> u64 {
        self.reader.more_notices()
    }

    /// Something can be opened with secrets that are not in the file: see what [`Found`] says of its end.
    pub fn opens(&mut self) {
        self.connections.opens();
    }

    /// Keeps more or less of what follows.
    pub fn keep(&mut self, keep: Keep) {
        self.connections.keep(keep);
    }

    /// What ends the file once it is set.
    pub fn stop(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// Ends all connections, as if the file ended here.
    pub fn cut(&mut self) {
        self.over = true;
        self.connections.finish();
    }
}

impl<R: io::Read> Iterator for Captures<R> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.connections.next() {
                return Some(found);
            }
            if self.over {
                return None;
            }
            if self.stop.load(Ordering::Relaxed) {
                self.cut();
                continue;
            }
            let said = self.reader.said();
            let item = self.reader.next();
            match item {
                // What came last may be a part of a packet, which is not the file's fault.
                _ if self.stop.load(Ordering::Relaxed) => self.reader.unsay(said),
                Some(Item::Packet(packet)) => self.connections.packet(&packet),
                Some(Item::Secrets(text)) => self.connections.secrets(text),
                None => self.cut(),
            }
        }
    }
}

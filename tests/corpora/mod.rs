//! Other people's captures, read as `tls-trace read` does.

use std::path::{Path, PathBuf};

use tls_trace::capture::{Capture, StepKind, Tcp};
use tls_trace::packet::{Captures, Keep};

/// Where the captures lie; they are not part of the package.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(name)
}

/// A file there. One that is missing fails the test: one that passes because it could not read is worse than none.
pub fn read(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// One TCP connection.
#[derive(Debug)]
pub struct Stream {
    /// `address:port`
    pub client: String,
    pub server: String,
    /// Its place among the TCP connections.
    pub number: u64,
    pub capture: Capture,
}

/// The connections in a capture file that have TLS in them, in the order of their first packets.
pub fn streams(file: &[u8]) -> Vec<Stream> {
    let mut captures = Captures::new(file, Keep::ALL).expect("a capture file");
    let streams = captures.by_ref().map(|found| {
        let (client, server) = match &found.capture.steps[..] {
            [step, ..] => match &step.what {
                StepKind::Tcp { address, outcome: Tcp::Connected { local } } => {
                    (local.to_string(), address.to_string())
                }
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        Stream { client, server, number: found.number, capture: found.capture }
    });
    let mut streams: Vec<_> = streams.collect();
    streams.sort_by_key(|stream| stream.number);
    assert_eq!(captures.notices(), [], "what could not be read");
    streams
}

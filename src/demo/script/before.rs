//! What a script's server does before TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::bytes::Bytes;

/// One thing.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Before {
    Text(String),
    Send(Bytes),
    /// Waits for a line of the client's.
    HearLine,
    /// Waits for so many bytes.
    Hear(usize),
    WaitMs(u64),
    /// Without `times`: until the client has gone.
    Repeat {
        times: Option<usize>,
        steps: Vec<Before>,
    },
    Close,
    /// Nothing, until the client leaves.
    Silent,
}

/// Whether a ClientHello is waited for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Tls,
    Closed,
}

pub(super) fn perform(mut tcp: &TcpStream, steps: &[Before]) -> io::Result<Over> {
    for step in steps {
        match step {
            Before::Text(text) => tcp.write_all(text.as_bytes())?,
            Before::Send(bytes) => tcp.write_all(&bytes.0)?,
            Before::HearLine => while byte(tcp)? != b'\n' {},
            Before::Hear(count) => {
                for _ in 0..*count {
                    byte(tcp)?;
                }
            }
            Before::WaitMs(ms) => thread::sleep(Duration::from_millis(*ms)),
            Before::Repeat { times, steps } => {
                for _ in 0..times.unwrap_or(usize::MAX) {
                    if perform(tcp, steps)? == Over::Closed {
                        return Ok(Over::Closed);
                    }
                }
            }
            Before::Close => return Ok(Over::Closed),
            Before::Silent => {
                let mut rest = [0; 4096];
                while tcp.read(&mut rest)? > 0 {}
            }
        }
    }
    Ok(Over::Tls)
}

/// One, and none of what follows: that is the next step's.
fn byte(mut tcp: &TcpStream) -> io::Result<u8> {
    let mut byte = [0];
    tcp.read_exact(&mut byte)?;
    Ok(byte[0])
}

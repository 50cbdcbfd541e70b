//! Listening on after the handshake, and the end of the connection.
//!
//! Tickets, a server's late refusal and its first words come only when somebody reads.

use std::time::Duration;

use rustls::ClientConnection;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::drive::{self, Failure, Heard};

/// The longest that is listened by default.
pub const MOST: Duration = Duration::from_millis(300);
/// The shortest that is listened for the tickets of TLS 1.3, if none came.
pub const LEAST: Duration = Duration::from_millis(10);
/// How long to wait for a word on our client certificate, or on its absence. RFC 8446 lets a
/// server refuse it only after our Finished, when the handshake is complete for us.
pub const EVIDENCE: Duration = Duration::from_secs(2);
/// How long to wait for the server's end once we have closed our direction.
pub const DRAIN: Duration = Duration::from_millis(500);

/// How listening ended.
#[derive(Debug)]
pub enum Outcome {
    /// It was time, or what was waited for came.
    Quiet,
    /// The server said that it closes.
    Closed,
    /// An alert, an end, or something that rustls refuses.
    Failed(Failure),
}

/// Listens until `until`, or until `enough` says so.
pub async fn listen<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    conn: &mut ClientConnection,
    buf: &mut [u8],
    until: Instant,
    mut enough: impl FnMut(Heard) -> bool,
) -> Outcome {
    let mut time_is_up = std::pin::pin!(wait(until));
    loop {
        let heard = tokio::select! {
            biased;
            heard = drive::read(io, conn, buf) => heard,
            () = &mut time_is_up => return Outcome::Quiet,
        };
        match heard {
            Ok(heard) if heard.closed => return Outcome::Closed,
            Ok(heard) => {
                // A server that asks for a KeyUpdate gets it.
                if let Err(error) = drive::flush(io, conn).await {
                    return Outcome::Failed(Failure::Io(error));
                }
                if enough(heard) {
                    return Outcome::Quiet;
                }
            }
            Err(failure) => return Outcome::Failed(failure),
        }
    }
}

/// Reads until the server's end, or until `until`; what comes is only recorded.
pub async fn drain<IO: AsyncRead + Unpin>(io: &mut IO, buf: &mut [u8], until: Instant) {
    use tokio::io::AsyncReadExt;
    let end = async { while matches!(io.read(buf).await, Ok(len) if len > 0) {} };
    tokio::select! {
        biased;
        () = end => {}
        () = wait(until) => {}
    }
}

/// Says that we close, and closes our direction.
pub async fn close<IO: AsyncWrite + Unpin>(io: &mut IO, conn: &mut ClientConnection) {
    conn.send_close_notify();
    // The server may be gone: then there is nobody to tell.
    let _ = drive::flush(io, conn).await;
    let _ = io.shutdown().await;
}

/// Until `until`. tokio's timer counts in milliseconds and rounds up, which on a local connection
/// would be the longest part of the whole trace: so short times are waited for by asking again.
async fn wait(until: Instant) {
    if until.saturating_duration_since(Instant::now()) > Duration::from_millis(2) {
        return tokio::time::sleep_until(until).await;
    }
    while Instant::now() < until {
        tokio::task::yield_now().await;
    }
}

//! Moves bytes between a stream and rustls.
//!
//! By hand, not with tokio-rustls, for what an inspector wants: a whole flight in one read and in
//! one write, rustls's own error instead of an io error, the connection still there after a
//! failure, and an alert that is waited for until it is out.

use std::io::{self, BufRead};

use rustls::ClientConnection;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Room for one read: a server's flight fits, and so does a record.
pub const READ: usize = 32 << 10;

/// Why a conversation ended.
#[derive(Debug)]
pub enum Failure {
    /// rustls says so: an alert came, or it refuses what came.
    Tls(rustls::Error),
    /// The stream says so.
    Io(io::Error),
    /// The server closed.
    Eof,
}

/// What a read brought besides handshake messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// Bytes of application data.
    pub data: usize,
    /// close_notify came.
    pub closed: bool,
}

/// Performs the handshake: up to the point where rustls has nothing more to say or to wait for.
pub async fn handshake<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    conn: &mut ClientConnection,
    buf: &mut [u8],
) -> Result<(), Failure> {
    loop {
        flush(io, conn).await.map_err(Failure::Io)?;
        if !conn.is_handshaking() {
            return Ok(());
        }
        read(io, conn, buf).await?;
    }
}

/// Writes what rustls wants to have written.
pub async fn flush<IO: AsyncWrite + Unpin>(io: &mut IO, conn: &mut ClientConnection) -> io::Result<()> {
    if !conn.wants_write() {
        return Ok(());
    }
    let mut out = Vec::with_capacity(2048);
    while conn.wants_write() {
        conn.write_tls(&mut out)?;
    }
    io.write_all(&out).await?;
    io.flush().await
}

/// One read, handed to rustls. Application data is dropped: the recording has it.
pub async fn read<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    conn: &mut ClientConnection,
    buf: &mut [u8],
) -> Result<Heard, Failure> {
    let len = io.read(buf).await.map_err(Failure::Io)?;
    if len == 0 {
        return Err(Failure::Eof);
    }
    let fed = feed(conn, buf.get(..len).unwrap_or_default(), &mut io::sink());
    if fed.is_err() {
        // The alert that says why. If it can't be sent the reason is no other.
        let _ = flush(io, conn).await;
    }
    fed
}

/// Hands received bytes to rustls, and what they hold for the application to `out`.
pub fn feed(
    conn: &mut ClientConnection,
    mut bytes: &[u8],
    out: &mut impl io::Write,
) -> Result<Heard, Failure> {
    let mut heard = Heard::default();
    while !bytes.is_empty() {
        // 0: behind a close_notify nothing is read any more. An error: a message beyond 64 KiB.
        let refused = |error: io::Error| Failure::Tls(rustls::Error::General(error.to_string()));
        let taken = conn.read_tls(&mut bytes).map_err(refused)?;
        let state = conn.process_new_packets().map_err(Failure::Tls)?;
        heard.closed |= state.peer_has_closed();
        loop {
            let mut reader = conn.reader();
            // An error here is "nothing there yet".
            let data = reader.fill_buf().unwrap_or_default();
            let len = data.len();
            if len == 0 {
                break;
            }
            out.write_all(data).map_err(Failure::Io)?;
            reader.consume(len);
            heard.data += len;
        }
        if taken == 0 {
            break;
        }
    }
    Ok(heard)
}

//! A stream on which each write is a segment of its own.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connect::Stream;

/// Keeps what is written apart. Without Nagle's algorithm alone writes run together again, as soon as more are on their
/// way than the congestion window allows: Linux is told that each of them ends a record (MSG_EOR), which it does not join
/// to the next. Elsewhere only pauses help.
#[derive(Debug)]
pub struct Segments(pub Stream);

impl AsyncRead for Segments {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Segments {
    #[cfg(target_os = "linux")]
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        use rustix::net::{SendFlags, send};
        use std::task::ready;
        use tokio::io::Interest;

        let tcp = match &mut self.get_mut().0 {
            Stream::Tcp(tcp) => &*tcp,
            // Where it is no TCP there are no segments.
            other => return Pin::new(other).poll_write(cx, buf),
        };
        loop {
            ready!(tcp.poll_write_ready(cx))?;
            let write = || Ok(send(tcp, buf, SendFlags::EOR | SendFlags::NOSIGNAL)?);
            match tcp.try_io(Interest::WRITABLE, write) {
                // It only seemed so: the next round waits.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

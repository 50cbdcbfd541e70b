//! A stream that is read one TLS record at a time.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Gives its reader one record at most with each read.
///
/// A TLS library that is given a good record and a bad one together may answer with the error and
/// forget what it had opened: what came last with the handshake, and what came before a bad record,
/// is then lost. Given one at a time it hands over what is good first.
#[derive(Debug)]
pub struct Records<IO> {
    io: IO,
    /// The header of the record that is being read, as far as it has come.
    header: [u8; HEADER],
    /// How much of it that is. `<= HEADER`
    came: usize,
    /// Bytes of the record's body that are still to come.
    left: usize,
}

/// RFC 8446, section 5.1: type, version, length.
const HEADER: usize = 5;

impl<IO> Records<IO> {
    /// `io` is at the beginning of a record.
    pub fn new(io: IO) -> Self {
        Self { io, header: [0; HEADER], came: 0, left: 0 }
    }

    pub fn get_mut(&mut self) -> &mut IO {
        &mut self.io
    }

    pub fn into_inner(self) -> IO {
        self.io
    }

    /// `new` went to the reader.
    fn gave(&mut self, new: &[u8]) {
        if self.left > 0 {
            self.left = self.left.saturating_sub(new.len());
            return;
        }
        for (place, byte) in self.header.iter_mut().skip(self.came).zip(new) {
            *place = *byte;
        }
        self.came += new.len();
        if self.came >= HEADER {
            let [_, _, _, high, low] = self.header;
            self.left = usize::from(u16::from_be_bytes([high, low]));
            self.came = 0;
        }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Records<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let most = if this.left > 0 { this.left } else { HEADER - this.came };
        let room = buf.remaining().min(most);
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(room));
        ready!(Pin::new(&mut this.io).poll_read(cx, &mut part))?;
        let len = part.filled().len();
        this.gave(part.filled());
        buf.advance(len);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Records<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[test]
    fn each_read_ends_with_a_record_at_the_latest() {
        let bytes = [&[22, 3, 3, 0, 3, 1, 2, 3][..], &[23, 3, 3, 0, 0], &[21, 3, 3, 0, 1, 9]].concat();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // However large the reads are, and however the bytes come.
        for (room, most) in [(64, 64), (64, 1), (2, 64), (4, 3)] {
            let (mut ends, mut all) = (Vec::new(), Vec::new());
            runtime.block_on(async {
                let (near, mut far) = tokio::io::duplex(most);
                let mut records = Records::new(near);
                let send = async {
                    tokio::io::AsyncWriteExt::write_all(&mut far, &bytes).await.unwrap();
                    drop(far);
                };
                let receive = async {
                    let mut buf = vec![0; room];
                    loop {
                        let len = records.read(&mut buf).await.unwrap();
                        if len == 0 {
                            break;
                        }
                        all.extend_from_slice(&buf[..len]);
                        ends.push(all.len());
                    }
                };
                tokio::join!(send, receive);
            });
            assert_eq!(all, bytes);
            for end in [8, 13, 19] {
                assert!(ends.contains(&end), "reads of {room}: {ends:?}");
            }
        }
    }
}

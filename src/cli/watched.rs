//! An output that remembers why it failed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// Somebody who stops reading (`| head`) is no failure; a full disk is one.
pub(super) struct Watched<W> {
    inner: W,
    failure: Option<io::Error>,
}

impl<W> Watched<W> {
    pub(super) fn new(inner: W) -> Self {
        Watched { inner, failure: None }
    }

    /// What went wrong, if something did.
    pub(super) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref().filter(|e| e.kind() != io::ErrorKind::BrokenPipe)
    }

    fn noted<T>(&mut self, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(e)) = &result {
            let copy =
                e.raw_os_error().map_or_else(|| io::Error::from(e.kind()), io::Error::from_raw_os_error);
            self.failure.get_or_insert(copy);
        }
        result
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Watched<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.noted(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(cx);
        self.noted(result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.noted(result)
    }
}

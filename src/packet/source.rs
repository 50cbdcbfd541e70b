//! Bytes of a file that is read once, front to back, with a window that looks ahead.

use std::io::{self, Read};

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// A window on what comes next.
pub(super) struct Source<R> {
    from: R,
    buffer: Vec<u8>,
    /// `start <= end <= buffer.len()`: what was read and not yet passed over.
    start: usize,
    end: usize,
    /// Of `buffer[start]` in the file.
    offset: u64,
    /// No more comes; why, if not because the file ended.
    over: Option<Option<io::Error>>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(from: R) -> Self {
        Source { from, buffer: Vec::new(), start: 0, end: 0, offset: 0, over: None }
    }

    /// Where the window starts in the file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// What comes next: at least `wanted` bytes of it, or all there are.
    pub(super) fn peek(&mut self, wanted: usize) -> &[u8] {
        while self.end - self.start < wanted && self.over.is_none() {
            self.fill(wanted);
        }
        &self.buffer[self.start..self.end]
    }

    /// The next `len` bytes, if there are as many.
    pub(super) fn whole(&mut self, len: usize) -> Option<&[u8]> {
        self.peek(len).get(..len)
    }

    /// Passes over bytes that were looked at.
    pub(super) fn pass(&mut self, len: usize) {
        let len = len.min(self.end - self.start);
        self.start += len;
        self.offset += len as u64;
    }

    /// Passes over the next `len` bytes and gives them.
    pub(super) fn take(&mut self, len: usize) -> &[u8] {
        let from = self.start;
        self.pass(len);
        &self.buffer[from..self.start]
    }

    /// Why reading ended before the file did.
    pub(super) fn error(&self) -> Option<&io::Error> {
        self.over.as_ref()?.as_ref()
    }

    fn fill(&mut self, wanted: usize) {
        if self.buffer.len() - self.start < wanted.max(1) || self.start == self.end {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.buffer.len() < wanted.max(CHUNK) {
                self.buffer.resize(wanted.max(CHUNK), 0);
            }
        }
        match self.from.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.over = Some(None),
            Ok(n) => self.end += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => self.over = Some(Some(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_and_grows() {
        let bytes: Vec<u8> = (0..=255).cycle().take(2 * CHUNK + 10).collect();
        let mut source = Source::new(&bytes[..]);
        assert!(source.take(0).is_empty());
        assert_eq!(source.whole(3), Some(&[0, 1, 2][..]));
        assert!(source.peek(CHUNK + 5).len() >= CHUNK + 5);
        source.pass(CHUNK + 5);
        assert_eq!(source.whole(2), Some(&bytes[CHUNK + 5..][..2]));
        assert_eq!(source.whole(CHUNK + 6), None, "not as many");
        assert_eq!(source.peek(CHUNK + 6).len(), CHUNK + 5, "but all there are");
        assert_eq!(source.offset(), CHUNK as u64 + 5);
        assert_eq!(source.take(7), &bytes[CHUNK + 5..][..7]);
        assert!(source.error().is_none());
    }
}

//! Writes what [`Dissector`](super::dissector::Dissector) reads: numbers, and vectors behind their lengths.

use std::fmt;

use super::dissector::LengthPrefix;

/// Appends to a message, from its first byte to its last.
///
/// Content that does not fit into its length is told at the end, by [`Writer::finish`]: until then what is written
/// goes on, so that an encoder reads like the structure that it encodes.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    problem: Option<TooLong>,
}

/// A vector has more bytes than its length can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// The vector.
    pub field: &'static str,
    /// Its length in bytes, and the most that it could have.
    pub len: usize,
    pub most: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooLong { field, len, most } = self;
        write!(f, "{field} would have {len} bytes; at most {most} are possible")
    }
}

impl std::error::Error for TooLong {}

/// What `body` writes.
pub fn written(body: impl FnOnce(&mut Writer)) -> Result<Vec<u8>, TooLong> {
    let mut writer = Writer::default();
    body(&mut writer);
    writer.finish()
}

impl Writer {
    pub fn u8(&mut self, n: u8) {
        self.bytes.push(n);
    }

    pub fn u16(&mut self, n: u16) {
        self.bytes.extend(n.to_be_bytes());
    }

    /// The low three bytes of `n`.
    pub fn u24(&mut self, n: u32) {
        let [_, low @ ..] = n.to_be_bytes();
        self.bytes.extend(low);
    }

    pub fn u32(&mut self, n: u32) {
        self.bytes.extend(n.to_be_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// A vector: its length, then what `body` writes.
    pub fn vector(&mut self, field: &'static str, len: LengthPrefix, body: impl FnOnce(&mut Self)) {
        let width = len.width();
        let start = self.bytes.len();
        self.bytes.resize(start + width, 0);
        body(self);
        let len = self.bytes.len() - start - width;
        let most = (1 << (8 * width)) - 1;
        if len > most {
            self.problem.get_or_insert(TooLong { field, len, most });
        }
        let all = (len as u64).to_be_bytes();
        if let (Some(place), Some(low)) =
            (self.bytes.get_mut(start..start + width), all.get(all.len() - width..))
        {
            place.copy_from_slice(low);
        }
    }

    /// A vector of opaque bytes.
    pub fn opaque(&mut self, field: &'static str, len: LengthPrefix, bytes: &[u8]) {
        self.vector(field, len, |w| w.bytes(bytes));
    }

    /// A vector of two-byte code points.
    pub fn codes(&mut self, field: &'static str, len: LengthPrefix, codes: &[u16]) {
        self.vector(field, len, |w| codes.iter().for_each(|code| w.u16(*code)));
    }

    /// The message, unless something in it was too long.
    pub fn finish(self) -> Result<Vec<u8>, TooLong> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_have_their_lengths_in_front() {
        let bytes = written(|w| {
            w.u8(1);
            w.vector("outer", LengthPrefix::U24, |w| {
                w.codes("codes", LengthPrefix::U16, &[0x1301, 0x1302]);
                w.opaque("bytes", LengthPrefix::U8, &[7]);
            });
            w.u24(0x0a_0b0c);
            w.u32(1);
        });
        let expected = [1, 0, 0, 8, 0, 4, 0x13, 1, 0x13, 2, 1, 7, 10, 11, 12, 0, 0, 0, 1];
        assert_eq!(bytes.as_deref(), Ok(&expected[..]));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let fits = written(|w| w.opaque("id", LengthPrefix::U8, &[0; 255])).unwrap();
        assert_eq!((fits.len(), fits[0]), (256, 255));
        let error = written(|w| {
            w.opaque("id", LengthPrefix::U8, &[0; 256]);
            w.opaque("later", LengthPrefix::U16, &[0; 65536]);
        });
        assert_eq!(error.unwrap_err().to_string(), "id would have 256 bytes; at most 255 are possible");
    }
}

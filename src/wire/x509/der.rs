//! Reading DER (X.690): definite, minimal lengths; every element knows where it stands.

use std::ops::Range;

/// What is wrong, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    pub what: &'static str,
    pub at: usize,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

impl std::error::Error for Malformed {}

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const NULL: u8 = 0x05;
pub const OID: u8 = 0x06;
pub const ENUMERATED: u8 = 0x0a;
pub const UTF8_STRING: u8 = 0x0c;
pub const NUMERIC_STRING: u8 = 0x12;
pub const PRINTABLE_STRING: u8 = 0x13;
pub const TELETEX_STRING: u8 = 0x14;
pub const IA5_STRING: u8 = 0x16;
pub const UTC_TIME: u8 = 0x17;
pub const GENERALIZED_TIME: u8 = 0x18;
pub const VISIBLE_STRING: u8 = 0x1a;
pub const UNIVERSAL_STRING: u8 = 0x1c;
pub const BMP_STRING: u8 = 0x1e;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// `[n]`, primitive.
pub const fn context(n: u8) -> u8 {
    0x80 | n
}

/// `[n]`, constructed.
pub const fn constructed(n: u8) -> u8 {
    0xa0 | n
}

/// One element: tag, value, and the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    pub tag: u8,
    pub value: &'a [u8],
    /// With tag and length.
    pub raw: &'a [u8],
    /// Where `raw` starts in what was read at first.
    pub at: usize,
}

impl<'a> Tlv<'a> {
    /// The bytes of it.
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.raw.len()
    }

    /// A reader of what is inside.
    pub fn inside(&self) -> Reader<'a> {
        Reader { bytes: self.value, base: self.at + self.raw.len() - self.value.len() }
    }

    fn wrong(&self, what: &'static str) -> Malformed {
        Malformed { what, at: self.at }
    }

    /// INTEGER that fits; negative and overlong ones are refused.
    pub fn as_u64(&self) -> Result<u64, Malformed> {
        let value = self.value;
        match value {
            [] => return Err(self.wrong("empty INTEGER")),
            [first, ..] if first & 0x80 != 0 => return Err(self.wrong("negative INTEGER")),
            [0, second, ..] if second & 0x80 == 0 => return Err(self.wrong("INTEGER not minimal")),
            _ => {}
        }
        if value.len() > 9 || (value.len() == 9 && value.first() != Some(&0)) {
            return Err(self.wrong("INTEGER too large"));
        }
        Ok(value.iter().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    /// BOOLEAN: DER knows 00 and ff only.
    pub fn as_bool(&self) -> Result<bool, Malformed> {
        match self.value {
            [0x00] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(self.wrong("BOOLEAN neither 00 nor ff")),
        }
    }

    /// BIT STRING of whole bytes.
    pub fn as_octets(&self) -> Result<&'a [u8], Malformed> {
        match self.value.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(self.wrong("BIT STRING not of whole bytes")),
        }
    }

    /// Named bits, the first in the highest bit of the result; at most 16.
    pub fn as_flags(&self) -> Result<u16, Malformed> {
        let Some((&unused, bytes)) = self.value.split_first() else {
            return Err(self.wrong("empty BIT STRING"));
        };
        if unused > 7 || (bytes.is_empty() && unused != 0) || bytes.len() > 2 {
            return Err(self.wrong("BIT STRING with a wrong length"));
        }
        let last = bytes.last().copied().unwrap_or(0);
        if last & ((1u16 << unused) - 1) as u8 != 0 {
            return Err(self.wrong("BIT STRING with unused bits set"));
        }
        let high = bytes.first().copied().unwrap_or(0);
        let low = bytes.get(1).copied().unwrap_or(0);
        Ok(u16::from_be_bytes([high, low]))
    }
}

/// Reads one element after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    /// Where `bytes` starts in what was read at first.
    base: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, base: 0 }
    }

    /// A reader of bytes that stand at `base` in something larger.
    pub fn at(bytes: &'a [u8], base: usize) -> Self {
        Self { bytes, base }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where the next element would stand.
    pub fn position(&self) -> usize {
        self.base
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    fn wrong(&self, what: &'static str) -> Malformed {
        Malformed { what, at: self.base }
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Result<Tlv<'a>, Malformed> {
        let [tag, first, ..] = *self.bytes else { return Err(self.wrong("element cut short")) };
        if tag & 0x1f == 0x1f {
            return Err(self.wrong("tag of several bytes"));
        }
        let (header, len) = match first {
            0..=0x7f => (2, usize::from(first)),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let Some(bytes) = self.bytes.get(2..2 + count) else {
                    return Err(self.wrong("length cut short"));
                };
                let len = bytes.iter().fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte));
                if bytes.first() == Some(&0) || len < 0x80 {
                    return Err(self.wrong("length not minimal"));
                }
                (2 + count, len)
            }
            0x80 => return Err(self.wrong("indefinite length")),
            _ => return Err(self.wrong("length of more than four bytes")),
        };
        let end = header.checked_add(len);
        let (Some(raw), Some(value)) =
            (end.and_then(|end| self.bytes.get(..end)), end.and_then(|end| self.bytes.get(header..end)))
        else {
            return Err(self.wrong("element longer than what contains it"));
        };
        let at = self.base;
        self.bytes = self.bytes.get(raw.len()..).unwrap_or(&[]);
        self.base += raw.len();
        Ok(Tlv { tag, value, raw, at })
    }

    /// The next element, which must have this tag.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Tlv<'a>, Malformed> {
        if self.peek() != Some(tag) {
            return Err(self.wrong(what));
        }
        self.any()
    }

    /// The next element if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, Malformed> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Nothing may be left.
    pub fn end(&self, what: &'static str) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(self.wrong(what)) }
    }
}

/// An object identifier in dotted form; what can't be read is shown in hexadecimal.
pub fn dotted(oid: &[u8]) -> String {
    let mut out = String::new();
    let mut part: u64 = 0;
    let mut first = true;
    for (index, byte) in oid.iter().enumerate() {
        if part > u64::MAX >> 7 {
            return format!("#{}", hex::encode(oid));
        }
        part = (part << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            if index + 1 == oid.len() {
                return format!("#{}", hex::encode(oid));
            }
            continue;
        }
        if first {
            let top = (part / 40).min(2);
            out = format!("{top}.{}", part - top * 40);
            first = false;
        } else {
            out.push('.');
            out.push_str(&part.to_string());
        }
        part = 0;
    }
    out
}

/// An element of DER: `tag`, the length, `value`.
pub fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 6);
    out.push(tag);
    match u8::try_from(value.len()) {
        Ok(len) if len < 0x80 => out.push(len),
        _ => {
            let len = value.len().to_be_bytes();
            let from = len.iter().position(|byte| *byte != 0).unwrap_or(len.len() - 1);
            let digits = len.get(from..).unwrap_or(&[]);
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(value);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_place() {
        let mut outer = Reader::new(&[0x30, 0x05, 0x02, 0x01, 0x07, 0x05, 0x00]);
        let sequence = outer.expect(SEQUENCE, "no").unwrap();
        outer.end("more").unwrap();
        let mut inside = sequence.inside();
        let number = inside.any().unwrap();
        assert_eq!((number.at, number.as_u64()), (2, Ok(7)));
        assert_eq!(inside.any().unwrap().range(), 5..7);
    }

    #[test]
    fn what_is_not_der() {
        for (bytes, what) in [
            (&[0x30, 0x80, 0x00, 0x00][..], "indefinite length"),
            (&[0x30, 0x81, 0x01, 0x00], "length not minimal"),
            (&[0x30, 0x05, 0x00], "element longer than what contains it"),
            (&[0x1f, 0x01, 0x00], "tag of several bytes"),
            (&[0x30], "element cut short"),
        ] {
            assert_eq!(Reader::new(bytes).any().unwrap_err().what, what);
        }
    }

    #[test]
    fn object_identifiers() {
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), "1.2.840.113549.1.1.11");
        assert_eq!(dotted(&[0x88, 0x37, 0x01]), "2.999.1");
        assert_eq!(dotted(&[0x55, 0x9d]), "#559d");
    }

    #[test]
    fn written_and_read() {
        for len in [0usize, 1, 127, 128, 255, 256, 70_000] {
            let made = element(OCTET_STRING, &vec![7; len]);
            assert_eq!(Reader::new(&made).any().unwrap().value.len(), len);
        }
    }
}

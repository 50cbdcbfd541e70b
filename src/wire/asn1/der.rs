//! The form of DER (X.690): tags, the header that every element starts with, and writing one.

use std::ops::Range;

use crate::wire::field::{Malformed, Wrong};

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
pub const VIDEOTEX_STRING: u8 = 0x15;
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

/// An element's tag and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The first byte: class, constructed or not, and the number if it is below 31.
    pub tag: u8,
    /// Bytes of tag and length.
    pub width: usize,
    /// Bytes of content.
    pub len: usize,
    /// The length is encoded in more bytes than it needs, which BER allows and DER does not.
    pub long: bool,
}

/// Reads the header that `bytes` start with. The content need not be there.
pub fn head(bytes: &[u8]) -> Result<Head, Wrong> {
    let more = |need: usize| Wrong::Truncated { need, have: bytes.len() };
    let tag = *bytes.first().ok_or(more(2))?;
    let mut at = 1;
    if tag & 0x1f == 0x1f {
        // A number of 31 or more follows, seven bits a byte.
        while *bytes.get(at).ok_or(more(at + 2))? & 0x80 != 0 {
            at += 1;
            if at > 5 {
                return Err(Wrong::Illegal("a tag number larger than any in use"));
            }
        }
        at += 1;
    }
    let first = *bytes.get(at).ok_or(more(at + 1))?;
    at += 1;
    if first < 0x80 {
        return Ok(Head { tag, width: at, len: first.into(), long: false });
    }
    let count = usize::from(first & 0x7f);
    match count {
        0 => return Err(Wrong::Illegal("DER does not allow indefinite lengths")),
        1..=4 => {}
        _ => return Err(Wrong::Illegal("a length of more than four bytes")),
    }
    let digits = bytes.get(at..at + count).ok_or(more(at + count))?;
    let len = digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit));
    Ok(Head { tag, width: at + count, len, long: digits[0] == 0 || len < 0x80 })
}

/// One whole element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    pub tag: u8,
    pub value: &'a [u8],
    /// With tag and length.
    pub raw: &'a [u8],
    /// Where `raw` starts in what is read.
    pub at: usize,
}

impl<'a> Tlv<'a> {
    /// The element that `bytes` start with, which stand at `at` in what is read.
    pub fn first(bytes: &'a [u8], at: usize) -> Result<Self, Wrong> {
        let head = head(bytes)?;
        let truncated = Wrong::Truncated { need: head.len, have: bytes.len() - head.width };
        let raw = head.width.checked_add(head.len).and_then(|end| bytes.get(..end)).ok_or(truncated)?;
        Ok(Self { tag: head.tag, value: &raw[head.width..], raw, at })
    }

    /// The bytes of it.
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.raw.len()
    }
}

/// The elements that follow each other in `bytes`. Ends behind the first that can't be read.
pub fn elements(bytes: &[u8]) -> impl Iterator<Item = Result<Tlv<'_>, Malformed>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let offset = at;
        let first = Tlv::first(rest, at).map_err(|kind| Malformed { field: "element", offset, kind });
        at = first.as_ref().map_or(bytes.len(), |tlv| tlv.range().end);
        Some(first)
    })
}

/// The content of the one element of this type that `bytes` are.
pub fn content(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let tlv = Tlv::first(bytes, 0).ok()?;
    (tlv.tag == tag && tlv.raw.len() == bytes.len()).then_some(tlv.value)
}

/// An element: `tag`, the length, `value`.
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

/// How ASN.1 calls the type of an element.
pub fn type_name(tag: u8) -> &'static str {
    match tag {
        BOOLEAN => "BOOLEAN",
        INTEGER => "INTEGER",
        BIT_STRING => "BIT STRING",
        OCTET_STRING => "OCTET STRING",
        NULL => "NULL",
        OID => "OBJECT IDENTIFIER",
        ENUMERATED => "ENUMERATED",
        UTF8_STRING => "UTF8String",
        NUMERIC_STRING => "NumericString",
        PRINTABLE_STRING => "PrintableString",
        TELETEX_STRING => "TeletexString",
        IA5_STRING => "IA5String",
        UTC_TIME => "UTCTime",
        GENERALIZED_TIME => "GeneralizedTime",
        VISIBLE_STRING => "VisibleString",
        UNIVERSAL_STRING => "UniversalString",
        BMP_STRING => "BMPString",
        SEQUENCE => "SEQUENCE",
        SET => "SET",
        0x80 | 0xa0 => "[0]",
        0x81 | 0xa1 => "[1]",
        0x82 | 0xa2 => "[2]",
        0x83 | 0xa3 => "[3]",
        0x84 | 0xa4 => "[4]",
        0x85 | 0xa5 => "[5]",
        0x86 | 0xa6 => "[6]",
        0x87 | 0xa7 => "[7]",
        0x88 | 0xa8 => "[8]",
        _ => "element",
    }
}

/// Whether a field is the tag and length of an element: it is named after the element's type.
pub fn is_header(name: &str) -> bool {
    // Most names of fields have none of these first letters.
    let may_be = matches!(name.as_bytes().first(), Some(b'A'..=b'Z' | b'[' | b'e'));
    may_be && (0..=0xff).any(|tag| type_name(tag) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        let head_of = |tag, width, len, long| Ok(Head { tag, width, len, long });
        assert_eq!(head(&[0x30, 0x05]), head_of(0x30, 2, 5, false));
        assert_eq!(head(&[0x30, 0x81, 0x05]), head_of(0x30, 3, 5, true));
        assert_eq!(head(&[0x30, 0x81, 0x80]), head_of(0x30, 3, 128, false));
        assert_eq!(head(&[0x30, 0x82, 0, 0xff]), head_of(0x30, 4, 255, true));
        assert_eq!(head(&[0x30, 0x82, 1, 0]), head_of(0x30, 4, 256, false));
        assert_eq!(head(&[0x1f, 0x81, 0x01, 0]), head_of(0x1f, 4, 0, false));
        assert_eq!(head(&[0x30, 0x80]), Err(Wrong::Illegal("DER does not allow indefinite lengths")));
        assert_eq!(head(&[0x30]), Err(Wrong::Truncated { need: 2, have: 1 }));
        assert_eq!(head(&[]), Err(Wrong::Truncated { need: 2, have: 0 }));
        assert_eq!(head(&[0x30, 0x82, 1]), Err(Wrong::Truncated { need: 4, have: 3 }));
        assert_eq!(
            head(&[0x30, 0x85, 0, 0, 0, 0, 1]),
            Err(Wrong::Illegal("a length of more than four bytes"))
        );
    }

    #[test]
    fn elements_know_their_place() {
        let bytes = [0x02, 0x01, 0x07, 0x05, 0x00, 0x30, 0x05, 0x00];
        let found: Vec<_> = elements(&bytes).collect();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].unwrap().value, [7]);
        assert_eq!(found[1].unwrap().range(), 3..5);
        assert_eq!(found[2].unwrap_err().kind, Wrong::Truncated { need: 5, have: 1 });
        assert_eq!(content(&bytes[..3], INTEGER), Some(&[7][..]));
        assert_eq!(content(&bytes[..3], OID), None);
        assert_eq!(content(&bytes[..5], INTEGER), None);
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
            assert_eq!(content(&made, OCTET_STRING).map(<[u8]>::len), Some(len));
            assert!(!head(&made).unwrap().long);
        }
    }
}

//! DER (X.690): certificates and OCSP responses, walked by the same [`Dissector`] as the messages around them.
//!
//! Each element is a group: a leaf for its tag and length, named by its ASN.1 type, then its content. Nesting is bounded
//! by the dissector's depth.

pub mod extensions;
pub mod name;
pub mod ocsp;
pub mod x509;

pub use name::name;
pub use ocsp::ocsp_response;
pub use x509::{certificate, public_key};

use super::codepoints::{Registry, oid};
use super::dissector::{Dissector, Read};
use super::field::{Malformed, Wrong};
use super::x509::der::{
    BIT_STRING, BOOLEAN, ENUMERATED, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, Tlv,
    UTC_TIME, constructed, context, dotted,
};
use super::x509::time::{Time, date_time};

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

/// Looks at the element that `bytes` start with. The content need not be there.
pub fn head(bytes: &[u8]) -> Result<Head, Wrong> {
    let more = |need: usize| Wrong::Truncated { need, have: bytes.len() };
    let tag = *bytes.first().ok_or(more(2))?;
    let mut at = 1;
    if tag & 0x1f == 0x1f {
        // A number of 31 or more follows, seven bits a byte.
        while *bytes.get(at).ok_or(more(at + 2))? & 0x80 != 0 {
            at += 1;
            if at > 5 {
                return Err(Wrong::Illegal("a tag number beyond any that is in use"));
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
        0 => return Err(Wrong::Illegal("DER knows no indefinite length")),
        1..=4 => {}
        _ => return Err(Wrong::Illegal("a length of more than four bytes")),
    }
    let digits = bytes.get(at..at + count).ok_or(more(at + count))?;
    let len = digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit));
    Ok(Head { tag, width: at + count, len, long: digits[0] == 0 || len < 0x80 })
}

/// Content of the element that `bytes` start with, as far as it can be told.
pub fn inside(bytes: &[u8]) -> &[u8] {
    head(bytes).ok().and_then(|head| bytes.get(head.width..head.width + head.len)).unwrap_or_default()
}

/// The tag of the element ahead.
pub fn ahead(d: &Dissector<'_>) -> Option<u8> {
    d.peek().first().copied()
}

/// Reads one element of any type under `name`, and its content by `body`.
pub fn element(
    d: &mut Dissector<'_>,
    name: &'static str,
    body: impl FnOnce(&mut Dissector<'_>, Head) -> Read<()>,
) -> Read<()> {
    let head = head(d.peek()).map_err(|kind| Malformed { field: name, offset: d.pos(), kind })?;
    if head.len > d.remaining() - head.width {
        let kind = Wrong::Truncated { need: head.len, have: d.remaining() - head.width };
        return Err(Malformed { field: name, offset: d.pos(), kind });
    }
    d.group(name, |d| {
        d.bytes(type_name(head.tag), head.width)?;
        if head.long {
            d.wrong(name, Wrong::Illegal("DER takes the shortest length"));
        }
        d.enclosed(name, head.len, |d| body(d, head));
        Ok(())
    })
}

/// Reads an element that must have `tag`.
pub fn expect(
    d: &mut Dissector<'_>,
    name: &'static str,
    tag: u8,
    body: impl FnOnce(&mut Dissector<'_>) -> Read<()>,
) -> Read<()> {
    if ahead(d).is_some_and(|found| found != tag) {
        let kind = Wrong::Illegal("not of the ASN.1 type that belongs here");
        return Err(Malformed { field: name, offset: d.pos(), kind });
    }
    element(d, name, |d, _| body(d))
}

/// Reads an element if it is there: if `tag` is ahead.
pub fn optional(
    d: &mut Dissector<'_>,
    name: &'static str,
    tag: u8,
    body: impl FnOnce(&mut Dissector<'_>) -> Read<()>,
) -> Read<bool> {
    let there = ahead(d) == Some(tag);
    if there {
        expect(d, name, tag, body)?;
    }
    Ok(there)
}

pub fn sequence(
    d: &mut Dissector<'_>,
    name: &'static str,
    body: impl FnOnce(&mut Dissector<'_>) -> Read<()>,
) -> Read<()> {
    expect(d, name, SEQUENCE, body)
}

/// A SEQUENCE of any number of items.
pub fn sequence_of(
    d: &mut Dissector<'_>,
    name: &'static str,
    item: impl FnMut(&mut Dissector<'_>) -> Read<()>,
) -> Read<()> {
    expect(d, name, SEQUENCE, |d| each(d, item))
}

/// Items up to the end of the enclosing element.
pub fn each(d: &mut Dissector<'_>, mut item: impl FnMut(&mut Dissector<'_>) -> Read<()>) -> Read<()> {
    while !d.is_empty() {
        item(d)?;
    }
    Ok(())
}

pub fn integer(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    expect(d, name, INTEGER, |d| number(d, name))
}

/// An ENUMERATED that a registry names.
pub fn enumerated(d: &mut Dissector<'_>, name: &'static str, registry: &'static Registry) -> Read<()> {
    expect(d, name, ENUMERATED, |d| d.code8(name, registry).map(drop))
}

/// Reads an object identifier, and returns its encoding.
pub fn object_identifier<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<&'a [u8]> {
    let found = inside(d.peek());
    expect(d, name, OID, |d| oid_content(d, name))?;
    Ok(found)
}

/// UTCTime or GeneralizedTime.
pub fn time(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    let tag = if ahead(d) == Some(UTC_TIME) { UTC_TIME } else { GENERALIZED_TIME };
    expect(d, name, tag, |d| time_content(d, name, tag))
}

/// A BIT STRING whose bits are bytes: a key or a signature.
pub fn bit_string(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    expect(d, name, BIT_STRING, |d| bits(d, name))
}

pub fn octet_string(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    expect(d, name, OCTET_STRING, |d| content(d, name))
}

/// Any element, by its type alone.
pub fn any(d: &mut Dissector<'_>) -> Read<()> {
    let tag = ahead(d).unwrap_or_default();
    any_as(d, type_name(tag))
}

/// Any element under a name, by its type alone.
pub fn any_as(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    element(d, name, |d, head| typed(d, name, head.tag))
}

/// Content of an element, read as its tag says.
pub fn typed(d: &mut Dissector<'_>, name: &'static str, tag: u8) -> Read<()> {
    match tag {
        _ if tag & 0x20 != 0 => each(d, any),
        BOOLEAN => boolean_content(d, name),
        INTEGER | ENUMERATED => number(d, name),
        BIT_STRING => bits(d, name),
        OID => oid_content(d, name),
        UTC_TIME | GENERALIZED_TIME => time_content(d, name, tag),
        0x0c | 0x12..=0x16 | 0x1a => text(d, name),
        _ => content(d, name),
    }
}

/// Bytes up to the end, if there are any.
pub fn content(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    if !d.is_empty() {
        d.rest(name);
    }
    Ok(())
}

/// Text up to the end, if there is any.
pub fn text(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    if !d.is_empty() {
        d.text(name, d.remaining())?;
    }
    Ok(())
}

pub fn boolean(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    expect(d, name, BOOLEAN, |d| boolean_content(d, name))
}

fn boolean_content(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    match d.u8(name)? {
        0 => d.note(|| "FALSE".into()),
        0xff => d.note(|| "TRUE".into()),
        _ => d.wrong(name, Wrong::Illegal("DER has 0xff for TRUE, 0 for FALSE")),
    }
    Ok(())
}

/// A number. One that fits is shown as such; serial numbers and key material are bytes.
fn number(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    let ahead = d.peek();
    let negative = ahead.first().is_none_or(|first| first & 0x80 != 0);
    if ahead.is_empty() {
        d.wrong(name, Wrong::Illegal("a number has at least one byte"));
        Ok(())
    } else if negative || ahead.len() > 8 {
        content(d, name)
    } else {
        d.uint(name, ahead.len()).map(drop)
    }
}

fn bits(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    if d.u8("unused bits")? > 7 {
        d.wrong(name, Wrong::Illegal("at most 7 bits of the last byte are unused"));
    }
    content(d, name)
}

fn oid_content(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    let der = d.peek();
    d.bytes(name, der.len())?;
    if der.last().is_none_or(|last| last & 0x80 != 0) {
        d.wrong(name, Wrong::Illegal("an object identifier ends within a number"));
    }
    d.note(|| oid::find(der).map_or_else(|| dotted(der).into(), |oid| oid.shown.into()));
    Ok(())
}

fn time_content(d: &mut Dissector<'_>, name: &'static str, tag: u8) -> Read<()> {
    let value = d.peek();
    d.text(name, value.len())?;
    match Time::read(&Tlv { tag, value, raw: value, at: 0 }) {
        Ok(time) => d.note(|| date_time(time.unix).into()),
        Err(malformed) => d.wrong(name, Wrong::Illegal(malformed.what)),
    }
    Ok(())
}

/// Whether a field is the tag and length of an element: it is named after the element's type.
pub fn is_header(name: &str) -> bool {
    (0..=0xff).any(|tag| type_name(tag) == name)
}

/// How ASN.1 calls the type of an element.
fn type_name(tag: u8) -> &'static str {
    match tag {
        0x01 => "BOOLEAN",
        0x02 => "INTEGER",
        0x03 => "BIT STRING",
        0x04 => "OCTET STRING",
        0x05 => "NULL",
        0x06 => "OBJECT IDENTIFIER",
        0x0a => "ENUMERATED",
        0x0c => "UTF8String",
        0x12 => "NumericString",
        0x13 => "PrintableString",
        0x14 => "TeletexString",
        0x16 => "IA5String",
        0x17 => "UTCTime",
        0x18 => "GeneralizedTime",
        0x1a => "VisibleString",
        0x1c => "UniversalString",
        0x1e => "BMPString",
        0x30 => "SEQUENCE",
        0x31 => "SET",
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

#[cfg(test)]
mod tests;

//! Names (RFC 5280, sections 4.1.2.4 and 4.2.1.6).

use super::*;
use crate::wire::codepoints::oid::{self, dotted};

/// A distinguished name, as an element of its own.
pub fn name(d: &mut Dissector<'_>) -> Read<()> {
    distinguished(d, "Name")
}

/// A distinguished name under a name of its own, with the readable form as a note.
pub fn distinguished(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    let der = d.peek();
    sequence_of(d, name, |d| expect(d, "RelativeDistinguishedName", SET, |d| each(d, attribute)))?;
    d.note(|| readable(der).into());
    Ok(())
}

fn attribute(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "AttributeTypeAndValue", |d| {
        object_identifier(d, "type")?;
        any_as(d, "value")
    })
}

/// A GeneralName.
pub fn general(d: &mut Dissector<'_>) -> Read<()> {
    let tag = ahead(d).unwrap_or_default();
    let label = match tag & 0x1f {
        0 => "otherName",
        1 => "rfc822Name",
        2 => "dNSName",
        3 => "x400Address",
        4 => "directoryName",
        5 => "ediPartyName",
        6 => "uniformResourceIdentifier",
        7 => "iPAddress",
        8 => "registeredID",
        _ => return any(d),
    };
    element(d, label, |d, _| match tag {
        0x81 | 0x82 | 0x86 => text(d, label),
        0xa4 => distinguished(d, "Name"),
        0x87 => address(d, label),
        0x88 => oid_content(d, label),
        0xa0 => {
            object_identifier(d, "type-id")?;
            each(d, any)
        }
        _ => typed(d, label, tag),
    })
}

/// An address, or in name constraints an address and a mask.
fn address(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    let bytes = d.peek();
    content(d, name)?;
    match *bytes {
        [a, b, c, e] => d.note(|| format!("{a}.{b}.{c}.{e}").into()),
        [a, b, c, e, f, g, h, i] => d.note(|| format!("{a}.{b}.{c}.{e} mask {f}.{g}.{h}.{i}").into()),
        _ => {
            if let Ok(bytes) = <[u8; 16]>::try_from(bytes) {
                d.note(|| std::net::Ipv6Addr::from(bytes).to_string().into());
            } else if bytes.len() != 32 {
                d.wrong(name, Wrong::Illegal("an address has 4 or 16 bytes"));
            }
        }
    }
    Ok(())
}

/// A distinguished name as RFC 4514 writes it: the most particular part first.
pub fn readable(der: &[u8]) -> String {
    let mut parts = Vec::new();
    let mut rest = inside(der);
    while let Some((after, mut set)) = split(rest, SET).filter(|_| !rest.is_empty()) {
        rest = after;
        let mut part = String::new();
        while let Some((after, pair)) = split(set, SEQUENCE).filter(|_| !set.is_empty()) {
            set = after;
            if !part.is_empty() {
                part.push('+');
            }
            write_attribute(pair, &mut part);
        }
        parts.push(part);
    }
    parts.reverse();
    parts.join(",")
}

fn write_attribute(pair: &[u8], out: &mut String) {
    let Some((value, kind)) = split(pair, OBJECT_IDENTIFIER) else { return };
    match oid::find(kind).filter(|oid| !oid.label.is_empty()) {
        Some(oid) => out.push_str(oid.label),
        None => out.push_str(&dotted(kind)),
    }
    out.push('=');
    let bytes = inside(value);
    let text = match value.first().copied().unwrap_or_default() {
        // BMPString: UTF-16.
        0x1e => {
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        // TeletexString: in practice Latin-1.
        0x14 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    for (at, c) in text.char_indices() {
        let edge = (at == 0 && matches!(c, ' ' | '#')) || (at + 1 == text.len() && c == ' ');
        if edge || matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
            out.push('\\');
        }
        // A name comes from the peer: what could move the cursor is written out.
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
}

/// What follows the element of type `tag` that `bytes` start with, and its content.
fn split(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let head = head(bytes).ok().filter(|head| head.tag == tag)?;
    let end = head.width + head.len;
    Some((bytes.get(end..)?, &bytes[head.width..end]))
}

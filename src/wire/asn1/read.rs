//! Reading DER with the [`Dissector`]: each call reads an element, records it in Tree mode, and returns what it means.
//!
//! An element is a group in the tree: a leaf for its tag and length, named after its ASN.1 type, then its content.
//! `Err` says that the element is not there as it has to be. `Ok(None)` says that it is, but its content could not be
//! understood: that is a problem of the element, and reading goes on behind it.

use super::der::{
    self, BIT_STRING, BOOLEAN, ENUMERATED, GENERALIZED_TIME, Head, IA5_STRING, INTEGER, NUMERIC_STRING,
    OCTET_STRING, OID, SEQUENCE, Tlv, UTC_TIME, UTF8_STRING, VISIBLE_STRING, dotted, type_name,
};
use super::time::Time;
use crate::wire::codepoints::{Registry, oid};
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};

/// The tag of the element ahead.
pub fn ahead(d: &Dissector<'_>) -> Option<u8> {
    d.peek().first().copied()
}

/// The element ahead, without reading it.
pub fn peek<'a>(d: &Dissector<'a>, name: &'static str) -> Read<Tlv<'a>> {
    Tlv::first(d.peek(), d.pos()).map_err(|kind| Malformed { field: name, offset: d.pos(), kind })
}

/// Reads one element of any type under `name`, and its content by `body`.
pub fn element<'a, T>(
    d: &mut Dissector<'a>,
    name: &'static str,
    body: impl FnOnce(&mut Dissector<'a>, Head) -> Read<T>,
) -> Read<Option<T>> {
    let head = der::head(d.peek()).map_err(|kind| Malformed { field: name, offset: d.pos(), kind })?;
    if head.len > d.remaining() - head.width {
        let kind = Wrong::Truncated { need: head.len, have: d.remaining() - head.width };
        return Err(Malformed { field: name, offset: d.pos(), kind });
    }
    let mut out = None;
    d.group(name, |d| {
        d.bytes(type_name(head.tag), head.width)?;
        if head.long {
            d.wrong(name, Wrong::Illegal("DER takes the shortest length"));
        }
        d.enclosed(name, head.len, |d| {
            out = Some(body(d, head)?);
            Ok(())
        });
        Ok(())
    })?;
    Ok(out)
}

/// Reads an element that must have `tag`.
pub fn expect<'a, T>(
    d: &mut Dissector<'a>,
    name: &'static str,
    tag: u8,
    body: impl FnOnce(&mut Dissector<'a>) -> Read<T>,
) -> Read<Option<T>> {
    match ahead(d) {
        Some(found) if found != tag => {
            let kind = Wrong::Type { want: type_name(tag), found: type_name(found) };
            Err(Malformed { field: name, offset: d.pos(), kind })
        }
        _ => element(d, name, |d, _| body(d)),
    }
}

/// Reads an element if it is there: if `tag` is ahead.
pub fn optional<'a, T>(
    d: &mut Dissector<'a>,
    name: &'static str,
    tag: u8,
    body: impl FnOnce(&mut Dissector<'a>) -> Read<T>,
) -> Read<Option<T>> {
    if ahead(d) == Some(tag) { expect(d, name, tag, body) } else { Ok(None) }
}

pub fn sequence<'a, T>(
    d: &mut Dissector<'a>,
    name: &'static str,
    body: impl FnOnce(&mut Dissector<'a>) -> Read<T>,
) -> Read<Option<T>> {
    expect(d, name, SEQUENCE, body)
}

/// A SEQUENCE of any number of items.
pub fn sequence_of<'a>(
    d: &mut Dissector<'a>,
    name: &'static str,
    item: impl FnMut(&mut Dissector<'a>) -> Read<()>,
) -> Read<()> {
    expect(d, name, SEQUENCE, |d| each(d, item)).map(drop)
}

/// Items up to the end of the enclosing element.
pub fn each<'a>(d: &mut Dissector<'a>, mut item: impl FnMut(&mut Dissector<'a>) -> Read<()>) -> Read<()> {
    while !d.is_empty() {
        item(d)?;
    }
    Ok(())
}

/// An INTEGER of any size; its content.
pub fn integer<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<Option<&'a [u8]>> {
    expect(d, name, INTEGER, |d| number(d, name))
}

/// An INTEGER from 0 on that fits.
pub fn unsigned(d: &mut Dissector<'_>, name: &'static str) -> Read<Option<u64>> {
    Ok(expect(d, name, INTEGER, |d| small(d, name))?.flatten())
}

/// An ENUMERATED that a registry names.
pub fn enumerated(
    d: &mut Dissector<'_>,
    name: &'static str,
    registry: &'static Registry,
) -> Read<Option<u8>> {
    expect(d, name, ENUMERATED, |d| d.code8(name, registry))
}

/// An object identifier; its content.
pub fn object_identifier<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<&'a [u8]> {
    let tlv = peek(d, name)?;
    expect(d, name, OID, |d| oid_content(d, name))?;
    Ok(tlv.value)
}

/// UTCTime or GeneralizedTime. Of another type it is malformed, and what follows is read all the same.
pub fn time(d: &mut Dissector<'_>, name: &'static str) -> Read<Option<Time>> {
    let time = element(d, name, |d, head| match head.tag {
        UTC_TIME | GENERALIZED_TIME => time_content(d, name, head.tag),
        tag => {
            typed(d, name, tag)?;
            d.wrong(name, Wrong::Type { want: "UTCTime or GeneralizedTime", found: type_name(tag) });
            Ok(None)
        }
    })?;
    Ok(time.flatten())
}

/// A BIT STRING of whole bytes: a key or a signature.
pub fn octets<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<Option<&'a [u8]>> {
    Ok(expect(d, name, BIT_STRING, |d| {
        let whole = unused(d, name)? == Some(0);
        let bytes = d.peek();
        content(d, name)?;
        if !whole {
            d.wrong(name, Wrong::Illegal("its bits are not whole bytes"));
        }
        Ok(whole.then_some(bytes))
    })?
    .flatten())
}

/// The number of unused bits at the end of a BIT STRING, the first byte of its content.
pub fn unused(d: &mut Dissector<'_>, name: &'static str) -> Read<Option<u8>> {
    let unused = d.u8("unused bits")?;
    if unused > 7 {
        d.wrong(name, Wrong::Illegal("at most 7 bits of the last byte are unused"));
    }
    Ok((unused <= 7).then_some(unused))
}

/// Content of a BIT STRING of named bits, at most 16: the first is the highest of the result.
pub fn flags<'a>(
    d: &mut Dissector<'a>,
    name: &'static str,
    shown: impl FnOnce(u16) -> String,
) -> Read<Option<u16>> {
    let unused = unused(d, name)?;
    let bytes = d.peek();
    content(d, name)?;
    let bits =
        bytes.iter().take(2).zip([8, 0]).fold(0, |bits, (byte, shift)| bits | u16::from(*byte) << shift);
    let last = bytes.last().copied().unwrap_or(0);
    let wrong = match unused {
        None => return Ok(None),
        Some(unused) if bytes.is_empty() && unused != 0 => Some("no bits, some of them unused"),
        Some(_) if bytes.len() > 2 => Some("more bits than have a name"),
        Some(unused) if u16::from(last) & ((1u16 << unused) - 1) != 0 => Some("unused bits are set"),
        Some(_) => None,
    };
    match wrong {
        Some(rule) => {
            d.wrong(name, Wrong::Illegal(rule));
            Ok(None)
        }
        None => {
            d.note(|| shown(bits).into());
            Ok(Some(bits))
        }
    }
}

/// An OCTET STRING; its content.
pub fn octet_string<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<Option<&'a [u8]>> {
    expect(d, name, OCTET_STRING, |d| content(d, name))
}

/// A BOOLEAN that is FALSE where it is left out; FALSE itself is not to be written then (X.690, section 11.5).
pub fn default_false(d: &mut Dissector<'_>, name: &'static str) -> Read<bool> {
    let flag = optional(d, name, BOOLEAN, |d| {
        let flag = boolean_content(d, name)?;
        if flag == Some(false) {
            d.wrong(name, Wrong::Illegal("FALSE is the default, which DER leaves out"));
        }
        Ok(flag)
    })?;
    Ok(flag.flatten().unwrap_or(false))
}

/// Any element, by its type alone.
pub fn any(d: &mut Dissector<'_>) -> Read<()> {
    let tag = ahead(d).unwrap_or_default();
    any_as(d, type_name(tag))
}

/// Any element under a name, by its type alone.
pub fn any_as(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    element(d, name, |d, head| typed(d, name, head.tag)).map(drop)
}

/// Content of an element, read as its tag says.
pub fn typed(d: &mut Dissector<'_>, name: &'static str, tag: u8) -> Read<()> {
    match tag {
        _ if tag & 0x20 != 0 => each(d, any),
        BOOLEAN => boolean_content(d, name).map(drop),
        INTEGER | ENUMERATED => number(d, name).map(drop),
        BIT_STRING => bits(d, name),
        OID => oid_content(d, name),
        UTC_TIME | GENERALIZED_TIME => time_content(d, name, tag).map(drop),
        UTF8_STRING | NUMERIC_STRING..=IA5_STRING | VISIBLE_STRING => text(d, name).map(drop),
        _ => content(d, name).map(drop),
    }
}

/// Bytes up to the end, if there are any.
pub fn content<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<&'a [u8]> {
    Ok(if d.is_empty() { &[] } else { d.rest(name) })
}

/// Text up to the end, if there is any.
pub fn text<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<&'a [u8]> {
    if d.is_empty() { Ok(&[]) } else { d.text(name, d.remaining()) }
}

/// Content of a BIT STRING of any kind.
pub fn bits(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    unused(d, name)?;
    content(d, name).map(drop)
}

/// Content of an object identifier.
pub fn oid_content(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    let der = d.peek();
    d.bytes(name, der.len())?;
    if der.last().is_none_or(|last| last & 0x80 != 0) {
        d.wrong(name, Wrong::Illegal("an object identifier ends within a number"));
    }
    d.note(|| oid::find(der).map_or_else(|| dotted(der).into(), |oid| oid.shown.into()));
    Ok(())
}

/// Content of an INTEGER. One that fits is shown as a number; serial numbers and key material are bytes.
pub fn number<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<&'a [u8]> {
    let digits = d.peek();
    match *digits {
        [] => d.wrong(name, Wrong::Illegal("a number has at least one byte")),
        [first, ..] if first & 0x80 != 0 || digits.len() > 8 => {
            content(d, name)?;
        }
        _ => {
            d.uint(name, digits.len())?;
        }
    }
    if let [0, second, ..] | [0xff, second, ..] = *digits
        && (digits[0] ^ second) & 0x80 == 0
    {
        d.wrong(name, Wrong::Illegal("DER takes the shortest form of a number"));
    }
    Ok(digits)
}

/// Content of an INTEGER from 0 on that fits.
pub fn small(d: &mut Dissector<'_>, name: &'static str) -> Read<Option<u64>> {
    let digits = number(d, name)?;
    match *digits {
        [] => Ok(None),
        [first, ..] if first & 0x80 != 0 => {
            d.wrong(name, Wrong::Illegal("a number below 0"));
            Ok(None)
        }
        [0, ref rest @ ..] | ref rest if rest.len() <= 8 => {
            Ok(Some(rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))))
        }
        _ => {
            d.wrong(name, Wrong::Illegal("a number of more than 64 bits"));
            Ok(None)
        }
    }
}

fn boolean_content(d: &mut Dissector<'_>, name: &'static str) -> Read<Option<bool>> {
    Ok(match d.u8(name)? {
        0 => {
            d.note(|| "FALSE".into());
            Some(false)
        }
        0xff => {
            d.note(|| "TRUE".into());
            Some(true)
        }
        _ => {
            d.wrong(name, Wrong::Illegal("DER has 0xff for TRUE, 0 for FALSE"));
            None
        }
    })
}

fn time_content(d: &mut Dissector<'_>, name: &'static str, tag: u8) -> Read<Option<Time>> {
    let value = d.peek();
    d.text(name, value.len())?;
    Ok(match Time::read(tag, value) {
        Ok(time) => {
            d.note(|| super::time::date_time(time.unix).into());
            Some(time)
        }
        Err(rule) => {
            d.wrong(name, Wrong::Illegal(rule));
            None
        }
    })
}

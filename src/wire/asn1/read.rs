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
            d.wrong(name, Wrong::Illegal("DER requires the shortest form of a length"));
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
            d.wrong(name, Wrong::Illegal("not a whole number of bytes"));
        }
        Ok(whole.then_some(bytes))
    })?
    .flatten())
}

/// The number of unused bits at the end of a BIT STRING, the first byte of its content.
pub fn unused(d: &mut Dissector<'_>, name: &'static str) -> Read<Option<u8>> {
    let unused = d.u8("unused bits")?;
    if unused > 7 {
        d.wrong(name, Wrong::Illegal("at most 7 bits of the last byte can be unused"));
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
        Some(unused) if bytes.is_empty() && unused != 0 => Some("no bits, but some of them unused"),
        Some(_) if bytes.len() > 2 => Some("more bits than are defined"),
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

/// A BOOLEAN that is FALSE where it is left out. FALSE itself is not to be written then (X.690, section 11.5), but many
/// CAs have written it, and no client refuses it.
pub fn default_false(d: &mut Dissector<'_>, name: &'static str) -> Read<bool> {
    let flag = optional(d, name, BOOLEAN, |d| {
        let flag = boolean_content(d, name)?;
        if flag == Some(false) {
            d.note(|| "FALSE: the default, which DER omits".into());
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
        [] => d.wrong(name, Wrong::Illegal("a number must have at least one byte")),
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
        d.wrong(name, Wrong::Illegal("DER requires the shortest form of a number"));
    }
    Ok(digits)
}

/// Content of an INTEGER from 0 on that fits.
pub fn small(d: &mut Dissector<'_>, name: &'static str) -> Read<Option<u64>> {
    let digits = number(d, name)?;
    match *digits {
        [] => Ok(None),
        [first, ..] if first & 0x80 != 0 => {
            d.wrong(name, Wrong::Illegal("a negative number"));
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
            d.wrong(name, Wrong::Illegal("DER requires 0xff for TRUE, 0 for FALSE"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::asn1::der::{SEQUENCE, SET, element as made};

    /// What a reader comes to, and the first thing that is wrong.
    fn read<'a, T>(
        bytes: &'a [u8],
        body: impl FnOnce(&mut Dissector<'a>) -> Read<T>,
    ) -> (Option<T>, Option<String>) {
        let (out, problems) = Dissector::facts(bytes, "test", body);
        (out, problems.first().map(|problem| problem.kind.to_string()))
    }

    #[test]
    fn numbers_from_0_on() {
        let number = |bytes: &[u8]| {
            let der = made(INTEGER, bytes);
            let (number, wrong) = read(&der, |d| unsigned(d, "n"));
            (number.flatten(), wrong.unwrap_or_default())
        };
        assert_eq!(number(&[0]), (Some(0), String::new()));
        assert_eq!(number(&[0, 0x80]), (Some(128), String::new()));
        assert_eq!(number(&[0, 0xff, 255, 255, 255, 255, 255, 255, 255]), (Some(u64::MAX), String::new()));
        assert_eq!(number(&[1, 0, 0, 0, 0, 0, 0, 0, 0]), (None, "a number of more than 64 bits".into()));
        assert_eq!(number(&[0x80]), (None, "a negative number".into()));
        assert_eq!(number(&[]), (None, "a number must have at least one byte".into()));
        assert_eq!(number(&[0, 0x7f]), (Some(127), "DER requires the shortest form of a number".into()));
        assert_eq!(number(&[0xff, 0x80]).1, "DER requires the shortest form of a number");
        // -129 and 255: neither is longer than it has to be.
        for bytes in [&[0xff, 0x7f][..], &[0, 0xff]] {
            let der = made(INTEGER, bytes);
            assert_eq!(read(&der, |d| integer(d, "n")), (Some(Some(bytes)), None));
        }
    }

    #[test]
    fn named_bits() {
        let bits = |content: &[u8]| {
            let (bits, wrong) = read(content, |d| flags(d, "bits", |bits| bits.to_string()));
            (bits.flatten(), wrong.unwrap_or_default())
        };
        assert_eq!(bits(&[5, 0xa0]), (Some(0xa000), String::new()));
        assert_eq!(bits(&[7, 0x01, 0x80]), (Some(0x0180), String::new()));
        assert_eq!(bits(&[0]), (Some(0), String::new()));
        assert_eq!(bits(&[1]), (None, "no bits, but some of them unused".into()));
        assert_eq!(bits(&[5, 0xb0]), (None, "unused bits are set".into()));
        assert_eq!(bits(&[0, 1, 2, 3]), (None, "more bits than are defined".into()));
        assert_eq!(bits(&[8, 0xa0]), (None, "at most 7 bits of the last byte can be unused".into()));
    }

    #[test]
    fn defaults_and_booleans() {
        let flag = |der: &[u8]| read(der, |d| default_false(d, "flag"));
        assert_eq!(flag(&[]), (Some(false), None));
        assert_eq!(flag(&[1, 1, 0xff]), (Some(true), None));
        assert_eq!(flag(&[1, 1, 0]), (Some(false), None));
        assert_eq!(flag(&[1, 1, 7]), (Some(false), Some("DER requires 0xff for TRUE, 0 for FALSE".into())));
    }

    #[test]
    fn what_is_not_there_as_it_has_to_be() {
        let wrong =
            |bytes: &[u8], tag: u8| read(bytes, |d| expect(d, "x", tag, |d| content(d, "x"))).1.unwrap();
        assert_eq!(wrong(&[2, 1, 7], SEQUENCE), "SEQUENCE expected, INTEGER found");
        assert_eq!(wrong(&[2, 2, 7], INTEGER), "needs 2 bytes, 1 are left");
        assert_eq!(wrong(&[], INTEGER), "needs 2 bytes, 0 are left");
        assert_eq!(wrong(&[2, 0x81, 1, 7], INTEGER), "DER requires the shortest form of a length");
        // A content that can't be understood is passed over; what follows is read.
        let both = [made(SEQUENCE, &[9, 9]), made(SET, &[])].concat();
        let (read, problem) = read(&both, |d| {
            let first = sequence(d, "first", |d| integer(d, "n"))?;
            Ok((first, optional(d, "second", SET, |_| Ok(()))?, optional(d, "third", SET, |_| Ok(()))?))
        });
        assert_eq!(read, Some((None, Some(()), None)));
        assert!(problem.is_some());
    }

    #[test]
    fn whole_bytes_and_times() {
        let key =
            |content: &[u8]| read(&made(BIT_STRING, content), |d| Ok(octets(d, "key")?.map(<[u8]>::to_vec)));
        assert_eq!(key(&[0, 1, 2]), (Some(Some(vec![1, 2])), None));
        assert_eq!(key(&[1, 1, 2]), (Some(None), Some("not a whole number of bytes".into())));
        let at = |tag: u8, text: &[u8]| {
            let der = [made(tag, text), vec![5, 0]].concat();
            // What follows a time of the wrong type is read all the same.
            let (out, wrong) = read(&der, |d| Ok((time(d, "t")?, any(d)?)));
            (out.unwrap().0.map(|time| time.unix), wrong.unwrap_or_default())
        };
        assert_eq!(at(UTC_TIME, b"700101000001Z"), (Some(1), String::new()));
        assert_eq!(at(GENERALIZED_TIME, b"19700101000001Z"), (Some(1), String::new()));
        assert_eq!(at(INTEGER, &[7]), (None, "UTCTime or GeneralizedTime expected, INTEGER found".into()));
        assert_eq!(at(UTC_TIME, b"701301000001Z"), (None, "no such month".into()));
    }
}

//! Names (RFC 5280, sections 4.1.2.4 and 4.2.1.6).

use super::*;
use crate::wire::x509::name::Name;

/// A distinguished name, as an element of its own.
pub fn name(d: &mut Dissector<'_>) -> Read<()> {
    distinguished(d, "Name")
}

/// A distinguished name under a name of its own, with the readable form as a note.
pub fn distinguished(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    let ahead = d.peek();
    sequence_of(d, name, |d| expect(d, "RelativeDistinguishedName", SET, |d| each(d, attribute)))?;
    d.note(|| {
        let whole = head(ahead).ok().and_then(|head| ahead.get(..head.width + head.len));
        Name::new(whole.unwrap_or_default()).shown().into()
    });
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

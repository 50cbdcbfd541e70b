//! GeneralName (RFC 5280, section 4.2.1.6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::der::{Malformed, Reader, Tlv, constructed, context};
use super::name::Name;
use crate::wire::text;

/// A name of one of the nine kinds; the peer's bytes as they are.
#[derive(Debug, Clone, Copy)]
pub enum GeneralName<'a> {
    Dns(&'a [u8]),
    /// 4 or 16 bytes; in a constraint 8 or 32.
    Ip(&'a [u8]),
    Email(&'a [u8]),
    Uri(&'a [u8]),
    Directory(Name<'a>),
    /// The type-id is the first element of `value`.
    Other(&'a [u8]),
    RegisteredId(&'a [u8]),
    /// x400Address and ediPartyName: `[3]` and `[5]`.
    Unsupported(u8),
}

/// A GeneralName and where it stands.
#[derive(Debug, Clone)]
pub struct Located<'a> {
    pub name: GeneralName<'a>,
    pub range: Range<usize>,
}

impl<'a> GeneralName<'a> {
    pub fn read(tlv: &Tlv<'a>) -> Result<Self, Malformed> {
        const OTHER: u8 = constructed(0);
        const EMAIL: u8 = context(1);
        const DNS: u8 = context(2);
        const X400: u8 = constructed(3);
        const DIRECTORY: u8 = constructed(4);
        const EDI: u8 = constructed(5);
        const URI: u8 = context(6);
        const IP: u8 = context(7);
        const REGISTERED: u8 = context(8);
        let wrong = |what| Malformed { what, at: tlv.at };
        let ascii = |what| if tlv.value.is_ascii() { Ok(tlv.value) } else { Err(wrong(what)) };
        Ok(match tlv.tag {
            OTHER => GeneralName::Other(tlv.value),
            EMAIL => GeneralName::Email(ascii("rfc822Name is not ASCII")?),
            // What is wrong with a name itself is a finding about that name.
            DNS => GeneralName::Dns(tlv.value),
            DIRECTORY => {
                let inner = tlv.inside().expect(super::der::SEQUENCE, "directoryName without a Name")?;
                GeneralName::Directory(Name { raw: inner.raw, at: inner.at })
            }
            URI => GeneralName::Uri(ascii("uniformResourceIdentifier is not ASCII")?),
            IP => GeneralName::Ip(tlv.value),
            REGISTERED => GeneralName::RegisteredId(tlv.value),
            X400 => GeneralName::Unsupported(3),
            EDI => GeneralName::Unsupported(5),
            _ => return Err(wrong("no kind of GeneralName has this tag")),
        })
    }

    /// `DNS:example.com`, `IP:192.0.2.1`, …; the peer's bytes escaped, because they need not be text.
    pub fn text(&self) -> String {
        match self {
            GeneralName::Dns(value) => format!("DNS:{}", text::escape_bytes(value)),
            GeneralName::Ip(value) => match ip(value) {
                Some(address) => format!("IP:{address}"),
                None => format!("IP:#{}", hex::encode(value)),
            },
            GeneralName::Email(value) => format!("email:{}", text::escape_bytes(value)),
            GeneralName::Uri(value) => format!("URI:{}", text::escape_bytes(value)),
            GeneralName::Directory(name) => format!("DirName:{}", name.shown()),
            GeneralName::Other(value) => {
                let id = Reader::new(value).expect(super::der::OID, "");
                format!("otherName:{}", id.map_or_else(|_| "?".to_owned(), |id| super::der::dotted(id.value)))
            }
            GeneralName::RegisteredId(value) => format!("registeredID:{}", super::der::dotted(value)),
            GeneralName::Unsupported(3) => "x400Address".to_owned(),
            GeneralName::Unsupported(_) => "ediPartyName".to_owned(),
        }
    }
}

/// The names of a GeneralNames SEQUENCE's content, at most `limit` of them; whether more stand there.
pub fn read_all<'a>(mut reader: Reader<'a>, limit: usize) -> Result<(Vec<Located<'a>>, bool), Malformed> {
    let mut out = Vec::new();
    while !reader.is_empty() {
        if out.len() == limit {
            return Ok((out, true));
        }
        let tlv = reader.any()?;
        out.push(Located { name: GeneralName::read(&tlv)?, range: tlv.range() });
    }
    Ok((out, false))
}

/// An address from its four or sixteen bytes.
pub fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(v4)));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|v6| IpAddr::V6(Ipv6Addr::from(v6)))
}

//! GeneralName (RFC 5280, section 4.2.1.6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::der::{constructed, context, dotted};
use super::name::{Name, name};
use super::read::{any, any_as, content, each, element, object_identifier, oid_content, peek, text, typed};
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::Wrong;
use crate::wire::text::escape_bytes;

/// A name of one of the nine kinds; the peer's bytes as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneralName<'a> {
    Dns(&'a [u8]),
    /// 4 or 16 bytes; in a constraint 8 or 32.
    Ip(&'a [u8]),
    Email(&'a [u8]),
    Uri(&'a [u8]),
    Directory(Name<'a>),
    /// The type-id of an otherName.
    Other(&'a [u8]),
    RegisteredId(&'a [u8]),
    /// x400Address and ediPartyName: `[3]` and `[5]`.
    Unsupported(u8),
}

/// A GeneralName and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<'a> {
    pub name: GeneralName<'a>,
    pub range: Range<usize>,
}

const OTHER: u8 = constructed(0);
const EMAIL: u8 = context(1);
const DNS: u8 = context(2);
const X400: u8 = constructed(3);
const DIRECTORY: u8 = constructed(4);
const EDI: u8 = constructed(5);
const URI: u8 = context(6);
const IP: u8 = context(7);
const REGISTERED: u8 = context(8);

/// A GeneralName; None if it is of no known kind, or can't be read.
pub fn general_name<'a>(d: &mut Dissector<'a>) -> Read<Option<Located<'a>>> {
    const NAME: &str = "GeneralName";
    let whole = peek(d, NAME)?;
    let label = match whole.tag {
        OTHER => "otherName",
        EMAIL => "rfc822Name",
        DNS => "dNSName",
        X400 => "x400Address",
        DIRECTORY => "directoryName",
        EDI => "ediPartyName",
        URI => "uniformResourceIdentifier",
        IP => "iPAddress",
        REGISTERED => "registeredID",
        _ => {
            any_as(d, NAME)?;
            d.wrong(NAME, Wrong::Illegal("no type of GeneralName has this tag"));
            return Ok(None);
        }
    };
    let found = element(d, label, |d, _| {
        Ok(Some(match whole.tag {
            // What is wrong with a DNS name itself is a finding about that name.
            DNS => GeneralName::Dns(text(d, label)?),
            EMAIL | URI => {
                let value = text(d, label)?;
                if !value.is_ascii() {
                    d.wrong(label, Wrong::Illegal("it is not ASCII"));
                    return Ok(None);
                }
                if whole.tag == URI { GeneralName::Uri(value) } else { GeneralName::Email(value) }
            }
            DIRECTORY => GeneralName::Directory(name(d, "Name")?),
            IP => GeneralName::Ip(address(d, label)?),
            REGISTERED => {
                oid_content(d, label)?;
                GeneralName::RegisteredId(whole.value)
            }
            OTHER => {
                let id = object_identifier(d, "type-id")?;
                each(d, any)?;
                GeneralName::Other(id)
            }
            X400 => {
                typed(d, label, X400)?;
                GeneralName::Unsupported(3)
            }
            _ => {
                typed(d, label, EDI)?;
                GeneralName::Unsupported(5)
            }
        }))
    })?;
    Ok(found.flatten().map(|name| Located { name, range: whole.range() }))
}

/// GeneralNames up to the end of the enclosing element: the first `limit`, and whether more stand there.
pub fn general_names<'a>(d: &mut Dissector<'a>, limit: usize) -> Read<(Vec<Located<'a>>, bool)> {
    let (mut out, mut cut) = (Vec::new(), false);
    each(d, |d| {
        if let Some(name) = general_name(d)? {
            if out.len() < limit { out.push(name) } else { cut = true }
        }
        Ok(())
    })?;
    Ok((out, cut))
}

/// An address, or in name constraints an address and a mask. Other lengths are findings of the rules about names.
fn address<'a>(d: &mut Dissector<'a>, label: &'static str) -> Read<&'a [u8]> {
    let bytes = content(d, label)?;
    match *bytes {
        [a, b, c, e, f, g, h, i] => d.note(|| format!("{a}.{b}.{c}.{e} mask {f}.{g}.{h}.{i}").into()),
        _ => {
            if let Some(address) = ip(bytes) {
                d.note(|| address.to_string().into());
            } else if let Some((address, mask)) = bytes.split_at_checked(16)
                && let (Some(address), Some(mask)) = (ip(address), ip(mask))
            {
                d.note(|| format!("{address} mask {mask}").into());
            }
        }
    }
    Ok(bytes)
}

impl GeneralName<'_> {
    /// `DNS:example.com`, `IP:192.0.2.1`, …; the peer's bytes escaped, because they need not be text.
    pub fn text(&self) -> String {
        match self {
            GeneralName::Dns(value) => format!("DNS:{}", escape_bytes(value)),
            GeneralName::Ip(value) => match ip(value) {
                Some(address) => format!("IP:{address}"),
                None => format!("IP:#{}", hex::encode(value)),
            },
            GeneralName::Email(value) => format!("email:{}", escape_bytes(value)),
            GeneralName::Uri(value) => format!("URI:{}", escape_bytes(value)),
            GeneralName::Directory(name) => format!("DirName:{}", name.shown()),
            GeneralName::Other(id) => format!("otherName:{}", dotted(id)),
            GeneralName::RegisteredId(value) => format!("registeredID:{}", dotted(value)),
            GeneralName::Unsupported(3) => "x400Address".to_owned(),
            GeneralName::Unsupported(_) => "ediPartyName".to_owned(),
        }
    }
}

/// An address from its four or sixteen bytes.
pub fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(v4)));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|v6| IpAddr::V6(Ipv6Addr::from(v6)))
}

/// Whether a uniformResourceIdentifier is this URI: scheme and host in any letter case, the rest as it is
/// (RFC 3986, section 6.2.2.1).
pub fn uri_matches(presented: &[u8], reference: &str) -> bool {
    let parts = |uri: &str| {
        let (scheme, rest) = uri.split_once("://")?;
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        Some((scheme.to_ascii_lowercase(), host.to_ascii_lowercase(), path.to_owned()))
    };
    std::str::from_utf8(presented).ok().and_then(parts).is_some_and(|one| parts(reference) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_host_of_a_uri_have_no_case() {
        assert!(uri_matches(b"SPIFFE://Example.com/web", "spiffe://example.com/web"));
        assert!(!uri_matches(b"spiffe://example.com/Web", "spiffe://example.com/web"));
        assert!(!uri_matches(b"spiffe://example.com", "spiffe://example.com/web"));
        assert!(!uri_matches(b"urn:x", "spiffe://x"));
    }
}

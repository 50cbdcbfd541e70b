//! The name that was asked for, and the names in a certificate (RFC 9525, RFC 6125, RFC 5280).

use std::net::IpAddr;

/// What the certificate must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A-labels in lower case, without the root's dot.
    Dns(String),
    Ip(IpAddr),
    /// A URI such as a SPIFFE ID, as written.
    Uri(String),
}

impl Reference {
    /// Reads a host name, an address or a URI, as a user writes it: `[::1]`, `bücher.example`, `example.com.`,
    /// `spiffe://example.com/web`
    pub fn read(name: &str) -> Result<Self, String> {
        if let Some((scheme, rest)) = name.split_once("://") {
            let sane = !scheme.is_empty() && !rest.is_empty() && name.is_ascii();
            return if sane { Ok(Reference::Uri(name.to_owned())) } else { Err("not a URI".to_owned()) };
        }
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        let without_zone = bare.split_once('%').map_or(bare, |(address, _)| address);
        if let Ok(address) = without_zone.parse::<IpAddr>() {
            return Ok(Reference::Ip(address));
        }
        let host = name.strip_suffix('.').unwrap_or(name);
        let ascii = if host.is_ascii() {
            host.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii(host).map_err(|_| "not a valid internationalised name (IDNA)".to_owned())?
        };
        well_formed(ascii.as_bytes(), false)?;
        Ok(Reference::Dns(ascii))
    }

    /// The name in Unicode, where that differs from its A-labels.
    pub fn unicode(&self) -> Option<String> {
        match self {
            Reference::Dns(name) => unicode(name),
            Reference::Ip(_) | Reference::Uri(_) => None,
        }
    }
}

/// An A-label name in Unicode, where that differs and can be done.
pub fn unicode(name: &str) -> Option<String> {
    // Nothing longer is a name, and decoding takes more than linear time.
    if name.len() > 253 || !name.to_ascii_lowercase().contains("xn--") {
        return None;
    }
    let (text, valid) = idna::domain_to_unicode(name);
    (valid.is_ok() && text != name).then_some(text)
}

/// Whether these bytes are a DNS name as a certificate may have it; a wildcard if that is allowed.
pub fn well_formed(name: &[u8], wildcard: bool) -> Result<(), String> {
    if name.is_empty() {
        return Err("empty".to_owned());
    }
    if name.len() > 253 {
        return Err("longer than 253 characters".to_owned());
    }
    let rest = match name.strip_prefix(b"*.") {
        Some(rest) if wildcard => {
            // `*.com` would speak for everyone.
            if !rest.contains(&b'.') {
                return Err("wildcard followed by fewer than two labels".to_owned());
            }
            rest
        }
        _ => name,
    };
    let mut last_numeric = false;
    for label in rest.split(|byte| *byte == b'.') {
        if label.is_empty() {
            return Err("empty label, or a dot at its end".to_owned());
        }
        if label.len() > 63 {
            return Err("label longer than 63 characters".to_owned());
        }
        if label.contains(&b'*') {
            return Err("wildcard that is not the whole first label".to_owned());
        }
        // Underscores are outside RFC 1123, but in use.
        if !label.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return Err("character that host names must not have".to_owned());
        }
        if label.first() == Some(&b'-') || label.last() == Some(&b'-') {
            return Err("label that begins or ends with a hyphen".to_owned());
        }
        last_numeric = label.iter().all(u8::is_ascii_digit);
    }
    if last_numeric { Err("last label is a number".to_owned()) } else { Ok(()) }
}

/// Whether a name of a certificate covers `reference` (lower case, no dot at its end).
pub fn dns_matches(presented: &[u8], reference: &str) -> bool {
    if well_formed(presented, true).is_err() {
        return false;
    }
    match presented.strip_prefix(b"*") {
        // The wildcard stands for exactly one label.
        Some(rest) => match reference.find('.') {
            Some(dot) if dot > 0 => {
                reference.as_bytes().get(dot..).is_some_and(|tail| tail.eq_ignore_ascii_case(rest))
            }
            _ => false,
        },
        None => presented.eq_ignore_ascii_case(reference.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        assert_eq!(Reference::read("Example.COM."), Ok(Reference::Dns("example.com".to_owned())));
        assert_eq!(Reference::read("bücher.example"), Ok(Reference::Dns("xn--bcher-kva.example".to_owned())));
        assert_eq!(Reference::read("[::1]"), Ok(Reference::Ip("::1".parse().unwrap())));
        assert_eq!(Reference::read("192.0.2.1"), Ok(Reference::Ip("192.0.2.1".parse().unwrap())));
        assert!(Reference::read("a..b").is_err());
        assert!(Reference::read("").is_err());
        assert!(Reference::read("*.example.com").is_err(), "a wildcard is no name to ask for");
        let spiffe = Reference::read("spiffe://example.com/web");
        assert_eq!(spiffe, Ok(Reference::Uri("spiffe://example.com/web".to_owned())));
        assert!(Reference::read("spiffe://").is_err());
        assert_eq!(unicode("xn--bcher-kva.example").as_deref(), Some("bücher.example"));
    }

    #[test]
    fn uris() {}

    #[test]
    fn the_longest_names() {
        let name =
            |last: usize| [vec![b'a'; 63], vec![b'b'; 63], vec![b'c'; 63], vec![b'd'; last]].join(&b'.');
        assert_eq!(name(61).len(), 253);
        assert!(well_formed(&name(61), false).is_ok() && well_formed(&name(62), false).is_err());
        assert!(well_formed(&[b'a'; 63], false).is_ok() && well_formed(&[b'a'; 64], false).is_err());
        assert!(!dns_matches(b"*.example.com", ".example.com"), "a wildcard stands for no empty label");
    }

    #[test]
    fn wildcards_stand_for_one_whole_label() {
        assert!(dns_matches(b"*.example.com", "a.example.com"));
        assert!(dns_matches(b"*.EXAMPLE.com", "a.example.com"));
        assert!(!dns_matches(b"*.example.com", "example.com"));
        assert!(!dns_matches(b"*.example.com", "a.b.example.com"));
        assert!(!dns_matches(b"a*.example.com", "ab.example.com"));
        assert!(!dns_matches(b"*.com", "example.com"));
        assert!(!dns_matches(b"*", "localhost"));
        assert!(well_formed(b"-a.example", false).is_err() && well_formed(b"a-.example", false).is_err());
        assert!(well_formed(b"a-b.example", false).is_ok());
        assert!(!dns_matches(b"a.*.example.com", "a.b.example.com"));
        assert!(!dns_matches(b"example.com.", "example.com"));
        assert!(dns_matches(b"a_b.example.com", "a_b.example.com"));
    }
}

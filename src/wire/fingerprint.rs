//! Fingerprints of a ClientHello: JA3 and JA4.
//!
//! Both describe what a client offers and in which order, by which its software is recognised. The hashes come from the
//! caller, so that this room needs no cryptography.

use std::fmt::Write;

use super::codepoints::is_grease;
use super::extension;
use super::handshake::client_hello::extensions_ahead;
use super::handshake::{HEADER, client_hello, lists};

/// What fingerprints are made of; GREASE is left out everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer<'a> {
    legacy_version: u16,
    suites: Vec<u16>,
    extensions: Vec<u16>,
    groups: Vec<u16>,
    point_formats: &'a [u8],
    schemes: Vec<u16>,
    versions: Vec<u16>,
    /// The first name that is offered.
    alpn: Option<&'a [u8]>,
}

/// What a connection runs over: the first letter of a JA4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Quic,
    Dtls,
}

impl<'a> Offer<'a> {
    /// Reads a ClientHello message with its header; `None` if it is none, or ends within its fixed part.
    pub fn of(message: &'a [u8]) -> Option<Self> {
        let body = message.strip_prefix(&[client_hello::MESSAGE.code])?.get(HEADER - 1..)?;
        let suites = body.get(34..)?;
        let suites = suites.get(1 + usize::from(*suites.first()?)..)?;
        let len = usize::from(u16::from_be_bytes(*suites.first_chunk()?));
        let suites = suites.get(2..)?.get(..len)?;
        let list = extensions_ahead(body).unwrap_or_default();
        let content = |code| extension::scan(list, code).unwrap_or_default();
        let alpn = content(extension::application_layer_protocol_negotiation::EXTENSION.code);
        Some(Offer {
            legacy_version: u16::from_be_bytes(*body.first_chunk()?),
            suites: known(suites),
            extensions: extension::codes(list).filter(|code| !is_grease(*code, 2)).collect(),
            groups: known(content(extension::supported_groups::EXTENSION.code).get(2..).unwrap_or_default()),
            point_formats: content(extension::ec_point_formats::EXTENSION.code).get(1..).unwrap_or_default(),
            schemes: known(
                content(extension::signature_algorithms::EXTENSION.code).get(2..).unwrap_or_default(),
            ),
            versions: known(
                content(extension::supported_versions::EXTENSION.code).get(1..).unwrap_or_default(),
            ),
            alpn: lists::alpn_names(alpn.get(2..).unwrap_or_default()).next().filter(|name| !name.is_empty()),
        })
    }

    /// The text whose MD5 is the JA3: version, suites, extensions, groups, point formats.
    pub fn ja3_text(&self) -> String {
        let mut out = self.legacy_version.to_string();
        let formats: Vec<u16> = self.point_formats.iter().map(|format| u16::from(*format)).collect();
        for list in [&self.suites, &self.extensions, &self.groups, &formats] {
            out.push(',');
            out.push_str(&joined(list, '-', |code| code.to_string()));
        }
        out
    }

    /// The JA3 of salesforce/ja3: `md5` of [`Self::ja3_text`].
    pub fn ja3(&self, md5: impl Fn(&[u8]) -> [u8; 16]) -> String {
        hex(&md5(self.ja3_text().as_bytes()))
    }

    /// The JA4 of FoxIO: a readable part, and the starts of two SHA-256 hashes.
    pub fn ja4(&self, transport: Transport, sha256: impl Fn(&[u8]) -> [u8; 32]) -> String {
        let [head, suites, extensions] = self.ja4_parts(transport);
        // Without a list there is nothing to hash; server_name and ALPN are in the first part already.
        let short = |text: &str| {
            if text.is_empty() { "0".repeat(12) } else { hex(&sha256(text.as_bytes())[..6]) }
        };
        format!("{head}_{}_{}", short(&suites), short(&extensions))
    }

    /// The JA4 before hashing, also called JA4_r.
    pub fn ja4_text(&self, transport: Transport) -> String {
        self.ja4_parts(transport).join("_")
    }

    fn ja4_parts(&self, transport: Transport) -> [String; 3] {
        let transport = match transport {
            Transport::Tcp => 't',
            Transport::Quic => 'q',
            Transport::Dtls => 'd',
        };
        let version = match self.versions.iter().max().copied().unwrap_or(self.legacy_version) {
            0x0304 => "13",
            0x0303 => "12",
            0x0302 => "11",
            0x0301 => "10",
            0x0300 => "s3",
            0x0002 => "s2",
            0xfeff => "d1",
            0xfefd => "d2",
            0xfefc => "d3",
            _ => "00",
        };
        let name = extension::server_name::EXTENSION.code;
        let alpn = extension::application_layer_protocol_negotiation::EXTENSION.code;
        let sni = if self.extensions.contains(&name) { 'd' } else { 'i' };
        let mut head = format!("{transport}{version}{sni}");
        let _ = write!(head, "{:02}{:02}", self.suites.len().min(99), self.extensions.len().min(99));
        head.push_str(&self.alpn.map_or_else(|| "00".to_owned(), ends));
        let hex4 = |code: u16| format!("{code:04x}");
        let mut suites = self.suites.clone();
        suites.sort_unstable();
        let mut extensions: Vec<u16> =
            self.extensions.iter().copied().filter(|code| *code != name && *code != alpn).collect();
        extensions.sort_unstable();
        let mut rest = joined(&extensions, ',', hex4);
        if !self.schemes.is_empty() {
            rest.push('_');
            rest.push_str(&joined(&self.schemes, ',', hex4));
        }
        [head, joined(&suites, ',', hex4), rest]
    }
}

/// First and last character of a protocol name; of its hexadecimal form if one of them is no letter or digit.
fn ends(name: &[u8]) -> String {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return "00".to_owned() };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)].iter().collect();
    }
    format!("{:x}{:x}", first >> 4, last & 0x0f)
}

fn known(list: &[u8]) -> Vec<u16> {
    lists::codes(list).filter(|code| !is_grease(*code, 2)).collect()
}

fn joined(list: &[u16], separator: char, show: impl Fn(u16) -> String) -> String {
    let mut out = String::new();
    for (at, code) in list.iter().enumerate() {
        if at > 0 {
            out.push(separator);
        }
        out.push_str(&show(*code));
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::samples;

    fn sha256(bytes: &[u8]) -> [u8; 32] {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().try_into().unwrap()
    }

    #[test]
    fn of_openssl() {
        let message = &samples::tls13()[0].1;
        let offer = Offer::of(message).unwrap();
        assert!(offer.ja3_text().starts_with("771,4866-4867-4865-"));
        assert!(offer.ja4_text(Transport::Tcp).starts_with("t13d31"));
        let ja4 = offer.ja4(Transport::Tcp, sha256);
        assert_eq!(ja4.split('_').map(str::len).collect::<Vec<_>>(), [10, 12, 12]);
        for end in 0..message.len() {
            Offer::of(&message[..end]).map(|offer| offer.ja4(Transport::Quic, sha256));
        }
    }

    #[test]
    fn the_example_of_the_specification() {
        // JA4.md of FoxIO, section "JA4 algorithm".
        let offer = Offer {
            legacy_version: 0x0303,
            suites: vec![
                0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
                0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
                0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ],
            groups: vec![],
            point_formats: &[],
            schemes: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            versions: vec![0x0304, 0x0303],
            alpn: Some(b"h2"),
        };
        assert_eq!(offer.ja4(Transport::Tcp, sha256), "t13d1516h2_8daaf6152771_e5627efa2ab1");
        // Only server_name and ALPN: nothing is left to hash.
        let offer = Offer { extensions: vec![0, 16], schemes: vec![], ..offer };
        assert!(offer.ja4(Transport::Tcp, sha256).ends_with("_8daaf6152771_000000000000"));
        let offer = Offer { suites: vec![], ..offer };
        assert_eq!(offer.ja4(Transport::Tcp, sha256), "t13d0002h2_000000000000_000000000000");
        assert_eq!(ends(b"http/1.1"), "h1");
        assert_eq!(ends(&[0xab]), "ab");
        assert_eq!(ends(&[0xab, 0xcd]), "ad");
        assert_eq!(ends(b"h"), "hh");
    }
}

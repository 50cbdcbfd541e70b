//! What the ClientHello offers.

use std::fmt;

use rustls::SignatureScheme;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{ALL_CIPHER_SUITES, default_provider};

use super::Error;
use super::groups;

/// What is offered, as code points in order of preference; `None` is the provider's own list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Protocol names; no extension if there are none.
    pub alpn: Vec<Vec<u8>>,
    pub min: Version,
    pub max: Version,
    /// cipher_suites, those of all versions together.
    pub ciphers: Option<Vec<u16>>,
    /// supported_groups; the first one gets a key share.
    pub groups: Option<Vec<u16>>,
    /// signature_algorithms
    pub sigalgs: Option<Vec<u16>>,
    /// No session_ticket extension, and with TLS 1.3 a ticket_request for none (RFC 9149).
    pub no_tickets: bool,
    /// One reserved value (RFC 8701) each before the cipher suites and the groups.
    pub grease: bool,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            alpn: Vec::new(),
            min: Version::Tls12,
            max: Version::Tls13,
            ciphers: None,
            groups: None,
            sigalgs: None,
            no_tickets: false,
            grease: false,
        }
    }
}

/// The versions that this engine speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    Tls12,
    Tls13,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::Tls12 => "TLS 1.2",
            Version::Tls13 => "TLS 1.3",
        })
    }
}

/// Lists of code points: all that this engine can offer, or those that it can't.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodePoints {
    pub ciphers: Vec<u16>,
    pub groups: Vec<u16>,
    pub sigalgs: Vec<u16>,
}

impl CodePoints {
    /// Everything that can be offered, in the order of preference.
    pub fn supported() -> Self {
        Self {
            ciphers: ALL_CIPHER_SUITES.iter().map(|suite| suite.suite().into()).collect(),
            groups: groups::ALL.iter().map(|group| group.name().into()).collect(),
            sigalgs: schemes(&default_provider()).map(u16::from).collect(),
        }
    }
}

impl Offer {
    /// What of it can't be offered; `None` if all can.
    pub fn unsupported(&self) -> Option<CodePoints> {
        let all = CodePoints::supported();
        let missing = |wanted: &Option<Vec<u16>>, all: &[u16]| -> Vec<u16> {
            wanted.iter().flatten().copied().filter(|code| !all.contains(code)).collect()
        };
        let missing = CodePoints {
            ciphers: missing(&self.ciphers, &all.ciphers),
            groups: missing(&self.groups, &all.groups),
            sigalgs: missing(&self.sigalgs, &all.sigalgs),
        };
        (missing != CodePoints::default()).then_some(missing)
    }

    /// The provider that offers this.
    pub(super) fn provider(&self) -> Result<CryptoProvider, Error> {
        if let Some(missing) = self.unsupported() {
            return Err(Error(describe(&missing)));
        }
        let mut provider = default_provider();
        if let Some(wanted) = &self.ciphers {
            let find = |code: &u16| ALL_CIPHER_SUITES.iter().find(|suite| u16::from(suite.suite()) == *code);
            provider.cipher_suites = wanted.iter().filter_map(find).copied().collect();
        }
        if let Some(wanted) = &self.groups {
            let find = |code: &u16| groups::ALL.iter().find(|group| u16::from(group.name()) == *code);
            provider.kx_groups = wanted.iter().filter_map(find).copied().collect();
        }
        for (what, list, empty) in [
            ("cipher suite", &self.ciphers, provider.cipher_suites.is_empty()),
            ("group", &self.groups, provider.kx_groups.is_empty()),
            ("signature scheme", &self.sigalgs, self.sigalgs.as_ref().is_some_and(Vec::is_empty)),
        ] {
            if list.is_some() && empty {
                return Err(Error(format!("no {what} is left to be offered")));
            }
        }
        Ok(provider)
    }

    /// signature_algorithms
    pub(super) fn schemes(&self, provider: &CryptoProvider) -> Vec<SignatureScheme> {
        match &self.sigalgs {
            Some(wanted) => wanted.iter().map(|code| SignatureScheme::from(*code)).collect(),
            None => schemes(provider).collect(),
        }
    }
}

fn schemes(provider: &CryptoProvider) -> impl Iterator<Item = SignatureScheme> {
    provider.signature_verification_algorithms.mapping.iter().map(|(scheme, _)| *scheme)
}

fn describe(missing: &CodePoints) -> String {
    let kinds = [
        ("cipher suites", &missing.ciphers),
        ("groups", &missing.groups),
        ("signature schemes", &missing.sigalgs),
    ];
    let show =
        |codes: &[u16]| codes.iter().map(|code| format!("0x{code:04x}")).collect::<Vec<_>>().join(", ");
    let kinds = kinds.iter().filter(|(_, codes)| !codes.is_empty());
    let kinds: Vec<_> = kinds.map(|(kind, codes)| format!("{kind} {}", show(codes))).collect();
    format!("rustls can't offer the {}", kinds.join(", nor the "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_offered_is_listed() {
        let offer = Offer {
            ciphers: Some(vec![0x1301, 0x002f, 0xc02b]),
            groups: Some(vec![0x001d, 0x0100]),
            ..Offer::default()
        };
        let missing = offer.unsupported().unwrap();
        assert_eq!((missing.ciphers, missing.groups, missing.sigalgs), (vec![0x2f], vec![0x100], vec![]));
        let error = offer.provider().unwrap_err().to_string();
        assert_eq!(error, "rustls can't offer the cipher suites 0x002f, nor the groups 0x0100");
        assert_eq!(Offer::default().unsupported(), None);
    }

    #[test]
    fn the_order_is_the_users() {
        let offer = Offer {
            ciphers: Some(vec![0x1303, 0xc030, 0x1301]),
            groups: Some(vec![0x0019, 0x001d]),
            sigalgs: Some(vec![0x0804, 0x0403]),
            ..Offer::default()
        };
        let provider = offer.provider().unwrap();
        let suites: Vec<u16> = provider.cipher_suites.iter().map(|suite| suite.suite().into()).collect();
        assert_eq!(suites, [0x1303, 0xc030, 0x1301]);
        let groups: Vec<u16> = provider.kx_groups.iter().map(|group| group.name().into()).collect();
        assert_eq!(groups, [0x0019, 0x001d]);
        let schemes: Vec<u16> = offer.schemes(&provider).into_iter().map(u16::from).collect();
        assert_eq!(schemes, [0x0804, 0x0403]);
    }

    #[test]
    fn an_empty_list_is_refused() {
        let offer = Offer { groups: Some(vec![]), ..Offer::default() };
        assert_eq!(offer.provider().unwrap_err().to_string(), "no group is left to be offered");
    }
}

//! What an engine can offer, and how rustls is told.

use std::borrow::Cow;
use std::fmt;

use rustls::crypto::aws_lc_rs::{ALL_CIPHER_SUITES, default_provider};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::{NamedGroup, SignatureScheme};

use super::Error;
use super::{groups, lab};
use crate::capture::{EngineEnd, Offer};
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_1, TLS_1_2, TLS_1_3};
use crate::wire::codepoints::{CIPHER_SUITES, Registry, SIGNATURE_SCHEMES, SUPPORTED_GROUPS, VERSIONS};

/// Who performs the handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Engine {
    #[default]
    Rustls,
    /// Ours, for looking.
    Lab,
    /// Nobody: a hello of ours is sent, and the server's first flight is looked at.
    Probe,
}

/// All that an engine can offer, each list in its order of preference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodePoints {
    pub versions: Vec<u16>,
    pub ciphers: Vec<u16>,
    pub groups: Vec<u16>,
    pub sigalgs: Vec<u16>,
}

/// A part of an offer that an engine can't perform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsupported {
    Version(u16),
    Cipher(u16),
    Group(u16),
    SignatureScheme(u16),
    /// It has no way to send just these key shares.
    Shares(Vec<u16>),
}

impl Engine {
    /// As it stands in a capture.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Rustls => "rustls",
            Engine::Lab => "lab",
            Engine::Probe => EngineEnd::PROBE,
        }
    }

    pub(super) fn version(self) -> &'static str {
        match self {
            Engine::Rustls => super::rustls::VERSION,
            Engine::Lab | Engine::Probe => env!("CARGO_PKG_VERSION"),
        }
    }

    /// Everything that it can offer.
    pub fn supported(self) -> CodePoints {
        match self {
            Engine::Rustls => CodePoints {
                versions: vec![TLS_1_3, TLS_1_2],
                ciphers: ALL_CIPHER_SUITES.iter().map(|suite| suite.suite().into()).collect(),
                groups: groups::ALL.iter().map(|group| group.name().into()).collect(),
                sigalgs: schemes(&default_provider()).map(u16::from).collect(),
            },
            Engine::Lab => CodePoints {
                versions: (SSL_3_0..=TLS_1_3).rev().collect(),
                ciphers: lab::suites::all().collect(),
                // In TLS 1.2 the finite fields are what a server of RFC 7919 takes for DHE.
                groups: groups::ALL.iter().map(|group| group.name().into()).chain(256..=260).collect(),
                sigalgs: lab::SCHEMES.to_vec(),
            },
            Engine::Probe => {
                let all = |registry: &Registry| (registry.all)().iter().map(|entry| entry.code).collect();
                CodePoints {
                    versions: (SSL_3_0..=TLS_1_3).rev().collect(),
                    ciphers: all(&CIPHER_SUITES),
                    groups: all(&SUPPORTED_GROUPS),
                    sigalgs: all(&SIGNATURE_SCHEMES),
                }
            }
        }
    }

    /// What of `offer` it can't perform; nothing if it can perform it all.
    pub fn unsupported(self, offer: &Offer) -> Vec<Unsupported> {
        if self == Engine::Probe {
            // Any code points; but for a share there has to be a key.
            let shares = offer.shares.iter().flatten().copied();
            let lacking: Vec<u16> = shares.filter(|code| groups::find(*code).is_none()).collect();
            return if lacking.is_empty() { Vec::new() } else { vec![Unsupported::Shares(lacking)] };
        }
        let all = self.supported();
        let lacks = |wanted: &Option<Vec<u16>>, all: &[u16], part: fn(u16) -> Unsupported| {
            let lacking = wanted.iter().flatten().filter(|code| !all.contains(code));
            lacking.map(|code| part(*code)).collect::<Vec<_>>()
        };
        // The versions of TLS over TCP; what lies between or beyond them is in no offer.
        let versions = (SSL_3_0..=TLS_1_1).chain([TLS_1_2, TLS_1_3]).filter(|version| offer.has(*version));
        let mut lacking = lacks(&Some(versions.collect()), &all.versions, Unsupported::Version);
        lacking.extend(lacks(&offer.ciphers, &all.ciphers, Unsupported::Cipher));
        lacking.extend(lacks(&offer.groups, &all.groups, Unsupported::Group));
        lacking.extend(lacks(&offer.sigalgs, &all.sigalgs, Unsupported::SignatureScheme));
        if let Some(shares) = &offer.shares
            && self == Engine::Rustls
            && (shares.is_empty() || shares_of(offer, shares.first().copied()) != *shares)
        {
            lacking.push(Unsupported::Shares(shares.clone()));
        }
        lacking
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsupported::Version(code) => f.write_str(&VERSIONS.show(*code)),
            Unsupported::Cipher(code) => write!(f, "cipher suite {}", CIPHER_SUITES.show(*code)),
            Unsupported::Group(code) => write!(f, "group {}", SUPPORTED_GROUPS.show(*code)),
            Unsupported::SignatureScheme(code) => {
                write!(f, "signature scheme {}", SIGNATURE_SCHEMES.show(*code))
            }
            Unsupported::Shares(codes) if codes.is_empty() => f.write_str("no key share at all"),
            Unsupported::Shares(codes) => {
                let names: Vec<Cow<'_, str>> =
                    codes.iter().map(|code| SUPPORTED_GROUPS.show(*code)).collect();
                write!(f, "key shares for just {}", names.join(" and "))
            }
        }
    }
}

/// The key shares that rustls sends when `first` is to get one: a group, and with a hybrid one its
/// classical part as well if that is offered too.
fn shares_of(offer: &Offer, first: Option<u16>) -> Vec<u16> {
    let offered = groups(offer);
    let Some(group) = first.filter(|first| offered.contains(first)) else { return Vec::new() };
    let component = match NamedGroup::from(group) {
        NamedGroup::X25519MLKEM768 => Some(NamedGroup::X25519.into()),
        NamedGroup::secp256r1MLKEM768 => Some(NamedGroup::secp256r1.into()),
        _ => None,
    };
    [group].into_iter().chain(component.filter(|component| offered.contains(component))).collect()
}

/// supported_groups
fn groups(offer: &Offer) -> Vec<u16> {
    let own = || default_groups().iter().map(|group| group.name().into()).collect();
    offer.groups.clone().unwrap_or_else(own)
}

/// rustls's own, and secp521r1 behind them: some servers have nothing else, and it costs nothing
/// as long as it gets no key share.
fn default_groups() -> Vec<&'static dyn SupportedKxGroup> {
    let mut list = default_provider().kx_groups;
    list.extend(groups::find(NamedGroup::secp521r1.into()));
    list
}

/// The provider that offers this.
pub fn provider(offer: &Offer) -> Result<CryptoProvider, Error> {
    let lacking = Engine::Rustls.unsupported(offer);
    if !lacking.is_empty() {
        let lacking: Vec<_> = lacking.iter().map(ToString::to_string).collect();
        return Err(Error(format!("rustls can't offer {}", lacking.join(", "))));
    }
    let mut provider = default_provider();
    if let Some(wanted) = &offer.ciphers {
        let find = |code: &u16| ALL_CIPHER_SUITES.iter().find(|suite| u16::from(suite.suite()) == *code);
        provider.cipher_suites = wanted.iter().filter_map(find).copied().collect();
    }
    // What belongs to no version that is offered would not be in the hello of a client that speaks
    // only the others. (rustls sees to the groups and extensions by itself.)
    provider.cipher_suites.retain(|suite| offer.has(suite.version().version.into()));
    provider.kx_groups = match &offer.groups {
        Some(wanted) => wanted.iter().filter_map(|code| groups::find(*code)).collect(),
        None => default_groups(),
    };
    for (what, list, empty) in [
        ("cipher suite", &offer.ciphers, provider.cipher_suites.is_empty()),
        ("group", &offer.groups, provider.kx_groups.is_empty()),
        ("signature scheme", &offer.sigalgs, signature_algorithms(offer, &provider).is_empty()),
    ] {
        if list.is_some() && empty {
            let [min, max] = [offer.min, offer.max].map(|version| VERSIONS.show(version));
            return Err(Error(match min == max {
                true => format!("no {what} of {max} is left to be offered"),
                false => format!("no {what} of {min} to {max} is left to be offered"),
            }));
        }
    }
    Ok(provider)
}

/// signature_algorithms
pub fn signature_algorithms(offer: &Offer, provider: &CryptoProvider) -> Vec<SignatureScheme> {
    let mut list: Vec<SignatureScheme> = match &offer.sigalgs {
        Some(wanted) => wanted.iter().map(|code| SignatureScheme::from(*code)).collect(),
        None => schemes(provider).collect(),
    };
    if !offer.has(TLS_1_3) {
        list.retain(|scheme| !TLS13_SCHEMES.contains(scheme));
    }
    list
}

/// IANA "TLS SignatureScheme": for TLS 1.3 only, of those that rustls knows.
const TLS13_SCHEMES: [SignatureScheme; 3] =
    [SignatureScheme::ML_DSA_44, SignatureScheme::ML_DSA_65, SignatureScheme::ML_DSA_87];

fn schemes(provider: &CryptoProvider) -> impl Iterator<Item = SignatureScheme> {
    provider.signature_verification_algorithms.mapping.iter().map(|(scheme, _)| *scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_offered_is_listed() {
        let offer = Offer {
            min: SSL_3_0,
            ciphers: Some(vec![0x1301, 0x002f, 0xc02b]),
            groups: Some(vec![0x001d, 0x0100]),
            shares: Some(vec![]),
            ..Offer::default()
        };
        use Unsupported::{Cipher, Group, Shares, Version};
        assert_eq!(
            Engine::Rustls.unsupported(&offer),
            [Version(0x0300), Version(0x0301), Version(0x0302), Cipher(0x2f), Group(0x100), Shares(vec![])]
        );
        let error = provider(&Offer { min: TLS_1_2, ..offer }).unwrap_err().to_string();
        assert_eq!(
            error,
            "rustls can't offer cipher suite TLS_RSA_WITH_AES_128_CBC_SHA, group ffdhe2048, no key share at all"
        );
        assert_eq!(Engine::Rustls.unsupported(&Offer::default()), []);
    }

    #[test]
    fn key_shares_are_those_of_one_group() {
        let lacks = |shares: &[u16], groups: &[u16]| {
            let offer =
                Offer { shares: Some(shares.to_vec()), groups: Some(groups.to_vec()), ..Offer::default() };
            !Engine::Rustls.unsupported(&offer).is_empty()
        };
        assert!(!lacks(&[0x17], &[0x1d, 0x17]));
        assert!(!lacks(&[0x11ec, 0x1d], &[0x11ec, 0x1d]));
        // Its classical part comes along if it is offered, and only then.
        assert!(lacks(&[0x11ec], &[0x11ec, 0x1d]) && !lacks(&[0x11ec], &[0x11ec, 0x17]));
        assert!(lacks(&[0x1d, 0x17], &[0x1d, 0x17]) && lacks(&[0x17], &[0x1d]));
    }

    #[test]
    fn the_order_is_the_users() {
        let offer = Offer {
            ciphers: Some(vec![0x1303, 0xc030, 0x1301]),
            groups: Some(vec![0x0019, 0x001d]),
            sigalgs: Some(vec![0x0804, 0x0403]),
            ..Offer::default()
        };
        let provider = provider(&offer).unwrap();
        let suites: Vec<u16> = provider.cipher_suites.iter().map(|suite| suite.suite().into()).collect();
        assert_eq!(suites, [0x1303, 0xc030, 0x1301]);
        let groups: Vec<u16> = provider.kx_groups.iter().map(|group| group.name().into()).collect();
        assert_eq!(groups, [0x0019, 0x001d]);
        let schemes: Vec<u16> = signature_algorithms(&offer, &provider).into_iter().map(u16::from).collect();
        assert_eq!(schemes, [0x0804, 0x0403]);
    }

    #[test]
    fn what_is_offered_is_what_a_client_of_that_version_offers() {
        let suites = |offer: &Offer| -> Vec<u16> {
            provider(offer).unwrap().cipher_suites.iter().map(|suite| suite.suite().into()).collect()
        };
        let is_new = |suite: &u16| matches!(suite, 0x1301..=0x1305);
        let old = Offer { max: TLS_1_2, ..Offer::default() };
        assert!(!suites(&old).is_empty() && !suites(&old).iter().any(is_new));
        let ml_dsa = |offer: &Offer| {
            let schemes = signature_algorithms(offer, &default_provider());
            schemes.into_iter().any(|scheme| (0x0904..=0x0906).contains(&u16::from(scheme)))
        };
        assert!(!ml_dsa(&old) && ml_dsa(&Offer::default()));
        let new = Offer { min: TLS_1_3, ..Offer::default() };
        assert!(!suites(&new).is_empty() && suites(&new).iter().all(is_new));
        // A list of the user's as well.
        let both = Some(vec![0x1301, 0xc02b]);
        assert_eq!(suites(&Offer { ciphers: both.clone(), ..old }), [0xc02b]);
        assert_eq!(suites(&Offer { ciphers: both, ..new }), [0x1301]);
        assert_eq!(groups(&Offer::default()).last(), Some(&0x0019));
    }

    #[test]
    fn an_empty_list_is_refused() {
        let offer = Offer { groups: Some(vec![]), ..Offer::default() };
        assert_eq!(
            provider(&offer).unwrap_err().to_string(),
            "no group of TLS 1.2 to TLS 1.3 is left to be offered"
        );
    }
}

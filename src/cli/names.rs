//! Names of cipher suites, groups, signature schemes and versions, as people write them.

use crate::engine::Engine;
use crate::finding::explain::distance;
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3};
use crate::wire::codepoints::{CIPHER_SUITES, Registry, SIGNATURE_SCHEMES, SUPPORTED_GROUPS, cipher_suite};

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ciphers,
    Groups,
    Sigalgs,
}

impl Kind {
    fn flag(self) -> &'static str {
        match self {
            Kind::Ciphers => "--ciphers",
            Kind::Groups => "--groups",
            Kind::Sigalgs => "--sigalgs",
        }
    }

    fn registry(self) -> &'static Registry {
        match self {
            Kind::Ciphers => &CIPHER_SUITES,
            Kind::Groups => &SUPPORTED_GROUPS,
            Kind::Sigalgs => &SIGNATURE_SCHEMES,
        }
    }

    /// What one of the engines can offer.
    fn supported(self) -> Vec<u16> {
        let of = |engine: Engine| {
            let all = engine.supported();
            match self {
                Kind::Ciphers => all.ciphers,
                Kind::Groups => all.groups,
                Kind::Sigalgs => all.sigalgs,
            }
        };
        let mut codes = of(Engine::Rustls);
        codes.extend(of(Engine::Lab).into_iter().filter(|code| !codes.contains(code)).collect::<Vec<_>>());
        codes
    }
}

/// OpenSSL's names where they are not IANA's.
const OTHER_NAMES: &[(Kind, &str, u16)] = &[
    (Kind::Groups, "P-256", 0x0017),
    (Kind::Groups, "prime256v1", 0x0017),
    (Kind::Groups, "P-384", 0x0018),
    (Kind::Groups, "P-521", 0x0019),
    (Kind::Groups, "X25519", 0x001d),
    (Kind::Groups, "X448", 0x001e),
    (Kind::Sigalgs, "ECDSA+SHA256", 0x0403),
    (Kind::Sigalgs, "ECDSA+SHA384", 0x0503),
    (Kind::Sigalgs, "ECDSA+SHA512", 0x0603),
    (Kind::Sigalgs, "RSA+SHA256", 0x0401),
    (Kind::Sigalgs, "RSA+SHA384", 0x0501),
    (Kind::Sigalgs, "RSA+SHA512", 0x0601),
    (Kind::Sigalgs, "RSA-PSS+SHA256", 0x0804),
    (Kind::Sigalgs, "RSA-PSS+SHA384", 0x0805),
    (Kind::Sigalgs, "RSA-PSS+SHA512", 0x0806),
];

/// The code points that a list names, in its order.
pub fn list(kind: Kind, typed: &str) -> Result<Vec<u16>, String> {
    let names = typed.split([',', ':', ' ']).filter(|name| !name.is_empty());
    let mut codes = Vec::new();
    for name in names {
        let code = one(kind, name)?;
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    if codes.is_empty() {
        return Err(format!("{} is empty", kind.flag()));
    }
    Ok(codes)
}

fn one(kind: Kind, typed: &str) -> Result<u16, String> {
    let supported = kind.supported();
    let Some(code) = find(kind, typed) else {
        return Err(format!("{}: {typed:?} is not known; {}", kind.flag(), nearest(kind, typed, &supported)));
    };
    if !supported.contains(&code) {
        let name = kind.registry().show(code);
        return Err(format!(
            "{}: {name} is not performed; {}",
            kind.flag(),
            nearest(kind, &name, &supported)
        ));
    }
    Ok(code)
}

fn find(kind: Kind, typed: &str) -> Option<u16> {
    if let Some(hex) = typed.strip_prefix("0x") {
        return u16::from_str_radix(hex, 16).ok();
    }
    let same = |name: &str| name.eq_ignore_ascii_case(typed);
    let other = OTHER_NAMES.iter().find(|(of, name, _)| *of == kind && same(name)).map(|(_, _, code)| *code);
    other
        .or_else(|| (kind.registry().all)().iter().find(|entry| same(entry.name)).map(|entry| entry.code))
        .or_else(|| {
            let by_openssl = |suite: &&cipher_suite::SuiteInfo| suite.openssl.is_some_and(same);
            cipher_suite::all()
                .iter()
                .find(by_openssl)
                .map(|suite| suite.code)
                .filter(|_| kind == Kind::Ciphers)
        })
}

/// `the nearest are A, B, C`
fn nearest(kind: Kind, typed: &str, supported: &[u16]) -> String {
    let wanted = typed.to_ascii_lowercase();
    let mut names: Vec<_> = supported.iter().map(|code| kind.registry().show(*code)).collect();
    names.sort_by_cached_key(|name| distance(&wanted, &name.to_ascii_lowercase()));
    format!("similar names are {}", names.iter().take(3).map(AsRef::as_ref).collect::<Vec<_>>().join(", "))
}

/// `1.2`, `TLSv1.3`, `tls1_2`
pub fn version(flag: &str, typed: &str) -> Result<u16, String> {
    let bare = typed.to_ascii_lowercase().replace('_', ".");
    let bare = bare.trim_start_matches("tls").trim_start_matches('v').trim();
    match bare {
        "1.2" => Ok(TLS_1_2),
        "1.3" => Ok(TLS_1_3),
        "1.1" => Ok(TLS_1_1),
        "1" | "1.0" => Ok(TLS_1_0),
        "3.0" | "ssl3" | "ssl3.0" | "sslv3" => Ok(SSL_3_0),
        _ => Err(format!("{flag}: {typed:?} is not a version; write 1.0, 1.1, 1.2 or 1.3")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_kinds() {
        let typed = "ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_256_GCM_SHA384";
        assert_eq!(list(Kind::Ciphers, typed).unwrap(), [0xc02f, 0x1302]);
        assert_eq!(list(Kind::Groups, "P-256,x25519,0x0018").unwrap(), [0x17, 0x1d, 0x18]);
        assert_eq!(list(Kind::Sigalgs, "ecdsa_secp256r1_sha256").unwrap(), [0x0403]);
    }

    #[test]
    fn unknown_and_unsupported_ones_name_the_nearest() {
        let unknown = list(Kind::Ciphers, "TLS_AES_128_GCM_SHA265").unwrap_err();
        assert!(unknown.contains("not known") && unknown.contains("TLS_AES_128_GCM_SHA256"), "{unknown}");
        let unsupported = list(Kind::Ciphers, "DHE-DSS-AES128-SHA").unwrap_err();
        assert!(unsupported.contains("TLS_DHE_DSS_WITH_AES_128_CBC_SHA is not performed"), "{unsupported}");
        assert_eq!(list(Kind::Ciphers, "AES128-SHA"), Ok(vec![0x002f]));
    }

    #[test]
    fn versions() {
        assert_eq!(version("--tls-min", "TLSv1.3"), Ok(TLS_1_3));
        assert_eq!(version("--tls-min", "tls1_2"), Ok(TLS_1_2));
        assert_eq!(version("--tls-min", "1.1"), Ok(TLS_1_1));
    }
}

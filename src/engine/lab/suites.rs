//! The cipher suites that the lab engine performs.

use crate::capture::Offer;
pub use crate::crypto::performed::{needs_groups, performed};
use crate::wire::codepoints::cipher_suite::{
    self, Authentication, Cipher, KeyExchange, Mac, Mode, SuiteInfo,
};
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_2, TLS_1_3};

/// Whether the suite is performed in any version from `min` to `max`.
pub fn performed_within(code: u16, min: u16, max: u16) -> bool {
    (min..=max).any(|version| performed(code, version))
}

/// Every suite that is performed in some version.
pub fn all() -> impl Iterator<Item = u16> {
    cipher_suite::all()
        .iter()
        .map(|suite| suite.code)
        .filter(|code| performed_within(*code, SSL_3_0, TLS_1_3))
}

/// What is offered if the user names no suites: everything that proves who the server is and encrypts, strong
/// suites first. With a pre-shared key its suites come before the others.
pub fn default_list(offer: &Offer, psk: bool) -> Vec<u16> {
    let wanted = |suite: &&SuiteInfo| {
        let proves = match suite.authentication {
            Authentication::Rsa | Authentication::Ecdsa | Authentication::Tls13 => {
                psk || suite.key_exchange != KeyExchange::RsaPsk
            }
            Authentication::Psk => psk,
            _ => false,
        };
        proves && suite.cipher != Cipher::Null && performed_within(suite.code, offer.min, offer.max)
    };
    let mut suites: Vec<&SuiteInfo> = cipher_suite::all().iter().filter(wanted).collect();
    suites.sort_by_key(|suite| rank(suite));
    suites.iter().map(|suite| suite.code).collect()
}

/// What servers of TLS 1.2 and earlier may want, performed or not, the best first: what is offered to find out what that
/// is. Rare ones are left out, since some old servers take no long list.
pub fn known() -> Vec<u16> {
    let everything = Offer { min: SSL_3_0, max: TLS_1_2, ..Offer::default() };
    let mut suites = default_list(&everything, false);
    let rare = |suite: &SuiteInfo| match (suite.key_exchange, suite.cipher) {
        _ if suite.openssl.is_none() => true,
        (KeyExchange::Rsa | KeyExchange::Dhe | KeyExchange::Ecdhe, Cipher::Camellia) => {
            suite.mode != Mode::Cbc
        }
        (KeyExchange::Rsa | KeyExchange::Dhe | KeyExchange::Ecdhe, cipher) => {
            cipher == Cipher::Aria
                || matches!(suite.mode, Mode::Ccm | Mode::Ccm8) && suite.key_exchange == KeyExchange::Dhe
        }
        // Of static Diffie-Hellman and pre-shared keys the plainest: who has others has these.
        (KeyExchange::Dh | KeyExchange::Ecdh | KeyExchange::Psk, Cipher::Aes) => {
            suite.mode != Mode::Cbc || suite.mac != Mac::Sha1
        }
        _ => true,
    };
    suites.retain(|code| cipher_suite::find(*code).is_some_and(|suite| !rare(suite)));
    let others = cipher_suite::all().iter().filter(|suite| !rare(suite));
    let mut others: Vec<&SuiteInfo> = others.filter(|suite| !suites.contains(&suite.code)).collect();
    others
        .sort_by_key(|suite| (suite.authentication == Authentication::Anonymous, suite.export, rank(suite)));
    suites.extend(others.iter().map(|suite| suite.code));
    suites
}

/// The offer without versions of which no suite is offered.
pub fn narrowed(offer: &Offer) -> Offer {
    let mut narrowed = offer.clone();
    let Some(ciphers) = &offer.ciphers else { return narrowed };
    let has = |version: u16| ciphers.iter().any(|code| performed(*code, version));
    while narrowed.min < narrowed.max && !has(narrowed.max) {
        narrowed.max -= 1;
    }
    while narrowed.min < narrowed.max && !has(narrowed.min) {
        narrowed.min += 1;
    }
    narrowed
}

/// The lower the better.
fn rank(suite: &SuiteInfo) -> (u8, u8, u8, u16) {
    let cipher = match (suite.cipher, suite.mode) {
        (Cipher::Aes, Mode::Gcm) | (Cipher::ChaCha20, _) => 0,
        (_, Mode::Gcm | Mode::Ccm | Mode::Ccm8) => 1,
        (Cipher::Aes, _) => 2,
        (Cipher::Camellia, _) => 3,
        (Cipher::TripleDes, _) => 4,
        _ => 5,
    };
    let exchange = match suite.key_exchange {
        KeyExchange::Tls13 => 0,
        KeyExchange::EcdhePsk | KeyExchange::DhePsk | KeyExchange::Psk | KeyExchange::RsaPsk => 1,
        KeyExchange::Ecdhe => 2,
        KeyExchange::Dhe => 3,
        _ => 4,
    };
    let first = u8::from(exchange > 1);
    (first, cipher, exchange, suite.code)
}

/// Whether encrypt_then_mac means something with it.
pub fn is_cbc(code: u16) -> bool {
    cipher_suite::find(code).is_some_and(|suite| suite.mode == Mode::Cbc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_suites_come_first_and_nothing_unproven_is_offered_unasked() {
        let offer = Offer { min: SSL_3_0, max: TLS_1_2, ..Offer::default() };
        let list = default_list(&offer, false);
        assert_eq!(cipher_suite::find(list[0]).unwrap().key_exchange, KeyExchange::Ecdhe);
        // TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA, TLS_RSA_WITH_RC4_128_MD5
        let at = |code: u16| list.iter().position(|listed| *listed == code).unwrap();
        assert!(at(0x002f) < at(0x000a) && at(0x000a) < at(0x0004));
        for code in &list {
            let suite = cipher_suite::find(*code).unwrap();
            assert!(
                suite.authentication != Authentication::Anonymous && suite.cipher != Cipher::Null,
                "{}",
                suite.name
            );
            assert!(!suite.export && suite.authentication != Authentication::Dss && !suite.is_tls13());
        }
    }

    #[test]
    fn a_probe_offers_what_old_servers_may_want_and_no_more() {
        let known = known();
        // At most 128: there are servers that take no more.
        assert!((80..=128).contains(&known.len()), "{}", known.len());
        let at = |code: u16| known.iter().position(|listed| *listed == code);
        // ECDHE with GCM, RSA with RC4, DSS, static ECDH, DES, anonymous, export
        let order = [0xc02f, 0x0004, 0x0032, 0xc004, 0x0009, 0x0018, 0x0003].map(at);
        assert!(order.iter().all(Option::is_some), "{order:?}");
        assert!(at(0xc02f) < at(0x0004) && at(0x0004) < at(0x0003) && at(0x0004) < at(0x0018));
        assert!(known.iter().all(|code| !cipher_suite::find(*code).unwrap().is_tls13()));
    }

    #[test]
    fn each_version_has_its_suites() {
        // TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_AES_128_CCM_8_SHA256
        assert!(performed(0x009c, 0x0303) && !performed(0x009c, 0x0302) && !performed(0x009c, 0x0304));
        assert!(performed(0xc013, 0x0301) && !performed(0xc013, 0x0300));
        assert!(performed(0x1305, 0x0304) && !performed(0x1305, 0x0303));
    }
}

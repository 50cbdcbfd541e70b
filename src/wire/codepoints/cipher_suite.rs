//! Cipher suites and what their names say (IANA "TLS Cipher Suites"; RFC 8446, appendix B.4; RFC 5246, appendix C).

use std::fmt;

use super::cipher_suites::ROWS;
use super::{Entry, Recommended, Registry, code_point};

code_point! {
    /// A cipher suite.
    CipherSuite(u16) of CIPHER_SUITES {
        TLS_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff,
        TLS_FALLBACK_SCSV = 0x5600,
        TLS_AES_128_GCM_SHA256 = 0x1301,
        TLS_AES_256_GCM_SHA384 = 0x1302,
        TLS_CHACHA20_POLY1305_SHA256 = 0x1303,
        TLS_AES_128_CCM_SHA256 = 0x1304,
        TLS_AES_128_CCM_8_SHA256 = 0x1305,
        TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 = 0xc030,
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 = 0xc02c,
    }
}

impl CipherSuite {
    /// What its name says, if it has one.
    pub fn info(self) -> Option<&'static SuiteInfo> {
        find(self.0)
    }

    /// `TLS_EMPTY_RENEGOTIATION_INFO_SCSV` (RFC 5746, section 3.3) or `TLS_FALLBACK_SCSV` (RFC 7507): no suite, but a
    /// signal in the list of suites.
    pub fn is_signal(self) -> bool {
        self == Self::TLS_EMPTY_RENEGOTIATION_INFO_SCSV || self == Self::TLS_FALLBACK_SCSV
    }
}

/// A cipher suite, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteInfo {
    pub code: u16,
    /// IANA's spelling.
    pub name: &'static str,
    /// What OpenSSL calls it, or called it when it still had it.
    pub openssl: Option<&'static str>,
    pub key_exchange: KeyExchange,
    pub authentication: Authentication,
    pub cipher: Cipher,
    pub mode: Mode,
    /// Of the cipher's key; 0 without encryption.
    pub key_bits: u16,
    pub mac: Mac,
    /// Hash of the key schedule: HKDF in TLS 1.3, the PRF in TLS 1.2. Earlier versions use MD5 and SHA-1 whatever the suite.
    pub prf: Hash,
    /// An export suite of the 1990s, weakened on purpose.
    pub export: bool,
    pub reference: &'static str,
    pub recommended: Recommended,
}

/// How the premaster secret comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyExchange {
    /// A signalling value, or no protection at all.
    Null,
    /// TLS 1.3: settled by `key_share` and `pre_shared_key`, not by the suite.
    Tls13,
    Rsa,
    Dh,
    Dhe,
    Ecdh,
    Ecdhe,
    Psk,
    DhePsk,
    RsaPsk,
    EcdhePsk,
    Krb5,
    Srp,
    EccPwd,
    EcJpake,
    Gost,
}

/// What proves the server's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    Null,
    /// TLS 1.3: settled by `signature_algorithms` and the certificate.
    Tls13,
    Rsa,
    Dss,
    Ecdsa,
    /// Nothing does.
    Anonymous,
    Psk,
    Krb5,
    Srp,
    EccPwd,
    EcJpake,
    Gost,
}

/// The cipher of the record protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    Null,
    Rc2,
    Rc4,
    Des40,
    Des,
    TripleDes,
    Idea,
    Seed,
    Aes,
    Camellia,
    Aria,
    Sm4,
    ChaCha20,
    Aegis,
    Gost28147,
    Kuznyechik,
    Magma,
}

/// The cipher's mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    None,
    Stream,
    Cbc,
    Ctr,
    Gcm,
    Ccm,
    /// CCM with a tag of 8 bytes.
    Ccm8,
    Poly1305,
    /// ChaCha20-Poly1305 as drafts had it, with another nonce than RFC 7905.
    Poly1305Draft,
    Mgm,
    /// The cipher is an AEAD by itself.
    Aead,
}

/// What protects a record's integrity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mac {
    None,
    /// The cipher does it itself.
    Aead,
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Gost3411,
    Imit,
    Omac,
}

/// The hash of the key schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    None,
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    Sm3,
    Gost3411,
}

impl SuiteInfo {
    /// Whether records are protected by an AEAD.
    pub fn is_aead(&self) -> bool {
        self.mac == Mac::Aead
    }

    /// Whether the suite belongs to TLS 1.3 alone.
    pub fn is_tls13(&self) -> bool {
        self.key_exchange == KeyExchange::Tls13
    }

    /// Whether a key that is stolen later opens nothing that was recorded earlier.
    pub fn forward_secret(&self) -> bool {
        matches!(
            self.key_exchange,
            KeyExchange::Tls13
                | KeyExchange::Dhe
                | KeyExchange::Ecdhe
                | KeyExchange::DhePsk
                | KeyExchange::EcdhePsk
        )
    }

    /// What its name says, in a sentence or two.
    pub fn describe(&self) -> String {
        let entry = self.entry();
        if !entry.about.is_empty() {
            return entry.about.to_owned();
        }
        let mut out = String::new();
        match (self.key_exchange, self.authentication) {
            (KeyExchange::Tls13, _) => out.push_str(
                "For TLS 1.3, where key exchange and certificate type are negotiated \
                              separately. ",
            ),
            (KeyExchange::Null, _) => {}
            (exchange, Authentication::Anonymous) => {
                out.push_str(&format!(
                    "Key exchange: {exchange}. Neither side is authenticated, so anybody \
                                       can intercept the connection. "
                ));
            }
            (exchange, authentication) => {
                out.push_str(&format!(
                    "Key exchange: {exchange}. The server is authenticated by {authentication}. "
                ));
            }
        }
        if self.cipher == Cipher::Null {
            out.push_str("Nothing is encrypted");
        } else {
            out.push_str(&format!(
                "Records are encrypted by {} with a key of {} bits",
                self.cipher, self.key_bits
            ));
            if self.mode != Mode::None {
                out.push_str(&format!(", {}", self.mode));
            }
        }
        out.push_str(match self.mac {
            Mac::None => ", and not protected against changes.",
            Mac::Aead => ", which protects them against changes as well.",
            Mac::Md5 => ", and protected against changes by HMAC-MD5.",
            Mac::Sha1 => ", and protected against changes by HMAC-SHA1.",
            Mac::Sha256 => ", and protected against changes by HMAC-SHA256.",
            Mac::Sha384 => ", and protected against changes by HMAC-SHA384.",
            Mac::Gost3411 | Mac::Imit | Mac::Omac => ", and protected against changes by a MAC of GOST.",
        });
        if self.export {
            out.push_str(" An export suite of the 1990s, deliberately weakened.");
        } else if !self.forward_secret() && self.key_exchange != KeyExchange::Null {
            out.push_str(
                " No forward secrecy: a key that is stolen later decrypts what was recorded \
                          earlier.",
            );
        }
        out
    }

    fn entry(&self) -> Entry {
        let about = match CipherSuite(self.code) {
            CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV => {
                "Not a cipher suite but a signal (SCSV): the client supports secure renegotiation. It \
                 replaces an empty renegotiation_info extension, which some old servers reject."
            }
            CipherSuite::TLS_FALLBACK_SCSV => {
                "Not a cipher suite but a signal (SCSV): the client tried a higher version before and fell \
                 back. A server that supports a higher version then refuses the connection, since an \
                 attacker may have interfered."
            }
            _ => "",
        };
        Entry {
            code: self.code,
            name: self.name,
            reference: self.reference,
            recommended: self.recommended,
            about,
        }
    }
}

impl fmt::Display for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyExchange::Null => "nothing",
            KeyExchange::Tls13 => "key_share and pre_shared_key",
            KeyExchange::Rsa => "RSA encryption",
            KeyExchange::Dh => "static Diffie-Hellman",
            KeyExchange::Dhe => "ephemeral Diffie-Hellman (DHE)",
            KeyExchange::Ecdh => "static elliptic-curve Diffie-Hellman (ECDH)",
            KeyExchange::Ecdhe => "ephemeral elliptic-curve Diffie-Hellman (ECDHE)",
            KeyExchange::Psk => "a pre-shared key alone",
            KeyExchange::DhePsk => "a pre-shared key and DHE",
            KeyExchange::RsaPsk => "a pre-shared key and RSA encryption",
            KeyExchange::EcdhePsk => "a pre-shared key and ECDHE",
            KeyExchange::Krb5 => "Kerberos",
            KeyExchange::Srp => "a password (SRP)",
            KeyExchange::EccPwd => "a password (TLS-PWD)",
            KeyExchange::EcJpake => "a password (J-PAKE)",
            KeyExchange::Gost => "GOST key agreement",
        })
    }
}

impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Authentication::Null | Authentication::Anonymous => "nothing",
            Authentication::Tls13 => "its certificate",
            Authentication::Rsa => "an RSA key",
            Authentication::Dss => "a DSA key",
            Authentication::Ecdsa => "a key on an elliptic curve (ECDSA or EdDSA)",
            Authentication::Psk => "the pre-shared key",
            Authentication::Krb5 => "Kerberos",
            Authentication::Srp | Authentication::EccPwd | Authentication::EcJpake => "the password",
            Authentication::Gost => "a GOST key",
        })
    }
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cipher::Null => "nothing",
            Cipher::Rc2 => "RC2",
            Cipher::Rc4 => "RC4",
            Cipher::Des40 | Cipher::Des => "DES",
            Cipher::TripleDes => "Triple DES",
            Cipher::Idea => "IDEA",
            Cipher::Seed => "SEED",
            Cipher::Aes => "AES",
            Cipher::Camellia => "Camellia",
            Cipher::Aria => "ARIA",
            Cipher::Sm4 => "SM4",
            Cipher::ChaCha20 => "ChaCha20",
            Cipher::Aegis => "AEGIS",
            Cipher::Gost28147 => "GOST 28147-89",
            Cipher::Kuznyechik => "Kuznyechik",
            Cipher::Magma => "Magma",
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::None => "in no mode",
            Mode::Stream => "as a stream cipher",
            Mode::Cbc => "in CBC mode",
            Mode::Ctr => "in counter mode",
            Mode::Gcm => "in Galois/counter mode (GCM)",
            Mode::Ccm => "in counter mode with CBC-MAC (CCM)",
            Mode::Ccm8 => "in counter mode with CBC-MAC and a short tag (CCM_8)",
            Mode::Poly1305 => "with Poly1305",
            Mode::Poly1305Draft => "with Poly1305 as in drafts",
            Mode::Mgm => "in multilinear Galois mode (MGM)",
            Mode::Aead => "as an AEAD of its own",
        })
    }
}

/// The suite with this code.
pub fn find(code: u16) -> Option<&'static SuiteInfo> {
    ROWS.binary_search_by_key(&code, |suite| suite.code).ok().and_then(|at| ROWS.get(at))
}

/// The suite with this name, IANA's or OpenSSL's.
pub fn by_name(name: &str) -> Option<&'static SuiteInfo> {
    ROWS.iter().find(|suite| suite.name == name || suite.openssl == Some(name))
}

/// All suites, sorted by code.
pub fn all() -> &'static [SuiteInfo] {
    ROWS
}

/// Cipher suites.
pub static CIPHER_SUITES: Registry = Registry {
    name: "TLS Cipher Suites",
    width: 2,
    find: |code| find(code).map(SuiteInfo::entry),
    all: || ROWS.iter().map(SuiteInfo::entry).collect(),
    grease: true,
};

/// Builds a row; the table is one line a suite.
#[allow(clippy::too_many_arguments, reason = "the columns of the table")]
pub(super) const fn suite(
    code: u16,
    name: &'static str,
    openssl: &'static str,
    (key_exchange, authentication): (KeyExchange, Authentication),
    (cipher, mode, key_bits): (Cipher, Mode, u16),
    (mac, prf): (Mac, Hash),
    export: bool,
    reference: &'static str,
    recommended: Recommended,
) -> SuiteInfo {
    let openssl = if openssl.is_empty() { None } else { Some(openssl) };
    SuiteInfo {
        code,
        name,
        openssl,
        key_exchange,
        authentication,
        cipher,
        mode,
        key_bits,
        mac,
        prf,
        export,
        reference,
        recommended,
    }
}

#[cfg(test)]
mod tests {
    use super::super::is_grease;
    use super::*;

    #[test]
    fn rows_are_sorted_and_none_is_grease() {
        assert!(ROWS.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(ROWS.iter().all(|suite| !is_grease(suite.code, 2)));
    }

    #[test]
    fn a_suite_is_described() {
        assert_eq!(
            find(0xc014).unwrap().describe(),
            "Key exchange: ephemeral elliptic-curve Diffie-Hellman (ECDHE). The server is authenticated by \
             an RSA key. Records are encrypted by AES with a key of 256 bits, in CBC mode, and protected \
             against changes by HMAC-SHA1."
        );
        assert!(find(0x0035).unwrap().describe().ends_with("decrypts what was recorded earlier."));
        assert!(find(0x5600).unwrap().describe().starts_with("Not a cipher suite but a signal"));
        assert!(ROWS.iter().all(|suite| suite.describe().ends_with('.')));
    }

    #[test]
    fn a_suite_is_taken_apart() {
        let suite = find(0xc030).unwrap();
        assert_eq!(suite.name, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
        assert_eq!(suite.openssl, Some("ECDHE-RSA-AES256-GCM-SHA384"));
        assert_eq!((suite.key_exchange, suite.authentication), (KeyExchange::Ecdhe, Authentication::Rsa));
        assert_eq!(
            (suite.cipher, suite.mode, suite.key_bits, suite.prf),
            (Cipher::Aes, Mode::Gcm, 256, Hash::Sha384)
        );
        assert!(suite.is_aead() && suite.forward_secret() && !suite.is_tls13());
        assert_eq!(by_name("AES128-SHA").unwrap().code, 0x002f);
        assert_eq!(CIPHER_SUITES.name_of(0x1301), Some("TLS_AES_128_GCM_SHA256"));
        assert_eq!(CIPHER_SUITES.name_of(0x0a0a), Some("GREASE"));
        assert_eq!(CIPHER_SUITES.show(0x0a1a), "0x0a1a");
    }
}

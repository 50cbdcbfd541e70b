//! Algorithms as CycloneDX describes them. NIST's levels are those of the call for post-quantum proposals (2016, section
//! 4.A.5): 1, 3, 5 as hard as a search for a key of AES-128, 192, 256; 2, 4 as hard as a collision of SHA-256, SHA-384.

use serde_json::{Value, json};

use crate::wire::codepoints::cipher_suite::{Cipher, Hash, Mac, Mode, SuiteInfo};
use crate::wire::codepoints::group::Kind;
use crate::wire::codepoints::{NamedGroup, ProtocolVersion, SignatureScheme};

/// One algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Algorithm {
    name: String,
    primitive: &'static str,
    /// Size of key or digest, or the parameter set.
    parameters: Option<String>,
    curve: Option<&'static str>,
    mode: Option<&'static str>,
    functions: &'static [&'static str],
    /// Bits; none if nobody agrees.
    classical: Option<u16>,
    /// 0: a quantum computer breaks it.
    quantum: Option<u8>,
}

impl Algorithm {
    fn new(name: impl Into<String>, primitive: &'static str, functions: &'static [&'static str]) -> Self {
        Algorithm {
            name: name.into(),
            primitive,
            parameters: None,
            curve: None,
            mode: None,
            functions,
            classical: None,
            quantum: None,
        }
    }

    pub(super) fn reference(&self) -> String {
        format!("algorithm:{}:{}", self.primitive, self.name)
    }

    pub(super) fn component(&self, reference: &str) -> Value {
        let mut properties = json!({ "primitive": self.primitive, "cryptoFunctions": self.functions });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                properties[name] = value;
            }
        };
        set("parameterSetIdentifier", self.parameters.clone().map(Value::from));
        set("curve", self.curve.map(Value::from));
        set("mode", self.mode.map(Value::from));
        set("classicalSecurityLevel", self.classical.map(Value::from));
        set("nistQuantumSecurityLevel", self.quantum.map(Value::from));
        json!({
            "type": "cryptographic-asset",
            "bom-ref": reference,
            "name": self.name,
            "cryptoProperties": { "assetType": "algorithm", "algorithmProperties": properties },
        })
    }
}

/// What a cipher suite consists of: the protection of records, and the key schedule.
pub(super) fn of_suite(suite: &SuiteInfo, version: ProtocolVersion) -> Vec<Algorithm> {
    let mut all = Vec::new();
    if suite.cipher != Cipher::Null {
        all.push(cipher(suite));
    }
    let mac = match suite.mac {
        Mac::None | Mac::Aead => None,
        Mac::Md5 => Some("HMAC-MD5"),
        Mac::Sha1 => Some("HMAC-SHA1"),
        Mac::Sha256 => Some("HMAC-SHA256"),
        Mac::Sha384 => Some("HMAC-SHA384"),
        Mac::Gost3411 => Some("HMAC-GOSTR3411"),
        Mac::Imit => Some("GOST28147-IMIT"),
        Mac::Omac => Some("OMAC"),
    };
    all.extend(mac.map(|name| Algorithm::new(name, "mac", &["tag"])));
    let hash = match suite.prf {
        Hash::None => None,
        Hash::Md5 => Some("MD5"),
        Hash::Sha1 => Some("SHA1"),
        Hash::Sha256 => Some("SHA256"),
        Hash::Sha384 => Some("SHA384"),
        Hash::Sha512 => Some("SHA512"),
        Hash::Sm3 => Some("SM3"),
        Hash::Gost3411 => Some("GOSTR3411"),
    };
    let kdf = match version {
        ProtocolVersion::TLS_1_3 => hash.map(|hash| format!("HKDF-{hash}")),
        ProtocolVersion::TLS_1_2 => hash.map(|hash| format!("TLS-PRF-{hash}")),
        // RFC 2246, section 5, and RFC 6101, section 6.2.2, whatever the suite.
        ProtocolVersion::TLS_1_0 | ProtocolVersion::TLS_1_1 => Some("TLS-PRF-MD5-SHA1".to_owned()),
        _ => Some("SSL3-KDF-MD5-SHA1".to_owned()),
    };
    all.extend(kdf.map(|name| Algorithm::new(name, "kdf", &["keyderive"])));
    all
}

fn cipher(suite: &SuiteInfo) -> Algorithm {
    const BOTH: &[&str] = &["encrypt", "decrypt"];
    const WITH_TAG: &[&str] = &["encrypt", "decrypt", "tag"];
    let (primitive, functions) = match (suite.is_aead(), suite.mode, suite.cipher) {
        (true, ..) => ("ae", WITH_TAG),
        (_, Mode::Stream, _) | (_, _, Cipher::Rc4) => ("stream-cipher", BOTH),
        _ => ("block-cipher", BOTH),
    };
    let (suffix, mode) = match suite.mode {
        Mode::Cbc => ("CBC", Some("cbc")),
        Mode::Ctr => ("CTR", Some("ctr")),
        Mode::Gcm => ("GCM", Some("gcm")),
        Mode::Ccm => ("CCM", Some("ccm")),
        Mode::Ccm8 => ("CCM-8", Some("ccm")),
        Mode::Mgm => ("MGM", Some("other")),
        Mode::Poly1305 | Mode::Poly1305Draft => ("Poly1305", None),
        Mode::None | Mode::Stream | Mode::Aead => ("", None),
    };
    let mut name = suite.cipher.to_string().replace(' ', "-");
    // Others have one size of key.
    let sized =
        matches!(suite.cipher, Cipher::Aes | Cipher::Camellia | Cipher::Aria | Cipher::Rc4 | Cipher::Aegis);
    if sized || suite.export {
        name.push_str(&format!("-{}", suite.key_bits));
    }
    if !suffix.is_empty() {
        name.push_str(&format!("-{suffix}"));
    }
    let quantum = match (suite.cipher, suite.key_bits) {
        (Cipher::Aes | Cipher::Camellia | Cipher::Aria, 128) => Some(1),
        (Cipher::Aes | Cipher::Camellia | Cipher::Aria, 192) => Some(3),
        (Cipher::Aes | Cipher::Camellia | Cipher::Aria | Cipher::ChaCha20, 256) => Some(5),
        _ => None,
    };
    // Meet in the middle leaves 112 of Triple DES's 168 bits (NIST SP 800-57 part 1, table 2).
    let classical = if suite.cipher == Cipher::TripleDes { 112 } else { suite.key_bits };
    Algorithm {
        parameters: Some(suite.key_bits.to_string()),
        mode,
        classical: Some(classical),
        quantum,
        ..Algorithm::new(name, primitive, functions)
    }
}

/// A group of the key exchange.
pub(super) fn of_group(group: NamedGroup) -> Algorithm {
    const AGREE: &[&str] = &["keygen", "keyderive"];
    const KEM: &[&str] = &["keygen", "encapsulate", "decapsulate"];
    let name = group.to_string();
    let Some(info) = group.info() else { return Algorithm::new(name, "unknown", &["unknown"]) };
    let (primitive, functions) = match info.kind {
        Kind::EllipticCurve | Kind::FiniteField => ("key-agree", AGREE),
        Kind::Kem => ("kem", KEM),
        // Of a KEM and a curve.
        Kind::Hybrid => ("combiner", KEM),
        Kind::Other => ("other", &["other"][..]),
    };
    let classical = match info.name {
        "secp256r1" | "x25519" | "brainpoolP256r1" | "secp256k1" | "brainpoolP256r1tls13" => Some(128),
        "secp384r1" | "brainpoolP384r1" | "brainpoolP384r1tls13" => Some(192),
        "secp521r1" | "brainpoolP512r1" | "brainpoolP512r1tls13" => Some(256),
        "x448" => Some(224),
        "ffdhe2048" => Some(112),
        "ffdhe3072" => Some(128),
        _ => None,
    };
    let quantum = match info.kind {
        Kind::EllipticCurve | Kind::FiniteField => Some(0),
        Kind::Kem | Kind::Hybrid => ml_kem(info.name),
        Kind::Other => None,
    };
    Algorithm {
        parameters: (info.kind == Kind::FiniteField)
            .then(|| info.name.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned()),
        curve: (info.kind == Kind::EllipticCurve).then_some(info.name),
        classical,
        quantum,
        ..Algorithm::new(name, primitive, functions)
    }
}

/// FIPS 203, section 8.
fn ml_kem(name: &str) -> Option<u8> {
    [("MLKEM512", 1), ("MLKEM768", 3), ("MLKEM1024", 5)]
        .iter()
        .find_map(|(set, level)| name.contains(set).then_some(*level))
}

/// FIPS 204, section 4.
fn ml_dsa(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase().replace('-', "");
    [("mldsa44", 2), ("mldsa65", 3), ("mldsa87", 5)]
        .iter()
        .find_map(|(set, level)| name.contains(set).then_some(*level))
}

/// The scheme of the signature in a handshake.
pub(super) fn of_scheme(scheme: SignatureScheme) -> Algorithm {
    signature(scheme.to_string())
}

/// The algorithm of a certificate's signature.
pub(super) fn of_signature(name: &str) -> Algorithm {
    signature(name.to_owned())
}

fn signature(name: String) -> Algorithm {
    Algorithm { quantum: of_public_key(&name), ..Algorithm::new(name, "signature", &["sign", "verify"]) }
}

/// The algorithm of a certificate's key: `EC P-256`, `RSA 2048`.
pub(super) fn of_key(name: &str) -> Algorithm {
    let (family, parameters) =
        name.split_once(' ').map_or((name, None), |(family, rest)| (family, Some(rest)));
    let classical = match (family, parameters) {
        ("RSA" | "RSA-PSS", Some("2048")) => Some(112),
        ("RSA" | "RSA-PSS", Some("3072")) | ("EC", Some("P-256")) | ("Ed25519", _) => Some(128),
        ("EC", Some("P-384")) => Some(192),
        ("Ed448", _) => Some(224),
        ("EC", Some("P-521")) => Some(256),
        _ => None,
    };
    Algorithm {
        parameters: parameters.map(str::to_owned),
        classical,
        quantum: of_public_key(name),
        ..Algorithm::new(name, "signature", &["sign", "verify"])
    }
}

/// Of a signature or key by its name; none where the name says nothing.
fn of_public_key(name: &str) -> Option<u8> {
    let lower = name.to_ascii_lowercase();
    let classical = ["rsa", "ecdsa", "ec ", "dsa", "ed25519", "ed448", "gost", "sm2"];
    ml_dsa(name).or(classical.iter().any(|family| lower.starts_with(family)).then_some(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::codepoints::CipherSuite;

    fn suite(suite: CipherSuite, version: ProtocolVersion) -> Vec<(String, &'static str, Option<u8>)> {
        let all = of_suite(suite.info().unwrap(), version);
        all.into_iter().map(|one| (one.name, one.primitive, one.quantum)).collect()
    }

    #[test]
    fn suites_are_taken_apart() {
        assert_eq!(
            suite(CipherSuite::TLS_AES_256_GCM_SHA384, ProtocolVersion::TLS_1_3),
            [("AES-256-GCM".into(), "ae", Some(5)), ("HKDF-SHA384".into(), "kdf", None)]
        );
        assert_eq!(
            suite(CipherSuite(0x000a), ProtocolVersion::TLS_1_0),
            [
                ("Triple-DES-CBC".into(), "block-cipher", None),
                ("HMAC-SHA1".into(), "mac", None),
                ("TLS-PRF-MD5-SHA1".into(), "kdf", None),
            ]
        );
        assert_eq!(
            suite(CipherSuite(0xcca8), ProtocolVersion::TLS_1_2)[0],
            ("ChaCha20-Poly1305".into(), "ae", Some(5))
        );
        assert_eq!(
            suite(CipherSuite(0x0005), ProtocolVersion::TLS_1_2)[0],
            ("RC4-128".into(), "stream-cipher", None)
        );
    }

    #[test]
    fn a_quantum_computer_breaks_what_it_breaks() {
        let group = |group: NamedGroup| (of_group(group).primitive, of_group(group).quantum);
        assert_eq!(group(NamedGroup::x25519), ("key-agree", Some(0)));
        assert_eq!(group(NamedGroup::X25519MLKEM768), ("combiner", Some(3)));
        assert_eq!(group(NamedGroup(0x0202)), ("kem", Some(5)));
        assert_eq!(of_key("EC P-256").quantum, Some(0));
        assert_eq!(of_key("ML-DSA-65").quantum, Some(3));
        assert_eq!(of_signature("ecdsa-with-SHA256").quantum, Some(0));
        assert_eq!(of_signature("1.2.3.4").quantum, None);
    }
}

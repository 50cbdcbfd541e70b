//! Signatures made by OpenSSL (tests/vectors/signatures.txt).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What all of them are over.
pub const MESSAGE: &[u8] = b"what was signed";

/// One signature.
pub struct Signed {
    /// `P-256`, `RSA-2048`, …
    pub key: &'static str,
    pub spki: Vec<u8>,
    /// `sha256`; `pss-sha256` with RSASSA-PSS.
    pub hash: &'static str,
    pub signature: Vec<u8>,
}

impl Signed {
    /// Whether the library has an algorithm for it.
    pub fn is_verified(&self) -> bool {
        match (self.key, self.hash) {
            ("secp256k1", hash) => hash == "sha256",
            ("P-256", "sha224") | ("P-384", "sha1" | "sha224") => false,
            _ => true,
        }
    }
}

/// All of them.
pub fn all() -> Vec<Signed> {
    let text = include_str!("../../tests/vectors/signatures.txt");
    let mut spki = Vec::new();
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [key, hash, base64] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let bytes = STANDARD.decode(base64).unwrap_or_else(|error| panic!("{line}: {error}"));
        match hash {
            "key" => spki = bytes,
            _ => out.push(Signed { key, spki: spki.clone(), hash, signature: bytes }),
        }
    }
    assert_eq!(out.len(), 39);
    out
}

//! Public keys: what they are, and how strong.

use super::der::{self, Malformed, Reader, SEQUENCE};
use super::oid;

/// SubjectPublicKeyInfo, taken apart.
#[derive(Debug, Clone, Copy)]
pub struct PublicKey<'a> {
    /// The content of its AlgorithmIdentifier.
    pub algorithm: &'a [u8],
    pub oid: &'a [u8],
    /// The named curve of an EC key.
    pub curve: Option<&'a [u8]>,
    /// The content of its BIT STRING.
    pub bits: &'a [u8],
    /// Modulus without leading zeros, and exponent, of an RSA key.
    pub rsa: Option<(&'a [u8], &'a [u8])>,
    /// Where it stands in the certificate.
    pub at: usize,
}

impl<'a> PublicKey<'a> {
    /// Reads a whole SubjectPublicKeyInfo that stands at `at`.
    pub fn read(spki: &'a [u8], at: usize) -> Result<Self, Malformed> {
        let mut outer = Reader::at(spki, at);
        let mut inside = outer.expect(SEQUENCE, "SubjectPublicKeyInfo is no SEQUENCE")?.inside();
        let algorithm = inside.expect(SEQUENCE, "public key without AlgorithmIdentifier")?;
        let bits = inside.expect(der::BIT_STRING, "public key is no BIT STRING")?;
        inside.end("data behind the public key")?;
        let mut parts = algorithm.inside();
        let id = parts.expect(der::OID, "public key's algorithm without OID")?.value;
        let value = bits.as_octets()?;
        let curve = match id {
            oid::EC => parts.optional(der::OID)?.map(|curve| curve.value),
            _ => None,
        };
        let rsa = match id {
            oid::RSA | oid::RSA_PSS => {
                let mut key = Reader::at(value, bits.at + bits.raw.len() - value.len());
                let mut key = key.expect(SEQUENCE, "RSAPublicKey is no SEQUENCE")?.inside();
                let modulus = key.expect(der::INTEGER, "RSA key without a modulus")?.value;
                let exponent = key.expect(der::INTEGER, "RSA key without an exponent")?.value;
                key.end("data behind the RSA key")?;
                Some((without_zeros(modulus), without_zeros(exponent)))
            }
            _ => None,
        };
        Ok(Self { algorithm: algorithm.value, oid: id, curve, bits: value, rsa, at })
    }

    /// Its size as it is usually stated; None if that is not known.
    pub fn size(&self) -> Option<usize> {
        if let Some((modulus, _)) = self.rsa {
            let top = modulus.first().map_or(0, |byte| 8 - byte.leading_zeros() as usize);
            return Some(modulus.len().saturating_sub(1) * 8 + top);
        }
        match (self.oid, self.curve) {
            (oid::EC, Some(curve)) => match curve {
                oid::P192 => Some(192),
                oid::P224 => Some(224),
                oid::P256 | oid::SECP256K1 => Some(256),
                oid::P384 => Some(384),
                oid::P521 => Some(521),
                _ => None,
            },
            _ => None,
        }
    }

    /// `EC P-256`, `RSA 2048`, `Ed25519`, …
    pub fn text(&self) -> String {
        match self.oid {
            oid::RSA => format!("RSA {}", self.size().unwrap_or(0)),
            oid::RSA_PSS => format!("RSA-PSS {}", self.size().unwrap_or(0)),
            oid::EC => match self.curve {
                Some(curve) => format!("EC {}", oid::curve(curve)),
                None => "EC, explicit parameters".to_owned(),
            },
            oid::DSA => "DSA".to_owned(),
            other => oid::signature(other),
        }
    }
}

fn without_zeros(integer: &[u8]) -> &[u8] {
    let from = integer.iter().position(|byte| *byte != 0).unwrap_or(integer.len());
    integer.get(from..).unwrap_or(&[])
}

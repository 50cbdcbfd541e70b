//! Public keys (RFC 5280, section 4.1.2.7): what they are, and how strong.

use super::algorithm::{Algorithm, algorithm};
use super::der::BIT_STRING;
use super::oid;
use super::read::{content, expect, integer, octets, sequence, unused};
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};

/// SubjectPublicKeyInfo, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey<'a> {
    pub algorithm: Algorithm<'a>,
    /// Of the algorithm.
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

/// A SubjectPublicKeyInfo.
pub fn public_key<'a>(d: &mut Dissector<'a>) -> Read<Option<PublicKey<'a>>> {
    let at = d.pos();
    let key = sequence(d, "subjectPublicKeyInfo", |d| {
        let Some(algorithm) = algorithm(d, "algorithm")? else {
            octets(d, "subjectPublicKey")?;
            return Ok(None);
        };
        let mut key = PublicKey { algorithm, oid: algorithm.oid, curve: None, bits: &[], rsa: None, at };
        if key.oid == oid::EC {
            key.curve = super::der::content(algorithm.parameters, super::der::OID);
        }
        let bits = match key.oid {
            oid::RSA | oid::RSA_PSS => encoded(d, rsa)?.and_then(|(bits, rsa)| {
                key.rsa = Some(rsa?);
                Some(bits)
            }),
            oid::DSA => encoded(d, |d| integer(d, "y"))?.map(|(bits, _)| bits),
            _ => octets(d, "subjectPublicKey")?,
        };
        Ok(bits.map(|bits| PublicKey { bits, ..key }))
    })?;
    Ok(key.flatten())
}

/// A BIT STRING that holds DER: its bytes, and what they come to.
fn encoded<'a, T>(
    d: &mut Dissector<'a>,
    body: impl FnOnce(&mut Dissector<'a>) -> Read<T>,
) -> Read<Option<(&'a [u8], T)>> {
    expect(d, "subjectPublicKey", BIT_STRING, |d| {
        if unused(d, "subjectPublicKey")? != Some(0) {
            content(d, "subjectPublicKey")?;
            let kind = Wrong::Illegal("not a whole number of bytes");
            return Err(Malformed { field: "subjectPublicKey", offset: d.pos(), kind });
        }
        let bits = d.peek();
        Ok((bits, body(d)?))
    })
}

fn rsa<'a>(d: &mut Dissector<'a>) -> Read<Option<(&'a [u8], &'a [u8])>> {
    let key = sequence(d, "RSAPublicKey", |d| {
        let modulus = integer(d, "modulus")?;
        d.note(|| format!("{} bits", bit_length(modulus.unwrap_or_default())).into());
        let exponent = integer(d, "publicExponent")?;
        Ok(modulus.map(without_zeros).zip(exponent.map(without_zeros)))
    })?;
    Ok(key.flatten())
}

impl<'a> PublicKey<'a> {
    /// Reads a whole SubjectPublicKeyInfo.
    pub fn read(spki: &'a [u8]) -> Result<Self, Malformed> {
        let (key, problems) = Dissector::facts(spki, "subjectPublicKeyInfo", public_key);
        key.flatten()
            .filter(|_| problems.is_empty())
            .ok_or_else(|| super::first(&problems, "subjectPublicKeyInfo"))
    }

    /// Its size as it is usually stated; None if that is not known.
    pub fn size(&self) -> Option<usize> {
        if let Some((modulus, _)) = self.rsa {
            return Some(bit_length(modulus));
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
            other => oid::name(other),
        }
    }
}

/// Length of a big-endian number in bits.
pub fn bit_length(number: &[u8]) -> usize {
    let number = without_zeros(number);
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn without_zeros(integer: &[u8]) -> &[u8] {
    let from = integer.iter().position(|byte| *byte != 0).unwrap_or(integer.len());
    integer.get(from..).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::super::der::{self, SEQUENCE, element};
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!([bit_length(&[0, 0x80, 0]), bit_length(&[1]), bit_length(&[])], [16, 1, 0]);
    }

    #[test]
    fn a_key_of_bits_that_are_no_bytes_is_none() {
        let algorithm = element(SEQUENCE, &element(der::OID, oid::ED25519));
        let spki = |unused: u8| {
            let bits = element(der::BIT_STRING, &[&[unused], &[8; 32][..]].concat());
            element(SEQUENCE, &[algorithm.clone(), bits].concat())
        };
        assert_eq!(PublicKey::read(&spki(0)).unwrap().bits, [8; 32]);
        assert!(PublicKey::read(&spki(1)).unwrap_err().to_string().contains("whole number of bytes"));
        assert!(PublicKey::read(&spki(0)[..20]).is_err());
        assert!(PublicKey::read(&[spki(0), vec![0]].concat()).is_err());
    }
}

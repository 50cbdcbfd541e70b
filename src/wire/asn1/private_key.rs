//! What a private key's encoding says of its public half: RSAPrivateKey (RFC 8017, appendix A.1.2), ECPrivateKey
//! (RFC 5915), PrivateKeyInfo and OneAsymmetricKey (RFC 5958). The secret part is passed over.

use super::algorithm::algorithm;
use super::der::{INTEGER, OCTET_STRING, OID, constructed, content as content_of, context};
use super::key::bit_length;
use super::oid;
use super::read::{ahead, content, expect, integer, octets, optional, peek, sequence, unused};
use crate::wire::dissector::{Dissector, Read};

/// A private key without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateKey<'a> {
    /// Of the algorithm.
    pub oid: &'a [u8],
    /// The named curve of an EC key, if the encoding says it.
    pub curve: Option<&'a [u8]>,
    /// Modulus of an RSA key, without leading zeros.
    pub modulus: Option<&'a [u8]>,
    /// The public key as it stands in the BIT STRING of a SubjectPublicKeyInfo, if it is there.
    pub public: Option<&'a [u8]>,
}

impl<'a> PrivateKey<'a> {
    /// Reads a key in any of the three forms; None if it is in none of them.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        Dissector::facts(der, "PrivateKey", private_key).0.flatten()
    }

    /// `EC P-256`, `RSA 2048`, `Ed448`, …
    pub fn text(&self) -> String {
        match (self.oid, self.modulus, self.curve) {
            (oid::RSA_PSS, Some(modulus), _) => format!("RSA-PSS {}", bit_length(modulus)),
            (_, Some(modulus), _) => format!("RSA {}", bit_length(modulus)),
            (oid::EC, _, Some(curve)) => format!("EC {}", oid::curve(curve)),
            (oid::EC, ..) => "EC".to_owned(),
            (other, ..) => oid::name(other),
        }
    }
}

fn private_key<'a>(d: &mut Dissector<'a>) -> Read<Option<PrivateKey<'a>>> {
    let key = sequence(d, "PrivateKey", |d| {
        integer(d, "version")?;
        match ahead(d) {
            Some(INTEGER) => rsa(d),
            Some(OCTET_STRING) => ec(d, None),
            _ => info(d),
        }
    })?;
    Ok(key.flatten())
}

/// PrivateKeyInfo behind its version.
fn info<'a>(d: &mut Dissector<'a>) -> Read<Option<PrivateKey<'a>>> {
    let Some(algorithm) = algorithm(d, "privateKeyAlgorithm")? else { return Ok(None) };
    let curve = if algorithm.oid == oid::EC { content_of(algorithm.parameters, OID) } else { None };
    let inside = expect(d, "privateKey", OCTET_STRING, |d| match algorithm.oid {
        oid::RSA | oid::RSA_PSS => within(d, rsa),
        oid::EC => within(d, |d| ec(d, curve)),
        _ => {
            content(d, "privateKey")?;
            Ok(None)
        }
    })?;
    optional(d, "attributes", constructed(0), |d| content(d, "attributes"))?;
    let public = optional(d, "publicKey", context(1), |d| {
        unused(d, "publicKey")?;
        content(d, "publicKey")
    })?;
    content(d, "more")?;
    let inside = inside.flatten();
    Ok(Some(PrivateKey {
        oid: algorithm.oid,
        curve,
        modulus: inside.and_then(|key| key.modulus),
        public: public.or(inside.and_then(|key| key.public)),
    }))
}

/// A key of one of the other forms.
fn within<'a>(
    d: &mut Dissector<'a>,
    body: impl FnOnce(&mut Dissector<'a>) -> Read<Option<PrivateKey<'a>>>,
) -> Read<Option<PrivateKey<'a>>> {
    let key = sequence(d, "PrivateKey", |d| {
        integer(d, "version")?;
        body(d)
    })?;
    Ok(key.flatten())
}

/// RSAPrivateKey behind its version.
fn rsa<'a>(d: &mut Dissector<'a>) -> Read<Option<PrivateKey<'a>>> {
    let modulus = integer(d, "modulus")?;
    content(d, "exponents and primes")?;
    let start =
        modulus.map(|modulus| modulus.iter().take_while(|byte| **byte == 0).count()).unwrap_or_default();
    let modulus = modulus.and_then(|modulus| modulus.get(start..));
    Ok(Some(PrivateKey { oid: oid::RSA, curve: None, modulus, public: None }))
}

/// ECPrivateKey behind its version.
fn ec<'a>(d: &mut Dissector<'a>, curve: Option<&'a [u8]>) -> Read<Option<PrivateKey<'a>>> {
    expect(d, "privateKey", OCTET_STRING, |d| content(d, "privateKey"))?;
    let named = optional(d, "parameters", constructed(0), |d| {
        let parameters = peek(d, "parameters")?;
        content(d, "parameters")?;
        Ok((parameters.tag == OID).then_some(parameters.value))
    })?;
    let public = optional(d, "publicKey", constructed(1), |d| octets(d, "publicKey"))?;
    Ok(Some(PrivateKey {
        oid: oid::EC,
        curve: curve.or(named.flatten()),
        modulus: None,
        public: public.flatten(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::der::{BIT_STRING, NULL, SEQUENCE, element};
    use super::*;

    fn number(bytes: &[u8]) -> Vec<u8> {
        element(INTEGER, bytes)
    }

    #[test]
    fn all_three_forms() {
        let rsa = element(SEQUENCE, &[number(&[0]), number(&[0, 0xc1, 2]), number(&[3])].concat());
        let read = PrivateKey::read(&rsa).unwrap();
        assert_eq!((read.oid, read.modulus), (oid::RSA, Some(&[0xc1, 2][..])));
        let algorithm =
            |oid: &[u8], parameters: Vec<u8>| element(SEQUENCE, &[element(OID, oid), parameters].concat());
        let info = |algorithm: Vec<u8>, key: &[u8], more: Vec<u8>| {
            element(SEQUENCE, &[number(&[0]), algorithm, element(OCTET_STRING, key), more].concat())
        };
        let wrapped = info(algorithm(oid::RSA_PSS, element(NULL, &[])), &rsa, vec![]);
        let read = PrivateKey::read(&wrapped).unwrap();
        assert_eq!((read.oid, read.modulus), (oid::RSA_PSS, Some(&[0xc1, 2][..])));
        let point = element(constructed(1), &element(BIT_STRING, &[0, 4, 7, 7]));
        let curve = element(constructed(0), &element(OID, oid::SECP256K1));
        let ec =
            element(SEQUENCE, &[number(&[1]), element(OCTET_STRING, &[9]), curve, point.clone()].concat());
        let read = PrivateKey::read(&ec).unwrap();
        assert_eq!((read.curve, read.public), (Some(oid::SECP256K1), Some(&[4, 7, 7][..])));
        let bare = element(SEQUENCE, &[number(&[1]), element(OCTET_STRING, &[9]), point].concat());
        let wrapped = info(algorithm(oid::EC, element(OID, oid::P256)), &bare, vec![]);
        let read = PrivateKey::read(&wrapped).unwrap();
        assert_eq!((read.curve, read.public), (Some(oid::P256), Some(&[4, 7, 7][..])));
        let two = info(algorithm(oid::ED448, vec![]), &[4, 1, 9], element(context(1), &[0, 5, 5]));
        assert_eq!(PrivateKey::read(&two).unwrap().public, Some(&[5, 5][..]));
        assert_eq!(PrivateKey::read(b"no key"), None);
        assert_eq!(PrivateKey::read(&rsa[..4]), None);
    }
}

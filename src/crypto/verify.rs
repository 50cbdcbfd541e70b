//! Verifying signatures: the one table of what can be computed, by kind of key and hash. What names an
//! algorithm (a SignatureScheme of TLS, an AlgorithmIdentifier of X.509) is its caller's affair.

use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};

use super::hash::Hash;
use super::rsa;
use crate::wire::asn1::{PublicKey, oid};

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS with the hash for MGF1 too, and a salt of its length (RFC 8017, section 8.1).
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

/// What verifying came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    Yes,
    No,
    /// This pair of key and algorithm can't be verified here; why.
    Unsupported(String),
}

impl From<bool> for Verified {
    fn from(holds: bool) -> Self {
        if holds { Verified::Yes } else { Verified::No }
    }
}

/// The smallest and largest RSA keys, in bits, that are computed with.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

impl Algorithm {
    /// Verifies `signature` over `message` with `key`, which has to be of the algorithm's kind.
    ///
    /// Weak keys and hashes are verified as well: that they are weak is a finding of its own.
    pub fn verify(self, key: &PublicKey<'_>, message: &[u8], signature: &[u8]) -> Verified {
        match self {
            Algorithm::RsaPkcs1(_) | Algorithm::RsaPss(_) => self.verify_rsa(key, message, signature),
            Algorithm::Ecdsa(hash) => self.verify_ecdsa(hash, key, message, signature),
            Algorithm::Ed25519 => compute(&lc::ED25519, key, message, signature),
            Algorithm::MlDsa44 => compute(&lc::ML_DSA_44, key, message, signature),
            Algorithm::MlDsa65 => compute(&lc::ML_DSA_65, key, message, signature),
            Algorithm::MlDsa87 => compute(&lc::ML_DSA_87, key, message, signature),
        }
    }

    fn verify_rsa(self, key: &PublicKey<'_>, message: &[u8], signature: &[u8]) -> Verified {
        let bits = key.size().unwrap_or_default();
        if !RSA_BITS.contains(&bits) {
            return Verified::Unsupported(format!(
                "RSA keys of {bits} bits are not verified here, only of {} to {}",
                RSA_BITS.start(),
                RSA_BITS.end()
            ));
        }
        let small = bits < 2048;
        let library: &'static dyn VerificationAlgorithm = match self {
            Algorithm::RsaPkcs1(Hash::Sha1) => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Algorithm::RsaPkcs1(Hash::Sha256) => &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            Algorithm::RsaPkcs1(Hash::Sha384) if !small => &lc::RSA_PKCS1_2048_8192_SHA384,
            Algorithm::RsaPkcs1(Hash::Sha512) => &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            Algorithm::RsaPss(Hash::Sha256) if !small => &lc::RSA_PSS_2048_8192_SHA256,
            Algorithm::RsaPss(Hash::Sha384) if !small => &lc::RSA_PSS_2048_8192_SHA384,
            Algorithm::RsaPss(Hash::Sha512) if !small => &lc::RSA_PSS_2048_8192_SHA512,
            _ => return self.verify_rsa_ourselves(key, message, signature),
        };
        compute(library, key, message, signature)
    }

    /// What the library has nothing for: PSS and SHA-384 below 2048 bits, MD5, SHA-224.
    fn verify_rsa_ourselves(self, key: &PublicKey<'_>, message: &[u8], signature: &[u8]) -> Verified {
        let Some(key) = key.rsa.and_then(|(n, e)| rsa::PublicKey { n, e }.checked()) else {
            return Verified::Unsupported("the RSA key is not one to compute with".into());
        };
        match self {
            Algorithm::RsaPkcs1(hash) => key.verifies_hashed(hash, message, signature).into(),
            Algorithm::RsaPss(hash) => key.verifies_pss(hash, message, signature).into(),
            _ => Verified::Unsupported("this is no algorithm of RSA".into()),
        }
    }

    fn verify_ecdsa(self, hash: Hash, key: &PublicKey<'_>, message: &[u8], signature: &[u8]) -> Verified {
        let Some(curve) = key.curve else {
            let why = "the key gives its curve by explicit parameters, which are not verified here";
            return Verified::Unsupported(why.into());
        };
        let library: &'static dyn VerificationAlgorithm = match (curve, hash) {
            (oid::P256, Hash::Sha1) => &lc::ECDSA_P256_SHA1_ASN1,
            (oid::P256, Hash::Sha256) => &lc::ECDSA_P256_SHA256_ASN1,
            (oid::P256, Hash::Sha384) => &lc::ECDSA_P256_SHA384_ASN1,
            (oid::P256, Hash::Sha512) => &lc::ECDSA_P256_SHA512_ASN1,
            (oid::P384, Hash::Sha256) => &lc::ECDSA_P384_SHA256_ASN1,
            (oid::P384, Hash::Sha384) => &lc::ECDSA_P384_SHA384_ASN1,
            (oid::P384, Hash::Sha512) => &lc::ECDSA_P384_SHA512_ASN1,
            (oid::P521, Hash::Sha1) => &lc::ECDSA_P521_SHA1_ASN1,
            (oid::P521, Hash::Sha224) => &lc::ECDSA_P521_SHA224_ASN1,
            (oid::P521, Hash::Sha256) => &lc::ECDSA_P521_SHA256_ASN1,
            (oid::P521, Hash::Sha384) => &lc::ECDSA_P521_SHA384_ASN1,
            (oid::P521, Hash::Sha512) => &lc::ECDSA_P521_SHA512_ASN1,
            (oid::SECP256K1, Hash::Sha256) => &lc::ECDSA_P256K1_SHA256_ASN1,
            _ => {
                return Verified::Unsupported(format!(
                    "ECDSA with {} and a key of {} is not verified here",
                    hash.name(),
                    key.text()
                ));
            }
        };
        // RFC 5480, section 2.2: the first byte of an EC point is 02, 03 or 04.
        if !matches!(key.bits.first(), Some(2..=4)) {
            return Verified::No;
        }
        compute(library, key, message, signature)
    }
}

fn compute(
    library: &'static dyn VerificationAlgorithm,
    key: &PublicKey<'_>,
    message: &[u8],
    signature: &[u8],
) -> Verified {
    UnparsedPublicKey::new(library, key.bits).verify(message, signature).is_ok().into()
}

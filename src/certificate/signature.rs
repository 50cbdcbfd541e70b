//! Verifying what an issuer signed.

use crate::crypto::hash::Hash;
use crate::crypto::verify as crypto;
pub use crate::crypto::verify::Verified;
use crate::wire::asn1::{Algorithm, PublicKey, oid};

/// Verifies `signature` over `message` with `key`.
///
/// Weak keys and hashes are verified as well: that they are weak is another rule's finding.
pub fn verify(key: &PublicKey<'_>, algorithm: &Algorithm<'_>, message: &[u8], signature: &[u8]) -> Verified {
    let of_key = family(key.oid);
    let of_algorithm = family(algorithm.oid);
    // An algorithm of another family cannot have been made with this key.
    if of_key.is_some() && of_algorithm.is_some() && of_key != of_algorithm {
        return Verified::No;
    }
    match algorithm_of(algorithm) {
        // RFC 4055, section 1.2: a key of type RSASSA-PSS is for nothing else.
        Some(known) if of_key.is_some() && (key.oid != oid::RSA_PSS || algorithm.oid == oid::RSA_PSS) => {
            known.verify(key, message, signature)
        }
        _ => Verified::Unsupported(format!("{} with a key of type {}", algorithm.name(), key.text())),
    }
}

/// What an AlgorithmIdentifier names, if anything here computes it.
fn algorithm_of(algorithm: &Algorithm<'_>) -> Option<crypto::Algorithm> {
    // RFC 4055: NULL; absent is accepted. RFC 5758, RFC 8410, RFC 9881: absent.
    let null_or_absent = matches!(algorithm.parameters, [] | [5, 0]);
    let absent = algorithm.parameters.is_empty();
    Some(match algorithm.oid {
        oid::MD5_RSA if null_or_absent => crypto::Algorithm::RsaPkcs1(Hash::Md5),
        oid::SHA1_RSA | oid::SHA1_RSA_OIW if null_or_absent => crypto::Algorithm::RsaPkcs1(Hash::Sha1),
        oid::SHA224_RSA if null_or_absent => crypto::Algorithm::RsaPkcs1(Hash::Sha224),
        oid::SHA256_RSA if null_or_absent => crypto::Algorithm::RsaPkcs1(Hash::Sha256),
        oid::SHA384_RSA if null_or_absent => crypto::Algorithm::RsaPkcs1(Hash::Sha384),
        oid::SHA512_RSA if null_or_absent => crypto::Algorithm::RsaPkcs1(Hash::Sha512),
        oid::RSA_PSS => crypto::Algorithm::RsaPss(pss_hash(algorithm)?),
        oid::ECDSA_SHA1 if absent => crypto::Algorithm::Ecdsa(Hash::Sha1),
        oid::ECDSA_SHA224 if absent => crypto::Algorithm::Ecdsa(Hash::Sha224),
        oid::ECDSA_SHA256 if absent => crypto::Algorithm::Ecdsa(Hash::Sha256),
        oid::ECDSA_SHA384 if absent => crypto::Algorithm::Ecdsa(Hash::Sha384),
        oid::ECDSA_SHA512 if absent => crypto::Algorithm::Ecdsa(Hash::Sha512),
        oid::ED25519 if absent => crypto::Algorithm::Ed25519,
        oid::ML_DSA_44 if absent => crypto::Algorithm::MlDsa44,
        oid::ML_DSA_65 if absent => crypto::Algorithm::MlDsa65,
        oid::ML_DSA_87 if absent => crypto::Algorithm::MlDsa87,
        _ => return None,
    })
}

/// The kind of key that an algorithm belongs to, where it is known.
fn family(oid: &[u8]) -> Option<u8> {
    match oid {
        oid::RSA | oid::RSA_PSS | oid::SHA1_RSA | oid::SHA1_RSA_OIW | oid::SHA224_RSA => Some(1),
        oid::SHA256_RSA | oid::SHA384_RSA | oid::SHA512_RSA | oid::MD2_RSA | oid::MD4_RSA | oid::MD5_RSA => {
            Some(1)
        }
        oid::EC
        | oid::ECDSA_SHA1
        | oid::ECDSA_SHA224
        | oid::ECDSA_SHA256
        | oid::ECDSA_SHA384
        | oid::ECDSA_SHA512 => Some(2),
        oid::ED25519 => Some(3),
        oid::ED448 => Some(4),
        oid::ML_DSA_44 => Some(5),
        oid::ML_DSA_65 => Some(6),
        oid::ML_DSA_87 => Some(7),
        oid::DSA | oid::DSA_SHA1 | oid::DSA_SHA256 => Some(8),
        _ => None,
    }
}

/// The hash of RSASSA-PSS parameters (RFC 4055), if MGF1 uses the same and the salt is as long as it.
fn pss_hash(algorithm: &Algorithm<'_>) -> Option<Hash> {
    let pss = algorithm.pss()?;
    let hash = match pss.hash {
        oid::SHA256 => Hash::Sha256,
        oid::SHA384 => Hash::Sha384,
        oid::SHA512 => Hash::Sha512,
        _ => return None,
    };
    let usual = pss.mask == oid::MGF1 && pss.mask_hash == pss.hash && pss.trailer == 1;
    (usual && pss.salt == hash.output_len() as u64).then_some(hash)
}

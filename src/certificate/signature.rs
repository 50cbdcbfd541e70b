//! Verifying what an issuer signed.

use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};

use crate::wire::asn1::{Algorithm, PublicKey, oid};

/// What verifying came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    Yes,
    No,
    /// This pair of key and algorithm can't be verified here; why.
    Unsupported(String),
}

/// Verifies `signature` over `message` with `key`.
///
/// Weak keys and hashes are verified as well: that they are weak is another rule's finding.
pub fn verify(key: &PublicKey<'_>, algorithm: &Algorithm<'_>, message: &[u8], signature: &[u8]) -> Verified {
    match pick(key, algorithm) {
        Ok(method) => match UnparsedPublicKey::new(method, key.bits).verify(message, signature) {
            Ok(()) => Verified::Yes,
            Err(_) => Verified::No,
        },
        Err(why) => why,
    }
}

fn pick(
    key: &PublicKey<'_>,
    algorithm: &Algorithm<'_>,
) -> Result<&'static dyn VerificationAlgorithm, Verified> {
    let parameters = algorithm.parameters;
    let unsupported =
        || Verified::Unsupported(format!("{} with a key of type {}", algorithm.name(), key.text()));
    // RFC 4055: NULL; absent is accepted. RFC 5758, RFC 8410, RFC 9881: absent.
    let null_or_absent = matches!(parameters, [] | [5, 0]);
    let absent = parameters.is_empty();
    let bits = key.size().unwrap_or(0);
    if matches!(key.oid, oid::RSA | oid::RSA_PSS) && !(1024..=8192).contains(&bits) {
        return Err(Verified::Unsupported(format!(
            "a key of {}: only 1024 to 8192 bits can be verified here",
            key.text()
        )));
    }
    let short = bits < 2048;
    let method: &'static dyn VerificationAlgorithm = match (key.oid, algorithm.oid) {
        (oid::RSA, oid::SHA256_RSA) if null_or_absent && short => {
            &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        (oid::RSA, oid::SHA256_RSA) if null_or_absent => &lc::RSA_PKCS1_2048_8192_SHA256,
        (oid::RSA, oid::SHA384_RSA) if null_or_absent && !short => &lc::RSA_PKCS1_2048_8192_SHA384,
        (oid::RSA, oid::SHA512_RSA) if null_or_absent && short => {
            &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        }
        (oid::RSA, oid::SHA512_RSA) if null_or_absent => &lc::RSA_PKCS1_2048_8192_SHA512,
        (oid::RSA, oid::SHA1_RSA | oid::SHA1_RSA_OIW) if null_or_absent => {
            &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        // A key of type RSASSA-PSS has the same RSAPublicKey in its BIT STRING.
        (oid::RSA | oid::RSA_PSS, oid::RSA_PSS) if !short => match pss_hash(algorithm) {
            Some(oid::SHA256) => &lc::RSA_PSS_2048_8192_SHA256,
            Some(oid::SHA384) => &lc::RSA_PSS_2048_8192_SHA384,
            Some(oid::SHA512) => &lc::RSA_PSS_2048_8192_SHA512,
            _ => return Err(Verified::Unsupported("RSASSA-PSS with these parameters".to_owned())),
        },
        (oid::EC, hash) if absent => match (key.curve, hash) {
            (Some(oid::P256), oid::ECDSA_SHA256) => &lc::ECDSA_P256_SHA256_ASN1,
            (Some(oid::P256), oid::ECDSA_SHA384) => &lc::ECDSA_P256_SHA384_ASN1,
            (Some(oid::P256), oid::ECDSA_SHA512) => &lc::ECDSA_P256_SHA512_ASN1,
            (Some(oid::P256), oid::ECDSA_SHA1) => &lc::ECDSA_P256_SHA1_ASN1,
            (Some(oid::P384), oid::ECDSA_SHA256) => &lc::ECDSA_P384_SHA256_ASN1,
            (Some(oid::P384), oid::ECDSA_SHA384) => &lc::ECDSA_P384_SHA384_ASN1,
            (Some(oid::P384), oid::ECDSA_SHA512) => &lc::ECDSA_P384_SHA512_ASN1,
            (Some(oid::P521), oid::ECDSA_SHA1) => &lc::ECDSA_P521_SHA1_ASN1,
            (Some(oid::P521), oid::ECDSA_SHA224) => &lc::ECDSA_P521_SHA224_ASN1,
            (Some(oid::P521), oid::ECDSA_SHA256) => &lc::ECDSA_P521_SHA256_ASN1,
            (Some(oid::P521), oid::ECDSA_SHA384) => &lc::ECDSA_P521_SHA384_ASN1,
            (Some(oid::P521), oid::ECDSA_SHA512) => &lc::ECDSA_P521_SHA512_ASN1,
            (Some(oid::SECP256K1), oid::ECDSA_SHA256) => &lc::ECDSA_P256K1_SHA256_ASN1,
            _ => return Err(unsupported()),
        },
        (oid::ED25519, oid::ED25519) if absent => &lc::ED25519,
        (oid::ML_DSA_44, oid::ML_DSA_44) if absent => &lc::ML_DSA_44,
        (oid::ML_DSA_65, oid::ML_DSA_65) if absent => &lc::ML_DSA_65,
        (oid::ML_DSA_87, oid::ML_DSA_87) if absent => &lc::ML_DSA_87,
        // An algorithm of another family cannot have been made with this key.
        (key_oid, algorithm)
            if family(key_oid).is_some()
                && family(algorithm).is_some()
                && family(key_oid) != family(algorithm) =>
        {
            return Err(Verified::No);
        }
        _ => return Err(unsupported()),
    };
    // RFC 5480, section 2.2: the first byte of an EC point is 02, 03 or 04.
    if key.oid == oid::EC && !matches!(key.bits.first(), Some(2..=4)) {
        return Err(Verified::No);
    }
    Ok(method)
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
fn pss_hash<'a>(algorithm: &Algorithm<'a>) -> Option<&'a [u8]> {
    let pss = algorithm.pss()?;
    let len = match pss.hash {
        oid::SHA256 => 32,
        oid::SHA384 => 48,
        oid::SHA512 => 64,
        _ => return None,
    };
    (pss.mask == oid::MGF1 && pss.mask_hash == pss.hash && pss.salt == len && pss.trailer == 1)
        .then_some(pss.hash)
}

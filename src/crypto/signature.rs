//! Checking signatures with a certificate's key.

use crate::wire::codepoints::SignatureScheme as Scheme;
use aws_lc_rs::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::rsa;
use crate::wire::Direction;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Valid,
    /// It is wrong, and why.
    Invalid(String),
    /// It could not be checked, and why.
    Unsupported(String),
}

/// Checks `signature` over `message` with the key of `certificate` (DER), under a
/// `SignatureScheme` of TLS (RFC 8446, section 4.2.3). Before TLS 1.3 an ECDSA scheme names the hash only
/// (RFC 8422, section 5.1.1), so the curve is the key's.
pub fn verify(certificate: &[u8], scheme: Scheme, message: &[u8], signature: &[u8], tls13: bool) -> Outcome {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
        return Outcome::Unsupported("the leaf certificate cannot be read".into());
    };
    let spki = certificate.public_key();
    let curve =
        spki.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok()).map(|oid| oid.to_id_string());
    let key = Key {
        algorithm: spki.algorithm.algorithm.to_id_string(),
        curve: curve.unwrap_or_default(),
        rsa_bits: match spki.parsed() {
            Ok(PublicKey::RSA(rsa)) => rsa.key_size(),
            _ => 0,
        },
    };
    match choose(scheme, &key, tls13) {
        Ok(algorithm) => {
            let key = UnparsedPublicKey::new(algorithm, &spki.subject_public_key.data);
            match key.verify(message, signature) {
                Ok(()) => Outcome::Valid,
                Err(_) => Outcome::Invalid("the signature does not verify with the leaf's key".into()),
            }
        }
        Err(outcome) => outcome,
    }
}

/// What CertificateVerify signs in TLS 1.3 (RFC 8446, section 4.4.3).
pub fn content13(signer: Direction, transcript_hash: &[u8]) -> Vec<u8> {
    let context: &[u8] = match signer {
        Direction::Server => b"TLS 1.3, server CertificateVerify",
        Direction::Client => b"TLS 1.3, client CertificateVerify",
    };
    [&[b' '; 64], context, &[0], transcript_hash].concat()
}

/// Checks a signature of TLS 1.1 and earlier, which names no scheme: RSA signs `digest` (MD5 and SHA-1, one
/// behind the other), ECDSA the SHA-1 of `message` (RFC 4346, section 4.7; RFC 8422, section 5.4).
pub fn verify_unnamed(certificate: &[u8], message: &[u8], digest: &[u8], signature: &[u8]) -> Outcome {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
        return Outcome::Unsupported("the leaf certificate cannot be read".into());
    };
    let spki = certificate.public_key();
    match spki.algorithm.algorithm.to_id_string().as_str() {
        EC_PUBLIC_KEY => {
            let curve = spki.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
            let algorithm = match curve.map(|oid| oid.to_id_string()).as_deref() {
                Some(P256) => &algorithms::ECDSA_P256_SHA1_ASN1,
                Some(P521) => &algorithms::ECDSA_P521_SHA1_ASN1,
                _ => return Outcome::Unsupported("ECDSA with SHA-1 is not supported on this curve".into()),
            };
            match UnparsedPublicKey::new(algorithm, &spki.subject_public_key.data).verify(message, signature)
            {
                Ok(()) => Outcome::Valid,
                Err(_) => Outcome::Invalid("the signature does not verify with the leaf's key".into()),
            }
        }
        RSA_ENCRYPTION => match rsa::PublicKey::from_spki(spki.raw) {
            Some(key) if key.verifies(digest, signature) => Outcome::Valid,
            Some(_) => Outcome::Invalid("the signature does not verify with the leaf's key".into()),
            None => Outcome::Unsupported("the leaf's RSA key is not one to compute with".into()),
        },
        _ => Outcome::Unsupported("the leaf's kind of key is not supported before TLS 1.2".into()),
    }
}

struct Key {
    algorithm: String,
    curve: String,
    rsa_bits: usize,
}

const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const ED25519: &str = "1.3.101.112";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

fn choose(scheme: Scheme, key: &Key, tls13: bool) -> Result<&'static dyn VerificationAlgorithm, Outcome> {
    let fits = |algorithm: &str| {
        if key.algorithm == algorithm {
            Ok(())
        } else {
            Err(Outcome::Invalid(format!("the leaf's key ({}) does not fit the scheme", key.algorithm)))
        }
    };
    if matches!(
        scheme,
        Scheme::rsa_pss_rsae_sha256
            | Scheme::rsa_pss_rsae_sha384
            | Scheme::rsa_pss_rsae_sha512
            | Scheme::rsa_pkcs1_sha1
            | Scheme::rsa_pkcs1_sha256
            | Scheme::rsa_pkcs1_sha384
            | Scheme::rsa_pkcs1_sha512
    ) {
        fits(RSA_ENCRYPTION)?;
    } else if matches!(
        scheme,
        Scheme::rsa_pss_pss_sha256 | Scheme::rsa_pss_pss_sha384 | Scheme::rsa_pss_pss_sha512
    ) {
        fits(RSASSA_PSS)?;
    }
    // The library checks RSA keys from 2048 bits on; legacy algorithms start at 1024.
    let small = (1..2048).contains(&key.rsa_bits);
    if small && key.rsa_bits < 1024 {
        return Err(Outcome::Unsupported(format!("RSA keys of {} bits are not supported", key.rsa_bits)));
    }
    let curve = match (scheme, tls13) {
        (Scheme::ecdsa_secp256r1_sha256, true) => P256,
        (Scheme::ecdsa_secp384r1_sha384, true) => P384,
        (Scheme::ecdsa_secp521r1_sha512, true) => P521,
        _ => key.curve.as_str(),
    };
    if matches!(
        scheme,
        Scheme::ecdsa_sha1
            | Scheme::ecdsa_secp256r1_sha256
            | Scheme::ecdsa_secp384r1_sha384
            | Scheme::ecdsa_secp521r1_sha512
    ) {
        fits(EC_PUBLIC_KEY)?;
        if curve != key.curve {
            return Err(Outcome::Invalid("the leaf's key is on another curve than the scheme's".into()));
        }
    }
    Ok(match (scheme, curve) {
        (Scheme::rsa_pkcs1_sha256, _) if small => &algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Scheme::rsa_pkcs1_sha512, _) if small => &algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (Scheme::rsa_pkcs1_sha1, _) if small => &algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (_, _) if small => {
            return Err(Outcome::Unsupported(format!(
                "RSA keys of {} bits are not supported with this scheme",
                key.rsa_bits
            )));
        }
        (Scheme::rsa_pkcs1_sha1, _) => &algorithms::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Scheme::rsa_pkcs1_sha256, _) => &algorithms::RSA_PKCS1_2048_8192_SHA256,
        (Scheme::rsa_pkcs1_sha384, _) => &algorithms::RSA_PKCS1_2048_8192_SHA384,
        (Scheme::rsa_pkcs1_sha512, _) => &algorithms::RSA_PKCS1_2048_8192_SHA512,
        (Scheme::rsa_pss_rsae_sha256 | Scheme::rsa_pss_pss_sha256, _) => {
            &algorithms::RSA_PSS_2048_8192_SHA256
        }
        (Scheme::rsa_pss_rsae_sha384 | Scheme::rsa_pss_pss_sha384, _) => {
            &algorithms::RSA_PSS_2048_8192_SHA384
        }
        (Scheme::rsa_pss_rsae_sha512 | Scheme::rsa_pss_pss_sha512, _) => {
            &algorithms::RSA_PSS_2048_8192_SHA512
        }
        (Scheme::ecdsa_secp256r1_sha256, P256) => &algorithms::ECDSA_P256_SHA256_ASN1,
        (Scheme::ecdsa_secp384r1_sha384, P256) => &algorithms::ECDSA_P256_SHA384_ASN1,
        (Scheme::ecdsa_secp521r1_sha512, P256) => &algorithms::ECDSA_P256_SHA512_ASN1,
        (Scheme::ecdsa_secp256r1_sha256, P384) => &algorithms::ECDSA_P384_SHA256_ASN1,
        (Scheme::ecdsa_secp384r1_sha384, P384) => &algorithms::ECDSA_P384_SHA384_ASN1,
        (Scheme::ecdsa_secp521r1_sha512, P384) => &algorithms::ECDSA_P384_SHA512_ASN1,
        (Scheme::ecdsa_secp256r1_sha256, P521) => &algorithms::ECDSA_P521_SHA256_ASN1,
        (Scheme::ecdsa_secp384r1_sha384, P521) => &algorithms::ECDSA_P521_SHA384_ASN1,
        (Scheme::ecdsa_secp521r1_sha512, P521) => &algorithms::ECDSA_P521_SHA512_ASN1,
        (Scheme::ed25519, _) => {
            fits(ED25519)?;
            &algorithms::ED25519
        }
        _ => return Err(Outcome::Unsupported("the signature scheme is not supported".into())),
    })
}

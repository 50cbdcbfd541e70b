//! Checking signatures with a certificate's key.

use super::hash::Hash;
use super::rsa;
use super::verify::{Algorithm, Verified};
use crate::wire::Direction;
use crate::wire::asn1::{Bounds, Certificate, PublicKey, oid};
use crate::wire::codepoints::SignatureScheme as Scheme;

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
/// (RFC 8422, section 5.1.1), so the curve is the key's. Whether the scheme may be used at all is another question.
///
/// `Invalid` is said only of what was computed, or of a key that can't have made the signature.
pub fn verify(certificate: &[u8], scheme: Scheme, message: &[u8], signature: &[u8], tls13: bool) -> Outcome {
    let key = match leaf_key(certificate) {
        Ok(key) => key,
        Err(why) => return Outcome::Unsupported(why),
    };
    match choose(scheme, &key, tls13) {
        Ok(algorithm) => outcome(algorithm.verify(&key, message, signature)),
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

fn outcome(verified: Verified) -> Outcome {
    match verified {
        Verified::Yes => Outcome::Valid,
        Verified::No => Outcome::Invalid("the signature does not verify with the leaf's key".into()),
        Verified::Unsupported(why) => Outcome::Unsupported(why),
    }
}

/// The leaf's public key, or why there is none.
fn leaf_key(certificate: &[u8]) -> Result<PublicKey<'_>, String> {
    let certificate = Certificate::read(certificate, &Bounds::NOTHING)
        .map_err(|_| "the leaf certificate cannot be read")?;
    Ok(certificate.key.ok_or("the leaf's key cannot be read")?)
}

/// Checks a signature of TLS 1.1 and earlier, which names no scheme: RSA signs `digest` (MD5 and SHA-1, one
/// behind the other), ECDSA the SHA-1 of `message` (RFC 4346, section 4.7; RFC 8422, section 5.4).
pub fn verify_unnamed(certificate: &[u8], message: &[u8], digest: &[u8], signature: &[u8]) -> Outcome {
    let key = match leaf_key(certificate) {
        Ok(key) => key,
        Err(why) => return Outcome::Unsupported(why),
    };
    match (key.oid, key.rsa) {
        (oid::EC, _) => outcome(Algorithm::Ecdsa(Hash::Sha1).verify(&key, message, signature)),
        (oid::RSA, Some((n, e))) => match (rsa::PublicKey { n, e }).checked() {
            Some(key) => outcome(key.verifies(digest, signature).into()),
            None => Outcome::Unsupported("the leaf's RSA key is not one to compute with".into()),
        },
        _ => Outcome::Unsupported(format!("a key of {} is not supported before TLS 1.2", key.text())),
    }
}

/// The kinds of key that schemes are made with: the OID of the key, and what it is called.
fn key_of(scheme: Scheme) -> Option<(&'static [u8], &'static str)> {
    Some(match scheme {
        Scheme::rsa_pss_rsae_sha256
        | Scheme::rsa_pss_rsae_sha384
        | Scheme::rsa_pss_rsae_sha512
        | Scheme::rsa_pkcs1_md5
        | Scheme::rsa_pkcs1_sha1
        | Scheme::rsa_pkcs1_sha224
        | Scheme::rsa_pkcs1_sha256
        | Scheme::rsa_pkcs1_sha384
        | Scheme::rsa_pkcs1_sha512
        | Scheme::rsa_pkcs1_sha256_legacy
        | Scheme::rsa_pkcs1_sha384_legacy
        | Scheme::rsa_pkcs1_sha512_legacy => (oid::RSA, "RSA"),
        Scheme::rsa_pss_pss_sha256 | Scheme::rsa_pss_pss_sha384 | Scheme::rsa_pss_pss_sha512 => {
            (oid::RSA_PSS, "RSA-PSS")
        }
        Scheme::ecdsa_md5
        | Scheme::ecdsa_sha1
        | Scheme::ecdsa_sha224
        | Scheme::ecdsa_secp256r1_sha256
        | Scheme::ecdsa_secp384r1_sha384
        | Scheme::ecdsa_secp521r1_sha512
        | Scheme::ecdsa_brainpoolP256r1tls13_sha256
        | Scheme::ecdsa_brainpoolP384r1tls13_sha384
        | Scheme::ecdsa_brainpoolP512r1tls13_sha512 => (oid::EC, "EC"),
        Scheme::dsa_md5 | Scheme::dsa_sha1 | Scheme::dsa_sha224 | Scheme::dsa_sha256 => (oid::DSA, "DSA"),
        Scheme::ed25519 => (oid::ED25519, "Ed25519"),
        Scheme::ed448 => (oid::ED448, "Ed448"),
        Scheme::mldsa44 => (oid::ML_DSA_44, "ML-DSA-44"),
        Scheme::mldsa65 => (oid::ML_DSA_65, "ML-DSA-65"),
        Scheme::mldsa87 => (oid::ML_DSA_87, "ML-DSA-87"),
        _ => return None,
    })
}

/// What a scheme computes; the curve of an ECDSA scheme is another question. `None`: nothing here does.
fn algorithm_of(scheme: Scheme) -> Option<Algorithm> {
    Some(match scheme {
        Scheme::rsa_pkcs1_md5 => Algorithm::RsaPkcs1(Hash::Md5),
        Scheme::rsa_pkcs1_sha1 => Algorithm::RsaPkcs1(Hash::Sha1),
        Scheme::rsa_pkcs1_sha224 => Algorithm::RsaPkcs1(Hash::Sha224),
        Scheme::rsa_pkcs1_sha256 | Scheme::rsa_pkcs1_sha256_legacy => Algorithm::RsaPkcs1(Hash::Sha256),
        Scheme::rsa_pkcs1_sha384 | Scheme::rsa_pkcs1_sha384_legacy => Algorithm::RsaPkcs1(Hash::Sha384),
        Scheme::rsa_pkcs1_sha512 | Scheme::rsa_pkcs1_sha512_legacy => Algorithm::RsaPkcs1(Hash::Sha512),
        Scheme::rsa_pss_rsae_sha256 | Scheme::rsa_pss_pss_sha256 => Algorithm::RsaPss(Hash::Sha256),
        Scheme::rsa_pss_rsae_sha384 | Scheme::rsa_pss_pss_sha384 => Algorithm::RsaPss(Hash::Sha384),
        Scheme::rsa_pss_rsae_sha512 | Scheme::rsa_pss_pss_sha512 => Algorithm::RsaPss(Hash::Sha512),
        Scheme::ecdsa_md5 => Algorithm::Ecdsa(Hash::Md5),
        Scheme::ecdsa_sha1 => Algorithm::Ecdsa(Hash::Sha1),
        Scheme::ecdsa_sha224 => Algorithm::Ecdsa(Hash::Sha224),
        Scheme::ecdsa_secp256r1_sha256 => Algorithm::Ecdsa(Hash::Sha256),
        Scheme::ecdsa_secp384r1_sha384 => Algorithm::Ecdsa(Hash::Sha384),
        Scheme::ecdsa_secp521r1_sha512 => Algorithm::Ecdsa(Hash::Sha512),
        Scheme::ed25519 => Algorithm::Ed25519,
        Scheme::mldsa44 => Algorithm::MlDsa44,
        Scheme::mldsa65 => Algorithm::MlDsa65,
        Scheme::mldsa87 => Algorithm::MlDsa87,
        _ => return None,
    })
}

/// The curve of a scheme in TLS 1.3 (RFC 8446, section 4.2.3).
fn curve_of(scheme: Scheme) -> Option<&'static [u8]> {
    match scheme {
        Scheme::ecdsa_secp256r1_sha256 => Some(oid::P256),
        Scheme::ecdsa_secp384r1_sha384 => Some(oid::P384),
        Scheme::ecdsa_secp521r1_sha512 => Some(oid::P521),
        _ => None,
    }
}

/// The algorithm, if the key is one that it can have been made with.
fn choose(scheme: Scheme, key: &PublicKey<'_>, tls13: bool) -> Result<Algorithm, Outcome> {
    let not_here = || Outcome::Unsupported(format!("signatures under {scheme} are not verified here"));
    let (kind, kind_name) = key_of(scheme).ok_or_else(not_here)?;
    if key.oid != kind {
        // Of a key that nothing is known about nothing is said.
        let known = [oid::RSA, oid::RSA_PSS, oid::EC, oid::DSA, oid::ED25519, oid::ED448];
        return Err(match known.contains(&key.oid) || key.oid.starts_with(&oid::ML_DSA_44[..8]) {
            true => Outcome::Invalid(format!(
                "{scheme} is made with a key of {kind_name}; the leaf's is {}",
                key.text()
            )),
            false => Outcome::Unsupported(format!(
                "the leaf's key, {}, is of no kind that is verified here",
                key.text()
            )),
        });
    }
    // A key with explicit parameters has no curve that could be compared.
    if tls13 && key.curve.is_some() && curve_of(scheme).is_some_and(|named| Some(named) != key.curve) {
        return Err(Outcome::Invalid(format!(
            "{scheme} is made on another curve than the leaf's {}",
            key.text()
        )));
    }
    algorithm_of(scheme).ok_or_else(not_here)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{self as lc, KeyPair};

    use super::*;
    use crate::crypto::vectors::{self, MESSAGE, Signed};

    /// A certificate whose key is this SubjectPublicKeyInfo; nothing else about it is true.
    fn leaf(spki: &[u8]) -> Vec<u8> {
        let der = |tag: u8, parts: &[&[u8]]| {
            let content = parts.concat();
            let mut out = vec![tag];
            match content.len() {
                len @ 0..128 => out.push(len as u8),
                len @ 128..256 => out.extend([0x81, len as u8]),
                len => out.extend([0x82, (len >> 8) as u8, len as u8]),
            }
            out.extend(content);
            out
        };
        let algorithm = der(0x30, &[&der(0x06, &[oid::ED25519])]);
        let validity = der(0x30, &[&der(0x17, &[b"260101000000Z"]), &der(0x17, &[b"270101000000Z"])]);
        let (serial, name) = (der(0x02, &[&[1]]), der(0x30, &[]));
        let tbs = der(0x30, &[&serial, &algorithm, &name, &validity, &name, spki]);
        der(0x30, &[&tbs, &algorithm, &der(0x03, &[&[0, 1]])])
    }

    fn assert_unsupported(outcome: Outcome, words: &str) {
        match outcome {
            Outcome::Unsupported(why) => assert!(why.contains(words), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    fn assert_verifies(certificate: &[u8], scheme: Scheme, signature: &[u8], tls13: bool) {
        assert_eq!(verify(certificate, scheme, MESSAGE, signature, tls13), Outcome::Valid, "{scheme}");
        let other = verify(certificate, scheme, b"something else", signature, tls13);
        assert!(matches!(other, Outcome::Invalid(_)), "{scheme}: {other:?}");
    }

    #[test]
    fn ed25519() {
        let key = lc::Ed25519KeyPair::generate().unwrap();
        let spki =
            [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..], key.public_key().as_ref()]
                .concat();
        let certificate = leaf(&spki);
        let signature = key.sign(MESSAGE);
        assert_verifies(&certificate, Scheme::ed25519, signature.as_ref(), true);
        // A key of one kind can't have made a signature of another.
        let other = verify(&certificate, Scheme::ecdsa_secp256r1_sha256, MESSAGE, signature.as_ref(), true);
        assert!(matches!(other, Outcome::Invalid(_)), "{other:?}");
        // What nobody here can verify is no forgery.
        assert_unsupported(verify(&certificate, Scheme(0xfe42), MESSAGE, &[], true), "0xfe42");
        assert_unsupported(verify(b"no certificate", Scheme::ed25519, MESSAGE, &[], true), "cannot be read");
    }

    #[test]
    fn ecdsa_on_its_own_curve() {
        let sign = |algorithm: &'static lc::EcdsaSigningAlgorithm| {
            let random = SystemRandom::new();
            let pkcs8 = lc::EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            let key = lc::EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).unwrap();
            let signature = key.sign(&random, MESSAGE).unwrap().as_ref().to_vec();
            use aws_lc_rs::encoding::AsDer;
            let spki: aws_lc_rs::encoding::PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
            (leaf(spki.as_ref()), signature)
        };
        let (p384, signature) = sign(&lc::ECDSA_P384_SHA384_ASN1_SIGNING);
        assert_verifies(&p384, Scheme::ecdsa_secp384r1_sha384, &signature, true);
        let (p256, signature) = sign(&lc::ECDSA_P256_SHA256_ASN1_SIGNING);
        assert_verifies(&p256, Scheme::ecdsa_secp256r1_sha256, &signature, true);
        assert!(matches!(
            verify(&p384, Scheme::ecdsa_secp256r1_sha256, MESSAGE, &signature, true),
            Outcome::Invalid(_)
        ));
        assert_unsupported(verify(&p384, Scheme::ecdsa_sha1, MESSAGE, &signature, false), "EC P-384");
    }

    /// Every pair of key and hash, before TLS 1.3, where a scheme of ECDSA names the hash alone.
    #[test]
    fn each_key_with_each_hash() {
        for signed in vectors::all() {
            let Signed { key, spki, hash, signature } = &signed;
            let schemes: &[Scheme] = match (key.starts_with("RSA"), *hash) {
                (true, "md5") => &[Scheme::rsa_pkcs1_md5],
                (true, "sha224") => &[Scheme::rsa_pkcs1_sha224],
                (true, "sha1") => &[Scheme::rsa_pkcs1_sha1],
                (true, "sha256") => &[Scheme::rsa_pkcs1_sha256, Scheme::rsa_pkcs1_sha256_legacy],
                (true, "sha384") => &[Scheme::rsa_pkcs1_sha384, Scheme::rsa_pkcs1_sha384_legacy],
                (true, "sha512") => &[Scheme::rsa_pkcs1_sha512, Scheme::rsa_pkcs1_sha512_legacy],
                (true, "pss-sha256") => &[Scheme::rsa_pss_rsae_sha256],
                (true, "pss-sha384") => &[Scheme::rsa_pss_rsae_sha384],
                (true, "pss-sha512") => &[Scheme::rsa_pss_rsae_sha512],
                (false, "sha1") => &[Scheme::ecdsa_sha1],
                (false, "sha224") => &[Scheme::ecdsa_sha224],
                (false, "sha256") => &[Scheme::ecdsa_secp256r1_sha256],
                (false, "sha384") => &[Scheme::ecdsa_secp384r1_sha384],
                (false, "sha512") => &[Scheme::ecdsa_secp521r1_sha512],
                _ => panic!("{hash} with {key}?"),
            };
            let certificate = leaf(spki);
            for scheme in schemes {
                match signed.is_verified() {
                    true => assert_verifies(&certificate, *scheme, signature, false),
                    false => assert_unsupported(verify(&certificate, *scheme, MESSAGE, signature, false), ""),
                }
            }
        }
    }

    /// The same RSA keys, for PSS alone.
    #[test]
    fn keys_for_pss_alone() {
        for Signed { spki, hash, signature, .. } in vectors::all() {
            let scheme = match hash {
                "pss-sha256" => Scheme::rsa_pss_pss_sha256,
                "pss-sha384" => Scheme::rsa_pss_pss_sha384,
                "pss-sha512" => Scheme::rsa_pss_pss_sha512,
                _ => continue,
            };
            // The last byte of the OID; NULL as parameters is passed over.
            let place = spki.windows(oid::RSA.len()).position(|bytes| bytes == oid::RSA).unwrap();
            let mut spki = spki.clone();
            spki[place..place + oid::RSA.len()].copy_from_slice(oid::RSA_PSS);
            assert_verifies(&leaf(&spki), scheme, &signature, true);
            let other = verify(&leaf(&spki), Scheme::rsa_pss_rsae_sha256, MESSAGE, &signature, true);
            assert!(matches!(other, Outcome::Invalid(_)), "{other:?}");
        }
    }

    #[test]
    fn before_tls_1_2_the_key_says_how_it_is_signed() {
        for Signed { key, spki, hash, signature } in vectors::all() {
            if hash != "sha1" || key.starts_with("RSA") {
                continue;
            }
            let certificate = leaf(&spki);
            let outcome = verify_unnamed(&certificate, MESSAGE, &[], &signature);
            if !matches!(key, "P-256" | "P-521") {
                assert_unsupported(outcome, key);
                continue;
            }
            assert_eq!(outcome, Outcome::Valid, "{key}");
            let other = verify_unnamed(&certificate, b"something else", &[], &signature);
            assert!(matches!(other, Outcome::Invalid(_)), "{other:?}");
        }
        // No other kind of key existed then.
        let ed25519 =
            leaf(&[&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..], &[7; 32]].concat());
        assert_unsupported(verify_unnamed(&ed25519, MESSAGE, &[], &[1; 64]), "Ed25519");
        assert_unsupported(verify_unnamed(b"no certificate", MESSAGE, &[], &[]), "cannot be read");
    }

    #[test]
    fn ml_dsa() {
        use aws_lc_rs::encoding::AsDer;
        for (signing, scheme, other) in [
            (&lc::ML_DSA_44_SIGNING, Scheme::mldsa44, Scheme::mldsa65),
            (&lc::ML_DSA_65_SIGNING, Scheme::mldsa65, Scheme::mldsa87),
            (&lc::ML_DSA_87_SIGNING, Scheme::mldsa87, Scheme::mldsa44),
        ] {
            let key = lc::PqdsaKeyPair::generate(signing).unwrap();
            let spki: aws_lc_rs::encoding::PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
            let certificate = leaf(spki.as_ref());
            let mut signature = vec![0; signing.signature_len()];
            key.sign(MESSAGE, &mut signature).unwrap();
            assert_verifies(&certificate, scheme, &signature, true);
            assert!(matches!(verify(&certificate, other, MESSAGE, &signature, true), Outcome::Invalid(_)));
        }
    }

    #[test]
    fn keys_that_are_not_computed_with_are_no_forgery() {
        // A modulus of 8200 bits.
        let modulus = [&[0x02, 0x82, 0x04, 0x02, 0x00, 0x80][..], &[1; 1024]].concat();
        let key = [&[0x30, 0x82, 0x04, 0x0b][..], &modulus, &[2, 3, 1, 0, 1]].concat();
        let bits = [&[0x03, 0x82, 0x04, 0x10, 0][..], &key].concat();
        let rsa = [&[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0][..], &bits].concat();
        let spki = [&[0x30, 0x82, (rsa.len() >> 8) as u8, rsa.len() as u8][..], &rsa].concat();
        let large = leaf(&spki);
        assert_unsupported(
            verify(&large, Scheme::rsa_pss_rsae_sha256, MESSAGE, &[1; 1025], true),
            "8200 bits",
        );
        // An EC key with explicit parameters: a SEQUENCE in place of the curve's OID.
        let explicit =
            [&[0x30, 17, 0x30, 11, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x30, 0, 3, 2, 0, 4][..]]
                .concat();
        let explicit = leaf(&explicit);
        assert_unsupported(verify(&explicit, Scheme::ecdsa_secp256r1_sha256, MESSAGE, &[], true), "explicit");
        // brainpoolP256r1.
        let brainpool = [
            0x30, 26, 0x30, 20, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1,
            7, 3, 2, 0, 4,
        ];
        let brainpool = leaf(&brainpool);
        let scheme = Scheme::ecdsa_brainpoolP256r1tls13_sha256;
        assert_unsupported(verify(&brainpool, scheme, MESSAGE, &[], true), "not verified here");
        // Ed448, under its own scheme.
        let ed448 = leaf(&[&[0x30, 67, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 3, 58, 0][..], &[7; 57]].concat());
        assert_unsupported(verify(&ed448, Scheme::ed448, MESSAGE, &[7; 114], true), "ed448");
    }
}

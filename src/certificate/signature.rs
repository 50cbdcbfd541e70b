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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::vectors::{self, MESSAGE, Signed};
    use crate::wire::asn1::der::{self, SEQUENCE, element};

    /// What a signature of this kind calls its algorithm.
    fn algorithm(key: &str, hash: &str) -> (&'static [u8], Vec<u8>) {
        const NULL: [u8; 2] = [5, 0];
        let rsa = key.starts_with("RSA");
        match (rsa, hash) {
            (true, "md5") => (oid::MD5_RSA, NULL.into()),
            (true, "sha1") => (oid::SHA1_RSA, NULL.into()),
            (true, "sha224") => (oid::SHA224_RSA, NULL.into()),
            (true, "sha256") => (oid::SHA256_RSA, NULL.into()),
            (true, "sha384") => (oid::SHA384_RSA, NULL.into()),
            (true, "sha512") => (oid::SHA512_RSA, NULL.into()),
            (true, "pss-sha256") => (oid::RSA_PSS, pss(oid::SHA256, oid::SHA256, 32)),
            (true, "pss-sha384") => (oid::RSA_PSS, pss(oid::SHA384, oid::SHA384, 48)),
            (true, "pss-sha512") => (oid::RSA_PSS, pss(oid::SHA512, oid::SHA512, 64)),
            (false, "sha1") => (oid::ECDSA_SHA1, Vec::new()),
            (false, "sha224") => (oid::ECDSA_SHA224, Vec::new()),
            (false, "sha256") => (oid::ECDSA_SHA256, Vec::new()),
            (false, "sha384") => (oid::ECDSA_SHA384, Vec::new()),
            (false, "sha512") => (oid::ECDSA_SHA512, Vec::new()),
            _ => panic!("{hash} with {key}?"),
        }
    }

    /// RSASSA-PSS-params.
    fn pss(hash: &[u8], mask_hash: &[u8], salt: u8) -> Vec<u8> {
        let of = |hash: &[u8]| element(SEQUENCE, &[element(der::OID, hash), vec![5, 0]].concat());
        let mask = element(SEQUENCE, &[element(der::OID, oid::MGF1), of(mask_hash)].concat());
        let parts = [
            element(der::constructed(0), &of(hash)),
            element(der::constructed(1), &mask),
            element(der::constructed(2), &[2, 1, salt]),
        ];
        element(SEQUENCE, &parts.concat())
    }

    fn verified(spki: &[u8], oid: &[u8], parameters: &[u8], message: &[u8], signature: &[u8]) -> Verified {
        let key = PublicKey::read(spki).unwrap();
        verify(&key, &Algorithm { oid, parameters, ..Algorithm::default() }, message, signature)
    }

    #[test]
    fn each_key_with_each_hash() {
        for signed in vectors::all() {
            let Signed { key, spki, hash, signature } = &signed;
            let (oid, parameters) = algorithm(key, hash);
            let of = |message: &[u8]| verified(spki, oid, &parameters, message, signature);
            match signed.is_verified() {
                true => {
                    assert_eq!(of(MESSAGE), Verified::Yes, "{hash} with {key}");
                    assert_eq!(of(b"something else"), Verified::No, "{hash} with {key}");
                }
                false => assert!(matches!(of(MESSAGE), Verified::Unsupported(_)), "{hash} with {key}"),
            }
        }
    }

    /// Parameters that an algorithm does not have, or that contradict the key, are not passed over.
    #[test]
    fn parameters_are_heeded() {
        for Signed { key, spki, hash, signature } in vectors::all() {
            let (oid, parameters) = algorithm(key, hash);
            let with = |parameters: &[u8]| verified(&spki, oid, parameters, MESSAGE, &signature);
            if with(&parameters) != Verified::Yes {
                continue;
            }
            assert!(matches!(with(&[2, 1, 1]), Verified::Unsupported(_)), "junk: {hash} with {key}");
            let null_or_absent = key.starts_with("RSA") && !hash.starts_with("pss");
            for parameters in [&[][..], &[5, 0]] {
                if null_or_absent {
                    assert_eq!(with(parameters), Verified::Yes, "{parameters:?}: {hash} with {key}");
                }
            }
            if !key.starts_with("RSA") {
                assert!(matches!(with(&[5, 0]), Verified::Unsupported(_)), "NULL: {hash} with {key}");
            }
        }
        let signed = vectors::all().into_iter().find(|it| (it.key, it.hash) == ("RSA-2048", "pss-sha256"));
        let Signed { spki, signature, .. } = signed.unwrap();
        for parameters in [pss(oid::SHA256, oid::SHA384, 32), pss(oid::SHA256, oid::SHA256, 20)] {
            let verified = verified(&spki, oid::RSA_PSS, &parameters, MESSAGE, &signature);
            assert!(matches!(verified, Verified::Unsupported(_)), "{verified:?}");
        }
    }

    /// A key can't have signed with the algorithm of another kind; of one that is not known nothing is said.
    #[test]
    fn an_algorithm_of_another_kind_of_key() {
        let all = vectors::all();
        let spki = |key: &str| all.iter().find(|it| it.key == key).unwrap().spki.clone();
        let no: [(&str, &[u8]); 5] = [
            ("P-256", oid::SHA256_RSA),
            ("P-256", oid::ED25519),
            ("RSA-2048", oid::ECDSA_SHA256),
            ("RSA-2048", oid::ML_DSA_65),
            ("RSA-1024", oid::DSA_SHA256),
        ];
        for (key, oid) in no {
            assert_eq!(verified(&spki(key), oid, &[], MESSAGE, &[1; 64]), Verified::No, "{key}");
        }
        let open: [(&str, &[u8]); 2] = [("RSA-2048", oid::MD4_RSA), ("P-256", &[0x88, 0x37, 1])];
        for (key, oid) in open {
            let verified = verified(&spki(key), oid, &[], MESSAGE, &[1; 64]);
            assert!(matches!(verified, Verified::Unsupported(_)), "{key}: {verified:?}");
        }
    }
}

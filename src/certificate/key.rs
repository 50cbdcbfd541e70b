//! Whether a private key belongs to a certificate.

use rustls_pki_types::PrivateKeyDer;

use crate::capture::{KeyFit, Limits};
use crate::trace::State;
use crate::wire::asn1::{Certificate, PrivateKey, PublicKey, oid};

/// Compares the public key of a certificate with that of a private key (DER in any of its forms). Only two public keys that
/// were compared and differ make it fail.
pub fn fits(certificate: &[u8], private_key: &[u8]) -> State {
    let open = |why: String| State::NotEvaluated(why);
    let read = Certificate::read(certificate, &Limits::DEFAULT.x509());
    let Some(public) = read.ok().and_then(|certificate| certificate.key) else {
        return open("the certificate's public key can't be read".to_owned());
    };
    let Some(private) = PrivateKey::read(private_key) else {
        return open("the private key can't be read".to_owned());
    };
    let differ = |own: &str| {
        State::Fails(format!("the certificate's key is {}, the private key {own}", public.text()))
    };
    if family(public.oid) != family(private.oid) {
        return differ(&format!("is of type {}", oid::name(private.oid)));
    }
    if let (Some(curve), Some(own)) = (public.curve, private.curve)
        && curve != own
    {
        return differ(&format!("is on the curve {}", oid::curve(own)));
    }
    let same = match (public.rsa, private.modulus, private.public) {
        (Some((modulus, _)), Some(own), _) => Some(modulus == own),
        (None, _, Some(own)) => same_point(&public, own),
        _ => derived(private_key).and_then(|spki| same_point(&public, PublicKey::read(&spki).ok()?.bits)),
    };
    match same {
        Some(true) => State::Holds,
        Some(false) => State::Fails("the private key is a different key".to_owned()),
        None => open(format!(
            "the {} private key file contains no public key, and none can be computed here",
            public.text()
        )),
    }
}

/// To which certificate of a chain a private key belongs.
pub fn owner<T: AsRef<[u8]>>(chain: &[T], private_key: &[u8]) -> KeyFit {
    let first = chain.first().map(|first| fits(first.as_ref(), private_key));
    let place = chain.iter().position(|certificate| fits(certificate.as_ref(), private_key).holds());
    match (place, first) {
        (Some(0), _) => KeyFit::First,
        (Some(place), _) => KeyFit::Behind(place),
        (None, Some(State::Fails(why))) => KeyFit::None(why),
        (None, Some(State::NotEvaluated(why))) => KeyFit::NotCompared(why),
        (None, _) => KeyFit::NotCompared("there is no certificate".to_owned()),
    }
}

/// The kind of an algorithm: RSA keys for all paddings, or for RSASSA-PSS alone, are of one.
fn family(id: &[u8]) -> &[u8] {
    if id == oid::RSA_PSS { oid::RSA } else { id }
}

/// Whether two public keys are the same. A point on a curve may be compressed: 02 or 03, and x alone.
fn same_point(public: &PublicKey<'_>, own: &[u8]) -> Option<bool> {
    match (public.bits, own) {
        (one, two) if one == two => Some(true),
        ([4, one @ ..], [2 | 3, x @ ..]) | ([2 | 3, x @ ..], [4, one @ ..]) if public.oid == oid::EC => {
            let (own_x, y) = one.split_at(one.len() / 2);
            let odd = y.last().is_some_and(|last| last & 1 == 1);
            let compressed = if public.bits.first() == Some(&4) { own.first() } else { public.bits.first() };
            Some(own_x == x && compressed == Some(if odd { &3 } else { &2 }))
        }
        _ => Some(false),
    }
}

/// The SubjectPublicKeyInfo of a private key, computed from its secret.
fn derived(private_key: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateKeyDer::try_from(private_key).ok()?;
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).ok()?;
    Some(key.public_key()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::asn1::der::{self, SEQUENCE, element};

    /// A certificate with this SubjectPublicKeyInfo, which nobody signed.
    fn certificate(spki: &[u8]) -> Vec<u8> {
        let algorithm = element(SEQUENCE, &element(der::OID, oid::ED25519));
        let dates =
            [element(der::UTC_TIME, b"260101000000Z"), element(der::UTC_TIME, b"270101000000Z")].concat();
        let name = element(SEQUENCE, &[]);
        let tbs =
            [vec![2, 1, 1], algorithm.clone(), name.clone(), element(SEQUENCE, &dates), name, spki.to_vec()];
        let parts = [element(SEQUENCE, &tbs.concat()), algorithm, element(der::BIT_STRING, &[0, 1])];
        element(SEQUENCE, &parts.concat())
    }

    fn spki(algorithm: &[u8], bits: &[u8]) -> Vec<u8> {
        let bits = element(der::BIT_STRING, &[&[0], bits].concat());
        element(SEQUENCE, &[element(SEQUENCE, algorithm), bits].concat())
    }

    #[test]
    fn keys_that_the_engine_can_use() {
        for algorithm in
            [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P521_SHA512]
        {
            let pair = || rcgen::KeyPair::generate_for(algorithm).unwrap();
            let (one, two) = (pair(), pair());
            let leaf = certificate(&rcgen::PublicKeyData::subject_public_key_info(&one));
            assert_eq!(fits(&leaf, one.serialized_der()), State::Holds);
            assert!(fits(&leaf, two.serialized_der()).fails());
        }
        let leaf = |key: &rcgen::KeyPair| certificate(&rcgen::PublicKeyData::subject_public_key_info(key));
        let [one, two, three] = [(); 3].map(|()| rcgen::KeyPair::generate().unwrap());
        let chain = [leaf(&one), leaf(&two)];
        assert_eq!(owner(&chain, one.serialized_der()), KeyFit::First);
        assert_eq!(owner(&chain, two.serialized_der()), KeyFit::Behind(1));
        assert!(matches!(owner(&chain, three.serialized_der()), KeyFit::None(_)));
        assert!(matches!(owner(&chain, b"no key"), KeyFit::NotCompared(_)));
        assert!(matches!(owner::<Vec<u8>>(&[], one.serialized_der()), KeyFit::NotCompared(_)));
        let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let p256 = rcgen::KeyPair::generate().unwrap();
        let leaf = certificate(&rcgen::PublicKeyData::subject_public_key_info(&p256));
        assert!(fits(&leaf, ed25519.serialized_der()).reason().unwrap().contains("is of type Ed25519"));
    }

    fn info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
        let parts = [vec![2, 1, 0], element(SEQUENCE, algorithm), element(der::OCTET_STRING, key)];
        element(SEQUENCE, &parts.concat())
    }

    #[test]
    fn keys_of_other_kinds_are_compared_where_they_can_be() {
        // RSASSA-PSS alone, brainpool and Ed448: what is there is compared, and what is not there is not judged.
        let rsa = |last: u8| {
            let modulus = [&[0, 0xc1][..], &[5; 126], &[last]].concat();
            let public = element(SEQUENCE, &[element(der::INTEGER, &modulus), vec![2, 1, 3]].concat());
            let private =
                element(SEQUENCE, &[vec![2, 1, 0], element(der::INTEGER, &modulus), vec![2, 1, 3]].concat());
            (public, private)
        };
        let pss = element(der::OID, oid::RSA_PSS);
        let leaf = certificate(&spki(&pss, &rsa(1).0));
        assert_eq!(fits(&leaf, &info(&pss, &rsa(1).1)), State::Holds);
        assert_eq!(fits(&leaf, &rsa(1).1), State::Holds);
        assert!(fits(&leaf, &info(&pss, &rsa(3).1)).fails());

        let brainpool =
            [element(der::OID, oid::EC), element(der::OID, &[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7])].concat();
        let point = |y: u8| [&[4][..], &[1; 32], &[2; 31], &[y]].concat();
        let private = |public: &[u8]| {
            let public = element(der::constructed(1), &element(der::BIT_STRING, &[&[0], public].concat()));
            info(&brainpool, &element(SEQUENCE, &[vec![2, 1, 1, 4, 1, 9], public].concat()))
        };
        let leaf = certificate(&spki(&brainpool, &point(3)));
        assert_eq!(fits(&leaf, &private(&point(3))), State::Holds);
        assert!(fits(&leaf, &private(&point(4))).fails());
        assert_eq!(fits(&leaf, &private(&[&[3][..], &[1; 32]].concat())), State::Holds);
        assert!(fits(&leaf, &private(&[&[2][..], &[1; 32]].concat())).fails());
        assert!(fits(&leaf, &private(&[&[3][..], &[9; 32]].concat())).fails());
        let silent = info(&brainpool, &element(SEQUENCE, &[2, 1, 1, 4, 1, 9]));
        assert!(matches!(fits(&leaf, &silent), State::NotEvaluated(_)));
        let secp256k1 = [element(der::OID, oid::EC), element(der::OID, oid::SECP256K1)].concat();
        assert!(fits(&leaf, &info(&secp256k1, &[0x30, 0])).reason().unwrap().contains("secp256k1"));

        let ed448 = element(der::OID, oid::ED448);
        let leaf = certificate(&spki(&ed448, &[7; 57]));
        let why = fits(&leaf, &info(&ed448, &element(der::OCTET_STRING, &[9; 57])));
        assert!(matches!(&why, State::NotEvaluated(why) if why.contains("Ed448")), "{why:?}");
        assert!(matches!(fits(&leaf, b"no key"), State::NotEvaluated(_)));
        assert!(matches!(fits(b"no certificate", &rsa(1).1), State::NotEvaluated(_)));
    }
}

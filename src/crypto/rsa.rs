//! RSA as TLS 1.2 and earlier use it: PKCS #1 v1.5 (RFC 8017, sections 7.2 and 8.2) for the premaster
//! secret and for signatures over MD5 and SHA-1, with keys of any size.

use super::hash::Hash;
use super::modular::{self, MOST_BITS, bits, trimmed};
use super::random;
use crate::wire::asn1::PublicKey as Spki;
use crate::wire::asn1::der::{INTEGER, OCTET_STRING, OID, SEQUENCE, content, elements};
use crate::wire::asn1::oid;

/// An RSA public key: big-endian, without leading zeros.
#[derive(Debug, Clone, Copy)]
pub struct PublicKey<'a> {
    pub n: &'a [u8],
    pub e: &'a [u8],
}

/// An encrypted premaster secret, and what was encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Encrypted {
    pub ciphertext: Vec<u8>,
    /// 00 02, padding without a zero, 00, message.
    pub encoded: Vec<u8>,
}

impl<'a> PublicKey<'a> {
    /// From a whole SubjectPublicKeyInfo; `None` if it holds no RSA key, or one that nobody should
    /// compute with: the peer chooses it.
    pub fn from_spki(spki: &'a [u8]) -> Option<Self> {
        let (n, e) = Spki::read(spki).ok()?.rsa?;
        Self { n, e }.checked()
    }

    /// `None` if nobody should compute with it.
    pub fn checked(self) -> Option<Self> {
        let Self { n, e } = self;
        let sane =
            bits(n) <= MOST_BITS && (2..=64).contains(&bits(e)) && n.last().is_some_and(|last| last & 1 == 1);
        sane.then_some(self)
    }

    /// RSAES-PKCS1-v1_5; `None` if the message is too long for the key, or without random bytes.
    pub fn encrypt(&self, message: &[u8]) -> Option<Encrypted> {
        let padding = self.n.len().checked_sub(message.len() + 3).filter(|padding| *padding >= 8)?;
        let mut encoded = vec![0, 2];
        while encoded.len() < padding + 2 {
            let more = random(padding + 2 - encoded.len())?;
            encoded.extend(more.iter().filter(|byte| **byte != 0));
        }
        encoded.push(0);
        encoded.extend_from_slice(message);
        Some(Encrypted { ciphertext: modular::power(&encoded, self.e, self.n)?, encoded })
    }

    /// Whether `signature` is one of `message`, its hash in a DigestInfo (RFC 8017, section 9.2).
    pub fn verifies_hashed(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        self.verifies(&digest_info(hash, message), signature)
    }

    /// Whether `signature` is one of `digest` without a DigestInfo around it: MD5 and SHA-1 in TLS 1.1 and
    /// earlier (RFC 4346, section 4.7).
    pub fn verifies(&self, digest: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.n.len()
            && encoded_signature(self.n.len(), digest)
                .is_some_and(|expected| modular::power(signature, self.e, self.n).as_ref() == Some(&expected))
    }
}

impl PublicKey<'_> {
    /// RSASSA-PSS with the hash for MGF1 too and a salt of its length, as TLS has it (RFC 8017, section 8.1.2;
    /// RFC 8446, section 4.2.3).
    pub fn verifies_pss(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let encoded = self.checked().filter(|key| signature.len() == key.n.len()).and_then(|key| {
            let encoded = modular::power(signature, key.e, key.n)?;
            // One bit less than the modulus.
            let len = (bits(key.n) - 1).div_ceil(8);
            let (zeros, encoded) = encoded.split_at_checked(encoded.len().checked_sub(len)?)?;
            zeros.iter().all(|byte| *byte == 0).then(|| encoded.to_vec())
        });
        encoded.is_some_and(|encoded| is_pss(hash, message, &encoded, bits(self.n) - 1))
    }
}

/// EMSA-PSS-VERIFY (RFC 8017, section 9.1.2).
fn is_pss(hash: Hash, message: &[u8], encoded: &[u8], em_bits: usize) -> bool {
    let len = hash.output_len();
    let Some((rest, [0xbc])) = encoded.split_at_checked(encoded.len().saturating_sub(1)) else {
        return false;
    };
    let Some((masked, digest)) = rest.len().checked_sub(len).and_then(|at| rest.split_at_checked(at)) else {
        return false;
    };
    let unused = 8 * encoded.len() - em_bits;
    let mut db = masked.to_vec();
    for (counter, chunk) in db.chunks_mut(len).enumerate() {
        let counter = (counter as u32).to_be_bytes();
        chunk.iter_mut().zip(hash.digest(&[digest, &counter])).for_each(|(byte, mask)| *byte ^= mask);
    }
    let Some(first) = db.first_mut() else { return false };
    if masked[0].leading_zeros() < unused as u32 {
        return false;
    }
    *first &= 0xff >> unused;
    let Some((padding, salt)) = db.len().checked_sub(len).and_then(|at| db.split_at_checked(at)) else {
        return false;
    };
    let Some((one, zeros)) = padding.split_last() else { return false };
    *one == 1
        && zeros.iter().all(|byte| *byte == 0)
        && hash.digest(&[&[0; 8], &hash.digest(&[message]), salt]) == digest
}

/// 00 01, padding of ff, 00, digest.
fn encoded_signature(len: usize, digest: &[u8]) -> Option<Vec<u8>> {
    let padding = len.checked_sub(digest.len() + 3).filter(|padding| *padding >= 8)?;
    Some([&[0, 1][..], &vec![0xff; padding], &[0], digest].concat())
}

/// The DER of a DigestInfo (RFC 8017, appendix A.2.4; section 9.2, note 1).
fn digest_info(hash: Hash, message: &[u8]) -> Vec<u8> {
    let hash_oid = match hash {
        Hash::Md5 => oid::MD5,
        Hash::Sha1 => oid::SHA1,
        Hash::Sha224 => oid::SHA224,
        Hash::Sha256 => oid::SHA256,
        Hash::Sha384 => oid::SHA384,
        Hash::Sha512 => oid::SHA512,
    };
    // Every length is far below 128.
    let element = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
    let algorithm = element(SEQUENCE, &[element(OID, hash_oid), vec![5, 0]].concat());
    element(SEQUENCE, &[algorithm, element(OCTET_STRING, &hash.digest(&[message]))].concat())
}

/// An RSA private key.
#[derive(Clone)]
pub struct PrivateKey {
    n: Vec<u8>,
    d: Vec<u8>,
}

impl PrivateKey {
    /// From DER: RSAPrivateKey (PKCS #1), or PrivateKeyInfo around it (PKCS #8).
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let mut parts = elements(content(der, SEQUENCE)?).map_while(Result::ok);
        let _version = parts.next().filter(|it| it.tag == INTEGER)?;
        let next = parts.next()?;
        if next.tag == SEQUENCE {
            return Self::from_der(parts.next().filter(|it| it.tag == OCTET_STRING)?.value);
        }
        let _exponent = parts.next().filter(|it| it.tag == INTEGER)?;
        let d = trimmed(parts.next().filter(|it| it.tag == INTEGER)?.value).to_vec();
        let n = trimmed(next.value).to_vec();
        (next.tag == INTEGER && bits(&n) >= 512).then_some(Self { n, d })
    }

    /// The signature of `digest` without a DigestInfo around it.
    pub fn sign(&self, digest: &[u8]) -> Option<Vec<u8>> {
        modular::power(&encoded_signature(self.n.len(), digest)?, &self.d, &self.n)
    }

    /// The signature of `message`, its hash in a DigestInfo (RFC 8017, section 9.2).
    pub fn sign_hashed(&self, hash: Hash, message: &[u8]) -> Option<Vec<u8>> {
        self.sign(&digest_info(hash, message))
    }

    /// Undoes [`PublicKey::encrypt`]: the whole encoded block. Whether its padding is right is for the
    /// caller to see ([`message_of`]).
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        modular::power(ciphertext, &self.d, &self.n)
    }
}

/// The message in an encoded block, if its padding is right.
pub fn message_of(encoded: &[u8]) -> Option<&[u8]> {
    let rest = encoded.strip_prefix(&[0, 2])?;
    let zero = rest.iter().position(|byte| *byte == 0).filter(|at| *at >= 8)?;
    rest.get(zero + 1..)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeySize, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};

    use super::*;

    #[test]
    fn encrypting_and_signing_are_undone() {
        let theirs = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der>::as_der(&theirs).unwrap();
        let spki = AsDer::<aws_lc_rs::encoding::PublicKeyX509Der>::as_der(&theirs.public_key()).unwrap();
        let private = PrivateKey::from_der(der.as_ref()).unwrap();
        let public = PublicKey::from_spki(spki.as_ref()).unwrap();

        let encrypted = public.encrypt(b"premaster").unwrap();
        assert_eq!(private.decrypt(&encrypted.ciphertext).as_ref(), Some(&encrypted.encoded));
        assert_eq!(message_of(&encrypted.encoded), Some(&b"premaster"[..]));
        // aws-lc reads it as well.
        let theirs = Pkcs1PrivateDecryptingKey::new(theirs).unwrap();
        let mut room = vec![0; theirs.min_output_size()];
        assert_eq!(theirs.decrypt(&encrypted.ciphertext, &mut room).unwrap(), b"premaster");

        let signature = private.sign(&[7; 36]).unwrap();
        assert!(public.verifies(&[7; 36], &signature));
        assert!(!public.verifies(&[8; 36], &signature));
        assert!(!public.verifies(&[7; 36], &signature[1..]));
    }

    #[test]
    fn padding_is_checked() {
        let with = |padding: usize| [&[0, 2][..], &vec![9; padding], &[0], b"x"].concat();
        assert_eq!(message_of(&with(8)), Some(&b"x"[..]));
        assert_eq!(message_of(&with(7)), None);
        assert_eq!(message_of(&[0, 2, 9, 9]), None);
        assert_eq!(message_of(&[0, 1]), None);
    }

    /// The peer chooses the key: what would cost much, or is none, is not computed with.
    #[test]
    fn keys_that_nobody_should_compute_with() {
        let odd = |bits: usize| {
            let mut n = vec![0; bits.div_ceil(8)];
            n[0] = 1 << ((bits - 1) % 8);
            *n.last_mut().unwrap() |= 1;
            n
        };
        let sane = |n: &[u8], e: &[u8]| PublicKey { n, e }.checked().is_some();
        let n = odd(1024);
        assert!(sane(&n, &[1, 0, 1]) && sane(&n, &[3]) && sane(&n, &[0xff; 8]));
        assert!(!sane(&n, &[1]) && !sane(&n, &[0]) && !sane(&n, &[]), "e below 2");
        assert!(!sane(&n, &odd(65)), "e of more than 64 bits");
        assert!(sane(&odd(MOST_BITS), &[3]) && !sane(&odd(MOST_BITS + 1), &[3]), "n of too many bits");
        let mut even = n.clone();
        *even.last_mut().unwrap() = 2;
        assert!(!sane(&even, &[3]) && !sane(&[], &[3]));
    }

    #[test]
    fn a_premaster_secret_that_does_not_fit() {
        let n = vec![0xff; 64];
        let key = PublicKey { n: &n, e: &[3] };
        // 00 02, eight bytes of padding, 00.
        assert!(key.encrypt(&[7; 53]).is_some() && key.encrypt(&[7; 54]).is_none());
        let encoded = key.encrypt(&[7; 48]).unwrap().encoded;
        assert_eq!((encoded.len(), message_of(&encoded)), (64, Some(&[7; 48][..])));
    }

    /// RSAPrivateKey, as far as it is read: version, n, e, d.
    #[test]
    fn private_keys_that_are_too_small_or_of_another_form() {
        let der = |n: &[u8], tag: u8| {
            let part = |tag: u8, value: &[u8]| [&[tag, value.len() as u8], value].concat();
            let parts = [part(2, &[0]), part(tag, n), part(2, &[3]), part(2, &[5])].concat();
            [&[0x30, parts.len() as u8], &parts[..]].concat()
        };
        let n = [&[0x80][..], &[1; 63]].concat();
        assert!(PrivateKey::from_der(&der(&n, 2)).is_some(), "512 bits");
        assert!(PrivateKey::from_der(&der(&n[1..], 2)).is_none(), "497 bits");
        assert!(PrivateKey::from_der(&der(&n, 4)).is_none(), "no INTEGER");
    }
}

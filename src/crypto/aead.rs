//! The AEAD algorithms: sealing and opening with a nonce of 12 bytes (RFC 5116).

use aws_lc_rs::aead::{self as aws, LessSafeKey, UnboundKey};
use ccm::{AeadInOut, KeyInit, consts};

/// An AEAD algorithm that we compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aead {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
    Aes128Ccm,
    Aes256Ccm,
    /// CCM with a tag of 8 bytes.
    Aes128Ccm8,
    Aes256Ccm8,
    Camellia128Gcm,
    Camellia256Gcm,
}

impl Aead {
    /// Key length in bytes.
    pub fn key_len(self) -> usize {
        match self {
            Aead::Aes128Gcm | Aead::Aes128Ccm | Aead::Aes128Ccm8 | Aead::Camellia128Gcm => 16,
            Aead::Aes256Gcm | Aead::Aes256Ccm | Aead::Aes256Ccm8 | Aead::Camellia256Gcm => 32,
            Aead::ChaCha20Poly1305 => 32,
        }
    }

    /// Length of the authentication tag in bytes.
    pub fn tag_len(self) -> usize {
        match self {
            Aead::Aes128Ccm8 | Aead::Aes256Ccm8 => 8,
            _ => 16,
        }
    }

    /// Of TLS 1.2: the bytes of the nonce that come from the key block. The other ones stand in the
    /// record (RFC 5288, section 3), but for ChaCha20, whose nonce is all there (RFC 7905, section 2).
    pub fn fixed_iv_len(self) -> usize {
        match self {
            Aead::ChaCha20Poly1305 => 12,
            _ => 4,
        }
    }

    /// The algorithm with its key; `None` if the key's length is wrong.
    pub(super) fn with_key(self, key: &[u8]) -> Option<AeadKey> {
        type Ccm<C> = ccm::Ccm<C, consts::U16, consts::U12>;
        type Ccm8<C> = ccm::Ccm<C, consts::U8, consts::U12>;
        type Gcm<C> = aes_gcm::AesGcm<C, consts::U12>;
        let aws = |algorithm| -> Option<Box<dyn Keyed>> {
            Some(Box::new(LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?)))
        };
        let keyed = match self {
            Aead::Aes128Gcm => aws(&aws::AES_128_GCM),
            Aead::Aes256Gcm => aws(&aws::AES_256_GCM),
            Aead::ChaCha20Poly1305 => aws(&aws::CHACHA20_POLY1305),
            Aead::Aes128Ccm => RustCrypto::<Ccm<aes::Aes128>>::keyed(key),
            Aead::Aes256Ccm => RustCrypto::<Ccm<aes::Aes256>>::keyed(key),
            Aead::Aes128Ccm8 => RustCrypto::<Ccm8<aes::Aes128>>::keyed(key),
            Aead::Aes256Ccm8 => RustCrypto::<Ccm8<aes::Aes256>>::keyed(key),
            Aead::Camellia128Gcm => RustCrypto::<Gcm<camellia::Camellia128>>::keyed(key),
            Aead::Camellia256Gcm => RustCrypto::<Gcm<camellia::Camellia256>>::keyed(key),
        };
        Some(AeadKey { algorithm: self, keyed: keyed? })
    }
}

/// An algorithm and its key.
pub(super) struct AeadKey {
    pub(super) algorithm: Aead,
    keyed: Box<dyn Keyed>,
}

impl AeadKey {
    /// Turns ciphertext and tag into plaintext; `None` if the tag is wrong.
    pub(super) fn open(&self, nonce: [u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let length = sealed.len().checked_sub(self.algorithm.tag_len())?;
        let mut buffer = sealed.to_vec();
        self.keyed.open(nonce, aad, &mut buffer)?;
        buffer.truncate(length);
        Some(buffer)
    }

    /// Ciphertext and tag.
    pub(super) fn seal(&self, nonce: [u8; 12], aad: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = plaintext.to_vec();
        self.keyed.seal(nonce, aad, &mut buffer)?;
        Some(buffer)
    }
}

/// In place; the plaintext is at the start of the buffer afterwards, or ciphertext and tag are all of it.
trait Keyed: Send + Sync {
    fn open(&self, nonce: [u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Option<()>;
    fn seal(&self, nonce: [u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Option<()>;
}

impl Keyed for LessSafeKey {
    fn open(&self, nonce: [u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
        let nonce = aws::Nonce::assume_unique_for_key(nonce);
        self.open_in_place(nonce, aws::Aad::from(aad), buffer).ok().map(|_| ())
    }

    fn seal(&self, nonce: [u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
        let nonce = aws::Nonce::assume_unique_for_key(nonce);
        self.seal_in_place_append_tag(nonce, aws::Aad::from(aad), buffer).ok()
    }
}

/// What aws-lc-rs does not have.
struct RustCrypto<A>(A);

impl<A> RustCrypto<A>
where
    A: AeadInOut<NonceSize = consts::U12> + KeyInit + Send + Sync + 'static,
{
    fn keyed(key: &[u8]) -> Option<Box<dyn Keyed>> {
        Some(Box::new(Self(A::new_from_slice(key).ok()?)))
    }
}

impl<A: AeadInOut<NonceSize = consts::U12> + Send + Sync> Keyed for RustCrypto<A> {
    fn open(&self, nonce: [u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
        self.0.decrypt_in_place(&nonce.into(), aad, buffer).ok()
    }

    fn seal(&self, nonce: [u8; 12], aad: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
        self.0.encrypt_in_place(&nonce.into(), aad, buffer).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sealed by OpenSSL 3 (through Python's `cryptography`): CCM, key 00 01 02 …, nonce 00 01 … 0b.
    #[test]
    fn ccm_is_that_of_others() {
        let key: Vec<u8> = (0..32).collect();
        let nonce = std::array::from_fn(|at| at as u8);
        for (algorithm, expected) in [
            (Aead::Aes128Ccm, "507a9d13b9eeb0a08f2646152f97aac1d94aa0b0aac548"),
            (Aead::Aes256Ccm8, "e9bad6625b41bd3062ba9ee43b73c4"),
        ] {
            let keyed = algorithm.with_key(&key[..algorithm.key_len()]).unwrap();
            assert_eq!(hex::encode(keyed.seal(nonce, b"aad", b"content").unwrap()), expected);
        }
    }

    #[test]
    fn opening_undoes_sealing_and_notices_every_change() {
        for algorithm in [
            Aead::Aes128Gcm,
            Aead::Aes256Gcm,
            Aead::ChaCha20Poly1305,
            Aead::Aes128Ccm,
            Aead::Aes256Ccm,
            Aead::Aes128Ccm8,
            Aead::Aes256Ccm8,
            Aead::Camellia128Gcm,
            Aead::Camellia256Gcm,
        ] {
            let key = algorithm.with_key(&vec![7; algorithm.key_len()]).unwrap();
            let sealed = key.seal([1; 12], b"aad", b"content").unwrap();
            assert_eq!(sealed.len(), 7 + algorithm.tag_len(), "{algorithm:?}");
            assert_eq!(key.open([1; 12], b"aad", &sealed).unwrap(), b"content", "{algorithm:?}");
            assert!(key.open([2; 12], b"aad", &sealed).is_none());
            assert!(key.open([1; 12], b"add", &sealed).is_none());
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(key.open([1; 12], b"aad", &changed).is_none());
            }
            assert!(key.open([1; 12], b"aad", &sealed[..3]).is_none());
        }
    }
}

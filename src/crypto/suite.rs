//! What a cipher suite means for opening records.

use aws_lc_rs::aead;

use super::hash::Hash;

/// How a suite protects records, as far as we can open them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suite {
    pub hash: Hash,
    pub aead: Aead,
}

/// The AEAD algorithms that we open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aead {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
}

impl Aead {
    /// Key length in bytes.
    pub fn key_len(self) -> usize {
        match self {
            Aead::Aes128Gcm => 16,
            Aead::Aes256Gcm | Aead::ChaCha20Poly1305 => 32,
        }
    }

    /// The implementation.
    pub(super) fn algorithm(self) -> &'static aead::Algorithm {
        match self {
            Aead::Aes128Gcm => &aead::AES_128_GCM,
            Aead::Aes256Gcm => &aead::AES_256_GCM,
            Aead::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
        }
    }
}

impl Suite {
    /// The suite with this code, if we open its records.
    pub fn of(code: u16) -> Option<Suite> {
        let (hash, aead) = match code {
            0x1301 => (Hash::Sha256, Aead::Aes128Gcm),
            0x1302 => (Hash::Sha384, Aead::Aes256Gcm),
            0x1303 => (Hash::Sha256, Aead::ChaCha20Poly1305),
            0xc02b | 0xc02f | 0x009c | 0x009e => (Hash::Sha256, Aead::Aes128Gcm),
            0xc02c | 0xc030 | 0x009d | 0x009f => (Hash::Sha384, Aead::Aes256Gcm),
            0xcca8..=0xccaa => (Hash::Sha256, Aead::ChaCha20Poly1305),
            _ => return None,
        };
        Some(Suite { hash, aead })
    }
}

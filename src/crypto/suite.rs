//! What a cipher suite means for opening records.

use aws_lc_rs::aead;

use super::hash::Hash;
use crate::wire::codepoints::cipher_suite::{self, Cipher, Hash as Prf, Mode};

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
        let suite = cipher_suite::find(code)?;
        let hash = match suite.prf {
            Prf::Sha256 => Hash::Sha256,
            Prf::Sha384 => Hash::Sha384,
            _ => return None,
        };
        let aead = match (suite.cipher, suite.mode, suite.key_bits) {
            (Cipher::Aes, Mode::Gcm, 128) => Aead::Aes128Gcm,
            (Cipher::Aes, Mode::Gcm, 256) => Aead::Aes256Gcm,
            (Cipher::ChaCha20, Mode::Poly1305, _) => Aead::ChaCha20Poly1305,
            _ => return None,
        };
        Some(Suite { hash, aead })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rustls_negotiates_can_be_opened() {
        for suite in rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES {
            assert!(Suite::of(suite.suite().into()).is_some(), "{suite:?}");
        }
    }
}

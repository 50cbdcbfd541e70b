//! What a cipher suite means for the key schedule and the records of TLS 1.3.

use super::aead::Aead;
use super::hash::Hash;
use crate::wire::codepoints::CipherSuite;
use crate::wire::codepoints::cipher_suite::{Cipher, Hash as Prf, Mode};

/// Hash and AEAD of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suite {
    pub hash: Hash,
    pub aead: Aead,
}

impl Suite {
    /// The suite with this code, if it is one that we compute with.
    pub fn of(suite: CipherSuite) -> Option<Suite> {
        let suite = suite.info()?;
        let hash = match suite.prf {
            Prf::Sha256 => Hash::Sha256,
            Prf::Sha384 => Hash::Sha384,
            _ => return None,
        };
        let aead = match (suite.cipher, suite.mode, suite.key_bits) {
            (Cipher::Aes, Mode::Gcm, 128) => Aead::Aes128Gcm,
            (Cipher::Aes, Mode::Gcm, 256) => Aead::Aes256Gcm,
            (Cipher::Aes, Mode::Ccm, 128) => Aead::Aes128Ccm,
            (Cipher::Aes, Mode::Ccm8, 128) => Aead::Aes128Ccm8,
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
            assert!(Suite::of(CipherSuite(suite.suite().into())).is_some(), "{suite:?}");
        }
    }
}

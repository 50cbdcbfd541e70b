//! Block ciphers in CBC mode, without padding (NIST SP 800-38A, section 6.2).

use ::cbc::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser,
    InnerIvInit, KeyInit,
};

/// A block cipher that we compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    Aes128,
    Aes256,
    Camellia128,
    Camellia256,
    TripleDes,
    Des,
}

impl Block {
    /// Key length in bytes; with DES, parity bits included.
    pub fn key_len(self) -> usize {
        match self {
            Block::Aes128 | Block::Camellia128 => 16,
            Block::Aes256 | Block::Camellia256 => 32,
            Block::TripleDes => 24,
            Block::Des => 8,
        }
    }

    /// Block length in bytes: also that of an IV.
    pub fn block_len(self) -> usize {
        match self {
            Block::TripleDes | Block::Des => 8,
            _ => 16,
        }
    }

    /// The cipher with its key; `None` if the key's length is wrong.
    pub(super) fn with_key(self, key: &[u8]) -> Option<Box<dyn Cbc>> {
        match self {
            Block::Aes128 => Keyed::<aes::Aes128>::boxed(key),
            Block::Aes256 => Keyed::<aes::Aes256>::boxed(key),
            Block::Camellia128 => Keyed::<camellia::Camellia128>::boxed(key),
            Block::Camellia256 => Keyed::<camellia::Camellia256>::boxed(key),
            Block::TripleDes => Keyed::<des::TdesEde3>::boxed(key),
            Block::Des => Keyed::<des::Des>::boxed(key),
        }
    }
}

/// A block cipher and its key. Both fail only if the lengths of IV or data don't fit.
pub(super) trait Cbc: Send + Sync {
    fn encrypt(&self, iv: &[u8], data: &mut [u8]) -> Option<()>;
    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Option<()>;
}

struct Keyed<C>(C);

impl<C> Keyed<C>
where
    C: KeyInit + BlockCipherEncrypt + BlockCipherDecrypt + Clone + Send + Sync + 'static,
{
    fn boxed(key: &[u8]) -> Option<Box<dyn Cbc>> {
        Some(Box::new(Self(C::new_from_slice(key).ok()?)))
    }
}

impl<C: BlockCipherEncrypt + BlockCipherDecrypt + Clone + Send + Sync> Cbc for Keyed<C> {
    fn encrypt(&self, iv: &[u8], data: &mut [u8]) -> Option<()> {
        let mut mode = ::cbc::Encryptor::inner_iv_slice_init(self.0.clone(), iv).ok()?;
        let (blocks, rest) = Array::<u8, <C as BlockSizeUser>::BlockSize>::slice_as_chunks_mut(data);
        mode.encrypt_blocks(blocks);
        rest.is_empty().then_some(())
    }

    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Option<()> {
        let mut mode = ::cbc::Decryptor::inner_iv_slice_init(self.0.clone(), iv).ok()?;
        let (blocks, rest) = Array::<u8, <C as BlockSizeUser>::BlockSize>::slice_as_chunks_mut(data);
        mode.decrypt_blocks(blocks);
        rest.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST SP 800-38A, F.2.1 and F.2.5, first two blocks; RFC 5528's Camellia has no CBC, so
    /// OpenSSL's (`openssl enc -camellia-128-cbc -nopad`), and `-des-ede3-cbc`.
    #[test]
    fn known_vectors() {
        let plain = hex::decode("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51").unwrap();
        let iv = hex::decode("000102030405060708090a0b0c0d0e0f").unwrap();
        for (block, key, expected) in [
            (
                Block::Aes128,
                "2b7e151628aed2a6abf7158809cf4f3c",
                "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2",
            ),
            (
                Block::Aes256,
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d",
            ),
            (
                Block::Camellia128,
                "2b7e151628aed2a6abf7158809cf4f3c",
                "1607cf494b36bbf00daeb0b503c831aba2f2cf671629ef7840c5a5dfb5074887",
            ),
            (
                Block::Camellia256,
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "e6cfa35fc02b134a4d2c0b6737ac3eda36cbeb73bd504b4070b1b7de2b21eb50",
            ),
            (
                Block::TripleDes,
                "0123456789abcdef23456789abcdef01456789abcdef0123",
                "df4fb48a5c3414fa340a1553efae84317b4c6aab8845fb9247ee5e08514dd2bc",
            ),
            (
                Block::Des,
                "0123456789abcdef",
                "498f28fc0efbbbd46a44291be66a214ba639a43c8a41dac807d1904f52a94726",
            ),
        ] {
            let cipher = block.with_key(&hex::decode(key).unwrap()).unwrap();
            let iv = &iv[..block.block_len()];
            let mut data = plain.clone();
            cipher.encrypt(iv, &mut data).unwrap();
            assert_eq!(hex::encode(&data), expected, "{block:?}");
            cipher.decrypt(iv, &mut data).unwrap();
            assert_eq!(data, plain, "{block:?}");
            assert!(cipher.decrypt(iv, &mut data[..block.block_len() + 1]).is_none());
            assert!(cipher.decrypt(&iv[1..], &mut data).is_none());
        }
    }
}

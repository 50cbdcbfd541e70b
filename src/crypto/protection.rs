//! What a cipher suite means for the records of TLS 1.2 and earlier (RFC 5246, section 6.3).

use super::aead::Aead;
use super::cbc::Block;
use super::hash::Hash;
use super::prf::Prf;
use crate::wire::codepoints::cipher_suite::{Cipher, Mac, Mode};
use crate::wire::codepoints::{CipherSuite, ProtocolVersion};

/// How records are protected, as version, cipher suite and extensions settled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    pub version: ProtocolVersion,
    pub prf: Prf,
    pub bulk: Bulk,
    /// The hash of the MAC; an AEAD has none.
    pub mac: Option<Hash>,
    /// RFC 7366; for block ciphers only.
    pub encrypt_then_mac: bool,
}

/// What encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    Aead(Aead),
    Block(Block),
    Rc4,
    Null,
}

/// The key block, cut: what the client and what the server writes with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeyBlock {
    pub client: WriteKeys,
    pub server: WriteKeys,
}

/// One side's part of the key block. What a suite does not have is empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WriteKeys {
    pub mac_key: Vec<u8>,
    pub key: Vec<u8>,
    pub iv: Vec<u8>,
}

impl Protection {
    /// Of what was negotiated; `None` if it is not one that we compute.
    pub fn of(version: ProtocolVersion, suite: CipherSuite, encrypt_then_mac: bool) -> Option<Protection> {
        let suite = suite.info()?;
        let bulk = match (suite.cipher, suite.mode, suite.key_bits) {
            _ if suite.export => return None,
            (Cipher::Null, ..) => Bulk::Null,
            (Cipher::Rc4, Mode::Stream, 128) => Bulk::Rc4,
            (Cipher::Aes, Mode::Cbc, 128) => Bulk::Block(Block::Aes128),
            (Cipher::Aes, Mode::Cbc, 256) => Bulk::Block(Block::Aes256),
            (Cipher::Camellia, Mode::Cbc, 128) => Bulk::Block(Block::Camellia128),
            (Cipher::Camellia, Mode::Cbc, 256) => Bulk::Block(Block::Camellia256),
            (Cipher::TripleDes, Mode::Cbc, _) => Bulk::Block(Block::TripleDes),
            (Cipher::Des, Mode::Cbc, _) => Bulk::Block(Block::Des),
            // An AEAD needs TLS 1.2 (RFC 5246, section 6.2.3.3).
            _ if version != ProtocolVersion::TLS_1_2 => return None,
            (Cipher::Aes, Mode::Gcm, 128) => Bulk::Aead(Aead::Aes128Gcm),
            (Cipher::Aes, Mode::Gcm, 256) => Bulk::Aead(Aead::Aes256Gcm),
            (Cipher::Aes, Mode::Ccm, 128) => Bulk::Aead(Aead::Aes128Ccm),
            (Cipher::Aes, Mode::Ccm, 256) => Bulk::Aead(Aead::Aes256Ccm),
            (Cipher::Aes, Mode::Ccm8, 128) => Bulk::Aead(Aead::Aes128Ccm8),
            (Cipher::Aes, Mode::Ccm8, 256) => Bulk::Aead(Aead::Aes256Ccm8),
            (Cipher::Camellia, Mode::Gcm, 128) => Bulk::Aead(Aead::Camellia128Gcm),
            (Cipher::Camellia, Mode::Gcm, 256) => Bulk::Aead(Aead::Camellia256Gcm),
            (Cipher::ChaCha20, Mode::Poly1305, _) => Bulk::Aead(Aead::ChaCha20Poly1305),
            _ => return None,
        };
        let mac = match suite.mac {
            Mac::Aead => None,
            Mac::Md5 => Some(Hash::Md5),
            Mac::Sha1 => Some(Hash::Sha1),
            Mac::Sha256 => Some(Hash::Sha256),
            Mac::Sha384 => Some(Hash::Sha384),
            Mac::None | Mac::Gost3411 | Mac::Imit | Mac::Omac => return None,
        };
        let encrypt_then_mac = encrypt_then_mac && matches!(bulk, Bulk::Block(_));
        Some(Protection { version, prf: Prf::of(version, suite)?, bulk, mac, encrypt_then_mac })
    }

    /// Bytes of one side's MAC key, key and IV in the key block.
    fn lengths(&self) -> [usize; 3] {
        let mac = self.mac.map_or(0, Hash::output_len);
        match self.bulk {
            Bulk::Aead(aead) => [0, aead.key_len(), aead.fixed_iv_len()],
            // From TLS 1.1 on each record brings its IV (RFC 4346, section 6.2.3.2).
            Bulk::Block(block) if self.version > ProtocolVersion::TLS_1_0 => [mac, block.key_len(), 0],
            Bulk::Block(block) => [mac, block.key_len(), block.block_len()],
            Bulk::Rc4 => [mac, 16, 0],
            Bulk::Null => [mac, 0, 0],
        }
    }

    /// The keys of both sides.
    pub fn keys(&self, master: &[u8], client_random: &[u8], server_random: &[u8]) -> KeyBlock {
        let [mac, key, iv] = self.lengths();
        let block = self.prf.key_block(master, client_random, server_random, 2 * (mac + key + iv));
        let mut rest = block.as_slice();
        let mut take = |len: usize| {
            let (first, second) = rest.split_at(len.min(rest.len()));
            rest = second;
            first.to_vec()
        };
        let (client_mac, server_mac) = (take(mac), take(mac));
        let (client_key, server_key) = (take(key), take(key));
        let (client_iv, server_iv) = (take(iv), take(iv));
        KeyBlock {
            client: WriteKeys { mac_key: client_mac, key: client_key, iv: client_iv },
            server: WriteKeys { mac_key: server_mac, key: server_key, iv: server_iv },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_block_is_cut_as_the_version_says() {
        let lengths = |version, suite| {
            Protection::of(ProtocolVersion(version), CipherSuite(suite), false).map(|it| it.lengths())
        };
        // TLS_RSA_WITH_AES_128_CBC_SHA
        assert_eq!(lengths(0x0301, 0x002f), Some([20, 16, 16]));
        assert_eq!(lengths(0x0302, 0x002f), Some([20, 16, 0]));
        // TLS_RSA_WITH_AES_256_CBC_SHA256, TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_NULL_MD5
        assert_eq!(lengths(0x0303, 0x003d), Some([32, 32, 0]));
        assert_eq!(lengths(0x0303, 0x009c), Some([0, 16, 4]));
        assert_eq!(lengths(0x0302, 0x009c), None);
        assert_eq!(lengths(0x0300, 0x0001), Some([16, 0, 0]));
        // An export suite.
        assert_eq!(lengths(0x0301, 0x0003), None);
    }

    /// One suite of every cipher, in the newest version that has it.
    #[test]
    fn every_cipher_has_its_protection() {
        for (suite, bulk) in [
            (0x003b, Bulk::Null),
            (0x0005, Bulk::Rc4),
            (0x0009, Bulk::Block(Block::Des)),
            (0x000a, Bulk::Block(Block::TripleDes)),
            (0x002f, Bulk::Block(Block::Aes128)),
            (0x0035, Bulk::Block(Block::Aes256)),
            (0x0041, Bulk::Block(Block::Camellia128)),
            (0x0084, Bulk::Block(Block::Camellia256)),
            (0x009c, Bulk::Aead(Aead::Aes128Gcm)),
            (0x009d, Bulk::Aead(Aead::Aes256Gcm)),
            (0xc09c, Bulk::Aead(Aead::Aes128Ccm)),
            (0xc09d, Bulk::Aead(Aead::Aes256Ccm)),
            (0xc0a0, Bulk::Aead(Aead::Aes128Ccm8)),
            (0xc0a1, Bulk::Aead(Aead::Aes256Ccm8)),
            (0xc07a, Bulk::Aead(Aead::Camellia128Gcm)),
            (0xc07b, Bulk::Aead(Aead::Camellia256Gcm)),
            (0xcca8, Bulk::Aead(Aead::ChaCha20Poly1305)),
        ] {
            let of =
                |version, encrypt_then_mac| Protection::of(version, CipherSuite(suite), encrypt_then_mac);
            let newest = of(ProtocolVersion::TLS_1_2, true).unwrap();
            assert_eq!(newest.bulk, bulk, "{suite:04x}");
            // encrypt_then_mac is for block ciphers alone (RFC 7366, section 3).
            assert_eq!(newest.encrypt_then_mac, matches!(bulk, Bulk::Block(_)), "{suite:04x}");
            assert_eq!(newest.mac.is_none(), matches!(bulk, Bulk::Aead(_)), "{suite:04x}");
            let older = of(ProtocolVersion::TLS_1_1, false);
            assert_eq!(older.is_none(), matches!(bulk, Bulk::Aead(_)), "{suite:04x}");
        }
        // IDEA, SEED, ARIA, GOST: known, and not computed.
        for suite in [0x0007, 0x0096, 0xc03c, 0xc102] {
            let protection = Protection::of(ProtocolVersion::TLS_1_2, CipherSuite(suite), false);
            assert_eq!(protection, None, "{suite:04x}");
        }
    }
}

//! Protection of QUIC's Initial packets, whose keys anybody can compute from the client's first connection id
//! (RFC 9001, section 5; RFC 9369, section 3.3).

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

use super::aead::{Aead, AeadKey};
use super::hash::Hash;
use super::hkdf;

/// A version whose Initial packets are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// RFC 9000
    V1,
    /// RFC 9369
    V2,
}

/// Bytes of ciphertext that header protection looks at.
const SAMPLE: usize = 16;
/// The longest packet number; the sample starts behind it, however long it is.
const MOST_NUMBER: usize = 4;

impl Version {
    /// The version with this number.
    pub fn of(number: u32) -> Option<Version> {
        match number {
            1 => Some(Version::V1),
            0x6b33_43cf => Some(Version::V2),
            _ => None,
        }
    }

    fn salt(self) -> [u8; 20] {
        match self {
            Version::V1 => [
                0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,
                0xad, 0xcc, 0xbb, 0x7f, 0x0a,
            ],
            Version::V2 => [
                0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,
                0xcb, 0xf9, 0xbd, 0x2e, 0xd9,
            ],
        }
    }

    /// Labels of key, IV and header protection key.
    fn labels(self) -> [&'static str; 3] {
        match self {
            Version::V1 => ["quic key", "quic iv", "quic hp"],
            Version::V2 => ["quicv2 key", "quicv2 iv", "quicv2 hp"],
        }
    }

    /// Key and nonce of the tag of a Retry packet (RFC 9001, section 5.8; RFC 9369, section 3.3.3).
    fn retry(self) -> ([u8; 16], [u8; 12]) {
        match self {
            Version::V1 => (
                [
                    0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a, 0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8,
                    0x4e,
                ],
                [0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2, 0x23, 0x98, 0x25, 0xbb],
            ),
            Version::V2 => (
                [
                    0x8f, 0xb4, 0xb0, 0x1b, 0x56, 0xac, 0x48, 0xe2, 0x60, 0xfb, 0xcb, 0xce, 0xad, 0x7c, 0xcc,
                    0x92,
                ],
                [0xd8, 0x69, 0x69, 0xbc, 0x2d, 0x7c, 0x6d, 0x99, 0x90, 0xef, 0xb0, 0x4a],
            ),
        }
    }
}

/// The keys of one sender's Initial packets.
pub struct InitialKeys {
    key: AeadKey,
    iv: Vec<u8>,
    header: Aes128,
}

impl std::fmt::Debug for InitialKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InitialKeys")
    }
}

/// An Initial packet that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initial {
    pub number: u64,
    /// Its frames.
    pub payload: Vec<u8>,
}

/// The client's keys and the server's, from the destination connection id of the client's first Initial packet.
pub fn initial_keys(version: Version, connection_id: &[u8]) -> Option<[InitialKeys; 2]> {
    let secret = hkdf::extract(Hash::Sha256, &version.salt(), connection_id);
    let keys = |label| {
        let secret = hkdf::expand_label(Hash::Sha256, &secret, label, &[], 32);
        let [key, iv, header] = version.labels();
        Some(InitialKeys {
            key: Aead::Aes128Gcm.with_key(&hkdf::expand_label(Hash::Sha256, &secret, key, &[], 16))?,
            iv: hkdf::expand_label(Hash::Sha256, &secret, iv, &[], 12),
            header: Aes128::new_from_slice(&hkdf::expand_label(Hash::Sha256, &secret, header, &[], 16))
                .ok()?,
        })
    };
    Some([keys("client in")?, keys("server in")?])
}

impl InitialKeys {
    /// Opens a packet, from its first byte to the last that its length covers. `number_at`: where its packet number
    /// starts; `largest`: the largest number that was opened so far (RFC 9001, section 5.4; RFC 9000, section A.3).
    pub fn open(&self, packet: &[u8], number_at: usize, largest: Option<u64>) -> Option<Initial> {
        let sample = packet.get(number_at + MOST_NUMBER..)?.get(..SAMPLE)?;
        let mut mask: Array<u8, _> = <[u8; SAMPLE]>::try_from(sample).ok()?.into();
        self.header.encrypt_block(&mut mask);
        let first = packet.first()? ^ (mask[0] & 0x0f);
        let length = usize::from(first & 3) + 1;
        let (header, sealed) = packet.split_at_checked(number_at + length)?;
        let mut header = header.to_vec();
        *header.first_mut()? = first;
        let mut truncated = 0;
        for (byte, mask) in header.get_mut(number_at..)?.iter_mut().zip(&mask[1..]) {
            *byte ^= mask;
            truncated = truncated << 8 | u64::from(*byte);
        }
        let number = whole_number(truncated, length, largest);
        let mut nonce = <[u8; 12]>::try_from(self.iv.as_slice()).ok()?;
        nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, more)| *byte ^= more);
        let payload = self.key.open(nonce, &header, sealed)?;
        Some(Initial { number, payload })
    }
}

/// The packet number whose last `length` bytes are `truncated` and that is closest to the next one.
fn whole_number(truncated: u64, length: usize, largest: Option<u64>) -> u64 {
    let expected = largest.map_or(0, |largest| largest.saturating_add(1));
    let window = 1_u64 << (8 * length);
    let candidate = expected & !(window - 1) | truncated;
    if candidate.saturating_add(window / 2) <= expected && candidate < (1 << 62) - window {
        candidate + window
    } else if candidate > expected.saturating_add(window / 2) && candidate >= window {
        candidate - window
    } else {
        candidate
    }
}

/// Whether a Retry packet is the server's answer to a client that called it `connection_id`: its tag says so.
pub fn retry_holds(version: Version, connection_id: &[u8], packet: &[u8]) -> bool {
    let (key, nonce) = version.retry();
    let Some((packet, tag)) = packet.len().checked_sub(16).map(|at| packet.split_at(at)) else {
        return false;
    };
    let Ok(length) = u8::try_from(connection_id.len()) else { return false };
    let pseudo = [&[length], connection_id, packet].concat();
    Aead::Aes128Gcm.with_key(&key).and_then(|key| key.open(nonce, &pseudo, tag)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTION_ID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

    /// RFC 9001, section A.4; RFC 9369, section A.4.
    #[test]
    fn retry_packets_of_the_rfcs() {
        let v1 = "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba";
        let v2 = "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6";
        for (version, packet) in [(Version::V1, v1), (Version::V2, v2)] {
            let mut packet = hex::decode(packet).unwrap();
            assert!(retry_holds(version, &CONNECTION_ID, &packet), "{version:?}");
            assert!(!retry_holds(version, &CONNECTION_ID[1..], &packet), "{version:?}");
            packet[8] ^= 1;
            assert!(!retry_holds(version, &CONNECTION_ID, &packet), "{version:?}");
        }
    }

    /// RFC 9000, section A.3.
    #[test]
    fn packet_numbers_are_completed() {
        assert_eq!(whole_number(0x9b32, 2, Some(0xa82f_30ea)), 0xa82f_9b32);
        assert_eq!(whole_number(2, 4, None), 2);
        assert_eq!(whole_number(0, 1, Some(255)), 256);
        assert_eq!(whole_number(255, 1, Some(256)), 255);
        assert_eq!(whole_number(0xffff_ffff, 4, Some(u64::MAX)), 0xffff_ffff_ffff_ffff);
    }

    #[test]
    fn short_packets_are_none() {
        let [client, _] = initial_keys(Version::V1, &CONNECTION_ID).unwrap();
        for length in 0..64 {
            assert_eq!(client.open(&vec![0xc0; length], 18, None), None);
        }
    }
}

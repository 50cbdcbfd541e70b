//! Opening records that an AEAD protects.

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};

use super::hkdf;
use super::prf;
use super::suite::{Aead, Suite};

/// Opens the records of one direction under one key, in order.
pub struct Opener {
    key: LessSafeKey,
    /// TLS 1.3 and ChaCha20: 12 bytes. AES-GCM in TLS 1.2: the 4 implicit ones.
    iv: Vec<u8>,
    form: Form,
    sequence: u64,
}

/// How nonce and additional data are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// RFC 8446, section 5.2 and 5.3.
    Tls13,
    /// RFC 5288: eight bytes of the nonce stand in the record.
    Tls12Explicit,
    /// RFC 7905: the nonce is made from the sequence number.
    Tls12Implicit,
}

/// Length of an authentication tag.
const TAG: usize = 16;

impl Opener {
    /// For TLS 1.3, from a traffic secret.
    pub fn tls13(suite: Suite, secret: &[u8]) -> Option<Self> {
        let (key, iv) = hkdf::traffic_key(suite.hash, secret, suite.aead.key_len());
        Self::new(suite.aead, &key, iv, Form::Tls13)
    }

    /// For TLS 1.2, from the master secret; of the records that the client or the server sends.
    pub fn tls12(
        suite: Suite,
        master: &[u8],
        client_random: &[u8],
        server_random: &[u8],
        client_sends: bool,
    ) -> Option<Self> {
        let (form, iv_len) = match suite.aead {
            Aead::Aes128Gcm | Aead::Aes256Gcm => (Form::Tls12Explicit, 4),
            Aead::ChaCha20Poly1305 => (Form::Tls12Implicit, 12),
        };
        let key_len = suite.aead.key_len();
        let block = prf::key_block(suite.hash, master, client_random, server_random, 2 * (key_len + iv_len));
        let (keys, ivs) = block.split_at(2 * key_len);
        let half = usize::from(!client_sends);
        let key = keys.chunks(key_len).nth(half)?;
        let iv = ivs.chunks(iv_len).nth(half)?;
        Self::new(suite.aead, key, iv.to_vec(), form)
    }

    fn new(aead: Aead, key: &[u8], iv: Vec<u8>, form: Form) -> Option<Self> {
        let key = UnboundKey::new(aead.algorithm(), key).ok()?;
        Some(Self { key: LessSafeKey::new(key), iv, form, sequence: 0 })
    }

    /// Opens the next record: `header` as on the wire (five bytes), and its fragment. `None`: it was
    /// not sealed with this key at this place of the sequence; the sequence stays where it is.
    pub fn open(&mut self, header: [u8; 5], fragment: &[u8]) -> Option<Vec<u8>> {
        let sequence = self.sequence.to_be_bytes();
        let (explicit, sealed) = match self.form {
            Form::Tls12Explicit => fragment.split_at_checked(8)?,
            Form::Tls13 | Form::Tls12Implicit => (&[][..], fragment),
        };
        let length = sealed.len().checked_sub(TAG)?;
        let mut nonce = [0u8; 12];
        if self.form == Form::Tls12Explicit {
            nonce[..4].copy_from_slice(self.iv.get(..4)?);
            nonce[4..].copy_from_slice(explicit);
        } else {
            nonce[4..].copy_from_slice(&sequence);
            nonce.iter_mut().zip(&self.iv).for_each(|(n, iv)| *n ^= iv);
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let mut plaintext = sealed.to_vec();
        let opened = if self.form == Form::Tls13 {
            self.key.open_in_place(nonce, Aad::from(header), &mut plaintext)
        } else {
            let mut aad = [0u8; 13];
            aad[..8].copy_from_slice(&sequence);
            aad[8..11].copy_from_slice(&header[..3]);
            aad[11..].copy_from_slice(&(length as u16).to_be_bytes());
            self.key.open_in_place(nonce, Aad::from(aad), &mut plaintext)
        };
        opened.ok()?;
        plaintext.truncate(length);
        self.sequence += 1;
        Some(plaintext)
    }
}

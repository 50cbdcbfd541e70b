//! Record protection of every version: opening and sealing, in order, one direction each
//! (RFC 8446, section 5.2; RFC 5246, section 6.2.3; RFC 7366; RFC 6101, section 5.2.3).

use rc4::{KeyInit, Rc4, StreamCipher};

use super::aead::AeadKey;
use super::cbc::Cbc;
use super::hash::Hash;
use super::hkdf;
use super::protection::{Bulk, Protection, WriteKeys};
use super::random;
use super::suite::Suite;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::codepoints::content_type::APPLICATION_DATA;

/// Opens the records of one direction under one key.
pub struct Opener(State);

/// Seals the records of one direction under one key.
pub struct Sealer(State);

/// An opened fragment, and what stood around its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// The content; in TLS 1.3 with type and zeros (TLSInnerPlaintext).
    pub content: Vec<u8>,
    /// The IV or the part of the nonce that stands in the record, if one does.
    pub iv: Vec<u8>,
    /// The MAC, or the tag of an AEAD.
    pub mac: Vec<u8>,
    /// CBC: the padding and its length byte.
    pub padding: Vec<u8>,
}

/// Why a fragment is not what its sender sealed with this key at this place of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// Its length is not one that this protection has.
    Length,
    /// CBC: the padding is not what its length byte says.
    Padding,
    /// The MAC, or the tag of an AEAD, is wrong.
    Mac,
}

struct State {
    form: Form,
    sequence: u64,
}

enum Form {
    /// RFC 8446, sections 5.2 and 5.3.
    Tls13 {
        key: AeadKey,
        iv: Vec<u8>,
    },
    /// AEAD in TLS 1.2. Where the IV has not all of the nonce's 12 bytes, the record has the others.
    Aead {
        key: AeadKey,
        iv: Vec<u8>,
    },
    Block(Box<BlockForm>),
    Stream {
        rc4: Option<Box<KeyStream>>,
        mac: Mac,
    },
    /// The NULL cipher whose MAC key is not known: the content can be read, but not verified.
    Unkeyed {
        mac_len: usize,
    },
}

struct BlockForm {
    cipher: Box<dyn Cbc>,
    block_len: usize,
    mac: Mac,
    encrypt_then_mac: bool,
    ssl30: bool,
    /// TLS 1.0 and SSL 3.0: the last block of the record before. Later versions: none.
    chained: Option<Vec<u8>>,
}

/// RC4, with the bytes that were made but not used yet: those of a record that turned out to be bad.
struct KeyStream {
    rc4: Rc4,
    ahead: Vec<u8>,
}

/// The MAC of a record.
struct Mac {
    hash: Hash,
    key: Vec<u8>,
    ssl30: bool,
}

impl Opener {
    /// TLS 1.3: from a traffic secret.
    pub fn tls13(suite: Suite, secret: &[u8]) -> Option<Self> {
        State::tls13(suite, secret).map(Self)
    }

    /// TLS 1.2 and earlier.
    pub fn new(protection: &Protection, keys: &WriteKeys) -> Option<Self> {
        State::new(protection, keys).map(Self)
    }

    /// TLS 1.2 and earlier without encryption: content that can be read without keys, and is not verified.
    pub fn unkeyed(protection: &Protection) -> Option<Self> {
        let mac_len = protection.mac?.output_len();
        let form = Form::Unkeyed { mac_len };
        (protection.bulk == Bulk::Null).then_some(Self(State { form, sequence: 0 }))
    }

    /// Opens a record before which `skipped` others are missing, if it is that one; AEADs only, whose state is the
    /// sequence number.
    pub fn open_behind(&mut self, skipped: u64, header: [u8; 5], fragment: &[u8]) -> Option<Plain> {
        if !matches!(self.0.form, Form::Tls13 { .. } | Form::Aead { .. }) {
            return None;
        }
        let before = self.0.sequence;
        self.0.sequence = before.checked_add(skipped)?;
        let plain = self.open(header, fragment).ok();
        if plain.is_none() {
            self.0.sequence = before;
        }
        plain
    }

    /// Opens the next record: `header` as on the wire (five bytes), and its fragment. If that fails,
    /// the sequence stays where it is.
    pub fn open(&mut self, header: [u8; 5], fragment: &[u8]) -> Result<Plain, Bad> {
        let State { form, sequence } = &mut self.0;
        let plain = match form {
            Form::Tls13 { key, iv } => {
                let content = key.open(nonce(iv, *sequence), &header, fragment).ok_or(Bad::Mac)?;
                Plain { mac: tail(fragment, key), content, ..Plain::default() }
            }
            Form::Aead { key, iv } => {
                let explicit = if iv.len() == 12 { 0 } else { 8 };
                let (explicit, sealed) = fragment.split_at_checked(explicit).ok_or(Bad::Length)?;
                let length = sealed.len().checked_sub(key.algorithm.tag_len()).ok_or(Bad::Length)?;
                let aad = pseudo_header(*sequence, header, length);
                let content = key.open(aead_nonce(iv, explicit, *sequence), &aad, sealed).ok_or(Bad::Mac)?;
                Plain { content, iv: explicit.to_vec(), mac: tail(sealed, key), padding: Vec::new() }
            }
            Form::Block(block) => block.open(*sequence, header, fragment)?,
            Form::Stream { rc4, mac } => {
                let mut data = fragment.to_vec();
                if let Some(stream) = rc4 {
                    stream.apply(&mut data);
                }
                let length = data.len().checked_sub(mac.hash.output_len()).ok_or(Bad::Length)?;
                let sent = data.split_off(length);
                if mac.of(*sequence, header, &data) != sent {
                    return Err(Bad::Mac);
                }
                if let Some(stream) = rc4 {
                    stream.consume(fragment.len());
                }
                Plain { content: data, mac: sent, ..Plain::default() }
            }
            Form::Unkeyed { mac_len } => {
                let length = fragment.len().checked_sub(*mac_len).ok_or(Bad::Length)?;
                let (content, mac) = fragment.split_at(length);
                Plain { content: content.to_vec(), mac: mac.to_vec(), ..Plain::default() }
            }
        };
        *sequence += 1;
        Ok(plain)
    }
}

impl Sealer {
    /// TLS 1.3: from a traffic secret.
    pub fn tls13(suite: Suite, secret: &[u8]) -> Option<Self> {
        State::tls13(suite, secret).map(Self)
    }

    /// TLS 1.2 and earlier.
    pub fn new(protection: &Protection, keys: &WriteKeys) -> Option<Self> {
        State::new(protection, keys).map(Self)
    }

    /// The next record, with its header; `legacy_version` is what the header says. `None`: no random
    /// bytes for an IV, or more content than a record takes.
    pub fn seal(&mut self, content_type: u8, legacy_version: u16, content: &[u8]) -> Option<Vec<u8>> {
        let State { form, sequence } = &mut self.0;
        let [major, minor] = legacy_version.to_be_bytes();
        let inner = [content_type, major, minor, 0, 0];
        let (outer, fragment) = match form {
            Form::Tls13 { key, iv } => {
                let plaintext = [content, &[content_type]].concat();
                let length = plaintext.len() + key.algorithm.tag_len();
                let header = header(APPLICATION_DATA, ProtocolVersion::TLS_1_2.0, length)?;
                (header, key.seal(nonce(iv, *sequence), &header, &plaintext)?)
            }
            Form::Aead { key, iv } => {
                let explicit = if iv.len() == 12 { Vec::new() } else { sequence.to_be_bytes().to_vec() };
                let aad = pseudo_header(*sequence, inner, content.len());
                let sealed = key.seal(aead_nonce(iv, &explicit, *sequence), &aad, content)?;
                let fragment = [explicit, sealed].concat();
                (header(content_type, legacy_version, fragment.len())?, fragment)
            }
            Form::Block(block) => {
                let fragment = block.seal(*sequence, inner, content)?;
                (header(content_type, legacy_version, fragment.len())?, fragment)
            }
            Form::Stream { rc4, mac } => {
                let mut data = [content, &mac.of(*sequence, inner, content)].concat();
                if let Some(stream) = rc4 {
                    stream.apply(&mut data);
                    stream.consume(data.len());
                }
                (header(content_type, legacy_version, data.len())?, data)
            }
            Form::Unkeyed { .. } => return None,
        };
        *sequence += 1;
        Some([&outer[..], &fragment].concat())
    }
}

/// A record's header.
fn header(content_type: u8, legacy_version: u16, length: usize) -> Option<[u8; 5]> {
    let ([major, minor], [high, low]) =
        (legacy_version.to_be_bytes(), u16::try_from(length).ok()?.to_be_bytes());
    Some([content_type, major, minor, high, low])
}

impl State {
    fn tls13(suite: Suite, secret: &[u8]) -> Option<Self> {
        let (key, iv) = hkdf::traffic_key(suite.hash, secret, suite.aead.key_len());
        Some(Self { form: Form::Tls13 { key: suite.aead.with_key(&key)?, iv }, sequence: 0 })
    }

    fn new(protection: &Protection, keys: &WriteKeys) -> Option<Self> {
        let ssl30 = protection.version == ProtocolVersion::SSL_3_0;
        let mac = |hash| Mac { hash, key: keys.mac_key.clone(), ssl30 };
        let form = match (protection.bulk, protection.mac) {
            (Bulk::Aead(aead), _) => Form::Aead { key: aead.with_key(&keys.key)?, iv: keys.iv.clone() },
            (Bulk::Block(block), Some(hash)) => Form::Block(Box::new(BlockForm {
                cipher: block.with_key(&keys.key)?,
                block_len: block.block_len(),
                mac: mac(hash),
                encrypt_then_mac: protection.encrypt_then_mac,
                ssl30,
                chained: (protection.version <= ProtocolVersion::TLS_1_0).then(|| keys.iv.clone()),
            })),
            (Bulk::Rc4, Some(hash)) => {
                let rc4 = Rc4::new_from_slice(&keys.key).ok()?;
                Form::Stream { rc4: Some(Box::new(KeyStream { rc4, ahead: Vec::new() })), mac: mac(hash) }
            }
            (Bulk::Null, Some(hash)) => Form::Stream { rc4: None, mac: mac(hash) },
            (_, None) => return None,
        };
        Some(Self { form, sequence: 0 })
    }
}

impl BlockForm {
    fn open(&mut self, sequence: u64, header: [u8; 5], fragment: &[u8]) -> Result<Plain, Bad> {
        let mac_len = self.mac.hash.output_len();
        let (sealed, outer_mac) = match self.encrypt_then_mac {
            true => fragment.split_at_checked(fragment.len().wrapping_sub(mac_len)).ok_or(Bad::Length)?,
            false => (fragment, &[][..]),
        };
        if self.encrypt_then_mac && self.mac.of(sequence, header, sealed) != outer_mac {
            return Err(Bad::Mac);
        }
        let (explicit, ciphertext) = match self.chained {
            Some(_) => (&[][..], sealed),
            None => sealed.split_at_checked(self.block_len).ok_or(Bad::Length)?,
        };
        let last = ciphertext.len().checked_sub(self.block_len).and_then(|at| ciphertext.get(at..));
        let last = last.ok_or(Bad::Length)?.to_vec();
        let mut data = ciphertext.to_vec();
        let iv = self.chained.as_deref().unwrap_or(explicit);
        self.cipher.decrypt(iv, &mut data).ok_or(Bad::Length)?;
        let padding = self.padding(&data)?;
        let padding = data.split_off(data.len() - padding);
        let mac = if self.encrypt_then_mac {
            outer_mac.to_vec()
        } else {
            let length = data.len().checked_sub(mac_len).ok_or(Bad::Padding)?;
            let mac = data.split_off(length);
            if self.mac.of(sequence, header, &data) != mac {
                return Err(Bad::Mac);
            }
            mac
        };
        if let Some(chained) = &mut self.chained {
            *chained = last;
        }
        Ok(Plain { content: data, iv: explicit.to_vec(), mac, padding })
    }

    /// Length of the padding with its length byte. SSL 3.0 says nothing of the padding's value, but
    /// it is shorter than a block (RFC 6101, section 5.2.3.2).
    fn padding(&self, data: &[u8]) -> Result<usize, Bad> {
        let length = data.last().copied().ok_or(Bad::Length)?;
        let whole = usize::from(length) + 1;
        let padding = data.len().checked_sub(whole).and_then(|at| data.get(at..)).ok_or(Bad::Padding)?;
        let holds = match self.ssl30 {
            true => whole <= self.block_len,
            false => padding.iter().all(|byte| *byte == length),
        };
        if holds { Ok(whole) } else { Err(Bad::Padding) }
    }

    fn seal(&mut self, sequence: u64, header: [u8; 5], content: &[u8]) -> Option<Vec<u8>> {
        let mut data = content.to_vec();
        if !self.encrypt_then_mac {
            data.extend(self.mac.of(sequence, header, content));
        }
        let padding = self.block_len - data.len() % self.block_len;
        data.resize(data.len() + padding, (padding - 1) as u8);
        let mut out = match &self.chained {
            Some(iv) => {
                self.cipher.encrypt(iv, &mut data)?;
                Vec::new()
            }
            None => {
                let iv = random(self.block_len)?;
                self.cipher.encrypt(&iv, &mut data)?;
                iv
            }
        };
        if let Some(chained) = &mut self.chained {
            *chained = data.get(data.len() - self.block_len..)?.to_vec();
        }
        out.extend(data);
        if self.encrypt_then_mac {
            out.extend(self.mac.of(sequence, header, &out));
        }
        Some(out)
    }
}

impl KeyStream {
    fn apply(&mut self, data: &mut [u8]) {
        if let Some(missing) = data.len().checked_sub(self.ahead.len()) {
            let mut more = vec![0; missing];
            self.rc4.apply_keystream(&mut more);
            self.ahead.extend(more);
        }
        data.iter_mut().zip(&self.ahead).for_each(|(byte, key)| *byte ^= key);
    }

    fn consume(&mut self, len: usize) {
        self.ahead.drain(..len.min(self.ahead.len()));
    }
}

impl Mac {
    /// Over `content`; of the header, type and version count (RFC 5246, section 6.2.3.1).
    fn of(&self, sequence: u64, header: [u8; 5], content: &[u8]) -> Vec<u8> {
        if !self.ssl30 {
            return self.hash.hmac(&self.key, &[&pseudo_header(sequence, header, content.len()), content]);
        }
        // RFC 6101, section 5.2.3.1.
        let (pad_1, pad_2) = ([0x36; 48], [0x5c; 48]);
        let pad = if self.hash == Hash::Md5 { 48 } else { 40 };
        let length = (content.len() as u16).to_be_bytes();
        let inner = self.hash.digest(&[
            &self.key,
            &pad_1[..pad],
            &sequence.to_be_bytes(),
            &header[..1],
            &length,
            content,
        ]);
        self.hash.digest(&[&self.key, &pad_2[..pad], &inner])
    }
}

/// seq_num, type, version, length: what a MAC or an AEAD covers besides the content.
fn pseudo_header(sequence: u64, header: [u8; 5], length: usize) -> [u8; 13] {
    let mut out = [0u8; 13];
    out[..8].copy_from_slice(&sequence.to_be_bytes());
    out[8..11].copy_from_slice(&header[..3]);
    out[11..].copy_from_slice(&(length as u16).to_be_bytes());
    out
}

/// The nonce of TLS 1.3, and of ChaCha20-Poly1305 in TLS 1.2 (RFC 7905, section 2).
fn nonce(iv: &[u8], sequence: u64) -> [u8; 12] {
    let mut nonce = [0u8; 12];
    nonce[4..].copy_from_slice(&sequence.to_be_bytes());
    nonce.iter_mut().zip(iv).for_each(|(n, iv)| *n ^= iv);
    nonce
}

/// RFC 5288, section 3, unless the IV is a whole nonce.
fn aead_nonce(iv: &[u8], explicit: &[u8], sequence: u64) -> [u8; 12] {
    if explicit.is_empty() {
        return nonce(iv, sequence);
    }
    let mut nonce = [0u8; 12];
    nonce.iter_mut().zip(iv.iter().chain(explicit)).for_each(|(n, byte)| *n = *byte);
    nonce
}

/// The tag behind an AEAD's ciphertext.
fn tail(sealed: &[u8], key: &AeadKey) -> Vec<u8> {
    sealed
        .len()
        .checked_sub(key.algorithm.tag_len())
        .and_then(|at| sealed.get(at..))
        .unwrap_or_default()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::codepoints::CipherSuite;

    const HANDSHAKE: u8 = 22;

    /// Version, suite, encrypt_then_mac: one of every form.
    const FORMS: [(u16, u16, bool); 12] = [
        (0x0300, 0x002f, false),
        (0x0300, 0x000a, false),
        (0x0300, 0x0004, false),
        (0x0301, 0x0035, false),
        (0x0301, 0x0041, true),
        (0x0302, 0x0005, false),
        (0x0302, 0x002f, true),
        (0x0303, 0x003c, false),
        (0x0303, 0xc028, true),
        (0x0303, 0x003b, false),
        (0x0303, 0x009d, false),
        (0x0303, 0xcca8, false),
    ];

    fn pair((version, suite, encrypt_then_mac): (u16, u16, bool)) -> (Sealer, Opener) {
        let protection =
            Protection::of(ProtocolVersion(version), CipherSuite(suite), encrypt_then_mac).unwrap();
        let keys = protection.keys(&[1; 48], &[2; 32], &[3; 32]).client;
        (Sealer::new(&protection, &keys).unwrap(), Opener::new(&protection, &keys).unwrap())
    }

    fn split(record: &[u8]) -> ([u8; 5], &[u8]) {
        (record[..5].try_into().unwrap(), &record[5..])
    }

    #[test]
    fn what_is_sealed_is_opened_in_order() {
        for form in FORMS {
            let (mut sealer, mut opener) = pair(form);
            for content in [&b""[..], b"x", &[9; 15], &[9; 16], &[9; 300]] {
                let record = sealer.seal(HANDSHAKE, form.0, content).unwrap();
                let (header, fragment) = split(&record);
                assert_eq!(usize::from(header[3]) * 256 + usize::from(header[4]), fragment.len());
                assert_eq!(opener.open(header, fragment).unwrap().content, content, "{form:x?}");
                // Not a second time: the sequence went on.
                assert!(opener.open(header, fragment).is_err(), "{form:x?}");
            }
        }
    }

    #[test]
    fn every_change_is_noticed_and_changes_nothing() {
        for form in FORMS {
            let (mut sealer, mut opener) = pair(form);
            let record = sealer.seal(HANDSHAKE, form.0, b"content of a record").unwrap();
            let (header, fragment) = split(&record);
            for at in 0..fragment.len() {
                let mut changed = fragment.to_vec();
                changed[at] ^= 1;
                // What SSL 3.0 does not protect: its padding (POODLE).
                if let Ok(plain) = opener.open(header, &changed) {
                    assert_eq!((form.0, plain.content.as_slice()), (0x0300, &b"content of a record"[..]));
                    (sealer, opener) = pair(form);
                    sealer.seal(HANDSHAKE, form.0, b"content of a record").unwrap();
                }
                assert!(opener.open(header, &fragment[..at]).is_err());
            }
            assert!(opener.open(header, fragment).is_ok(), "{form:x?}");
        }
    }

    /// RFC 7366: a wrong MAC is told apart from wrong padding, which an observer sees behind it only.
    #[test]
    fn what_is_wrong_is_told() {
        let (mut sealer, mut opener) = pair((0x0303, 0x003c, false));
        let record = sealer.seal(HANDSHAKE, 0x0303, &[5; 16]).unwrap();
        let (header, fragment) = split(&record);
        let changed = |at: usize| {
            let mut changed = fragment.to_vec();
            changed[at] ^= 1;
            changed
        };
        // IV, content, 32 bytes of MAC, 16 of padding: a bit of the IV changes the content, one of the
        // last block but one the padding.
        assert_eq!(opener.open(header, &changed(0)), Err(Bad::Mac));
        assert_eq!(opener.open(header, &changed(fragment.len() - 17)), Err(Bad::Padding));
        assert_eq!(opener.open(header, &fragment[..20]), Err(Bad::Length));
        let plain = opener.open(header, fragment).unwrap();
        assert_eq!((plain.iv.len(), plain.mac.len(), plain.padding), (16, 32, vec![15; 16]));
    }

    /// A suite that does not encrypt can be read without its keys.
    #[test]
    fn what_is_not_encrypted_needs_no_keys() {
        let form = (0x0303, 0x003b, false);
        let protection = Protection::of(ProtocolVersion(form.0), CipherSuite(form.1), false).unwrap();
        let (mut sealer, mut keyed) = pair(form);
        let mut unkeyed = Opener::unkeyed(&protection).unwrap();
        for content in [&b"first"[..], b"second"] {
            let record = sealer.seal(HANDSHAKE, form.0, content).unwrap();
            let (header, fragment) = split(&record);
            let plain = unkeyed.open(header, fragment).unwrap();
            assert_eq!(plain.content, content);
            assert_eq!(plain.mac, fragment[content.len()..]);
            assert_eq!(keyed.open(header, fragment).unwrap().mac, plain.mac);
        }
        assert!(unkeyed.open([22, 3, 3, 0, 3], &[1, 2, 3]).is_err(), "too short for a MAC");
        // All others do.
        let encrypted = Protection::of(ProtocolVersion(0x0303), CipherSuite(0x003c), false).unwrap();
        assert!(Opener::unkeyed(&encrypted).is_none());
    }

    /// What is shown of a record beside its content: IV, MAC and padding as they lay in it.
    #[test]
    fn the_parts_of_a_record_are_told() {
        for form in FORMS {
            let (mut sealer, mut opener) = pair(form);
            let record = sealer.seal(HANDSHAKE, form.0, b"content").unwrap();
            let (header, fragment) = split(&record);
            let plain = opener.open(header, fragment).unwrap();
            let parts = plain.iv.len() + plain.content.len() + plain.mac.len() + plain.padding.len();
            assert_eq!(parts, fragment.len(), "{form:x?}");
            assert!(!plain.mac.is_empty(), "{form:x?}");
        }
    }

    /// By RFC 6101, section 5.2.3.1, computed with Python's hashlib.
    #[test]
    fn the_mac_of_ssl_3_0() {
        let key: Vec<u8> = (0..20).collect();
        let of = |hash: Hash, len: usize| {
            let mac = Mac { hash, key: key[..len].to_vec(), ssl30: true };
            hex::encode(mac.of(1, [22, 3, 0, 0, 7], b"content"))
        };
        assert_eq!(of(Hash::Md5, 16), "822360a7287688bbec5cd16d249250af");
        assert_eq!(of(Hash::Sha1, 20), "61f83b235ed61bdedb7a74ba6482f7b8cf41cdfc");
    }
}

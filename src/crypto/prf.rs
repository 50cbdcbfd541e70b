//! Key derivation of TLS 1.2 and earlier: premaster secret → master secret → key block, and Finished
//! (RFC 5246, sections 5, 6.3, 7.4.9 and 8.1; RFC 4346, section 5; RFC 6101, sections 5.6.9, 6.1 and 6.2; RFC 7627).

use super::hash::Hash;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::codepoints::cipher_suite::{Hash as SuiteHash, SuiteInfo};

/// The pseudorandom function of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prf {
    /// SSL 3.0: MD5 over SHA-1, without HMAC.
    Ssl30,
    /// TLS 1.0 and 1.1: P_MD5 and P_SHA-1, combined by exclusive or.
    Tls10,
    /// TLS 1.2: P_hash with the suite's hash.
    Tls12(Hash),
}

impl Prf {
    /// Of this version and suite; `None` if we do not compute with it.
    pub fn of(version: ProtocolVersion, suite: &SuiteInfo) -> Option<Prf> {
        Some(match (version, suite.prf) {
            (ProtocolVersion::SSL_3_0, _) => Prf::Ssl30,
            (ProtocolVersion::TLS_1_0 | ProtocolVersion::TLS_1_1, _) => Prf::Tls10,
            (ProtocolVersion::TLS_1_2, SuiteHash::Sha256) => Prf::Tls12(Hash::Sha256),
            (ProtocolVersion::TLS_1_2, SuiteHash::Sha384) => Prf::Tls12(Hash::Sha384),
            _ => return None,
        })
    }

    /// The hash or hashes of it, as they are usually written.
    pub fn hash_name(self) -> &'static str {
        match self {
            Prf::Ssl30 | Prf::Tls10 => "MD5 and SHA-1",
            Prf::Tls12(hash) => hash.name(),
        }
    }

    /// The hash or hashes of a transcript, whose digests stand one behind the other.
    pub fn hashes(self) -> Vec<Hash> {
        match self {
            Prf::Ssl30 | Prf::Tls10 => vec![Hash::Md5, Hash::Sha1],
            Prf::Tls12(hash) => vec![hash],
        }
    }

    /// `len` bytes from the secret and the seed. SSL 3.0 has no labels.
    pub fn expand(self, secret: &[u8], label: &str, seed: &[&[u8]], len: usize) -> Vec<u8> {
        match self {
            Prf::Ssl30 => ssl30(secret, seed, len),
            Prf::Tls10 => {
                // RFC 4346, section 5: the halves overlap by a byte if the length is odd.
                let half = secret.len().div_ceil(2);
                let (first, second) = (&secret[..half], &secret[secret.len() - half..]);
                let mut out = p_hash(Hash::Md5, first, label, seed, len);
                let sha1 = p_hash(Hash::Sha1, second, label, seed, len);
                out.iter_mut().zip(sha1).for_each(|(out, sha1)| *out ^= sha1);
                out
            }
            Prf::Tls12(hash) => p_hash(hash, secret, label, seed, len),
        }
    }

    /// The master secret: 48 bytes.
    pub fn master_secret(self, premaster: &[u8], client_random: &[u8], server_random: &[u8]) -> Vec<u8> {
        self.expand(premaster, "master secret", &[client_random, server_random], 48)
    }

    /// The master secret that is bound to the whole handshake: `messages` up to and with
    /// ClientKeyExchange (RFC 7627, section 4).
    pub fn extended_master_secret(self, premaster: &[u8], messages: &[u8]) -> Vec<u8> {
        self.expand(premaster, "extended master secret", &[&self.transcript_hash(messages)], 48)
    }

    /// The key block: `len` bytes (RFC 5246, section 6.3).
    pub fn key_block(self, master: &[u8], client_random: &[u8], server_random: &[u8], len: usize) -> Vec<u8> {
        self.expand(master, "key expansion", &[server_random, client_random], len)
    }

    /// The hash of the handshake messages.
    pub fn transcript_hash(self, messages: &[u8]) -> Vec<u8> {
        match self {
            Prf::Ssl30 | Prf::Tls10 => md5_sha1(messages),
            Prf::Tls12(hash) => hash.digest(&[messages]),
        }
    }

    /// `verify_data` of a Finished: 12 bytes, in SSL 3.0 36.
    pub fn verify_data(self, master: &[u8], from_client: bool, messages: &[u8]) -> Vec<u8> {
        if self == Prf::Ssl30 {
            let sender = if from_client { b"CLNT" } else { b"SRVR" };
            return ssl30_keyed_hash(master, &[messages, sender]);
        }
        let label = if from_client { "client finished" } else { "server finished" };
        self.expand(master, label, &[&self.transcript_hash(messages)], 12)
    }
}

/// MD5 and SHA-1 of the same, one behind the other: what TLS 1.1 and earlier sign with RSA.
pub fn md5_sha1(message: &[u8]) -> Vec<u8> {
    [Hash::Md5.digest(&[message]), Hash::Sha1.digest(&[message])].concat()
}

/// P_hash (RFC 5246, section 5).
fn p_hash(hash: Hash, secret: &[u8], label: &str, seed: &[&[u8]], len: usize) -> Vec<u8> {
    let mut label_and_seed: Vec<&[u8]> = vec![label.as_bytes()];
    label_and_seed.extend(seed);
    let mut a = hash.hmac(secret, &label_and_seed);
    let mut out = Vec::with_capacity(len + hash.output_len());
    while out.len() < len {
        let mut parts: Vec<&[u8]> = vec![&a];
        parts.extend(&label_and_seed);
        out.extend(hash.hmac(secret, &parts));
        a = hash.hmac(secret, &[&a]);
    }
    out.truncate(len);
    out
}

/// MD5(secret + SHA("A" + secret + seed)) + MD5(secret + SHA("BB" + secret + seed)) + … (RFC 6101, section 6.1).
fn ssl30(secret: &[u8], seed: &[&[u8]], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 16);
    for (times, letter) in (1..).zip(b'A'..=b'Z') {
        if out.len() >= len {
            break;
        }
        let letters = vec![letter; times];
        let mut parts: Vec<&[u8]> = vec![&letters, secret];
        parts.extend(seed);
        out.extend(Hash::Md5.digest(&[secret, &Hash::Sha1.digest(&parts)]));
    }
    out.truncate(len);
    out
}

/// hash(master + pad_2 + hash(messages + master + pad_1)) with MD5 and with SHA-1: Finished and
/// CertificateVerify of SSL 3.0 (RFC 6101, sections 5.6.8 and 5.6.9).
pub fn ssl30_keyed_hash(master: &[u8], messages: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(36);
    for (hash, pad) in [(Hash::Md5, 48), (Hash::Sha1, 40)] {
        let (pad_1, pad_2) = ([0x36; 48], [0x5c; 48]);
        let mut parts = messages.to_vec();
        parts.extend([master, &pad_1[..pad]]);
        out.extend(hash.digest(&[master, &pad_2[..pad], &hash.digest(&parts)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).unwrap()
    }

    /// The widely used P_SHA256 vector (posted to the IETF TLS list, 2009).
    #[test]
    fn tls_1_2() {
        let secret = bytes("9bbe436ba940f017b17652849a71db35");
        let seed = bytes("a0ba9f936cda311827a6f796ffd5198c");
        let out = Prf::Tls12(Hash::Sha256).expand(&secret, "test label", &[&seed], 100);
        assert_eq!(
            hex::encode(out),
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0f\
             a022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66"
        );
    }

    /// Made by GnuTLS, as Go's crypto/tls tests with them (prf_test.go): premaster secret, randoms,
    /// master secret; MAC keys of 20 and keys of 16 bytes, client's first.
    #[test]
    fn tls_1_0_and_ssl_3_0() {
        for (prf, premaster, client, server, master, keys) in [
            (
                Prf::Tls10,
                "0302cac83ad4b1db3b9ab49ad05957de2a504a634a386fc600889321e1a971f57479466830ac3e6f468e87f5385fa0c5",
                "4ae66303755184a3917fcb44880605fcc53baa01912b22ed94473fc69cebd558",
                "4ae663020ec16e6bb5130be918cfcafd4d765979a3136a5d50c593446e4e44db",
                "3d851bab6e5556e959a16bc36d66cfae32f672bfa9ecdef6096cbb1b23472df1da63dbbd9827606413221d149ed08ceb",
                [
                    "805aaa19b3d2c0a0759a4b6c9959890e08480119",
                    "2d22f9fe519c075c16448305ceee209fc24ad109",
                    "d50b5771244f850cd8117a9ccafe2cf1",
                    "e076e33206b30507a85c32855acd0919",
                ],
            ),
            (
                Prf::Ssl30,
                "832d515f1d61eebb2be56ba0ef79879efb9b527504abb386fb4310ed5d0e3b1f220d3bb6b455033a2773e6d8bdf951d2\
                 78a187482b400d45deb88a5d5a6bb7d6a7a1decc04eb9ef0642876cd4a82d374d3b6ff35f0351dc5d411104de4313753\
                 55addc39bfb1f6329fb163b0bc298d658338930d07d313cd980a7e3d9196cac1",
                "4ae663b2ee389c0de147c509d8f18f5052afc4aaf9699efe8cb05ece883d3a5e",
                "4ae664d503fd4cff50cfc1fb8fc606580f87b0fcdac9554ba0e01d785bdf278e",
                "a614863e56299dcffeea2938f22c2ba023768dbe4b3f6877bc9c346c6ae529b51d9cb87ff9695ea4d01f2205584405b2",
                [
                    "2c450d5b6f6e2013ac6bea6a0b32200d4e1ffb94",
                    "7a7a7438769536f2fb1ae49a61f0703b79b2dc53",
                    "f8f6b26c10f12855c9aafb1e0e839ccf",
                    "2b9d4b4a60cb7f396780ebff50650419",
                ],
            ),
        ] {
            let (client, server) = (bytes(client), bytes(server));
            let computed = prf.master_secret(&bytes(premaster), &client, &server);
            assert_eq!(hex::encode(&computed), master, "{prf:?}");
            assert_eq!(hex::encode(prf.key_block(&computed, &client, &server, 72)), keys.concat(), "{prf:?}");
        }
    }
}

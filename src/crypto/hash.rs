//! The hashes of TLS, and HMAC with them.

use ::hmac::{Hmac, KeyInit, Mac};
use aws_lc_rs::{digest, hmac};
use md5::{Digest, Md5};

/// A hash function: of a transcript, of the key schedule, of a record's MAC, or of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Md5,
    Sha1,
    /// In signatures only.
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// As it is usually written.
    pub fn name(self) -> &'static str {
        match self {
            Hash::Md5 => "MD5",
            Hash::Sha1 => "SHA-1",
            Hash::Sha224 => "SHA-224",
            Hash::Sha256 => "SHA-256",
            Hash::Sha384 => "SHA-384",
            Hash::Sha512 => "SHA-512",
        }
    }

    /// Output length in bytes.
    pub fn output_len(self) -> usize {
        match self {
            Hash::Md5 => 16,
            Hash::Sha1 => 20,
            Hash::Sha224 => 28,
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        }
    }

    /// The digest of the parts, one after the other.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut running = Running::new(self);
        parts.iter().for_each(|part| running.update(part));
        running.digest()
    }

    /// HMAC of the parts, one after the other (RFC 2104).
    pub fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let algorithm = match self {
            Hash::Md5 => return hmac_with_md5(key, parts),
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha224 => hmac::HMAC_SHA224,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha384 => hmac::HMAC_SHA384,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
        for part in parts {
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }
}

/// The hash of what still grows: each digest on the way costs no more than what came since the last one.
#[derive(Clone)]
pub struct Running(Context);

impl std::fmt::Debug for Running {
    /// Of a state within a hash nothing is to be seen.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Running")
    }
}

#[derive(Clone)]
enum Context {
    Md5(Md5),
    Sha(digest::Context),
}

impl Running {
    /// Of nothing yet.
    pub fn new(hash: Hash) -> Self {
        let algorithm = match hash {
            Hash::Md5 => return Running(Context::Md5(Md5::new())),
            Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha224 => &digest::SHA224,
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        };
        Running(Context::Sha(digest::Context::new(algorithm)))
    }

    /// More of it.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Context::Md5(context) => context.update(bytes),
            Context::Sha(context) => context.update(bytes),
        }
    }

    /// The digest of all so far.
    pub fn digest(&self) -> Vec<u8> {
        match self.0.clone() {
            Context::Md5(context) => context.finalize().to_vec(),
            Context::Sha(context) => context.finish().as_ref().to_vec(),
        }
    }
}

/// aws-lc-rs has no HMAC with MD5.
fn hmac_with_md5(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    match Hmac::<Md5>::new_from_slice(key) {
        Ok(context) => parts
            .iter()
            .fold(context, |context, part| context.chain_update(part))
            .finalize()
            .into_bytes()
            .to_vec(),
        // HMAC takes keys of any length, so this is never reached.
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202, sections 2 and 3, test case 2.
    #[test]
    fn hmac_of_rfc_2202() {
        let hmac = |hash: Hash| hex::encode(hash.hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]));
        assert_eq!(hmac(Hash::Md5), "750c783e6ab0b503eaa86e310a5db738");
        assert_eq!(hmac(Hash::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    /// RFC 1321, appendix A.5; RFC 3174, section 7.3.
    #[test]
    fn digests_of_their_rfcs() {
        assert_eq!(hex::encode(Hash::Md5.digest(&[b"a", b"bc"])), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex::encode(Hash::Sha1.digest(&[b"abc"])), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}

//! What the handshake computes, computed again: key schedules, key exchanges, records, signatures.

pub mod aead;
pub mod cbc;
pub mod dh;
pub mod dh_primes;
pub mod hash;
pub mod hkdf;
pub mod modular;
pub mod performed;
pub mod prf;
pub mod protection;
pub mod quic;
pub mod record;
pub mod rsa;
pub mod signature;
pub mod suite;
#[cfg(test)]
pub(crate) mod vectors;
pub mod verify;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// Random bytes; `None` if the system has none to give.
pub fn random(len: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; len];
    SystemRandom::new().fill(&mut out).ok()?;
    Some(out)
}

//! What the handshake computes, computed again: key schedules, record opening, signatures.

pub mod aead;
pub mod hash;
pub mod hkdf;
pub mod prf;
pub mod signature;
pub mod suite;

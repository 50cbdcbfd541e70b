//! tls-trace: a TLS handshake inspector.
//!
//! Data flows one way; see docs/architecture.md.

pub mod capture;
pub mod certificate;
pub mod trace;
pub mod trust;
pub mod wire;

//! tls-trace: a TLS handshake inspector.
//!
//! Data flows one way; see docs/architecture.md.

pub mod capture;
pub mod connect;
pub mod crypto;
pub mod demo;
pub mod engine;
pub mod trace;
pub mod wire;

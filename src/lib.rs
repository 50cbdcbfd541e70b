//! tls-trace: a TLS handshake inspector.
//!
//! Data flows one way; see docs/architecture.md.

pub mod capture;
pub mod certificate;
pub mod cli;
pub mod connect;
pub mod crypto;
pub mod demo;
pub mod engine;
pub mod expect;
pub mod finding;
pub mod inquiry;
pub mod judged;
pub mod packet;
pub mod policy;
pub mod preamble;
pub mod render;
pub mod report;
pub mod run;
pub mod trace;
pub mod trust;
pub mod wire;

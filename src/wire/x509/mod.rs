//! X.509 (RFC 5280): certificates and their parts, taken apart to the byte.

pub mod certificate;
pub mod der;
pub mod general_name;
pub mod key;
pub mod name;
pub mod oid;
pub mod time;

pub use certificate::Certificate;

/// How much of a certificate is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Names in one extension.
    pub names: usize,
    pub extensions: usize,
    /// URLs of one kind.
    pub urls: usize,
}

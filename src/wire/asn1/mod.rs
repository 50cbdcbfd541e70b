//! ASN.1: certificates, revocation lists and OCSP responses (RFC 5280, RFC 6960), each read by one piece of code.
//!
//! That code is driven by the [`Dissector`]: in Tree mode it records a field for every byte, in Facts mode nothing; in
//! both it returns what the structure means. Problems are the dissector's, each with its field and place.

pub mod algorithm;
pub mod certificate;
pub mod crl;
pub mod der;
pub mod extensions;
pub mod general_name;
pub mod key;
pub mod key_usage;
pub mod name;
pub mod ocsp;
pub mod oid;
pub mod pkcs7;
pub mod private_key;
pub mod read;
pub mod time;

pub use algorithm::Algorithm;
pub use certificate::Certificate;
pub use key::PublicKey;
pub use key_usage::KeyUsage;
pub use name::Name;
pub use private_key::PrivateKey;
pub use read::any;

use super::dissector::{Dissector, Read};
use super::field::{Malformed, Wrong};

/// How much of a certificate's meaning is kept. What lies beyond is read all the same.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Names in one extension.
    pub names: usize,
    pub extensions: usize,
    /// URLs of one kind.
    pub urls: usize,
    /// Certificates that come with an OCSP response.
    pub certificates: usize,
    /// Answers in an OCSP response.
    pub answers: usize,
}

impl Bounds {
    /// Nothing is kept: for messages, in which the tree alone matters.
    pub const NOTHING: Bounds = Bounds { names: 0, extensions: 0, urls: 0, certificates: 0, answers: 0 };

    /// The extensions of a CRL, of its entries, of an OCSP answer: few, and no long lists in them.
    const STATUS: Bounds = Bounds { extensions: 100, ..Bounds::NOTHING };
}

/// A certificate within a message.
pub fn certificate(d: &mut Dissector<'_>) -> Read<()> {
    d.carried("Certificate", |d| certificate::certificate(d, &Bounds::NOTHING).map(drop))
}

/// An OCSP response within a message.
pub fn ocsp_response(d: &mut Dissector<'_>) -> Read<()> {
    d.carried("OCSPResponse", |d| ocsp::response(d, &Bounds::NOTHING).map(drop))
}

/// A SubjectPublicKeyInfo within a message.
pub fn public_key(d: &mut Dissector<'_>) -> Read<()> {
    d.carried("SubjectPublicKeyInfo", |d| key::public_key(d).map(drop))
}

/// A Name within a message.
pub fn name(d: &mut Dissector<'_>) -> Read<()> {
    d.carried("Name", |d| name::name(d, "Name").map(drop))
}

/// The first problem; something could not be read, so there is one.
fn first(problems: &[Malformed], field: &'static str) -> Malformed {
    problems.first().copied().unwrap_or(Malformed { field, offset: 0, kind: Wrong::Illegal("not readable") })
}

#[cfg(test)]
mod tests;

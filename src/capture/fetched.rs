//! What was fetched besides the handshake, because a judge said that it needs it.

use serde::{Deserialize, Serialize};

/// One answer, or the lack of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    pub what: What,
    /// Where it was asked for.
    pub url: String,
    /// The content; empty if there was none.
    #[serde(with = "hex::serde")]
    pub bytes: Vec<u8>,
    /// Why there is none.
    pub error: Option<String>,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The issuer of a certificate, by its AIA caIssuers URL.
    Issuer,
    /// The OCSP status of the certificate at this place of the chain.
    Ocsp { of: usize },
    /// A CRL for the certificate at this place of the chain.
    Crl { of: usize },
}

//! `sequence_number_encryption_algorithms` (draft-pismenny-tls-dtls-plaintext-sequence-number).

use super::*;

/// The row of `sequence_number_encryption_algorithms`.
pub const EXTENSION: Extension = Extension {
    code: 60,
    name: "sequence_number_encryption_algorithms",
    reference: "draft-pismenny-tls-dtls-plaintext-sequence-number",
    recommended: Recommended::No,
    about: "DTLS 1.3: how record sequence numbers are encrypted.",
    places: &[ClientHello, HelloRetryRequest, ServerHello],
    body: bytes,
};

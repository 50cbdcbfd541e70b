//! Compression of records (gone with TLS 1.3) and of certificates.

use super::Recommended::{Unstated, Yes};
use super::{Entry, Registry, registry, row, told};

/// Record compression (RFC 3749; IANA "TLS Compression Method Identifiers").
pub static COMPRESSION_METHODS: Registry = registry!("TLS Compression Method Identifiers", 1, METHODS);

/// brotli (RFC 8879, section 7.3).
pub const BROTLI: u16 = 2;

/// Certificate compression (RFC 8879, section 7.3).
pub static CERTIFICATE_COMPRESSION: Registry =
    registry!("TLS Certificate Compression Algorithm IDs", 2, CERTIFICATES);

#[rustfmt::skip] // A table.
static METHODS: &[Entry] = &[
    told(0, "NULL", "RFC 3749", Unstated, "No compression: the only value in TLS 1.3."),
    told(1, "DEFLATE", "RFC 3749", Unstated, "The length of compressed records reveals secrets that are \
                                              sent together with text chosen by an attacker (CRIME)."),
    row(64, "LZS", "RFC 3943", Unstated),
];

#[rustfmt::skip] // A table.
static CERTIFICATES: &[Entry] = &[
    row(1, "zlib", "RFC 8879", Yes),
    row(2, "brotli", "RFC 8879", Yes),
    row(3, "zstd", "RFC 8879", Yes),
];

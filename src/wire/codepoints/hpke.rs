//! Hybrid public key encryption, which Encrypted Client Hello uses (RFC 9180, section 7; IANA "HPKE").

use super::Recommended::Unstated;
use super::{Entry, Registry, registry, row};

/// Key encapsulation mechanisms.
pub static HPKE_KEMS: Registry = registry!("HPKE KEM Identifiers", 2, KEMS);

/// Key derivation functions.
pub static HPKE_KDFS: Registry = registry!("HPKE KDF Identifiers", 2, KDFS);

/// AEADs.
pub static HPKE_AEADS: Registry = registry!("HPKE AEAD Identifiers", 2, AEADS);

#[rustfmt::skip] // A table.
static KEMS: &[Entry] = &[
    row(0x0010, "DHKEM(P-256, HKDF-SHA256)", "RFC 9180, section 7.1", Unstated),
    row(0x0011, "DHKEM(P-384, HKDF-SHA384)", "RFC 9180, section 7.1", Unstated),
    row(0x0012, "DHKEM(P-521, HKDF-SHA512)", "RFC 9180, section 7.1", Unstated),
    row(0x0013, "DHKEM(CP-256, HKDF-SHA256)", "draft-wahby-cfrg-hpke-kem-secp256k1", Unstated),
    row(0x0014, "DHKEM(CP-384, HKDF-SHA384)", "draft-wahby-cfrg-hpke-kem-secp256k1", Unstated),
    row(0x0015, "DHKEM(CP-521, HKDF-SHA512)", "draft-wahby-cfrg-hpke-kem-secp256k1", Unstated),
    row(0x0016, "DHKEM(secp256k1, HKDF-SHA256)", "draft-wahby-cfrg-hpke-kem-secp256k1", Unstated),
    row(0x0020, "DHKEM(X25519, HKDF-SHA256)", "RFC 9180, section 7.1", Unstated),
    row(0x0021, "DHKEM(X448, HKDF-SHA512)", "RFC 9180, section 7.1", Unstated),
    row(0x0030, "X25519Kyber768Draft00", "draft-westerbaan-cfrg-hpke-xyber768d00", Unstated),
    row(0x0040, "ML-KEM-512", "draft-connolly-cfrg-hpke-mlkem", Unstated),
    row(0x0041, "ML-KEM-768", "draft-connolly-cfrg-hpke-mlkem", Unstated),
    row(0x0042, "ML-KEM-1024", "draft-connolly-cfrg-hpke-mlkem", Unstated),
    row(0x647a, "X-Wing", "draft-connolly-cfrg-xwing-kem", Unstated),
];

#[rustfmt::skip] // A table.
static KDFS: &[Entry] = &[
    row(0x0001, "HKDF-SHA256", "RFC 5869", Unstated),
    row(0x0002, "HKDF-SHA384", "RFC 5869", Unstated),
    row(0x0003, "HKDF-SHA512", "RFC 5869", Unstated),
];

#[rustfmt::skip] // A table.
static AEADS: &[Entry] = &[
    row(0x0001, "AES-128-GCM", "NIST SP 800-38D", Unstated),
    row(0x0002, "AES-256-GCM", "NIST SP 800-38D", Unstated),
    row(0x0003, "ChaCha20Poly1305", "RFC 8439", Unstated),
    row(0xffff, "Export-only", "RFC 9180", Unstated),
];

//! `tls_lts` (draft-gutmann-tls-lts).

use super::*;

/// The row of `tls_lts`.
pub const EXTENSION: Extension = Extension {
    code: 26,
    name: "tls_lts",
    reference: "draft-gutmann-tls-lts",
    recommended: Recommended::No,
    about: "A proposal to freeze TLS 1.2 in a hardened form for devices that are never updated. Hardly ever seen.",
    places: OLD,
    body: bytes,
};

//! `truncated_hmac` (RFC 6066, section 7).

use super::*;

/// The row of `truncated_hmac`.
pub const EXTENSION: Extension = Extension {
    code: 4,
    name: "truncated_hmac",
    reference: "RFC 6066, section 7",
    recommended: Recommended::No,
    about: "Shortens the HMAC of each record to ten bytes, to save a little bandwidth. That weakens it; nobody should use it.",
    places: OLD,
    body: flag,
};

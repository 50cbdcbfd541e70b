//! `truncated_hmac` (RFC 6066, section 7).

use super::*;

/// The row of `truncated_hmac`.
pub const EXTENSION: Extension = Extension {
    code: 4,
    name: "truncated_hmac",
    reference: "RFC 6066, section 7",
    recommended: Recommended::No,
    about: "Truncates the HMAC of each record to ten bytes, to save a little bandwidth. That weakens it; \
            it should not be used.",
    places: OLD,
    body: flag,
};

//! `key_share` under the number that it had until draft 22 (draft-ietf-tls-tls13-22, section 4.2.8).

use super::*;

/// The row of the drafts' `key_share`.
pub const EXTENSION: Extension = Extension {
    code: 40,
    name: "key_share (draft)",
    reference: "draft-ietf-tls-tls13-22, section 4.2.8",
    recommended: Recommended::No,
    about: "The number of key_share in the drafts of TLS 1.3 up to 22. It was changed because some servers \
            mishandled it.",
    places: key_share::EXTENSION.places,
    body: key_share::EXTENSION.body,
};

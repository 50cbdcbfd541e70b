//! `channel_id` (draft-balfanz-tls-channelid-01).

use super::*;

/// The row of `channel_id`.
pub const EXTENSION: Extension = Extension {
    code: 30032,
    name: "channel_id",
    reference: "draft-balfanz-tls-channelid-01",
    recommended: Recommended::No,
    about: "The client proves possession of a key of its own in an encrypted message, so that cookies can \
            be bound to it. Chrome had it for some years; its successor token_binding has been abandoned \
            as well.",
    places: OLD,
    body: flag,
};

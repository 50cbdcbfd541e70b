//! `channel_id (old)` (draft-balfanz-tls-channelid-00).

use super::*;

/// The row of `channel_id (old)`.
pub const EXTENSION: Extension = Extension {
    code: 30031,
    name: "channel_id (old)",
    reference: "draft-balfanz-tls-channelid-00",
    recommended: Recommended::No,
    about: "The first code point of channel_id.",
    places: OLD,
    body: flag,
};

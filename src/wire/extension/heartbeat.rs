//! `heartbeat` (RFC 6520, section 2).

use super::*;
use crate::wire::codepoints::HEARTBEAT_MODES;

/// The row of `heartbeat`.
pub const EXTENSION: Extension = Extension {
    code: 15,
    name: "heartbeat",
    reference: "RFC 6520, section 2",
    recommended: Recommended::Yes,
    about: "States whether the peer may send heartbeat requests. The extension itself is harmless; it \
            became famous through Heartbleed, a missing length check in OpenSSL.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.code8("mode", &HEARTBEAT_MODES)?;
    Ok(())
}

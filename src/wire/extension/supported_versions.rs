//! `supported_versions` (RFC 8446, section 4.2.1).

use super::*;
use crate::wire::codepoints::{ProtocolVersion, VERSIONS};

/// The row of `supported_versions`.
pub const EXTENSION: Extension = Extension {
    code: 43,
    name: "supported_versions",
    reference: "RFC 8446, section 4.2.1",
    recommended: Recommended::Yes,
    about: "The versions that the client offers, in order of preference; the server answers with the one \
            that it chose. It replaces the old version field, which many servers mishandled, so that new \
            versions could not be announced there.",
    places: &[ClientHello, ServerHello, HelloRetryRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    if place == ClientHello {
        let list = d.codes("versions", "version", LengthPrefix::U8, &VERSIONS)?;
        let span = facts.span(list);
        if let Some(client) = &mut facts.client {
            client.supported_versions = Some(span);
        }
    } else {
        facts.version = Some(ProtocolVersion(d.code("selected_version", &VERSIONS)?));
    }
    Ok(())
}

/// The content in a ClientHello: the versions, best first.
pub fn write(versions: &[u16]) -> Result<Vec<u8>, TooLong> {
    written(|w| w.codes("versions", LengthPrefix::U8, versions))
}

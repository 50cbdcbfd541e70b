//! `next_protocol_negotiation` (draft-agl-tls-nextprotoneg).

use super::*;

/// The row of `next_protocol_negotiation`.
pub const EXTENSION: Extension = Extension {
    code: 13172,
    name: "next_protocol_negotiation",
    reference: "draft-agl-tls-nextprotoneg",
    recommended: Recommended::No,
    about: "The predecessor of ALPN: the server listed its protocols, and the client named its choice in \
            an encrypted message before Finished. Out of use since about 2016.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if place == ClientHello {
        return Ok(());
    }
    while !d.is_empty() {
        d.opaque_text("protocol", LengthPrefix::U8)?;
    }
    Ok(())
}

//! `application_layer_protocol_negotiation` (RFC 7301, section 3.1).

use super::*;
use crate::wire::codepoints::alpn;

const GREASE: &str = "GREASE: a reserved name, to check that servers ignore unknown names (RFC 8701)";

/// The row of `application_layer_protocol_negotiation`.
pub const EXTENSION: Extension = Extension {
    code: 16,
    name: "application_layer_protocol_negotiation",
    reference: "RFC 7301, section 3.1",
    recommended: Recommended::Yes,
    about: "The application protocols that the client is willing to use, e.g. h2 for HTTP/2. The server \
            selects one, so that no further round trip is needed to agree. ALPN for short.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    let mut names = 0;
    let mut chosen = None;
    let list = d.vector("protocol_name_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            let name = d.opaque_text("ProtocolName", LengthPrefix::U8)?;
            if name.is_empty() {
                d.wrong("ProtocolName", Wrong::Illegal("a protocol name must have at least one byte"));
            } else if alpn::is_grease(name) {
                d.note(|| GREASE.into());
            } else if let Some(protocol) = alpn::find(name) {
                d.note(|| protocol.name.into());
            }
            chosen = Some(d.behind(name.len()));
            names += 1;
        }
        Ok(())
    })?;
    if place == ClientHello {
        let span = facts.span(list);
        if let Some(client) = &mut facts.client {
            client.alpn = Some(span);
        }
        return Ok(());
    }
    if names != 1 {
        d.wrong("protocol_name_list", Wrong::Illegal("the server's answer must have exactly one name"));
    }
    facts.alpn = chosen.map(|range| facts.span(range));
    Ok(())
}

/// The content: protocol names, best first.
pub fn write<N: AsRef<[u8]>>(names: &[N]) -> Result<Vec<u8>, TooLong> {
    written(|w| {
        w.vector("protocol_name_list", LengthPrefix::U16, |w| {
            names.iter().for_each(|name| w.opaque("ProtocolName", LengthPrefix::U8, name.as_ref()));
        });
    })
}

//! `server_name` (RFC 6066, section 3).

use super::*;
use crate::wire::codepoints::NAME_TYPES;

/// The row of `server_name`.
pub const EXTENSION: Extension = Extension {
    code: 0,
    name: "server_name",
    reference: "RFC 6066, section 3",
    recommended: Recommended::Yes,
    about: "The name of the server that the client wants to reach (SNI), so that one address can serve \
            many names and still present the right certificate. It is sent in the clear, readable by every \
            observer, unless Encrypted Client Hello hides it. The server answers with an empty one if it \
            used the name.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    // An answer is empty; what it has nevertheless is found to be trailing.
    if place != ClientHello {
        return Ok(());
    }
    d.vector("server_name_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("server_name", |d| {
                let host = d.code8("name_type", &NAME_TYPES)? == 0;
                let name = d.opaque_text(if host { "host_name" } else { "name" }, LengthPrefix::U16)?;
                if name.is_empty() {
                    d.wrong("host_name", Wrong::Illegal("a name must have at least one byte"));
                }
                let span = facts.span(d.behind(name.len()));
                if host && let Some(client) = &mut facts.client {
                    client.server_name = Some(span);
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The content in a ClientHello: one host name.
pub fn write(host_name: &str) -> Result<Vec<u8>, TooLong> {
    written(|w| {
        w.vector("server_name_list", LengthPrefix::U16, |w| {
            w.u8(0);
            w.opaque("host_name", LengthPrefix::U16, host_name.as_bytes());
        });
    })
}

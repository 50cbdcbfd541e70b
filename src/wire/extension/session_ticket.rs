//! `session_ticket` (RFC 5077, section 3.2).

use super::*;

/// The row of `session_ticket`.
pub const EXTENSION: Extension = Extension {
    code: 35,
    name: "session_ticket",
    reference: "RFC 5077, section 3.2",
    recommended: Recommended::Yes,
    about: "TLS 1.2 and earlier: the session state, encrypted by the server with a key of its own and kept \
            by the client, which presents it again to resume. An empty one asks for a ticket. Whoever \
            steals the server's ticket key can decrypt all sessions that used it.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    let ticket = if d.is_empty() { &[] } else { d.rest("ticket") };
    if place == ClientHello {
        let span = facts.span(d.behind(ticket.len()));
        if let Some(client) = &mut facts.client {
            client.session_ticket = Some(span);
        }
    }
    Ok(())
}

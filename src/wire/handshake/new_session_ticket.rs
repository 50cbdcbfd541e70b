//! NewSessionTicket (RFC 8446, section 4.6.1; RFC 5077, section 3.3).

use super::*;
use crate::wire::extension::{self, Place};

/// The row of NewSessionTicket.
pub static MESSAGE: MessageType = MessageType {
    code: 4,
    name: "NewSessionTicket",
    iana: "new_session_ticket",
    reference: "RFC 8446, section 4.6.1; RFC 5077, section 3.3",
    about: "The server issues a ticket with which the client can resume the session later: without \
            certificates, with fewer computations, and in TLS 1.3 possibly with early data. The ticket is \
            opaque to the client; it usually contains the session state, encrypted with a key of the \
            server.",
    body,
};

/// TLS 1.3 allows a week (RFC 8446, section 4.6.1).
const MAX_LIFETIME: u32 = 604_800;

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    facts.tickets = facts.tickets.saturating_add(1);
    if !facts.is_tls13() {
        // In a full handshake it follows the client's key exchange.
        facts.abbreviated = facts.client_key_exchange.is_none();
        let hint = d.u32("ticket_lifetime_hint")?;
        d.note(|| if hint == 0 { "0: unspecified".into() } else { "seconds".into() });
        d.opaque("ticket", LengthPrefix::U16)?;
        return Ok(());
    }
    let lifetime = d.u32("ticket_lifetime")?;
    d.note(|| "seconds".into());
    if lifetime > MAX_LIFETIME {
        d.wrong("ticket_lifetime", Wrong::Illegal("at most a week (604800 seconds)"));
    }
    d.u32("ticket_age_add")?;
    d.note(|| {
        "added to the ticket's age when it is used, so that observers cannot link the two connections".into()
    });
    d.opaque("ticket_nonce", LengthPrefix::U8)?;
    if d.opaque("ticket", LengthPrefix::U16)?.is_empty() {
        d.wrong("ticket", Wrong::Illegal("a ticket must have at least one byte"));
    }
    extension::list(d, Place::NewSessionTicket, facts)?;
    Ok(())
}

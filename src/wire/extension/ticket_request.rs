//! `ticket_request` (RFC 9149).

use super::*;

/// The row of `ticket_request`.
pub const EXTENSION: Extension = Extension {
    code: 58,
    name: "ticket_request",
    reference: "RFC 9149",
    recommended: Recommended::No,
    about: "How many tickets the client wants, for new connections and for resumed ones. Otherwise servers \
            guess, and most of their tickets are never used.",
    places: &[ClientHello, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if place == ClientHello {
        d.u8("new_session_count")?;
        d.u8("resumption_count")?;
    } else {
        d.u8("expected_count")?;
    }
    Ok(())
}

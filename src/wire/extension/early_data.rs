//! `early_data` (RFC 8446, section 4.2.10).

use super::*;

/// The row of `early_data`.
pub const EXTENSION: Extension = Extension {
    code: 42,
    name: "early_data",
    reference: "RFC 8446, section 4.2.10",
    recommended: Recommended::Yes,
    about: "The client sends application data in its first flight, encrypted with a key from an earlier \
            connection (0-RTT). That saves a round trip, but an attacker who records the data can replay \
            it to the server. In a ticket it states how much early data the server would accept.",
    places: &[ClientHello, EncryptedExtensions, NewSessionTicket],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    match place {
        NewSessionTicket => {
            d.u32("max_early_data_size")?;
        }
        EncryptedExtensions => facts.early_data_accepted = true,
        ClientHello => {
            if let Some(client) = &mut facts.client {
                client.early_data = true;
            }
        }
        _ => {}
    }
    Ok(())
}

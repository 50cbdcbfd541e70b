//! `extended_master_secret` (RFC 7627).

use super::*;

/// The row of `extended_master_secret`.
pub const EXTENSION: Extension = Extension {
    code: 23,
    name: "extended_master_secret",
    reference: "RFC 7627",
    recommended: Recommended::Yes,
    about: "Binds the master secret of TLS 1.2 to the whole handshake and not only to the two randoms. \
            Without it a man-in-the-middle can make two connections share a master secret (triple \
            handshake attack).",
    places: OLD,
    body,
};

fn body(_: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    facts.extended_master_secret |= place == ServerHello12;
    Ok(())
}

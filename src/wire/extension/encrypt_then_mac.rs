//! `encrypt_then_mac` (RFC 7366).

use super::*;

/// The row of `encrypt_then_mac`.
pub const EXTENSION: Extension = Extension {
    code: 22,
    name: "encrypt_then_mac",
    reference: "RFC 7366",
    recommended: Recommended::Yes,
    about: "For CBC cipher suites: computes the MAC over the encrypted bytes instead of the plain ones, which closes the padding oracles (Lucky Thirteen and its kin). AEAD suites do not need it, and TLS 1.3 has nothing else.",
    places: OLD,
    body,
};

fn body(_: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    facts.encrypt_then_mac |= place == ServerHello12;
    Ok(())
}

//! `encrypt_then_mac` (RFC 7366).

use super::*;

/// The row of `encrypt_then_mac`.
pub const EXTENSION: Extension = Extension {
    code: 22,
    name: "encrypt_then_mac",
    reference: "RFC 7366",
    recommended: Recommended::Yes,
    about: "For CBC cipher suites: the MAC is computed over the ciphertext instead of the plaintext, which \
            prevents padding-oracle attacks (such as Lucky Thirteen). AEAD suites do not need it, and TLS \
            1.3 only has those.",
    places: OLD,
    body,
};

fn body(_: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    facts.encrypt_then_mac |= place == ServerHello12;
    Ok(())
}

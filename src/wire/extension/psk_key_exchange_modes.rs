//! `psk_key_exchange_modes` (RFC 8446, section 4.2.9).

use super::*;
use crate::wire::codepoints::PSK_KEY_EXCHANGE_MODES;

/// The row of `psk_key_exchange_modes`.
pub const EXTENSION: Extension = Extension {
    code: 45,
    name: "psk_key_exchange_modes",
    reference: "RFC 8446, section 4.2.9",
    recommended: Recommended::Yes,
    about: "How the client is willing to use a pre-shared key: alone, or together with an ephemeral \
            Diffie-Hellman exchange, which keeps the connection secret even if the key leaks later.",
    places: CLIENT,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.codes8("ke_modes", "PskKeyExchangeMode", LengthPrefix::U8, &PSK_KEY_EXCHANGE_MODES)?;
    Ok(())
}

/// The content: the modes.
pub fn write(modes: &[u8]) -> Result<Vec<u8>, TooLong> {
    written(|w| w.opaque("ke_modes", LengthPrefix::U8, modes))
}

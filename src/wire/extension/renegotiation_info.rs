//! `renegotiation_info` (RFC 5746, section 3.2).

use super::*;

/// The row of `renegotiation_info`.
pub const EXTENSION: Extension = Extension {
    code: 65281,
    name: "renegotiation_info",
    reference: "RFC 5746, section 3.2",
    recommended: Recommended::Yes,
    about: "Binds a second handshake on the same connection to the first, by its Finished values. Without \
            it an attacker could prepend data to your request. In the first handshake it is one byte, 00: \
            there is nothing to bind to yet.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    if d.opaque("renegotiated_connection", LengthPrefix::U8)?.is_empty() {
        d.note(|| "empty: this is the first handshake".into());
    }
    Ok(())
}

/// The content: verify_data of the handshake that is renegotiated; none in a first one.
pub fn write(verify_data: &[u8]) -> Result<Vec<u8>, TooLong> {
    written(|w| w.opaque("renegotiated_connection", LengthPrefix::U8, verify_data))
}

//! `encrypted_client_hello` (RFC 9849, section 5).

use super::*;
use crate::wire::codepoints::ECH_TYPES;
use crate::wire::ech;

/// The row of `encrypted_client_hello`.
pub const EXTENSION: Extension = Extension {
    code: 65037,
    name: "encrypted_client_hello",
    reference: "RFC 9849, section 5",
    recommended: Recommended::Yes,
    about: "The real ClientHello, encrypted with a public key that the server published in the DNS; \
            everybody else only sees an outer hello with a harmless name. Browsers without such a key send \
            a random one (GREASE), so that its presence reveals nothing. A server that cannot decrypt it \
            answers with fresh configurations.",
    places: &[ClientHello, HelloRetryRequest, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    match place {
        ClientHello => client(d),
        HelloRetryRequest => d.bytes("confirmation", 8).map(drop),
        _ => ech::configs(d, "retry_configs"),
    }
}

fn client(d: &mut Dissector<'_>) -> Read<()> {
    if d.code8("type", &ECH_TYPES)? == 1 {
        // The inner hello says no more than that it is one.
        return Ok(());
    }
    ech::cipher_suite(d)?;
    d.u8("config_id")?;
    d.opaque("enc", LengthPrefix::U16)?;
    d.opaque("payload", LengthPrefix::U16)?;
    Ok(())
}

/// The content in an outer ClientHello. `cipher_suite`: KDF and AEAD of HPKE.
pub fn write_outer(
    cipher_suite: [u16; 2],
    config_id: u8,
    enc: &[u8],
    payload: &[u8],
) -> Result<Vec<u8>, TooLong> {
    written(|w| {
        w.u8(0);
        cipher_suite.iter().for_each(|id| w.u16(*id));
        w.u8(config_id);
        w.opaque("enc", LengthPrefix::U16, enc);
        w.opaque("payload", LengthPrefix::U16, payload);
    })
}

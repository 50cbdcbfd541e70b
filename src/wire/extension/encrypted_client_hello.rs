//! `encrypted_client_hello` (RFC 9849, section 5).

use super::*;
use crate::wire::codepoints::ECH_TYPES;
use crate::wire::ech;
use crate::wire::facts::OuterEch;

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

/// The type of an inner hello, which says no more than that it is one.
pub const INNER: u8 = 1;

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    match place {
        ClientHello => client(d, facts),
        HelloRetryRequest => {
            let confirmation = d.bytes("confirmation", 8)?.len();
            let span = facts.span(d.behind(confirmation));
            if let Some(retry) = &mut facts.retry {
                retry.ech_confirmation = Some(span);
            }
            Ok(())
        }
        _ => {
            let list = facts.span(d.pos()..d.pos() + d.remaining());
            ech::configs(d, "retry_configs")?;
            facts.ech_retry_configs = Some(list);
            Ok(())
        }
    }
}

fn client(d: &mut Dissector<'_>, facts: &mut Facts) -> Read<()> {
    if d.code8("type", &ECH_TYPES)? == INNER {
        return Ok(());
    }
    let cipher_suite = ech::cipher_suite(d)?;
    let config_id = d.u8("config_id")?;
    d.opaque("enc", LengthPrefix::U16)?;
    let payload = d.opaque("payload", LengthPrefix::U16)?.len();
    if let Some(client) = &mut facts.client {
        client.ech = Some(OuterEch { cipher_suite, config_id, payload });
    }
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

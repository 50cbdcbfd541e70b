//! EncryptedExtensions (RFC 8446, section 4.3.1).

use super::*;
use crate::wire::extension::{self, Place};

/// The row of EncryptedExtensions.
pub static MESSAGE: MessageType = MessageType {
    code: 8,
    name: "EncryptedExtensions",
    iana: "encrypted_extensions",
    reference: "RFC 8446, section 4.3.1",
    about: "The server's answers to all extensions that are not needed for the key exchange, e.g. the \
            application protocol. It is the first encrypted message of TLS 1.3, so observers do not learn \
            them.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    facts.encrypted_extensions_seen = true;
    let there = extension::list(d, Place::EncryptedExtensions, facts)?;
    facts.server_extensions.extend(&there);
    Ok(())
}

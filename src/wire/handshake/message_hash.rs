//! message_hash (RFC 8446, section 4.4.1).

use super::*;

/// The row of message_hash.
pub static MESSAGE: MessageType = MessageType {
    code: 254,
    name: "MessageHash",
    iana: "message_hash",
    reference: "RFC 8446, section 4.4.1",
    about: "Never sent. After a HelloRetryRequest, the transcript contains this message in place of the \
            first ClientHello: its hash, so that a server need not keep the hello itself.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    if !d.is_empty() {
        d.rest("hash");
    }
    Ok(())
}

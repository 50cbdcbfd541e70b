//! ServerHelloDone (RFC 5246, section 7.4.5).

use super::*;

/// The row of ServerHelloDone.
pub static MESSAGE: MessageType = MessageType {
    code: 14,
    name: "ServerHelloDone",
    iana: "server_hello_done",
    reference: "RFC 5246, section 7.4.5",
    about: "TLS 1.2 and earlier: the server has sent its first flight and waits for the client's half of \
            the key exchange. The message is empty.",
    body,
};

fn body(_: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    // Only a full handshake has it.
    facts.abbreviated = false;
    Ok(())
}

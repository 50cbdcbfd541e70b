//! HelloRequest (RFC 5246, section 7.4.1.1).

use super::*;

/// The row of HelloRequest.
pub static MESSAGE: MessageType = MessageType {
    code: 0,
    name: "HelloRequest",
    iana: "hello_request",
    reference: "RFC 5246, section 7.4.1.1",
    about: "TLS 1.2 and earlier: the server asks the client to start a new handshake on the same \
            connection. The message is empty and not part of the transcript. TLS 1.3 has no renegotiation.",
    body,
};

fn body(_: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    Ok(())
}

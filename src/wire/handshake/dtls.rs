//! Messages that only DTLS has, by name.

use super::*;
use crate::wire::codepoints::VERSIONS;

/// HelloVerifyRequest (RFC 6347, section 4.2.1).
pub static HELLO_VERIFY_REQUEST: MessageType = MessageType {
    code: 3,
    name: "HelloVerifyRequest",
    iana: "hello_verify_request",
    reference: "RFC 6347, section 4.2.1",
    about: "DTLS: the server asks the client to repeat its hello with this cookie, which proves that the \
            client can be reached at its address. Not used over TCP.",
    body: hello_verify_request,
};

/// RequestConnectionId (RFC 9147, section 9).
pub static REQUEST_CONNECTION_ID: MessageType = MessageType {
    code: 9,
    name: "RequestConnectionId",
    iana: "request_connection_id",
    reference: "RFC 9147, section 9",
    about: "DTLS 1.3: requests further connection ids.",
    body: request_connection_id,
};

/// NewConnectionId (RFC 9147, section 9).
pub static NEW_CONNECTION_ID: MessageType = MessageType {
    code: 10,
    name: "NewConnectionId",
    iana: "new_connection_id",
    reference: "RFC 9147, section 9",
    about: "DTLS 1.3: further connection ids under which the sender can be addressed.",
    body: new_connection_id,
};

fn hello_verify_request(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.code("server_version", &VERSIONS)?;
    d.opaque("cookie", LengthPrefix::U8)?;
    Ok(())
}

fn request_connection_id(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.u8("num_cids")?;
    Ok(())
}

fn new_connection_id(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.vector("cids", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.opaque("cid", LengthPrefix::U8)?;
        }
        Ok(())
    })?;
    d.u8("usage")?;
    Ok(())
}

//! NextProtocol (draft-agl-tls-nextprotoneg-04).

use super::*;

/// The row of NextProtocol.
pub static MESSAGE: MessageType = MessageType {
    code: 67,
    name: "NextProtocol",
    iana: "next_protocol",
    reference: "draft-agl-tls-nextprotoneg-04",
    about: "The client's choice among the protocols that the server listed in next_protocol_negotiation, \
            padded so that its length reveals nothing. Replaced by ALPN.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.opaque_text("selected_protocol", LengthPrefix::U8)?;
    d.opaque("padding", LengthPrefix::U8)?;
    Ok(())
}

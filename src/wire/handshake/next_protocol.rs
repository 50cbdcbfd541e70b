//! NextProtocol, ChannelID and EKTKey: encrypted messages of extensions.

use super::*;

/// NextProtocol (draft-agl-tls-nextprotoneg-04).
pub static MESSAGE: MessageType = MessageType {
    code: 67,
    name: "NextProtocol",
    iana: "next_protocol",
    reference: "draft-agl-tls-nextprotoneg-04",
    about: "The client's choice among the protocols that the server listed in next_protocol_negotiation, padded so that its length says nothing. ALPN has replaced it.",
    body: next_protocol,
};

/// ChannelID, once EncryptedExtensions of the same draft (draft-balfanz-tls-channelid-01).
pub static CHANNEL_ID: MessageType = MessageType {
    code: 203,
    name: "ChannelID",
    iana: "channel_id",
    reference: "draft-balfanz-tls-channelid-01",
    about: "A key of the client's own on P-256, and its signature over the handshake, so that cookies could be bound to the key. Chrome had it for some years.",
    body: channel_id,
};

/// EKTKey (RFC 8870).
pub static EKT_KEY: MessageType = MessageType {
    code: 26,
    name: "EKTKey",
    iana: "ekt_key",
    reference: "RFC 8870, section 5.2.2",
    about: "A key for conferences in which a relay forwards media that it cannot read. Only over DTLS.",
    body: whole,
};

fn next_protocol(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.opaque_text("selected_protocol", LengthPrefix::U8)?;
    d.opaque("padding", LengthPrefix::U8)?;
    Ok(())
}

fn channel_id(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.u16("extension_type")?;
    d.vector("ChannelIDExtension", LengthPrefix::U16, |d| {
        for name in ["x", "y", "r", "s"] {
            d.bytes(name, 32)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn whole(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    if !d.is_empty() {
        d.rest("body");
    }
    Ok(())
}

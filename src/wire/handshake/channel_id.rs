//! ChannelID, called EncryptedExtensions in its draft (draft-balfanz-tls-channelid-01).

use super::*;

/// The row of ChannelID.
pub static MESSAGE: MessageType = MessageType {
    code: 203,
    name: "ChannelID",
    iana: "channel_id",
    reference: "draft-balfanz-tls-channelid-01",
    about: "A P-256 key of the client, and its signature over the handshake, so that cookies could be \
            bound to the key. Chrome had it for some years.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.u16("extension_type")?;
    d.vector("ChannelIDExtension", LengthPrefix::U16, |d| {
        for name in ["x", "y", "r", "s"] {
            d.bytes(name, 32)?;
        }
        Ok(())
    })?;
    Ok(())
}

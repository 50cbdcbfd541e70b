//! EKTKey (RFC 8870, section 5.2.2).

use super::*;

/// The row of EKTKey.
pub static MESSAGE: MessageType = MessageType {
    code: 26,
    name: "EKTKey",
    iana: "ekt_key",
    reference: "RFC 8870, section 5.2.2",
    about: "A key for conferences in which a relay forwards media that it cannot read. Only over DTLS.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    d.opaque("ekt_key_value", LengthPrefix::U8)?;
    d.opaque("srtp_master_salt", LengthPrefix::U8)?;
    d.u16("ekt_spi")?;
    d.u24("ekt_ttl")?;
    Ok(())
}

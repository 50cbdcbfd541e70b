//! `connection_id` (RFC 9146, section 3).

use super::*;

/// The row of `connection_id`.
pub const EXTENSION: Extension = Extension {
    code: 54,
    name: "connection_id",
    reference: "RFC 9146, section 3",
    recommended: Recommended::No,
    about: "DTLS: an identifier that the peer must put into its records, so that a connection survives a \
            change of IP address. It is not used over TCP.",
    places: &[ClientHello, ServerHello12, ServerHello],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.opaque("cid", LengthPrefix::U8)?;
    Ok(())
}

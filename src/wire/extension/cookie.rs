//! `cookie` (RFC 8446, section 4.2.2).

use super::*;

/// The row of `cookie`.
pub const EXTENSION: Extension = Extension {
    code: 44,
    name: "cookie",
    reference: "RFC 8446, section 4.2.2",
    recommended: Recommended::Yes,
    about: "A value that the server sends with a HelloRetryRequest and that the client repeats in its \
            second hello. The server need not keep any state in between, and knows that the client can be \
            reached at its address.",
    places: &[ClientHello, HelloRetryRequest],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.opaque("cookie", LengthPrefix::U16)?;
    Ok(())
}

/// The content: what a HelloRetryRequest asked to have back.
pub fn write(cookie: &[u8]) -> Result<Vec<u8>, TooLong> {
    written(|w| w.opaque("cookie", LengthPrefix::U16, cookie))
}

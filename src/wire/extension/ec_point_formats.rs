//! `ec_point_formats` (RFC 8422, section 5.1.2).

use super::*;
use crate::wire::codepoints::EC_POINT_FORMATS;

/// The row of `ec_point_formats`.
pub const EXTENSION: Extension = Extension {
    code: 11,
    name: "ec_point_formats",
    reference: "RFC 8422, section 5.1.2",
    recommended: Recommended::Yes,
    about: "TLS 1.2 and earlier: how points on elliptic curves may be encoded. Only the uncompressed form \
            is in use, so the extension no longer matters; TLS 1.3 removed it.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.codes8("ec_point_format_list", "ec_point_format", LengthPrefix::U8, &EC_POINT_FORMATS)?;
    Ok(())
}

/// The content: the formats.
pub fn write(formats: &[u8]) -> Result<Vec<u8>, TooLong> {
    written(|w| w.opaque("ec_point_format_list", LengthPrefix::U8, formats))
}

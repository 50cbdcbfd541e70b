//! `srp` (RFC 5054, section 2.8.1).

use super::*;

/// The row of `srp`.
pub const EXTENSION: Extension = Extension {
    code: 12,
    name: "srp",
    reference: "RFC 5054, section 2.8.1",
    recommended: Recommended::No,
    about: "The user name for authentication by password (SRP), which proves to both sides that the other \
            knows the password without revealing it. Not in TLS 1.3.",
    places: CLIENT,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.opaque_text("srp_I", LengthPrefix::U8)?;
    Ok(())
}

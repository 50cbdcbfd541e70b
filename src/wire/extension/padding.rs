//! `padding` (RFC 7685).

use super::*;

/// The row of `padding`.
pub const EXTENSION: Extension = Extension {
    code: 21,
    name: "padding",
    reference: "RFC 7685",
    recommended: Recommended::Yes,
    about: "Zeros that make the ClientHello longer. Some old load balancers hung on hellos of 256 to 511 \
            bytes, so browsers pad them to 512.",
    places: CLIENT,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    if d.is_empty() {
        return Ok(());
    }
    if d.rest("padding").iter().any(|byte| *byte != 0) {
        d.wrong("padding", Wrong::Illegal("padding must consist of zeros"));
    } else {
        d.note(|| "zeros, to make the message longer".into());
    }
    Ok(())
}

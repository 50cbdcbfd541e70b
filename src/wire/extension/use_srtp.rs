//! `use_srtp` (RFC 5764, section 4.1.1).

use super::*;
use crate::wire::codepoints::SRTP_PROFILES;

/// The row of `use_srtp`.
pub const EXTENSION: Extension = Extension {
    code: 14,
    name: "use_srtp",
    reference: "RFC 5764, section 4.1.1",
    recommended: Recommended::Yes,
    about: "Negotiates keys for encrypted voice and video (SRTP) within the DTLS handshake, as WebRTC does.",
    places: HELLO,
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.codes("SRTPProtectionProfiles", "SRTPProtectionProfile", LengthPrefix::U16, &SRTP_PROFILES)?;
    d.opaque("srtp_mki", LengthPrefix::U8)?;
    Ok(())
}

//! `supported_groups` (RFC 8446, section 4.2.7; RFC 8422, section 5.1.1).

use super::*;
use crate::wire::codepoints::SUPPORTED_GROUPS;

/// The row of `supported_groups`.
pub const EXTENSION: Extension = Extension {
    code: 10,
    name: "supported_groups",
    reference: "RFC 8446, section 4.2.7; RFC 8422, section 5.1.1",
    recommended: Recommended::Yes,
    about: "The groups that the client supports for key exchange, in order of preference: elliptic curves, \
            finite fields, and post-quantum hybrids. In TLS 1.3 the client guesses which the server will \
            choose and sends a key_share for it at once; a wrong guess costs a round trip. Formerly called \
            elliptic_curves.",
    // Servers of TLS 1.2 that send it nevertheless break RFC 8422.
    places: &[ClientHello, EncryptedExtensions],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    let list = d.codes("named_group_list", "named_group", LengthPrefix::U16, &SUPPORTED_GROUPS)?;
    let span = facts.span(list);
    if place == EncryptedExtensions {
        facts.server_groups = Some(span);
    } else if let Some(client) = &mut facts.client {
        client.supported_groups = Some(span);
    }
    Ok(())
}

/// The content: the groups, best first.
pub fn write(groups: &[u16]) -> Result<Vec<u8>, TooLong> {
    written(|w| w.codes("named_group_list", LengthPrefix::U16, groups))
}

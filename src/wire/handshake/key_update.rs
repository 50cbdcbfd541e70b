//! KeyUpdate (RFC 8446, section 4.6.3).

use super::*;
use crate::wire::codepoints::KEY_UPDATE_REQUESTS;

/// The row of KeyUpdate.
pub static MESSAGE: MessageType = MessageType {
    code: 24,
    name: "KeyUpdate",
    iana: "key_update",
    reference: "RFC 8446, section 4.6.3",
    about: "From the next record on, the sender uses a new key, derived one-way from the old one. This \
            limits how much data is encrypted with one key, and protects earlier data if the new key leaks.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    let request = d.code8("request_update", &KEY_UPDATE_REQUESTS)?;
    if KEY_UPDATE_REQUESTS.name_of(request.into()).is_none() {
        d.wrong("request_update", Wrong::Illegal("must be 0 or 1"));
    }
    facts.key_update_requested = Some(request);
    Ok(())
}

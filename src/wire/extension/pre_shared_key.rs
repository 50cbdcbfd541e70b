//! `pre_shared_key` (RFC 8446, section 4.2.11).

use super::*;

/// The row of `pre_shared_key`.
pub const EXTENSION: Extension = Extension {
    code: 41,
    name: "pre_shared_key",
    reference: "RFC 8446, section 4.2.11",
    recommended: Recommended::Yes,
    about: "Keys that both sides may already share, usually tickets of an earlier connection. Each \
            identity has a binder: a MAC over the hello, which proves that the client knows the key. The \
            server answers with the index of the one that it chose, and then sends no certificate.",
    places: &[ClientHello, ServerHello],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    if place != ClientHello {
        facts.psk = Some(d.u16("selected_identity")?);
        return Ok(());
    }
    let mut count = 0u32;
    let identities = d.vector("identities", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("PskIdentity", |d| {
                d.opaque("identity", LengthPrefix::U16)?;
                let age = d.u32("obfuscated_ticket_age")?;
                if age == 0 {
                    d.note(|| "0: an external key, not a ticket".into());
                } else {
                    d.note(|| "milliseconds since the ticket was received, plus its ticket_age_add".into());
                }
                count += 1;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    let identities = facts.span(identities);
    if let Some(client) = &mut facts.client {
        client.psk_identities = Some(identities);
    }
    let mut binders = 0u32;
    let list = d.vector("binders", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.opaque("PskBinderEntry", LengthPrefix::U8)?;
            binders += 1;
        }
        Ok(())
    })?;
    if binders != count {
        d.wrong("binders", Wrong::Illegal("there must be one binder for each identity"));
    }
    let list = facts.span(list);
    if let Some(client) = &mut facts.client {
        client.psk_binders = Some(list);
    }
    Ok(())
}

/// The content in a ClientHello: identities with their obfuscated ages, and a binder for each. Binders cover what stands
/// before their list: write the hello with zeros of the right length first.
pub fn write<B: AsRef<[u8]>>(identities: &[(B, u32)], binders: &[B]) -> Result<Vec<u8>, TooLong> {
    written(|w| {
        w.vector("identities", LengthPrefix::U16, |w| {
            for (identity, age) in identities {
                w.opaque("identity", LengthPrefix::U16, identity.as_ref());
                w.u32(*age);
            }
        });
        w.vector("binders", LengthPrefix::U16, |w| {
            binders.iter().for_each(|binder| w.opaque("PskBinderEntry", LengthPrefix::U8, binder.as_ref()));
        });
    })
}

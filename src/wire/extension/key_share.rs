//! `key_share` (RFC 8446, section 4.2.8).

use super::*;
use crate::wire::codepoints::group::{Group, Part};
use crate::wire::codepoints::{NamedGroup, SUPPORTED_GROUPS};

/// The row of `key_share`.
pub const EXTENSION: Extension = Extension {
    code: 51,
    name: "key_share",
    reference: "RFC 8446, section 4.2.8",
    recommended: Recommended::Yes,
    about: "The public values of the key exchange. The client sends one for each group that it expects the \
            server to choose; the server answers with its own in one of these groups, and both compute the \
            same secret, which is never sent. If the guess was wrong, a HelloRetryRequest names the group \
            to use.",
    places: &[ClientHello, ServerHello, HelloRetryRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    match place {
        ClientHello => {
            let shares = d.vector("client_shares", LengthPrefix::U16, |d| {
                while !d.is_empty() {
                    entry(d, |group| group.client)?;
                }
                Ok(())
            })?;
            let span = facts.span(shares);
            if let Some(client) = &mut facts.client {
                client.key_shares = Some(span);
            }
        }
        HelloRetryRequest => {
            let group = NamedGroup(d.code("selected_group", &SUPPORTED_GROUPS)?);
            facts.retry.get_or_insert_default().group.get_or_insert(group);
        }
        _ => facts.group = Some(entry(d, |group| group.server)?),
    }
    Ok(())
}

/// A `KeyShareEntry`: the group, and the share in the parts that it consists of.
fn entry(d: &mut Dissector<'_>, parts: fn(&Group) -> &'static [Part]) -> Read<NamedGroup> {
    let mut code = NamedGroup::default();
    d.group("KeyShareEntry", |d| {
        code = NamedGroup(d.code("group", &SUPPORTED_GROUPS)?);
        d.vector("key_exchange", LengthPrefix::U16, |d| share(d, code.info().map_or(&[], parts)))?;
        Ok(())
    })?;
    Ok(code)
}

/// The share. One of another length than its group's is one leaf, with a problem.
fn share(d: &mut Dissector<'_>, parts: &'static [Part]) -> Read<()> {
    let whole: usize = parts.iter().map(|part| part.len).sum();
    match parts {
        [_, _, ..] if whole == d.remaining() => {
            for part in parts {
                d.bytes(part.name, part.len)?;
            }
        }
        _ if d.is_empty() => d.wrong(
            "key_exchange",
            Wrong::Illegal(
                "a key share must have at least one \
                                                                     byte",
            ),
        ),
        _ => {
            let len = d.remaining();
            d.rest("key_exchange");
            if !parts.is_empty() && len != whole {
                d.wrong("key_exchange", Wrong::Illegal("not the length of a share in this group"));
            }
        }
    }
    Ok(())
}

/// The content in a ClientHello: groups, each with its share.
pub fn write<S: AsRef<[u8]>>(shares: &[(u16, S)]) -> Result<Vec<u8>, TooLong> {
    written(|w| {
        w.vector("client_shares", LengthPrefix::U16, |w| {
            for (group, share) in shares {
                w.u16(*group);
                w.opaque("key_exchange", LengthPrefix::U16, share.as_ref());
            }
        });
    })
}

//! What sessions are called by the handshakes that begin them and by those that resume them, and a bounded store of what is
//! known of them.

use std::collections::HashMap;

use super::{Kind, Trace};
use crate::capture::Limits;
use crate::crypto::hash::Hash;
use crate::wire::Direction;
use crate::wire::facts::Facts;
use crate::wire::handshake::{HEADER, types};

/// SHA-256 of a session id or a ticket: a ticket may have 64 KiB.
pub type Name = [u8; 32];

/// Something about each of many sessions. Of more than [`Limits::past_sessions`] names the oldest are forgotten.
#[derive(Debug)]
pub struct Sessions<V> {
    /// Half of the limit each: when the new ones are as many, they become the old ones, and those are forgotten.
    new: HashMap<Name, V>,
    old: HashMap<Name, V>,
}

impl<V> Default for Sessions<V> {
    fn default() -> Self {
        Sessions { new: HashMap::new(), old: HashMap::new() }
    }
}

impl<V> Sessions<V> {
    /// What was told last of this session.
    pub fn get(&self, name: &Name) -> Option<&V> {
        self.new.get(name).or_else(|| self.old.get(name))
    }

    /// Tells something of a session.
    pub fn insert(&mut self, name: Name, value: V) {
        if self.new.len() >= Limits::DEFAULT.past_sessions / 2 {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(name, value);
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.old.is_empty()
    }
}

fn name(called: &[u8]) -> Option<Name> {
    if called.is_empty() {
        return None;
    }
    Hash::Sha256.digest(&[called]).try_into().ok()
}

/// What the server of a handshake called its session, for later ones: tickets, and in TLS 1.2 and earlier the session id
/// (RFC 8446, section 4.6.1; RFC 5077, section 3.3; RFC 5246, section 7.4.1.3).
pub fn given(trace: &Trace, number: usize) -> impl Iterator<Item = Name> {
    let Some(facts) = trace.handshakes.get(number).map(|handshake| &handshake.facts) else {
        return Vec::new().into_iter();
    };
    let tls13 = facts.is_tls13();
    let id = facts.server_session_id.filter(|_| !tls13).map(|span| trace.bytes(span));
    let tickets = trace.messages.iter().filter(|message| {
        message.handshake == number
            && message.direction == Direction::Server
            && message.kind == Kind::Handshake(types::NEW_SESSION_TICKET)
    });
    let tickets = tickets.filter_map(|message| ticket(message.bytes.get(HEADER..)?, tls13));
    let names: Vec<Name> = id.into_iter().chain(tickets).filter_map(name).collect();
    names.into_iter()
}

/// The ticket in the body of a NewSessionTicket.
fn ticket(body: &[u8], tls13: bool) -> Option<&[u8]> {
    // ticket_lifetime, and in TLS 1.3 ticket_age_add and ticket_nonce.
    let mut rest = body.get(4..)?;
    if tls13 {
        let (nonce, behind) = rest.get(4..)?.split_first()?;
        rest = behind.get(usize::from(*nonce)..)?;
    }
    let (len, rest) = rest.split_first_chunk()?;
    rest.get(..usize::from(u16::from_be_bytes(*len)))
}

/// What a handshake that resumes a session may call it: in TLS 1.3 the identity that the server selected, in TLS 1.2 and
/// earlier the client's ticket or the session id that both sent.
pub fn resumed(trace: &Trace, number: usize) -> impl Iterator<Item = Name> {
    let facts = trace.handshakes.get(number).map(|handshake| &handshake.facts);
    let called = facts.map(|facts| names(trace, facts)).unwrap_or_default();
    called.into_iter().flatten().filter_map(name)
}

fn names<'a>(trace: &'a Trace, facts: &Facts) -> [Option<&'a [u8]>; 2] {
    let Some(client) = facts.client else { return [None, None] };
    let bytes = |span| trace.bytes(span);
    match facts.psk {
        Some(selected) => {
            let list = client.psk_identities.map(bytes).unwrap_or_default();
            [identities(list).nth(usize::from(selected)), None]
        }
        None if facts.is_tls13() => [None, None],
        None => [client.session_ticket.map(bytes), Some(bytes(client.session_id))],
    }
}

/// The identities of `OfferedPsks` (RFC 8446, section 4.2.11), without their ages.
fn identities(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    const AGE: usize = 4;
    let mut rest = list;
    std::iter::from_fn(move || {
        let (len, tail) = rest.split_first_chunk()?;
        let (identity, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        rest = tail.get(AGE..)?;
        Some(identity)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_sessions_are_forgotten() {
        let mut sessions = Sessions::default();
        let most = Limits::DEFAULT.past_sessions;
        let numbered = |n: usize| -> Name {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&n.to_be_bytes());
            name
        };
        for n in 0..3 * most {
            sessions.insert(numbered(n), n);
            assert!(sessions.new.len() + sessions.old.len() <= most);
        }
        let last = 3 * most - 1;
        assert_eq!(sessions.get(&numbered(last)), Some(&last));
        assert_eq!(sessions.get(&numbered(last - most / 2)), Some(&(last - most / 2)));
        assert_eq!(sessions.get(&numbered(0)), None);
    }

    #[test]
    fn a_ticket_is_found_in_its_message() {
        assert_eq!(ticket(&[0, 0, 0, 1, 0, 2, 7, 8], false), Some(&[7, 8][..]));
        assert_eq!(ticket(&[0, 0, 0, 1, 9, 9, 9, 9, 1, 5, 0, 2, 7, 8, 0, 0], true), Some(&[7, 8][..]));
        for cut in 0..13 {
            assert_eq!(ticket(&[0, 0, 0, 1, 9, 9, 9, 9, 1, 5, 0, 2, 7, 8][..cut], true), None);
        }
        assert!(identities(&[0, 1, 7, 0, 0, 0, 0, 0, 2, 8, 9, 1, 1, 1, 1]).eq([&[7][..], &[8, 9]]));
        assert!(identities(&[0, 1, 7, 0, 0]).next().is_none());
    }
}

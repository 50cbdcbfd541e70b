//! The messages of two handshakes, each beside its like: the second ClientHello of one beside that of the other.

use std::collections::HashMap;

use super::tree::Differences;
use crate::trace::{Kind, Message, Trace};
use crate::wire::Direction;
use crate::wire::handshake::types;

/// So many pairs that differ are kept; a peer decides how many messages there are.
const MOST: usize = 1_000;

/// Of all pairs together so many fields are kept.
const MOST_FIELDS: usize = 10_000;

/// A message that is not the same on both sides, or is there on one only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub direction: Direction,
    pub name: String,
    pub kind: Kind,
    /// Which one of this name it is, from 1.
    pub number: usize,
    /// By side: its index in the trace.
    pub index: [Option<usize>; 2],
    /// It is what this message contains in another form: decompressed, or decrypted (ECH).
    pub derived: bool,
    /// The other side has sealed records in which it may be.
    pub unseen: bool,
    /// Whether it counts that it is there, or is not. What comes after the handshake depends on how long somebody listened.
    pub counts: bool,
    pub differences: Differences,
}

impl Pair {
    /// Whether it makes the handshakes different.
    pub fn differs(&self) -> bool {
        match self.index {
            [Some(_), Some(_)] => self.differences.real && (self.counts || self.is_handshake()),
            _ => self.counts && !self.unseen,
        }
    }

    fn is_handshake(&self) -> bool {
        matches!(self.kind, Kind::Handshake(_))
    }

    /// The type of the handshake message, if it is one.
    pub fn handshake_type(&self) -> Option<u8> {
        match self.kind {
            Kind::Handshake(kind) => Some(kind),
            _ => None,
        }
    }
}

type Key<'t> = (usize, &'t str, usize);

/// The pairs that differ, in the order of the first trace, then what only the second has; and how many more there are.
pub fn pairs(traces: [&Trace; 2]) -> (Vec<Pair>, usize) {
    let keys = traces.map(keys);
    let sealed = traces.map(sealed);
    let mut places: HashMap<Key<'_>, usize> = keys[1].iter().map(|(key, index)| (*key, *index)).collect();
    let (mut out, mut more, mut room) = (Vec::new(), 0, MOST_FIELDS);
    let mut add = |pair: Pair| if out.len() < MOST { out.push(pair) } else { more += 1 };
    for (key, index) in &keys[0] {
        match (places.remove(key), traces[0].messages.get(*index)) {
            (Some(other), Some(message)) => {
                let Some(its) = traces[1].messages.get(other) else { continue };
                both(key.2, [(*index, message), (other, its)], &mut room, &mut add);
            }
            (None, Some(message)) => add(alone(key.2, 0, *index, message, sealed[1])),
            _ => {}
        }
    }
    for (key, index) in keys[1].iter().filter(|(key, _)| places.contains_key(key)) {
        if let Some(message) = traces[1].messages.get(*index) {
            add(alone(key.2, 1, *index, message, sealed[0]));
        }
    }
    (out, more)
}

/// Those that are compared, each with what it is paired by.
fn keys(trace: &Trace) -> Vec<(Key<'_>, usize)> {
    let mut seen: HashMap<(usize, &str), usize> = HashMap::new();
    let compared = |(_, message): &(usize, &Message)| {
        !matches!(message.kind, Kind::ApplicationData | Kind::Sealed) && message.incomplete.is_none()
    };
    let all = trace.messages.iter().enumerate().filter(compared);
    all.map(|(index, message)| {
        let direction = message.direction.index();
        let number = seen.entry((direction, &*message.name)).or_default();
        *number += 1;
        ((direction, &*message.name, *number), index)
    })
    .collect()
}

/// By direction: whether records of the handshake could not be read.
fn sealed(trace: &Trace) -> [bool; 2] {
    [Direction::Client, Direction::Server].map(|direction| {
        let unread = |message: &&Message| message.kind == Kind::Sealed && !message.post_handshake;
        trace.messages.iter().filter(|message| message.direction == direction).any(|message| unread(&message))
    })
}

fn both(number: usize, sides: [(usize, &Message); 2], room: &mut usize, add: &mut impl FnMut(Pair)) {
    let messages = sides.map(|(_, message)| message);
    let differences = compared(messages, room);
    let pair = |message: &Message, derived, differences| Pair {
        direction: message.direction,
        name: message.name.clone().into_owned(),
        kind: message.kind,
        number,
        index: sides.map(|(index, _)| Some(index)),
        derived,
        unseen: false,
        counts: !messages[0].post_handshake && !messages[1].post_handshake,
        differences,
    };
    if let Some(differences) = differences {
        add(pair(messages[0], false, differences));
    }
    // A record that was opened is its message already.
    let another_form = |message: &Message, derived: &Message| {
        derived.kind != message.kind || message.kind == Kind::Handshake(types::CLIENT_HELLO)
    };
    if let [Some(a), Some(b)] = messages.map(|message| message.derived.first())
        && another_form(messages[0], a)
        && let Some(differences) = compared([a, b], room)
    {
        add(pair(a, true, differences));
    }
}

/// What two messages differ in; none if they are equal, byte for byte.
fn compared(messages: [&Message; 2], room: &mut usize) -> Option<Differences> {
    if messages[0].bytes == messages[1].bytes {
        return None;
    }
    let [Some(a), Some(b)] = messages.map(Message::tree) else { return None };
    let found = Differences::of([&a, &b], messages.map(|message| message.bytes.as_slice()), *room);
    *room -= found.fields.len().min(*room);
    Some(found)
}

fn alone(number: usize, side: usize, index: usize, message: &Message, sealed: [bool; 2]) -> Pair {
    let mut indices = [None, None];
    indices[side] = Some(index);
    Pair {
        direction: message.direction,
        name: message.name.clone().into_owned(),
        kind: message.kind,
        number,
        index: indices,
        derived: false,
        unseen: message.encrypted() && sealed[message.direction.index()],
        counts: !message.post_handshake,
        differences: Differences::default(),
    }
}

//! The fields of two messages side by side: which differ, where they stand, and what every handshake has anew.
//!
//! Linear in the size of the trees: children are paired by what they are, never searched for.

use std::collections::HashMap;
use std::ops::Range;

use super::fresh;
use super::list::{Names, ordered};
use crate::report::field::{self, is_der, is_extension, is_frame, reading};
use crate::wire::codepoints::is_grease;
use crate::wire::field::{Field, Value};
use crate::wire::text::escape;

/// Of one pair of messages so many are kept; a peer decides how many fields a message has.
const MOST: usize = 1_000;

/// So many values of a structure are named in a line.
const FEW: usize = 4;

/// Bytes of a value that are shown.
const SHOWN: usize = 32;

/// A field that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name and those of the fields around it, the outermost first.
    pub path: Vec<String>,
    /// By side; none where there is no such field.
    pub sides: [Option<Here>; 2],
    /// Of a list: what only one of them has.
    pub list: Option<Names>,
    /// Every handshake has another one: what it is.
    pub fresh: Option<&'static str>,
}

/// A field of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Bytes of the message.
    pub range: Range<usize>,
    /// The value in words; escaped.
    pub text: String,
}

/// What two trees differ in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    pub fields: Vec<Difference>,
    /// How many more there are that say something.
    pub more: usize,
    /// Whether any of them says something, those that are not kept included.
    pub real: bool,
}

impl Differences {
    /// Of two messages, each with its bytes; `room`: no more are kept.
    pub fn of([a, b]: [&Field; 2], bytes: [&[u8]; 2], room: usize) -> Differences {
        let room = room.min(MOST);
        let mut walk = Walk { bytes, path: Vec::new(), der: false, room, out: Differences::default() };
        // The root is the message, whose name is known.
        walk.children([a, b]);
        walk.out
    }
}

struct Walk<'a> {
    bytes: [&'a [u8]; 2],
    path: Vec<String>,
    /// Within ASN.1, where names mean something else.
    der: bool,
    room: usize,
    out: Differences,
}

/// What a child is paired by: its name, the code point that it begins with, and which one of those it is.
type Key<'f> = (&'f str, Option<u16>, usize);

impl Walk<'_> {
    fn own(&self, side: usize, field: &Field) -> &[u8] {
        self.bytes[side].get(field.range.clone()).unwrap_or_default()
    }

    fn pair(&mut self, [a, b]: [&Field; 2]) {
        if self.own(0, a) == self.own(1, b) || is_frame(a) && is_frame(b) {
            return;
        }
        // That there is one at all is no matter of chance.
        let fresh = if self.der || is_empty(a) != is_empty(b) { None } else { fresh::of(&a.name) };
        if let Some(what) = fresh {
            return self.add([Some(a), Some(b)], None, Some(what));
        }
        let (below_a, below_b) = (content(a), content(b));
        match (below_a.as_slice(), below_b.as_slice()) {
            ([], []) if is_extension(a) => self.add([Some(a), Some(b)], None, Some(fresh::GREASE)),
            ([], []) => {
                let fresh = (greased(a) && greased(b)).then_some(fresh::GREASE);
                self.add([Some(a), Some(b)], None, fresh);
            }
            // An empty list has its length.
            ([], _) | (_, []) if a.children.is_empty() || b.children.is_empty() => {
                self.add([Some(a), Some(b)], None, None);
            }
            _ if is_list(&below_a, &below_b) => self.list([a, b], [&below_a, &below_b]),
            ([only_a], [only_b]) if only_a.name == only_b.name && !is_extension(only_a) => {
                self.inside(a, |walk| walk.pair([only_a, only_b]));
            }
            _ => self.inside(a, |walk| walk.children([a, b])),
        }
    }

    fn inside(&mut self, field: &Field, walk: impl FnOnce(&mut Self)) {
        let outer = self.der;
        self.der |= is_der(field);
        walk(self);
        self.der = outer;
    }

    /// Children that are told apart by what they are.
    fn children(&mut self, [a, b]: [&Field; 2]) {
        let (below_a, below_b) = (content(a), content(b));
        let (keys_a, keys_b) = (keys(&below_a, self.der), keys(&below_b, self.der));
        let mut places: HashMap<&Key<'_>, usize> =
            keys_b.iter().enumerate().map(|(place, key)| (key, place)).collect();
        let (mut last, mut reordered, mut extensions) = (0, false, false);
        for (key, child) in keys_a.iter().zip(&below_a) {
            let place = places.remove(key);
            let other = place.and_then(|place| Some((place, *below_b.get(place)?)));
            if let Some((place, other)) = other {
                reordered |= place < last;
                extensions |= is_extension(child);
                last = last.max(place);
                // Nearly all of a message is equal, and needs no path.
                if self.own(0, child) == self.own(1, other) {
                    continue;
                }
            }
            self.path.push(step(key, child));
            match other {
                Some((_, other)) => self.pair([child, other]),
                None => self.alone(0, child),
            }
            self.path.pop();
        }
        for (key, child) in keys_b.iter().zip(&below_b).filter(|(key, _)| places.contains_key(key)) {
            self.path.push(step(key, child));
            self.alone(1, child);
            self.path.pop();
        }
        if reordered {
            let text = |keys: &[Key<'_>]| ordered(keys.iter().map(|(name, ..)| escape(name)));
            let (text_a, text_b) = (text(&keys_a), text(&keys_b));
            let here = |field: &Field, text| Some(Here { range: field.range.clone(), text });
            let list = Names { reordered: true, ..Names::default() };
            let sides = [here(a, text_a), here(b, text_b)];
            self.keep(extensions.then_some(fresh::ORDER), |_| (sides, Some(list)));
        }
    }

    /// What only one of them has.
    fn alone(&mut self, side: usize, field: &Field) {
        let code = field.children.first().filter(|_| is_extension(field));
        let greased = greased(field) || code.is_some_and(greased);
        // Where it stands depends on the version, and that is told.
        let fresh = if self.der { None } else { fresh::of(&field.name) };
        let fresh = greased.then_some(fresh::GREASE).or(fresh);
        let mut sides = [None, None];
        sides[side] = Some(field);
        self.add(sides, None, fresh);
    }

    /// Lists of values.
    fn list(&mut self, fields: [&Field; 2], below: [&[&Field]; 2]) {
        let names = [0, 1].map(|side| -> Vec<String> {
            let name = |field: &&Field| match greased(field) {
                true => "GREASE".to_owned(),
                false => short(field, self.bytes[side]),
            };
            below[side].iter().map(name).collect()
        });
        let list = Names::of(&names[0], &names[1]);
        // Equal but for their bytes.
        let fresh = list.is_empty().then_some(fresh::GREASE);
        self.add(fields.map(Some), Some(list), fresh);
    }

    fn add(&mut self, fields: [Option<&Field>; 2], list: Option<Names>, fresh: Option<&'static str>) {
        self.keep(fresh, |bytes| {
            let here = |side: usize| {
                let field: &Field = fields[side]?;
                Some(Here { range: field.range.clone(), text: text(field, bytes[side]) })
            };
            ([here(0), here(1)], list)
        });
    }

    /// Makes it only if there is room.
    fn keep(
        &mut self,
        fresh: Option<&'static str>,
        make: impl FnOnce([&[u8]; 2]) -> ([Option<Here>; 2], Option<Names>),
    ) {
        self.out.real |= fresh.is_none();
        // A large chain leaves room for what stands beside it.
        let room = if self.der { self.room / 2 } else { self.room };
        if self.out.fields.len() >= room {
            self.out.more += usize::from(fresh.is_none());
            return;
        }
        let (sides, list) = make(self.bytes);
        self.out.fields.push(Difference { path: self.path.clone(), sides, list, fresh });
    }
}

/// Children that say something: without lengths, and without an extension's type, which is its name.
fn content(field: &Field) -> Vec<&Field> {
    let from = usize::from(is_extension(field));
    field.children.iter().skip(from).filter(|child| !is_frame(child)).collect()
}

fn greased(field: &Field) -> bool {
    matches!(field.value, Value::Code(code, registry) if registry.grease && is_grease(code, registry.width))
}

/// Nothing but lengths.
fn is_empty(field: &Field) -> bool {
    match field.children.is_empty() {
        true => field.range.is_empty(),
        false => content(field).into_iter().all(is_empty),
    }
}

/// The value of a field that has one: itself, or the only one in it.
fn value(field: &Field) -> Option<&Field> {
    match content(field).as_slice() {
        [] => Some(field),
        [only] if only.children.is_empty() && !is_extension(field) => Some(only),
        _ => None,
    }
}

/// A value in a list. `bytes` are the message's.
fn short(field: &Field, bytes: &[u8]) -> String {
    let value = value(field).unwrap_or(field);
    let own = bytes.get(value.range.clone()).unwrap_or_default();
    match value.value {
        Value::Bytes if value.note.is_none() => hex(own),
        _ => field::short(value, own),
    }
}

/// Values of one name, at least two on one of the sides.
fn is_list(a: &[&Field], b: &[&Field]) -> bool {
    let Some(first) = a.first().or(b.first()) else { return false };
    let alike = |field: &&Field| {
        field.name == first.name
            && field.problem.is_none()
            && fresh::of(&field.name).is_none()
            && value(field).is_some_and(|value| {
                value.problem.is_none() && (value.value != Value::Bytes || value.range.len() <= SHOWN)
            })
    };
    (a.len() > 1 || b.len() > 1) && a.iter().chain(b).all(alike)
}

fn keys<'f>(fields: &[&'f Field], der: bool) -> Vec<Key<'f>> {
    let mut seen: HashMap<(&str, Option<u16>), usize> = HashMap::new();
    let key = |field: &&'f Field| {
        let code = if der { None } else { leading_code(field) };
        let seen = seen.entry((&*field.name, code)).or_default();
        *seen += 1;
        (&*field.name, code, *seen)
    };
    fields.iter().map(key).collect()
}

/// The code point that a structure begins with: its type, or its group. All GREASE values are one.
fn leading_code(field: &Field) -> Option<u16> {
    let mut inside = field.children.iter().filter(|child| !is_frame(child));
    let first = inside.next()?;
    // Several of one name are a list.
    if !is_extension(field) && inside.next().is_none_or(|second| second.name == first.name) {
        return None;
    }
    match first.value {
        Value::Code(_, _) if greased(first) => Some(0x0a0a),
        Value::Code(code, _) => Some(code),
        _ => None,
    }
}

/// A step of a path: `KeyShareEntry x25519`, `CertificateEntry #2`.
fn step((name, code, number): &Key<'_>, field: &Field) -> String {
    let first = field.children.iter().find(|child| !is_frame(child));
    let code = match first.map(|first| first.value) {
        Some(Value::Code(point, registry)) if code.is_some() && !is_extension(field) => {
            format!(" {}", registry.show(point))
        }
        _ => String::new(),
    };
    let number = if *number > 1 { format!(" #{number}") } else { String::new() };
    format!("{}{code}{number}", escape(name))
}

/// What a field says, in a line. `bytes` are the message's.
fn text(field: &Field, bytes: &[u8]) -> String {
    let own = |field: &Field| bytes.get(field.range.clone()).unwrap_or_default();
    let below = content(field);
    if is_der(field) {
        let subject = field.find("subject").and_then(|subject| subject.note.as_deref());
        let size = format!("{} bytes of DER", field.range.len());
        return subject.map_or(size.clone(), |subject| format!("{subject} · {size}"));
    }
    match below.as_slice() {
        [] if is_extension(field) => "present".to_owned(),
        [] if field.value == Value::Bytes => hex(own(field)),
        [] if is_empty(field) && field.note.is_none() => "empty".to_owned(),
        [] => reading(field, own(field)),
        [only] => text(only, bytes),
        // What every handshake has anew says nothing.
        all if all.iter().any(|field| fresh::of(&field.name).is_some()) => "present".to_owned(),
        list if is_list(list, &[]) => ordered(list.iter().map(|field| short(field, bytes))),
        few if few.len() <= FEW && few.iter().all(|field| value(field).is_some()) => {
            let said = few.iter().map(|field| format!("{} {}", escape(&field.name), short(field, bytes)));
            ordered(said)
        }
        [first, .., last] => hex(bytes.get(first.range.start..last.range.end).unwrap_or_default()),
    }
}

/// As many bytes as are shown, and how many there are.
fn hex(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN) {
        None if bytes.is_empty() => "empty".to_owned(),
        Some(start) if bytes.len() > SHOWN => format!("{}… ({} B)", hex::encode(start), bytes.len()),
        _ => hex::encode(bytes),
    }
}

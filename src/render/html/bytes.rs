//! The fields and bytes of messages, as data for the page's script.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::render::Settings;
use crate::render::json::Choice;
use crate::report::Report;
use crate::report::field::{derived_as, explanation, is_frame, reading};
use crate::trace::Message;
use crate::wire::field::Field;

/// So many fields of a connection there are at most, and so many bytes.
const FIELDS: usize = 20_000;
const BYTES: usize = 1 << 20;
/// A summary goes no deeper.
const DEPTH: usize = 3;

/// Explanations, each once in a page, by their places.
#[derive(Default)]
pub(super) struct Texts {
    places: HashMap<Cow<'static, str>, usize>,
}

impl Texts {
    fn place(&mut self, text: Cow<'static, str>) -> usize {
        let next = self.places.len();
        *self.places.entry(text).or_insert(next)
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut texts: Vec<_> = self.places.iter().collect();
        texts.sort_by_key(|(_, place)| **place);
        serializer.collect_seq(texts.into_iter().map(|(text, _)| text))
    }
}

/// One connection.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    messages: Vec<Opened<'a>>,
}

/// A message that can be opened.
#[derive(Serialize)]
struct Opened<'a> {
    /// Its index in the trace.
    id: usize,
    views: Vec<View<'a>>,
}

/// The message, or what it contains in another form.
#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    /// What this is to the message; empty for itself.
    what: &'static str,
    /// In hexadecimal.
    bytes: String,
    /// Bytes, and fields, that are not in the page.
    more_bytes: usize,
    more_fields: usize,
    fields: Vec<Row>,
}

/// One field, in message order, those within it behind it: depth, start, end, name, value, place of its explanation,
/// what is wrong with it. What is empty at the end is left out.
struct Row {
    depth: usize,
    start: usize,
    end: usize,
    name: Cow<'static, str>,
    value: String,
    text: Option<usize>,
    problem: Option<String>,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for number in [self.depth, self.start, self.end] {
            seq.serialize_element(&number)?;
        }
        seq.serialize_element(&self.name)?;
        if !self.value.is_empty() || self.text.is_some() || self.problem.is_some() {
            seq.serialize_element(&self.value)?;
        }
        if self.text.is_some() || self.problem.is_some() {
            seq.serialize_element(&self.text)?;
        }
        if let Some(problem) = &self.problem {
            seq.serialize_element(problem)?;
        }
        seq.end()
    }
}

/// Of the connection at this place of the report.
pub(super) fn data<'a>(report: &'a Report, place: usize, settings: &Settings, texts: &mut Texts) -> Data<'a> {
    let choice = settings.fields.unwrap_or(Choice::All);
    let messages = report.connections.get(place).map(|judged| &judged.trace.messages[..]).unwrap_or_default();
    let mut room = Room { fields: FIELDS, bytes: BYTES };
    let mut all = Vec::new();
    for (id, message) in messages.iter().enumerate() {
        if choice == Choice::None || message.bytes.is_empty() || room.bytes == 0 {
            continue;
        }
        let derived = message.derived.iter().map(|derived| (derived, derived_as(message, derived)));
        let views = std::iter::once((message, "")).chain(derived);
        let views = views.map(|(message, what)| view(message, what, choice, &mut room, texts)).collect();
        all.push(Opened { id, views });
    }
    Data { messages: all }
}

/// What there still is room for.
struct Room {
    fields: usize,
    bytes: usize,
}

fn view<'a>(
    message: &'a Message,
    what: &'static str,
    choice: Choice,
    room: &mut Room,
    texts: &mut Texts,
) -> View<'a> {
    let kept = message.bytes.len().min(room.bytes);
    room.bytes -= kept;
    let mut view = View {
        name: &message.name,
        what,
        bytes: hex::encode(&message.bytes[..kept]),
        more_bytes: message.bytes.len() - kept,
        more_fields: 0,
        fields: Vec::new(),
    };
    let Some(root) = message.tree() else { return view };
    let mut stack: Vec<(&Field, usize)> = root.children.iter().rev().map(|field| (field, 0)).collect();
    while let Some((field, depth)) = stack.pop() {
        if choice == Choice::Summary && is_frame(field) {
            continue;
        }
        if choice == Choice::All || depth + 1 < DEPTH {
            stack.extend(field.children.iter().rev().map(|child| (child, depth + 1)));
        }
        if room.fields == 0 {
            view.more_fields += 1;
            continue;
        }
        room.fields -= 1;
        let own = message.bytes.get(field.range.clone()).unwrap_or_default();
        let group = !field.children.is_empty() && field.note.is_none();
        view.fields.push(Row {
            depth,
            start: field.range.start,
            end: field.range.end,
            name: field.name.clone(),
            value: if group { String::new() } else { reading(field, own) },
            text: explanation(field).map(|text| texts.place(text)),
            problem: field.problem.map(|problem| problem.to_string()),
        });
    }
    view
}

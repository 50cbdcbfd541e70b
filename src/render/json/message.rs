//! Messages and their fields, made one at a time while they are written.

use serde::{Serialize, Serializer};

use super::document::{FieldOut, MessageOut, ValueOut};
use super::list::List;
use super::{code, micros};
use crate::report::field::is_frame;
use crate::trace::{Kind, Message};
use crate::wire::field::{Field, Value};
use crate::wire::text::escape_bytes;

/// How much of the trees there is (`--fields`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// No field.
    None,
    /// What a message says, without length prefixes, the insides of certificates, and long byte strings.
    #[default]
    Summary,
    /// Every byte of every message.
    All,
}

/// A summary goes no deeper.
const DEPTH: usize = 3;
/// Nor has it longer byte strings.
const BYTES: usize = 64;

impl<'a> MessageOut<'a> {
    pub(super) fn of(message: &'a Message, choice: Choice) -> Self {
        MessageOut {
            at_us: micros(message.at),
            direction: message.direction.sender(),
            r#type: &message.name,
            records: message.origin.iter().map(|origin| origin.record + 1).collect(),
            encrypted: message.encrypted(),
            length: message.length,
            incomplete: message.incomplete,
            problem: message.problem.or(message.carried_problem).map(|problem| problem.to_string()),
            fields: Fields::Whole { message, choice },
            data: Some(&message.bytes)
                .filter(|bytes| message.kind == Kind::ApplicationData && !bytes.is_empty())
                .map(hex::encode),
            derived: List::of(&message.derived, move |_, derived| MessageOut::of(derived, choice)),
        }
    }
}

/// A list of fields.
pub(super) enum Fields<'a> {
    /// Those of a message.
    Whole { message: &'a Message, choice: Choice },
    /// Those below a field.
    Below { fields: &'a [Field], bytes: &'a [u8], depth: usize, choice: Choice },
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list = |fields: &[Field], bytes: &[u8], depth: usize, choice: Choice, serializer: S| {
            let shown = fields.iter().filter(|field| choice == Choice::All || !is_frame(field));
            serializer.collect_seq(shown.map(|field| FieldOut::of(field, bytes, depth, choice)))
        };
        match *self {
            Fields::Whole { choice: Choice::None, .. } => serializer.collect_seq([(); 0]),
            Fields::Whole { message, choice } => {
                let tree = message.tree();
                let fields = tree.as_ref().map_or(&[][..], |root| &root.children);
                list(fields, &message.bytes, 1, choice, serializer)
            }
            Fields::Below { fields, bytes, depth, choice } => list(fields, bytes, depth, choice, serializer),
        }
    }
}

impl<'a> FieldOut<'a> {
    fn of(field: &'a Field, bytes: &'a [u8], depth: usize, choice: Choice) -> Self {
        let own = bytes.get(field.range.clone()).unwrap_or_default();
        let all = choice == Choice::All;
        let fields = if all || depth < DEPTH { &field.children[..] } else { &[] };
        FieldOut {
            name: &field.name,
            offset: field.range.start,
            length: field.range.len(),
            value: match field.value {
                Value::None => ValueOut::None(()),
                Value::Uint(n) => ValueOut::Number(n),
                Value::Code(code, registry) => ValueOut::Code(self::code(code, registry)),
                Value::Text => ValueOut::Text { text: escape_bytes(own) },
                Value::Bytes if all || own.len() <= BYTES => ValueOut::Bytes { bytes: hex::encode(own) },
                Value::Bytes => ValueOut::None(()),
            },
            note: field.note.as_deref(),
            problem: field.problem.map(|problem| problem.to_string()),
            children: Fields::Below { fields, bytes, depth: depth + 1, choice },
        }
    }
}

//! A field of a message as every renderer says it: its value in words, and what explains it.

use std::borrow::Cow;

use crate::finding::explain::concept;
use crate::trace::{Kind, Message};
use crate::wire::asn1::der;
use crate::wire::extension;
use crate::wire::field::{Field, Value};
use crate::wire::handshake::types;
use crate::wire::text::escape_bytes;

/// The value in words, with its remark. `own` are the field's bytes.
pub fn reading(field: &Field, own: &[u8]) -> String {
    let value = match field.value {
        Value::None => String::new(),
        Value::Uint(n) => n.to_string(),
        Value::Code(code, registry) => match registry.name_of(code) {
            Some(name) if registry.width == 1 => format!("{name} ({code})"),
            Some(name) => format!("{name} (0x{code:04x})"),
            None => registry.show(code).into_owned(),
        },
        Value::Text => format!("\"{}\"", escape_bytes(own)),
        Value::Bytes if own.is_empty() => "empty".into(),
        Value::Bytes if field.note.is_some() && own.len() <= 20 => String::new(),
        Value::Bytes => format!("{} bytes", own.len()),
    };
    match (&field.note, value.is_empty()) {
        (Some(note), true) => note.clone().into_owned(),
        (Some(note), false) => format!("{value} · {note}"),
        (None, _) => value,
    }
}

/// What `derived` is to the message that it is in.
pub fn derived_as(message: &Message, derived: &Message) -> &'static str {
    match message.kind {
        Kind::Handshake(types::CLIENT_HELLO) => "encrypted in it",
        kind if kind == derived.kind => "its decrypted record",
        _ => "decompressed",
    }
}

/// A length, or the tag and length of a DER element, with nothing wrong about it.
pub fn is_frame(field: &Field) -> bool {
    let frame = field.name == "length" || (field.value == Value::Bytes && der::is_header(&field.name));
    frame && field.children.is_empty() && field.problem.is_none()
}

/// Its type stands first.
pub fn is_extension(field: &Field) -> bool {
    field.children.first().is_some_and(|first| first.name == "extension_type" && first.problem.is_none())
}

/// A value in a list: code points by their name alone.
pub fn short(field: &Field, own: &[u8]) -> String {
    match field.value {
        Value::Code(code, registry) => match (registry.name_of(code), &field.note) {
            (_, Some(_)) => reading(field, own),
            (Some(name), None) => name.to_owned(),
            (None, None) => registry.show(code).into_owned(),
        },
        Value::Bytes if field.note.is_none() && !own.is_empty() => hex::encode(own),
        _ => reading(field, own),
    }
}

/// A DER element: the tag and length stand first in it.
pub fn is_der(field: &Field) -> bool {
    field.children.first().is_some_and(|first| first.value == Value::Bytes && der::is_header(&first.name))
}

/// What a field means: of an extension, of the value that a registry names, or of what its name stands for.
pub fn explanation(field: &Field) -> Option<Cow<'static, str>> {
    if let Some(first) = field.children.first()
        && first.name == "extension_type"
        && let Value::Code(code, _) = first.value
    {
        let row = extension::find(code)?;
        return Some(with_reference(row.about, row.reference));
    }
    if let Value::Code(code, registry) = field.value
        && let Some(entry) = (registry.find)(code).filter(|entry| !entry.about.is_empty())
    {
        return Some(with_reference(entry.about, entry.reference));
    }
    let idea = NAMED.iter().find(|(name, _)| field.name == *name)?.1;
    concept(idea).map(Cow::Borrowed)
}

fn with_reference(about: &'static str, reference: &str) -> Cow<'static, str> {
    if reference.is_empty() { Cow::Borrowed(about) } else { Cow::Owned(format!("{about} ({reference})")) }
}

/// Fields by their names in the RFCs, and the idea behind each.
const NAMED: &[(&str, &str)] = &[
    ("random", "concept.random"),
    ("legacy_version", "concept.compatibility"),
    ("legacy_session_id", "concept.compatibility"),
    ("legacy_session_id_echo", "concept.compatibility"),
    ("legacy_compression_methods", "concept.compatibility"),
    ("legacy_compression_method", "concept.compatibility"),
    ("session_id", "concept.session_id"),
    ("cipher_suites", "concept.cipher_suite"),
    ("cipher_suite", "concept.cipher_suite"),
    ("key_exchange", "concept.key_exchange"),
    ("exchange_keys", "concept.premaster_secret"),
    ("certificate_list", "concept.certificate_chain"),
    ("Certificate", "concept.certificate"),
    ("subjectPublicKeyInfo", "concept.public_key"),
    ("signature", "concept.signature"),
    ("signatureValue", "concept.signature"),
    ("verify_data", "concept.finished"),
    ("ticket", "concept.resumption"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_an_idea_with_words() {
        for (name, idea) in NAMED {
            assert!(concept(idea).is_some_and(|words| words.len() > 20), "{name}: {idea}");
        }
    }
}

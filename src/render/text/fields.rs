//! Every field of a message (`-v`), and each beside its own bytes (`-vv`).

use super::screen::{Screen, Style, width};
use crate::report::field::{derived_as, is_der, is_extension, is_frame, reading, short};
use crate::trace::{Message, Opened, Trace};
use crate::wire::codepoints::CONTENT_TYPES;
use crate::wire::field::{Field, Value};
use crate::wire::record::HEADER;

/// Column of the outermost field with `-v`.
const INDENT: usize = 15;
/// Bytes a line with `-vv`.
const BYTES: usize = 8;
/// Bytes of one field that `-vv` shows before it cuts.
const SHOWN: usize = 64;

pub(super) fn write(screen: &mut Screen<'_>, trace: &Trace, message: &Message) {
    if screen.settings.verbosity == 0 {
        return;
    }
    if screen.settings.verbosity > 1 {
        record_headers(screen, trace, message);
    }
    one(screen, message);
    for derived in &message.derived {
        let lead = format!("{:INDENT$}", "");
        let what = derived_as(message, derived);
        screen.wrapped(&lead, INDENT, Style::Dim, &format!("{what}: {}, {} B", derived.name, derived.length));
        one(screen, derived);
    }
}

/// The header of each record that begins with this message, and where in its records the message lies.
fn record_headers(screen: &mut Screen<'_>, trace: &Trace, message: &Message) {
    const SHOWN: usize = 4;
    for origin in message.origin.iter().take(SHOWN) {
        let Some(record) = trace.records.get(origin.record) else { continue };
        let content = match record.opened {
            Opened::Decrypted { length, .. } => length,
            Opened::Clear | Opened::Sealed(_) => record.length,
        };
        let whole = origin.range.is_empty() || origin.range == (0..content);
        let place = match whole {
            true => String::new(),
            false => format!(", bytes {} to {} of its content", origin.range.start, origin.range.end - 1),
        };
        let words = format!("record {}{place}", origin.record + 1);
        screen.wrapped("        ", 8, Style::Dim, &words);
        // The header of SSL 2.0 is another, and is in the message's own tree.
        if origin.range.start > 0 || record.header != HEADER {
            continue;
        }
        let length = u16::try_from(record.length).unwrap_or(u16::MAX);
        let outer = CONTENT_TYPES.show(record.content_type.into());
        let version = record.legacy_version;
        let lines = [
            (0, vec![record.content_type], format!("type  {outer} ({})", record.content_type)),
            (1, version.0.to_be_bytes().to_vec(), format!("legacy_record_version  {version}")),
            (3, length.to_be_bytes().to_vec(), format!("length  {length}")),
        ];
        for (offset, bytes, words) in lines {
            let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let at = screen.paint(Style::Dim, &format!("{offset:6}"));
            let bytes =
                screen.paint(Style::Server, &format!("{:<fill$}", bytes.join(" "), fill = 3 * BYTES - 1));
            screen.wrapped(&format!("{at}  {bytes} "), 8 + 3 * BYTES, Style::Plain, &words);
        }
    }
    if message.origin.len() > SHOWN {
        let words = format!("and {} records more", message.origin.len() - SHOWN);
        screen.wrapped("        ", 8, Style::Dim, &words);
    }
}

fn one(screen: &mut Screen<'_>, message: &Message) {
    let Some(root) = message.tree() else { return };
    let mut certificates = 0;
    for child in &root.children {
        match screen.settings.verbosity {
            // The row says it already.
            1 if child.name == "msg_type" && child.problem.is_none() => {}
            1 => read(screen, &message.bytes, child, 0, &mut certificates),
            _ => beside(screen, &message.bytes, child, 0),
        }
    }
}

/// A field as a person reads it: lengths, ASN.1 and what its name says already are left out.
fn read(screen: &mut Screen<'_>, bytes: &[u8], field: &Field, depth: usize, certificates: &mut usize) {
    if is_frame(field) || !screen.goes_on() {
        return;
    }
    let (name, field, note, children) = heading(field);
    let own = |field: &Field| bytes.get(field.range.clone()).unwrap_or_default();
    let indent = INDENT + 2 * depth.min(12);
    // A name that leaves no room has a line of its own.
    let beside = indent + width(&name) + 2 + 20 <= screen.width();
    let column = if beside { indent + width(&name) + 2 } else { indent + 4 };
    let room = screen.width().saturating_sub(column).max(16);
    let (text, below) = if is_der(field) {
        *certificates += usize::from(field.name == "Certificate");
        (certificate(field, *certificates), Vec::new())
    } else if let Some(list) = list(&children) {
        (list.iter().map(|field| short(field, own(field))).collect::<Vec<_>>().join(", "), Vec::new())
    } else {
        let opaque = field.value == Value::Bytes && field.children.is_empty() && field.note.is_none();
        let text = match opaque {
            true => cut_hex(own(field), room, screen.ellipsis()),
            false if children.is_empty() || field.value != Value::None => reading(field, own(field)),
            false => field.note.as_deref().unwrap_or_default().to_owned(),
        };
        (text, children)
    };
    let text = match note {
        Some(note) => format!("{text} · {note}"),
        None => text,
    };
    if beside {
        screen.wrapped(&format!("{:indent$}{name}  ", ""), column, Style::Dim, &text);
    } else {
        screen.wrapped(&" ".repeat(indent), indent, Style::Plain, &name);
        if !text.is_empty() {
            screen.wrapped(&" ".repeat(column), column, Style::Dim, &text);
        }
    }
    problem(screen, field, indent + 2);
    if is_der(field) {
        for inside in field.problems() {
            problem(screen, inside, indent + 2);
        }
    }
    for child in below {
        read(screen, bytes, child, depth + 1, certificates);
    }
}

/// What a field is called, which field says its value, a remark on that, and what is to be told below. An extension
/// has its type beside its name; a group of one stands for that one.
fn heading(field: &Field) -> (String, &Field, Option<&str>, Vec<&Field>) {
    let mut name = field.name.to_string();
    let mut field = field;
    loop {
        let mut inside: Vec<&Field> = field.children.iter().filter(|child| !is_frame(child)).collect();
        if is_extension(field)
            && let Some(Value::Code(code, _)) = inside.first().map(|first| first.value)
        {
            name = format!("{name} (0x{code:04x})");
            inside.remove(0);
        }
        match inside.as_slice() {
            [_] if field.problem.is_some() || is_der(field) => return (name, field, None, inside),
            [only] if only.children.is_empty() && only.note.is_none() => {
                return (name, only, field.note.as_deref(), Vec::new());
            }
            // An extension keeps its name.
            [only] if field.note.is_none() && !is_extension(only) => field = only,
            _ => return (name, field, None, inside),
        }
    }
}

/// Several leaves of one name with short values: a line says them all.
fn list<'a>(children: &[&'a Field]) -> Option<Vec<&'a Field>> {
    let first = children.first().filter(|_| children.len() > 1)?;
    let alike = |field: &&Field| {
        field.name == first.name
            && field.children.is_empty()
            && field.problem.is_none()
            && (field.value != Value::Bytes || field.range.len() <= 16)
    };
    children.iter().all(alike).then(|| children.to_vec())
}

/// What a structure of ASN.1 is, in a line; with `-vv` it is a tree.
fn certificate(field: &Field, number: usize) -> String {
    let size = format!("{} bytes of DER", field.range.len());
    let subject = || field.find("subject").and_then(|subject| subject.note.as_deref());
    match (field.name.as_ref(), &field.note) {
        ("Certificate", _) => match subject() {
            Some(subject) => format!("certificate {number}: {subject} · {size}"),
            None => format!("certificate {number} · {size}"),
        },
        (_, Some(note)) => note.clone().into_owned(),
        (_, None) => size,
    }
}

/// Every field beside its own bytes.
fn beside(screen: &mut Screen<'_>, bytes: &[u8], field: &Field, depth: usize) {
    if !screen.goes_on() {
        return;
    }
    let own = bytes.get(field.range.clone()).unwrap_or_default();
    beside_bytes(screen, field, own, &reading(field, own), depth);
    problem(screen, field, 8 + 3 * BYTES + indent_beside(screen, depth));
    for child in &field.children {
        beside(screen, bytes, child, depth + 1);
    }
}

fn problem(screen: &mut Screen<'_>, field: &Field, indent: usize) {
    if let Some(problem) = field.problem {
        screen.wrapped(&" ".repeat(indent), indent, Style::Bad, &format!("malformed: {problem}"));
    }
}

/// As many bytes as there is room for, and how many there are.
fn cut_hex(bytes: &[u8], room: usize, ellipsis: &str) -> String {
    let all = hex::encode(bytes);
    if all.len() <= room {
        return all;
    }
    let tail = format!("{ellipsis} ({} B)", bytes.len());
    let digits = room.saturating_sub(width(&tail)) / 2 * 2;
    format!("{}{tail}", &all[..digits.min(all.len())])
}

/// How far a field of this depth is indented behind its bytes: as far as there is room for words.
fn indent_beside(screen: &Screen<'_>, depth: usize) -> usize {
    2 * depth.min(12).min(screen.width().saturating_sub(8 + 3 * BYTES + 20) / 2)
}

/// Offset, bytes, reading: three columns.
fn beside_bytes(screen: &mut Screen<'_>, field: &Field, own: &[u8], text: &str, depth: usize) {
    let group = !field.children.is_empty();
    let name = &field.name;
    let words = if text.is_empty() { name.to_string() } else { format!("{name}  {text}") };
    let column = 8 + 3 * BYTES;
    let indent = indent_beside(screen, depth);
    let room = screen.width().saturating_sub(column + indent).max(16);
    let mut lines = super::screen::wrap(&words, room).into_iter();
    let most = if screen.settings.verbosity > 2 { usize::MAX } else { SHOWN };
    let shown = if group { &[][..] } else { &own[..own.len().min(most)] };
    let mut chunks = shown.chunks(BYTES);
    let mut offset = field.range.start;
    let mut first = true;
    loop {
        let (line, chunk) = (lines.next(), chunks.next());
        if line.is_none() && chunk.is_none() {
            break;
        }
        let hex: Vec<_> = chunk.unwrap_or_default().iter().map(|b| format!("{b:02x}")).collect();
        let at = if chunk.is_some() || first { format!("{offset:6}") } else { " ".repeat(6) };
        let at = screen.paint(Style::Dim, &at);
        let style = if group { Style::Bold } else { Style::Plain };
        let line = screen.paint(style, &line.unwrap_or_default());
        let hex = hex.join(" ");
        // No paint on blanks: trailing ones would stay.
        let fill = 3 * BYTES - 1 - hex.len();
        let hex = screen.paint(Style::Server, &hex);
        screen.line(&format!("{at}  {hex}{:fill$} {:indent$}{line}", "", ""));
        offset += chunk.map_or(0, <[u8]>::len);
        first = false;
    }
    if !group && own.len() > most {
        let words = format!("… {} bytes in all", own.len());
        screen.line(&format!(
            "{:8}{}",
            "",
            screen.paint(Style::Dim, &screen.cut(&words, screen.width() - 8))
        ));
    }
}

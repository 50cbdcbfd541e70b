//! Every field of a message (`-v`), and each beside its own bytes (`-vv`).

use super::screen::{Screen, Style, width};
use crate::trace::Message;
use crate::wire::field::{Field, Value};
use crate::wire::text::escape_bytes;

/// Column of the outermost field with `-v`.
const INDENT: usize = 15;
/// Bytes a line with `-vv`.
const BYTES: usize = 8;
/// Bytes of one field that `-vv` shows before it cuts.
const SHOWN: usize = 64;

pub(super) fn write(screen: &mut Screen<'_>, message: &Message) {
    if screen.settings.verbosity == 0 {
        return;
    }
    one(screen, message);
    for derived in &message.derived {
        let lead = format!("{:INDENT$}", "");
        screen.wrapped(
            &lead,
            INDENT,
            Style::Dim,
            &format!("decompressed: {}, {} B", derived.name, derived.length),
        );
        one(screen, derived);
    }
}

fn one(screen: &mut Screen<'_>, message: &Message) {
    let Some(root) = &message.root else { return };
    for child in &root.children {
        field(screen, &message.bytes, child, 0);
    }
}

fn field(screen: &mut Screen<'_>, bytes: &[u8], field: &Field, depth: usize) {
    let all = screen.settings.verbosity > 1;
    // Lengths are plain to see from the structure; they have their own line only beside their bytes.
    if !all && field.name == "length" && field.problem.is_none() {
        return;
    }
    let own = bytes.get(field.range.clone()).unwrap_or_default();
    let text = reading(field, own);
    if all {
        beside_bytes(screen, field, own, &text, depth);
    } else {
        let indent = INDENT + 2 * depth.min(12);
        let name = screen.paint(Style::Plain, &field.name);
        let lead = format!("{:indent$}{name}  ", "");
        let column = indent + width(&field.name) + 2;
        let room = screen.width().saturating_sub(column).max(16);
        let text = match field.value {
            Value::Bytes if field.children.is_empty() => cut_hex(own, room, screen.ellipsis()),
            _ => text,
        };
        screen.wrapped(&lead, column.min(screen.width() - 16), Style::Dim, &text);
    }
    if let Some(problem) = &field.problem {
        let indent = if all { 8 + 3 * BYTES + 2 * depth.min(12) } else { INDENT + 2 + 2 * depth.min(12) };
        screen.wrapped(&format!("{:indent$}", ""), indent, Style::Bad, &format!("malformed: {problem}"));
    }
    for child in &field.children {
        self::field(screen, bytes, child, depth + 1);
    }
}

/// The value in words, with its remark.
fn reading(field: &Field, own: &[u8]) -> String {
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
        Value::Bytes => format!("{} bytes", own.len()),
    };
    match (&field.note, value.is_empty()) {
        (Some(note), true) => note.clone().into_owned(),
        (Some(note), false) => format!("{value} · {note}"),
        (None, _) => value,
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

/// Offset, bytes, reading: three columns.
fn beside_bytes(screen: &mut Screen<'_>, field: &Field, own: &[u8], text: &str, depth: usize) {
    let group = !field.children.is_empty();
    let name = &field.name;
    let words = if text.is_empty() { name.to_string() } else { format!("{name}  {text}") };
    let column = 8 + 3 * BYTES;
    let indent = 2 * depth.min(12);
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

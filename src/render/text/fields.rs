//! Every field of a message (`-v`), and each beside its own bytes (`-vv`).

use super::screen::{Screen, Style, width};
use crate::trace::Message;
use crate::wire::asn1;
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
        let what = if derived.kind == message.kind { "its opened record" } else { "decompressed" };
        screen.wrapped(&lead, INDENT, Style::Dim, &format!("{what}: {}, {} B", derived.name, derived.length));
        one(screen, derived);
    }
}

fn one(screen: &mut Screen<'_>, message: &Message) {
    let Some(root) = message.tree() else { return };
    for child in &root.children {
        field(screen, &message.bytes, child, 0);
    }
}

fn field(screen: &mut Screen<'_>, bytes: &[u8], field: &Field, depth: usize) {
    let all = screen.settings.verbosity > 1;
    // Lengths and DER headers are plain to see from the structure; they have their own line only beside their bytes.
    if !all && is_frame(field) {
        return;
    }
    // A vector of one value, or a DER element, says it in one line.
    let (shown, children) = match single(field).filter(|_| !all) {
        Some(only) => (only, &only.children),
        None => (field, &field.children),
    };
    let own = bytes.get(shown.range.clone()).unwrap_or_default();
    if all {
        beside_bytes(screen, field, own, &reading(field, own), depth);
    } else {
        let indent = INDENT + 2 * depth.min(12);
        let column = indent + width(&field.name) + 2;
        let room = screen.width().saturating_sub(column).max(16);
        let opaque = shown.value == Value::Bytes && shown.children.is_empty() && shown.note.is_none();
        let mut text = if opaque { cut_hex(own, room, screen.ellipsis()) } else { reading(shown, own) };
        if let (Some(note), false) = (&field.note, std::ptr::eq(field, shown)) {
            text = format!("{text} · {note}");
        }
        let lead = format!("{:indent$}{}  ", "", field.name);
        screen.wrapped(&lead, column.min(screen.width() - 16), Style::Dim, &text);
    }
    for problem in field.problem.iter().chain(shown.problem.iter().filter(|_| !std::ptr::eq(field, shown))) {
        let indent = if all { 8 + 3 * BYTES + 2 * depth.min(12) } else { INDENT + 2 + 2 * depth.min(12) };
        screen.wrapped(&" ".repeat(indent), indent, Style::Bad, &format!("malformed: {problem}"));
    }
    for child in children {
        self::field(screen, bytes, child, depth + 1);
    }
}

/// A length, or the tag and length of a DER element, with nothing wrong about it.
fn is_frame(field: &Field) -> bool {
    let frame = field.name == "length" || (field.value == Value::Bytes && asn1::der::is_header(&field.name));
    frame && field.children.is_empty() && field.problem.is_none()
}

/// The one leaf in a group that is no frame.
fn single(field: &Field) -> Option<&Field> {
    let mut inside = field.children.iter().filter(|child| !is_frame(child));
    let only = inside.next()?;
    (inside.next().is_none() && only.children.is_empty()).then_some(only)
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
        Value::Bytes if field.note.is_some() && own.len() <= 20 => String::new(),
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

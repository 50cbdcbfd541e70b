//! Text that a peer wrote, made safe to show.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` with everything that could steer a terminal, reorder a line or hide itself
/// (control, bidi, invisible and unassigned-width characters, line separators) as `\u{..}`.
/// A backslash is doubled, so that the result can be read back without doubt.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_escaped(&mut out, c);
    }
    out
}

/// The same for text in which every backslash of the peer's is escaped already, such as a name's: none is doubled.
pub fn escape_again(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push(c),
            c => push_escaped(&mut out, c),
        }
    }
    out
}

/// A file's path, to be shown. It keeps its backslashes: it is to be copied, not read back.
pub fn path(path: &std::path::Path) -> String {
    escape_again(&path.to_string_lossy())
}

/// The same for bytes that should be text: what is not UTF-8 becomes `\x..`.
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut out, c);
        }
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Columns that `text` takes on a terminal.
pub fn width(text: &str) -> usize {
    if is_printable_ascii(text) { text.len() } else { UnicodeWidthStr::width(text) }
}

/// Nearly all text is; that is soon found out.
fn is_printable_ascii(text: &str) -> bool {
    // Without a branch for each byte.
    text.bytes().fold(true, |all, byte| all & (0x20..0x7f).contains(&byte))
}

/// Whether something in it [`is_hostile`].
pub fn has_hostile(text: &str) -> bool {
    !is_printable_ascii(text) && text.contains(is_hostile)
}

/// `text` cut to `columns`, with `ellipsis` if something was cut off.
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        out.push(c);
    }
    out + ellipsis
}

/// Whether [`escape`] leaves `text` as it is.
pub fn is_plain(text: &str) -> bool {
    !text.contains('\\') && !has_hostile(text)
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if is_hostile(c) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        c => out.push(c),
    }
}

/// Control characters, bidi controls, and characters that take no visible room.
pub fn is_hostile(c: char) -> bool {
    // Nearly all of it is; the rest of the test is long.
    if (' '..='~').contains(&c) {
        return false;
    }
    c.is_control()
        || matches!(u32::from(c),
            0x00ad                        // soft hyphen
            | 0x034f                      // combining grapheme joiner
            | 0x0600..=0x0605             // Arabic number signs (format)
            | 0x061c                      // Arabic letter mark
            | 0x06dd | 0x070f | 0x08e2
            | 0x115f | 0x1160             // Hangul fillers
            | 0x17b4 | 0x17b5             // Khmer inherent vowels
            | 0x180b..=0x180f             // Mongolian selectors, vowel separator
            | 0x200b..=0x200f             // zero width, LRM, RLM
            | 0x2028..=0x202e             // separators, embeddings and overrides
            | 0x2060..=0x206f             // word joiner, isolates, deprecated formats
            | 0x2800                      // blank braille
            | 0x3164 | 0xffa0             // Hangul fillers
            | 0xfe00..=0xfe0f             // variation selectors
            | 0xfeff                      // byte order mark
            | 0xfff0..=0xfffb             // specials
            | 0xfdd0..=0xfdef             // no characters
            | 0x110bd | 0x110cd
            | 0x13430..=0x1345f           // Egyptian format controls
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff           // tags, variation selectors supplement
            | 0xe000..=0xf8ff             // private use
            | 0xf0000..=0x10ffff)
        // No characters either; XML takes no file that has one (XML 1.0, section 2.2).
        || u32::from(c) & 0xfffe == 0xfffe
        // Spaces other than the space.
        || (c.is_whitespace() && c != ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays() {
        for text in ["CN=Example, O=Österreich", "日本語", "a b", "*.example.com"] {
            assert_eq!(escape(text), text);
            assert!(is_plain(text));
        }
    }

    #[test]
    fn hostile_text_is_shown() {
        assert_eq!(escape("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(escape("moc\u{202e}x"), "moc\\u{202e}x");
        assert_eq!(escape("a\u{200b}b\u{a0}"), "a\\u{200b}b\\u{a0}");
        assert_eq!(escape("a\nb\\"), "a\\nb\\\\");
        assert_eq!(escape("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(escape("\u{fffe}\u{1ffff}"), "\\u{fffe}\\u{1ffff}");
        assert!(!is_plain("a\u{2066}"));
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(escape_bytes(b"ok\xff\x00"), "ok\\xff\\u{0}");
    }
}

//! Texts in which nothing is syntax of Mermaid, of Markdown around it, or of HTML behind it.

use super::super::plain::safe;

/// A text of the report in one line. All but letters, digits and what means nothing anywhere is written as a numeric
/// entity, as Mermaid has it: `#59;`.
pub(super) fn line(text: &str) -> String {
    let safe = safe(text);
    let mut out = String::with_capacity(safe.len());
    for c in safe.chars() {
        // Mermaid itself puts U+FB02 in the place of an entity.
        let plain = c != '\u{fb02}'
            && (c.is_alphanumeric()
                || matches!(c, ' ' | '.' | ',' | ':' | '_' | '-' | '/' | '(' | ')' | '+' | '=' | '\'' | '?')
                || matches!(c, '·' | '×' | '✓' | '✗' | '–' | '…' | '→' | '←' | '●'));
        match plain {
            true => out.push(c),
            false => out.push_str(&format!("#{};", u32::from(c))),
        }
    }
    out
}

/// The same in quotes, for a box or an edge of a flow chart.
pub(super) fn label(text: &str) -> String {
    format!("\"{}\"", line(text))
}

//! How a word is recognised, and how it is written.

use std::collections::BTreeSet;

use crate::wire::text;

/// Labels with a dot between them, the last of which is no number.
pub(super) fn looks_like_a_host(text: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    text.split('.').count() > 1
        && text.split('.').all(label)
        && text.rsplit('.').next().is_some_and(|last| last.len() > 1 && last.starts_with(char::is_alphabetic))
}

/// A word as the formats write it: as it is, escaped for a terminal, in JSON, in XML and HTML, in Markdown.
pub(super) fn spellings(word: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([word.to_owned(), text::escape(word), text::escape_again(word)]);
    if word.chars().all(|c| c.is_alphanumeric() || " .-".contains(c))
        && !word.to_ascii_lowercase().contains("w.")
    {
        return all;
    }
    for spelled in all.clone() {
        let json = serde_json::to_string(&spelled).unwrap_or_default();
        all.extend(json.get(1..json.len().saturating_sub(1)).map(str::to_owned));
        for (quote, apostrophe) in [("&quot;", "&apos;"), ("&quot;", "&#39;"), ("&quot;", "'"), ("\"", "'")] {
            let markup = spelled.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            all.insert(markup.replace('"', quote).replace('\'', apostrophe));
        }
        all.insert(spelled.replace('"', "\"\""));
        let mut before = None;
        let mut entities = String::new();
        for c in spelled.chars() {
            match c {
                '.' if before == Some('w') || before == Some('W') => entities.push_str("&#46;"),
                c if "\\`*[]<>&|~@#!$\"'".contains(c) => entities.push_str(&format!("&#{};", u32::from(c))),
                c => entities.push(c),
            }
            before = Some(c);
        }
        all.insert(entities);
    }
    all.retain(|spelled| !spelled.is_empty());
    all
}

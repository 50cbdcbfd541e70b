//! What is known of a connection.

use std::collections::BTreeMap;

use crate::wire::text::escape;

/// What is known, by the names of fields: one text, or several of a list. A field that has none is an empty list; one
/// that is not known is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    known: BTreeMap<&'static str, Vec<String>>,
    /// Lists of which there may be more.
    open: Vec<&'static str>,
}

impl Values {
    /// Sets what is known of a field.
    pub fn set<T: ToString>(&mut self, field: &'static str, texts: impl IntoIterator<Item = T>) {
        self.known.insert(field, texts.into_iter().map(|text| text.to_string()).collect());
    }

    /// The same of a list of which only a part is known: what is not in it may be there all the same.
    pub fn set_part<T: ToString>(&mut self, field: &'static str, texts: impl IntoIterator<Item = T>) {
        self.set(field, texts);
        self.open.push(field);
    }

    /// Forgets a field.
    pub fn remove(&mut self, field: &str) {
        self.known.remove(field);
    }

    /// What is known of a field.
    pub fn of(&self, field: &str) -> Option<&[String]> {
        self.known.get(field).map(Vec::as_slice)
    }

    /// What is known of a field, in words: `tls is 1.2`.
    pub fn say(&self, field: &str) -> Option<String> {
        /// Of a list so many are told.
        const SHOWN: usize = 4;
        let all = self.of(field)?;
        if all.is_empty() {
            return Some(format!("there is no {field}"));
        }
        let unit = if field == "life" { "%" } else { "" };
        let shown: Vec<String> = all.iter().take(SHOWN).map(|one| format!("{}{unit}", escape(one))).collect();
        let more = match all.len().saturating_sub(SHOWN) {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        Some(format!("{field} is {}{more}", shown.join(", ")))
    }

    /// Which of these fields are not known, or not to the full, in words.
    pub fn unknown<'a>(&self, fields: impl IntoIterator<Item = &'a str>) -> String {
        let open = fields.into_iter().filter(|field| self.of(field).is_none() || self.is_open(field));
        let open: Vec<&str> = open.collect();
        format!("{} {} not known", open.join(", "), if open.len() == 1 { "is" } else { "are" })
    }

    /// Whether more may be true of a field than is known.
    pub fn is_open(&self, field: &str) -> bool {
        self.open.contains(&field)
    }
}

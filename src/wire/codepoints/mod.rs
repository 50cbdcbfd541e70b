//! The IANA registries, as data.

use std::borrow::Cow;
use std::fmt;

/// A registry: names for numbers.
pub struct Registry {
    /// As IANA calls it.
    pub name: &'static str,
    /// Width of its numbers in bytes: 1 or 2.
    pub width: u8,
    /// The entry with this number.
    pub find: fn(u16) -> Option<Entry>,
    /// All entries, in the order of their numbers.
    pub all: fn() -> Vec<Entry>,
    /// Whether RFC 8701 reserves values in it.
    pub grease: bool,
}

/// One row of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub code: u16,
    /// IANA's spelling.
    pub name: &'static str,
    /// e.g. `RFC 8446`
    pub reference: &'static str,
    /// IANA's "recommended" column.
    pub recommended: Recommended,
}

/// IANA's "recommended" column (RFC 9847).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommended {
    Yes,
    No,
    Discouraged,
    /// The registry has no such column.
    Unstated,
}

impl Registry {
    /// The name of `code`, if it has one.
    pub fn name_of(&self, code: u16) -> Option<&'static str> {
        if self.grease && is_grease(code, self.width) {
            return Some("GREASE");
        }
        (self.find)(code).map(|entry| entry.name)
    }

    /// The name of `code`, else its number in hexadecimal.
    pub fn show(&self, code: u16) -> Cow<'static, str> {
        match self.name_of(code) {
            Some(name) => Cow::Borrowed(name),
            None if self.width == 1 => Cow::Owned(format!("0x{code:02x}")),
            None => Cow::Owned(format!("0x{code:04x}")),
        }
    }
}

impl PartialEq for Registry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// RFC 8701: both bytes equal and ending in `a`; for one-byte registries 0x0b + 0x1f·n.
pub fn is_grease(code: u16, width: u8) -> bool {
    let [high, low] = code.to_be_bytes();
    if width == 1 {
        high == 0 && low >= 0x0b && (low - 0x0b) % 0x1f == 0
    } else {
        high == low && low & 0x0f == 0x0a
    }
}

//! The tree that a message is dissected into.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::codepoints::Registry;

/// One node of what a message says. Every byte of a message lies in exactly one leaf.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The RFC's name for it, e.g. `legacy_version`.
    pub name: Cow<'static, str>,
    /// Bytes of the message that it covers; a parent covers all of its children.
    pub range: Range<usize>,
    /// How those bytes are read.
    pub value: Value,
    /// A remark that helps the reader, e.g. `GREASE`, `legacy: always 0x0303`.
    pub note: Option<Cow<'static, str>>,
    /// What is wrong with it.
    pub problem: Option<Malformed>,
    /// In message order; empty for a leaf.
    pub children: Vec<Field>,
}

/// How the bytes of a field are read. The bytes themselves stay in the message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A group: its children say it.
    None,
    /// A big-endian number.
    Uint(u64),
    /// A number that a registry names.
    Code(u16, &'static Registry),
    /// Opaque.
    Bytes,
    /// Meant to be text; unchecked, so it is escaped when shown.
    Text,
}

impl Field {
    /// The leaves below (or this one), in message order.
    pub fn leaves(&self) -> Vec<&Field> {
        let mut out = Vec::new();
        let mut stack = vec![self];
        while let Some(field) = stack.pop() {
            if field.children.is_empty() {
                out.push(field);
            } else {
                stack.extend(field.children.iter().rev());
            }
        }
        out
    }

    /// Where this is not what a message's tree has to be: the leaves cover each of `len` bytes once, in order, and every
    /// field lies in its parent. None if it is.
    pub fn untiled(&self, len: usize) -> Option<String> {
        if self.range != (0..len) {
            return Some(format!("the root has {:?} of {len} bytes", self.range));
        }
        let mut at = 0;
        for leaf in self.leaves() {
            if leaf.range.start != at {
                return Some(format!("a leaf begins at {at}, not {}: {leaf:?}", leaf.range.start));
            }
            at = leaf.range.end;
        }
        if at != len {
            return Some(format!("the leaves end at {at} of {len} bytes"));
        }
        let mut stack = vec![self];
        while let Some(field) = stack.pop() {
            for child in &field.children {
                if child.range.start < field.range.start || field.range.end < child.range.end {
                    return Some(format!("a field lies outside of its parent: {child:?}"));
                }
                stack.push(child);
            }
        }
        None
    }

    /// How many fields there are, this one included.
    pub fn count(&self) -> usize {
        let mut count = 0;
        let mut stack = vec![self];
        while let Some(field) = stack.pop() {
            count += 1;
            stack.extend(&field.children);
        }
        count
    }

    /// The first field called `name`, depth first, this one included.
    pub fn find(&self, name: &str) -> Option<&Field> {
        let mut stack = vec![self];
        while let Some(field) = stack.pop() {
            if field.name == name {
                return Some(field);
            }
            stack.extend(field.children.iter().rev());
        }
        None
    }

    /// All fields below that carry a problem, in message order.
    pub fn problems(&self) -> Vec<&Field> {
        let mut out = Vec::new();
        let mut stack = vec![self];
        while let Some(field) = stack.pop() {
            if field.problem.is_some() {
                out.push(field);
            }
            stack.extend(field.children.iter().rev());
        }
        out
    }
}

/// Why a field could not be read as the RFC defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The field that was being read.
    pub field: &'static str,
    /// Where, in bytes from the start of the message.
    pub offset: usize,
    /// What is wrong.
    pub kind: Wrong,
}

/// The kinds of wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The enclosing length ends before the field does.
    Truncated { need: usize, have: usize },
    /// Bytes are left over behind the last field.
    Trailing { len: usize },
    /// The same thing stands there twice.
    Duplicate,
    /// It may not stand in this message.
    NotAllowedHere,
    /// An answer to something that was not asked.
    Unsolicited,
    /// Longer than the limit up to which we read it.
    TooLong { limit: usize },
    /// An element of another ASN.1 type than belongs here.
    Type { want: &'static str, found: &'static str },
    /// A value that the RFC rules out; says which rule.
    Illegal(&'static str),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.field, self.offset, self.kind)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Truncated { need, have } => write!(f, "needs {need} bytes, {have} are left"),
            Wrong::Trailing { len } => write!(f, "{len} extra bytes"),
            Wrong::Duplicate => f.write_str("occurs twice"),
            Wrong::NotAllowedHere => f.write_str("not allowed in this message"),
            Wrong::Unsolicited => f.write_str("answers an extension that was not offered"),
            Wrong::TooLong { limit } => write!(f, "longer than the limit of {limit} bytes"),
            Wrong::Type { want, found } => write!(f, "{want} expected, {found} found"),
            Wrong::Illegal(rule) => f.write_str(rule),
        }
    }
}

//! The cursor that reads a message and records what it read, in one call.
//!
//! In Tree mode each call adds a [`Field`]; in Facts mode the same code records nothing and
//! allocates nothing, so both modes come to the same facts by construction.

use std::borrow::Cow;
use std::ops::Range;

use super::codepoints::{Registry, is_grease};
use super::field::{Field, Malformed, Value, Wrong};
use super::handshake::Dissected;

/// Beyond this many leaves the rest of a message is one leaf.
pub const MAX_LEAVES: usize = 65_536;

/// Of what is wrong with a message, as much is kept outside of its tree.
pub const MAX_PROBLEMS: usize = 64;

/// Nested groups beyond this depth are one leaf each.
pub const MAX_DEPTH: usize = 64;

/// How a vector says how long it is (RFC 8446, section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthPrefix {
    U8,
    U16,
    U24,
}

impl LengthPrefix {
    pub(super) fn width(self) -> usize {
        match self {
            LengthPrefix::U8 => 1,
            LengthPrefix::U16 => 2,
            LengthPrefix::U24 => 3,
        }
    }
}

/// What the reading functions return: the value, or why there is none.
pub type Read<T> = Result<T, Malformed>;

/// Reads one message from its first byte to its last.
pub struct Dissector<'a> {
    bytes: &'a [u8],
    /// `pos <= end <= bytes.len()`
    pos: usize,
    /// End of the innermost enclosing length.
    end: usize,
    /// Fields whose group is still being read, the outermost groups' first; `None` in Facts mode. A group that ends takes
    /// its children off, so that each has a vector of just the right size.
    tree: Option<Vec<Field>>,
    /// From here on they are of the innermost group. `base <= tree.len()`
    base: usize,
    /// Read so far, recorded or not.
    leaves: usize,
    depth: usize,
    /// Start of the field read last, kept in both modes.
    last_start: usize,
    /// From here on leaves are no longer recorded: the limit was reached.
    muted_at: Option<usize>,
    /// The first problem behind that.
    muted_problem: Option<Malformed>,
    /// What is wrong, in the order in which it was found; at most [`MAX_PROBLEMS`].
    problems: Vec<Malformed>,
    /// What is read is a structure that the message only carries: a certificate, for example.
    carried: bool,
    /// The first problem of the message itself, and of what it carries.
    first_problems: [Option<Malformed>; 2],
}

impl<'a> Dissector<'a> {
    /// Reads `bytes`; in Tree mode every field is recorded, in Facts mode none.
    pub fn new(bytes: &'a [u8], tree: bool) -> Self {
        Self {
            bytes,
            pos: 0,
            end: bytes.len(),
            // Room for what stands open in an ordinary message.
            tree: tree.then(|| Vec::with_capacity(32)),
            base: 0,
            leaves: 0,
            depth: 0,
            last_start: 0,
            muted_at: None,
            muted_problem: None,
            problems: Vec::new(),
            carried: false,
            first_problems: [None; 2],
        }
    }

    /// Reads all of `bytes` in Facts mode: what `body` comes to, if it comes to anything, and all that is wrong with them.
    pub fn facts<T>(
        bytes: &'a [u8],
        name: &'static str,
        body: impl FnOnce(&mut Self) -> Read<T>,
    ) -> (Option<T>, Vec<Malformed>) {
        let mut facts = Self::new(bytes, false);
        let mut out = None;
        facts.enclosed(name, bytes.len(), |d| {
            out = Some(body(d)?);
            Ok(())
        });
        (out, facts.problems)
    }

    /// Runs `body` over the whole message, whatever comes.
    pub fn dissected(
        mut self,
        name: impl Into<Cow<'static, str>>,
        body: impl FnOnce(&mut Self) -> Read<()>,
    ) -> Dissected {
        let name = name.into();
        let known = if let Cow::Borrowed(known) = name { known } else { "message" };
        self.enclosed(known, self.bytes.len(), body);
        if let Some(start) = self.muted_at {
            let rest = self.bytes.len() - start;
            self.muted_at = None;
            if let Some(tree) = &mut self.tree {
                tree.push(Field {
                    name: Cow::Borrowed("more"),
                    range: start..self.bytes.len(),
                    value: Value::Bytes,
                    note: Some(Cow::Owned(format!("{rest} more bytes, beyond {MAX_LEAVES} fields"))),
                    problem: self.muted_problem,
                    children: Vec::new(),
                });
            }
        }
        let range = 0..self.bytes.len();
        let [problem, carried_problem] = self.first_problems;
        let root = self.tree.map(|mut children| Field {
            name: name.clone(),
            range,
            value: if children.is_empty() { Value::Bytes } else { Value::None },
            note: None,
            // Without a child there is no other field that could carry it.
            problem: if children.is_empty() { problem } else { None },
            children: {
                children.shrink_to_fit();
                children
            },
        });
        Dissected { name, root, problem, carried_problem, leaves: self.leaves }
    }

    /// Where the next byte is read, from the start of the message.
    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Bytes up to the end of the innermost enclosing length.
    pub fn remaining(&self) -> usize {
        self.end - self.pos
    }

    /// Whether the innermost enclosing length is used up.
    pub fn is_empty(&self) -> bool {
        self.pos >= self.end
    }

    /// The bytes ahead, up to the end of the enclosing length, without reading them.
    pub fn peek(&self) -> &'a [u8] {
        &self.bytes[self.pos..self.end]
    }

    /// The range of the `len` bytes read last.
    pub fn behind(&self, len: usize) -> Range<usize> {
        self.pos.saturating_sub(len)..self.pos
    }

    /// The whole message.
    pub fn all(&self) -> &'a [u8] {
        self.bytes
    }

    pub fn u8(&mut self, name: &'static str) -> Read<u8> {
        self.uint(name, 1).map(|n| n as u8)
    }

    pub fn u16(&mut self, name: &'static str) -> Read<u16> {
        self.uint(name, 2).map(|n| n as u16)
    }

    pub fn u24(&mut self, name: &'static str) -> Read<u32> {
        self.uint(name, 3).map(|n| n as u32)
    }

    pub fn u32(&mut self, name: &'static str) -> Read<u32> {
        self.uint(name, 4).map(|n| n as u32)
    }

    pub fn u64(&mut self, name: &'static str) -> Read<u64> {
        self.uint(name, 8)
    }

    /// A big-endian number of `width` bytes, at most 8.
    pub fn uint(&mut self, name: &'static str, width: usize) -> Read<u64> {
        let start = self.pos;
        let bytes = self.take(name, width)?;
        let n = bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b));
        self.leaf(name, start..self.pos, Value::Uint(n));
        Ok(n)
    }

    /// A one-byte code point.
    pub fn code8(&mut self, name: &'static str, registry: &'static Registry) -> Read<u8> {
        let start = self.pos;
        let code = self.take(name, 1)?[0];
        self.leaf(name, start..self.pos, Value::Code(code.into(), registry));
        self.remark_grease(code.into(), registry);
        Ok(code)
    }

    /// A two-byte code point.
    pub fn code(&mut self, name: &'static str, registry: &'static Registry) -> Read<u16> {
        let start = self.pos;
        let bytes = self.take(name, 2)?;
        let code = u16::from_be_bytes([bytes[0], bytes[1]]);
        self.leaf(name, start..self.pos, Value::Code(code, registry));
        self.remark_grease(code, registry);
        Ok(code)
    }

    fn remark_grease(&mut self, code: u16, registry: &'static Registry) {
        if registry.grease && is_grease(code, registry.width) {
            self.note(|| {
                Cow::Borrowed(
                    "GREASE: a reserved value without meaning, to check that peers ignore unknown values \
                     (RFC 8701)",
                )
            });
        }
    }

    /// Exactly `len` opaque bytes.
    pub fn bytes(&mut self, name: &'static str, len: usize) -> Read<&'a [u8]> {
        self.valued(name, len, Value::Bytes)
    }

    /// Exactly `len` bytes that are meant to be text.
    pub fn text(&mut self, name: &'static str, len: usize) -> Read<&'a [u8]> {
        self.valued(name, len, Value::Text)
    }

    /// All bytes up to the end of the enclosing length.
    pub fn rest(&mut self, name: &'static str) -> &'a [u8] {
        let (start, end) = (self.pos, self.end);
        self.pos = end;
        self.leaf(name, start..end, Value::Bytes);
        &self.bytes[start..end]
    }

    /// Exactly `len` bytes that are read as `value`.
    pub fn valued(&mut self, name: &'static str, len: usize, value: Value) -> Read<&'a [u8]> {
        let start = self.pos;
        let bytes = self.take(name, len)?;
        self.leaf(name, start..self.pos, value);
        Ok(bytes)
    }

    /// A vector: its length, then `body` over exactly that many bytes. What `body` cannot read
    /// becomes a leaf with a problem, and reading goes on behind the vector. Only a length that
    /// overruns the enclosing one is an error.
    pub fn vector(
        &mut self,
        name: &'static str,
        len: LengthPrefix,
        body: impl FnOnce(&mut Self) -> Read<()>,
    ) -> Read<Range<usize>> {
        let mut inner = 0..0;
        self.group(name, |d| {
            let n = d.length(name, len)?;
            inner = d.pos..d.pos + n;
            d.enclosed(name, n, body);
            Ok(())
        })?;
        Ok(inner)
    }

    /// A vector of opaque bytes; the value carries the vector's name.
    pub fn opaque(&mut self, name: &'static str, len: LengthPrefix) -> Read<&'a [u8]> {
        let inner = self.vector(name, len, |d| {
            if !d.is_empty() {
                d.rest(name);
            }
            Ok(())
        })?;
        Ok(&self.bytes[inner])
    }

    /// A vector of text.
    pub fn opaque_text(&mut self, name: &'static str, len: LengthPrefix) -> Read<&'a [u8]> {
        let inner = self.vector(name, len, |d| {
            if !d.is_empty() {
                d.text(name, d.remaining())?;
            }
            Ok(())
        })?;
        Ok(&self.bytes[inner])
    }

    /// A vector of two-byte code points.
    pub fn codes(
        &mut self,
        name: &'static str,
        item: &'static str,
        len: LengthPrefix,
        registry: &'static Registry,
    ) -> Read<Range<usize>> {
        self.vector(name, len, |d| {
            while !d.is_empty() {
                d.code(item, registry)?;
            }
            Ok(())
        })
    }

    /// A vector of one-byte code points.
    pub fn codes8(
        &mut self,
        name: &'static str,
        item: &'static str,
        len: LengthPrefix,
        registry: &'static Registry,
    ) -> Read<Range<usize>> {
        self.vector(name, len, |d| {
            while !d.is_empty() {
                d.code8(item, registry)?;
            }
            Ok(())
        })
    }

    /// Reads a length and checks it against what is left.
    pub fn length(&mut self, name: &'static str, len: LengthPrefix) -> Read<usize> {
        let n = self.uint("length", len.width())? as usize;
        if n > self.remaining() {
            let wrong = Wrong::Truncated { need: n, have: self.remaining() };
            return Err(Malformed { field: name, offset: self.pos, kind: wrong });
        }
        Ok(n)
    }

    /// Groups what `body` reads under `name`, without a length of its own.
    pub fn group(&mut self, name: &'static str, body: impl FnOnce(&mut Self) -> Read<()>) -> Read<()> {
        let start = self.pos;
        let outer = std::mem::replace(&mut self.base, self.tree.as_ref().map_or(0, Vec::len));
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        self.last_start = start;
        let inner = std::mem::replace(&mut self.base, outer);
        if let Some(tree) = &mut self.tree {
            let children = tree.split_off(inner);
            // A group that read nothing exists only if it was meant to be empty.
            if !(children.is_empty() && result.is_err()) && self.muted_at.is_none_or(|muted| start < muted) {
                tree.push(Field {
                    name: Cow::Borrowed(name),
                    range: start..self.pos,
                    value: Value::None,
                    note: None,
                    problem: None,
                    children,
                });
            }
        }
        result
    }

    /// Runs `body` over exactly `len` bytes; never fails, and uses all of them up.
    pub fn enclosed(&mut self, name: &'static str, len: usize, body: impl FnOnce(&mut Self) -> Read<()>) {
        let outer_end = self.end;
        self.end = (self.pos + len).min(outer_end);
        let result = if self.depth > MAX_DEPTH {
            Err(Malformed { field: name, offset: self.pos, kind: Wrong::Illegal("nested too deeply") })
        } else {
            body(self)
        };
        match result {
            Err(problem) => {
                self.remember(problem);
                if self.is_empty() {
                    self.mark(problem);
                } else {
                    self.rest("not understood");
                    self.mark(problem);
                }
            }
            Ok(()) if !self.is_empty() => {
                let wrong = Wrong::Trailing { len: self.remaining() };
                let problem = Malformed { field: name, offset: self.pos, kind: wrong };
                self.remember(problem);
                self.rest("trailing bytes");
                self.mark(problem);
            }
            Ok(()) => {}
        }
        self.end = outer_end;
    }

    /// Reads what is left of the enclosing length as a structure that TLS only carries, such as a certificate: what is
    /// wrong with that does not make the message malformed.
    pub fn carried(&mut self, name: &'static str, body: impl FnOnce(&mut Self) -> Read<()>) -> Read<()> {
        if self.is_empty() {
            // None of the vectors that carry something may be empty.
            let kind = Wrong::Truncated { need: 1, have: 0 };
            return Err(Malformed { field: name, offset: self.pos, kind });
        }
        let outer = std::mem::replace(&mut self.carried, true);
        self.enclosed(name, self.remaining(), body);
        self.carried = outer;
        Ok(())
    }

    /// Adds a remark to the field read last. Nothing is computed in Facts mode.
    pub fn note(&mut self, text: impl FnOnce() -> Cow<'static, str>) {
        if let Some(last) = self.last() {
            last.note = Some(text());
        }
    }

    /// States that something is wrong with the field read last (its first problem counts).
    pub fn problem(&mut self, problem: Malformed) {
        self.remember(problem);
        self.mark(problem);
    }

    fn remember(&mut self, problem: Malformed) {
        self.first_problems[usize::from(self.carried)].get_or_insert(problem);
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// As [`Self::problem`], at the start of the field read last.
    pub fn wrong(&mut self, field: &'static str, kind: Wrong) {
        self.problem(Malformed { field, offset: self.last_start, kind });
    }

    fn mark(&mut self, problem: Malformed) {
        if self.muted_at.is_some() {
            self.muted_problem.get_or_insert(problem);
            return;
        }
        if let Some(last) = self.last() {
            last.problem.get_or_insert(problem);
        }
    }

    fn last(&mut self) -> Option<&mut Field> {
        if self.muted_at.is_some() {
            return None;
        }
        self.tree.as_mut()?.get_mut(self.base..)?.last_mut()
    }

    fn take(&mut self, name: &'static str, len: usize) -> Read<&'a [u8]> {
        if len > self.remaining() {
            let wrong = Wrong::Truncated { need: len, have: self.remaining() };
            return Err(Malformed { field: name, offset: self.pos, kind: wrong });
        }
        let start = self.pos;
        self.pos += len;
        Ok(&self.bytes[start..self.pos])
    }

    fn leaf(&mut self, name: &'static str, range: Range<usize>, value: Value) {
        self.last_start = range.start;
        self.leaves += 1;
        let Some(tree) = &mut self.tree else { return };
        if self.muted_at.is_some() {
            return;
        }
        if self.leaves > MAX_LEAVES {
            self.muted_at = Some(range.start);
            return;
        }
        tree.push(Field {
            name: Cow::Borrowed(name),
            range,
            value,
            note: None,
            problem: None,
            children: Vec::new(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::codepoints::CIPHER_SUITES;

    fn read(bytes: &[u8], body: fn(&mut Dissector<'_>) -> Read<()>) -> (Field, Option<Malformed>) {
        let tree = Dissector::new(bytes, true).dissected("test", body);
        let facts = Dissector::new(bytes, false).dissected("test", body);
        assert_eq!((facts.root, facts.problem, facts.leaves), (None, tree.problem, tree.leaves));
        (tree.root.unwrap(), tree.problem)
    }

    #[test]
    fn reading_goes_on_behind_what_is_malformed() {
        // A list of suites of odd length, then a number.
        let (root, problem) = read(&[0, 3, 0x13, 1, 0x13, 7], |d| {
            d.codes("list", "suite", LengthPrefix::U16, &CIPHER_SUITES)?;
            assert_eq!(d.u8("number"), Ok(7));
            Ok(())
        });
        let wrong = Malformed { field: "suite", offset: 4, kind: Wrong::Truncated { need: 2, have: 1 } };
        assert_eq!(problem, Some(wrong));
        assert_eq!(root.problems()[0].name, "not understood");
        assert_eq!(root.find("number").unwrap().range, 5..6);
    }

    #[test]
    fn a_length_that_overruns_ends_the_enclosing_one() {
        let (root, problem) = read(&[9, 1, 2], |d| d.opaque("data", LengthPrefix::U8).map(drop));
        assert_eq!(problem.unwrap().kind, Wrong::Truncated { need: 9, have: 2 });
        assert_eq!(root.leaves().len(), 2);
        assert_eq!(root.children[1].range, 1..3);
    }

    #[test]
    fn remarks_are_on_the_field_read_last() {
        let (root, _) = read(&[1, 0x0a, 0x0a, 2], |d| {
            d.group("group", |d| {
                d.u8("first")?;
                d.code("suite", &CIPHER_SUITES)?;
                Ok(())
            })?;
            d.note(|| "of the group".into());
            d.u8("last")?;
            d.wrong("last", Wrong::Duplicate);
            Ok(())
        });
        assert_eq!(root.children[0].note.as_deref(), Some("of the group"));
        assert!(root.find("suite").unwrap().note.as_deref().unwrap().starts_with("GREASE"));
        assert_eq!(root.find("last").unwrap().problem.unwrap().offset, 3);
        assert_eq!(read(&[1, 2], |d| d.u8("one").map(drop)).1.unwrap().kind, Wrong::Trailing { len: 1 });
    }
}

//! The record layer (RFC 8446, section 5.1; RFC 5246, section 6.2.1).

use std::num::NonZeroUsize;
use std::ops::Range;

use super::codepoints::content_type::APPLICATION_DATA;
use super::codepoints::{CHANGE_CIPHER_SPEC, CONTENT_TYPES, ProtocolVersion, VERSIONS};
use super::dissector::Dissector;
use super::field::Wrong;
use super::handshake::Dissected;

/// Length of a record's header.
pub const HEADER: usize = 5;

/// The largest fragment that is accepted: 2^14 and room for what protection adds (RFC 5246, section 6.2.3).
pub const MAX_FRAGMENT: usize = (1 << 14) + 2048;

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub content_type: u8,
    pub legacy_version: ProtocolVersion,
    /// Of the fragment that follows.
    pub length: usize,
}

/// What stands at the start of a byte stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// A record with this header; all of it is there if `HEADER + length` bytes are.
    Record(Header),
    /// The start of a header: more bytes are needed to say.
    More,
    /// No TLS record starts like that.
    NotTls,
}

impl Header {
    /// Looks at the start of `bytes`. Gives up at the first byte that no record has there, so a
    /// plaintext answer is recognised from its first byte on.
    pub fn peek(bytes: &[u8]) -> Ahead {
        let plausible = |at: usize, ok: fn(u8) -> bool| bytes.get(at).is_none_or(|b| ok(*b));
        if !plausible(0, |t| (20..=26).contains(&t))
            || !plausible(1, |major| major == 3)
            || !plausible(2, |minor| minor <= 4)
        {
            return Ahead::NotTls;
        }
        if bytes.len() < HEADER {
            return Ahead::More;
        }
        let length = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
        if length > MAX_FRAGMENT {
            return Ahead::NotTls;
        }
        Ahead::Record(Header {
            content_type: bytes[0],
            legacy_version: ProtocolVersion(u16::from_be_bytes([bytes[1], bytes[2]])),
            length,
        })
    }
}

/// Dissects a record's header. `version` is the one in force, if there is one already.
pub fn dissect_header(bytes: &[u8], version: Option<ProtocolVersion>, tree: bool) -> Dissected {
    Dissector::new(bytes, tree).dissected("record header", |d| {
        let kind = d.code8("type", &CONTENT_TYPES)?;
        if kind == APPLICATION_DATA && version.is_some_and(ProtocolVersion::is_tls13) {
            d.note(|| "the outer type of every encrypted TLS 1.3 record; the true type is inside".into());
        }
        let legacy = ProtocolVersion(d.code("legacy_record_version", &VERSIONS)?);
        match version {
            Some(version) if !version.is_tls13() && version == legacy => {}
            Some(version) if !version.is_tls13() => d.note(|| "not the negotiated version".into()),
            _ => d.note(|| "legacy: does not state the version, and is ignored".into()),
        }
        if usize::from(d.u16("length")?) > MAX_FRAGMENT {
            d.wrong("length", Wrong::TooLong { limit: MAX_FRAGMENT });
        }
        Ok(())
    })
}

/// Writes `content` as records of one type, cut where `pieces` end; each piece is one fragment. Ranges that `content` does
/// not have, and fragments for which a length has no room, are left out: [`Cut::ranges`] makes neither.
pub fn write(
    content_type: u8,
    legacy_version: u16,
    content: &[u8],
    pieces: impl IntoIterator<Item = Range<usize>>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + HEADER);
    for piece in pieces {
        if let Some(fragment) = content.get(piece)
            && let Ok(len) = u16::try_from(fragment.len())
        {
            out.push(content_type);
            out.extend(legacy_version.to_be_bytes());
            out.extend(len.to_be_bytes());
            out.extend(fragment);
        }
    }
    out
}

/// Where bytes are cut into pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere.
    #[default]
    Whole,
    /// Into pieces of so many bytes; the last may be shorter.
    Every(NonZeroUsize),
    /// Behind so many bytes, counted from the start, in rising order.
    At(Vec<usize>),
}

impl Cut {
    /// The pieces of `len` bytes, none of them empty or longer than `most`.
    pub fn ranges(&self, len: usize, most: NonZeroUsize) -> Vec<Range<usize>> {
        let every = if let Cut::Every(n) = self { (*n).min(most) } else { most };
        let asked: &[usize] = if let Cut::At(ends) = self { ends } else { &[] };
        let mut ranges = Vec::new();
        let mut start = 0;
        for end in asked.iter().copied().chain([len]) {
            let end = end.min(len);
            while start < end {
                let next = end.min(start.saturating_add(every.get()));
                ranges.push(start..next);
                start = next;
            }
        }
        ranges
    }
}

/// Dissects the content of a ChangeCipherSpec record (RFC 5246, section 7.1; RFC 8446, appendix D.4).
pub fn dissect_change_cipher_spec(bytes: &[u8], tree: bool) -> Dissected {
    Dissector::new(bytes, tree).dissected("ChangeCipherSpec", |d| {
        if d.code8("type", &CHANGE_CIPHER_SPEC)? != 1 {
            d.wrong("type", Wrong::Illegal("the byte of ChangeCipherSpec must be 1"));
        }
        Ok(())
    })
}

/// A tree of one leaf, for content that has no structure known to TLS: application data, or what could not be opened.
pub fn opaque(name: &'static str, bytes: &[u8], tree: bool) -> Dissected {
    Dissector::new(bytes, tree).dissected(name, |d| {
        if !d.is_empty() {
            d.rest(name);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plaintext_answer_is_recognised_from_its_first_byte() {
        assert_eq!(Header::peek(b"H"), Ahead::NotTls);
        assert_eq!(Header::peek(b"220 mail ESMTP"), Ahead::NotTls);
        assert_eq!(Header::peek(b"\x16\x03"), Ahead::More);
        assert_eq!(Header::peek(b""), Ahead::More);
    }

    #[test]
    fn a_header_is_dissected() {
        let root =
            dissect_header(b"\x17\x03\x03\x00\x10", Some(ProtocolVersion::TLS_1_3), true).root.unwrap();
        assert_eq!(root.children.len(), 3);
        assert!(root.find("type").unwrap().note.is_some());
        assert!(root.find("legacy_record_version").unwrap().note.as_ref().unwrap().starts_with("legacy"));
        assert!(dissect_header(b"\x16\x03\x01\xff\xff", None, true).problem.is_some());
        assert!(dissect_header(b"\x16\x03\x01\xff", None, true).problem.is_some());
        assert!(dissect_change_cipher_spec(&[1], true).problem.is_none());
        assert!(dissect_change_cipher_spec(&[2], true).problem.is_some());
        assert_eq!(opaque("application data", b"abc", true).root.unwrap().children[0].range, 0..3);
    }

    #[test]
    fn content_is_cut_where_asked() {
        let cut = |cut: Cut, most| cut.ranges(10, NonZeroUsize::new(most).unwrap());
        assert!(cut(Cut::Whole, 99).into_iter().eq(std::iter::once(0..10)));
        assert_eq!(cut(Cut::Whole, 7), [0..7, 7..10]);
        assert_eq!(cut(Cut::Every(NonZeroUsize::new(4).unwrap()), 99), [0..4, 4..8, 8..10]);
        assert_eq!(cut(Cut::At(vec![1, 1, 0, 6, 99]), 4), [0..1, 1..5, 5..6, 6..10]);
        assert!(Cut::Whole.ranges(0, NonZeroUsize::MIN).is_empty());
        let records = write(22, 0x0301, b"hello", Cut::At(vec![2]).ranges(5, NonZeroUsize::MAX));
        assert_eq!(records, b"\x16\x03\x01\x00\x02he\x16\x03\x01\x00\x03llo");
    }

    #[test]
    fn a_length_beyond_the_limit_is_no_record() {
        assert_eq!(Header::peek(b"\x16\x03\x03\xff\xff"), Ahead::NotTls);
        let header = Header { content_type: 22, legacy_version: ProtocolVersion::TLS_1_2, length: 16 };
        assert_eq!(Header::peek(b"\x16\x03\x03\x00\x10"), Ahead::Record(header));
    }
}

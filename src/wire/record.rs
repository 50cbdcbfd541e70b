//! The record layer (RFC 8446, section 5.1; RFC 5246, section 6.2.1).

use super::codepoints::CHANGE_CIPHER_SPEC;
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
    pub legacy_version: u16,
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
            legacy_version: u16::from_be_bytes([bytes[1], bytes[2]]),
            length,
        })
    }
}

/// Dissects the content of a ChangeCipherSpec record (RFC 5246, section 7.1; RFC 8446, appendix D.4).
pub fn dissect_change_cipher_spec(bytes: &[u8], tree: bool) -> Dissected {
    Dissector::new(bytes, tree).dissected("ChangeCipherSpec", |d| {
        if d.code8("type", &CHANGE_CIPHER_SPEC)? != 1 {
            d.wrong("type", Wrong::Illegal("the one byte of ChangeCipherSpec is 1"));
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
    fn a_length_beyond_the_limit_is_no_record() {
        assert_eq!(Header::peek(b"\x16\x03\x03\xff\xff"), Ahead::NotTls);
        let header = Header { content_type: 22, legacy_version: 0x0303, length: 16 };
        assert_eq!(Header::peek(b"\x16\x03\x03\x00\x10"), Ahead::Record(header));
    }
}

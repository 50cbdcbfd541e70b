//! The one reader of PEM (RFC 7468), as tolerant as OpenSSL's and a little more: text around the blocks, missing line
//! breaks, byte order marks and UTF-16 are what people have in their files.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// One PEM block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `CERTIFICATE`, …
    pub label: String,
    /// Of its first line, from 1.
    pub line: usize,
    /// Empty if it is encrypted.
    pub der: Vec<u8>,
    /// Encrypted by the headers of RFC 1421, as old keys of OpenSSL are.
    pub encrypted: bool,
}

/// A label that is longer is none.
const LONGEST_LABEL: usize = 64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// The text of a file: without a byte order mark, and UTF-16 as UTF-8.
pub fn text(bytes: &[u8]) -> Cow<'_, [u8]> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Cow::Owned(text.into_bytes())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'-', 0, b'-', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'-', 0, b'-', ..] => utf16(bytes, u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}

/// The blocks of a file in their order; text around them is passed over.
pub fn blocks(bytes: &[u8]) -> Result<Vec<Block>, String> {
    let text = text(bytes);
    let mut cursor = Cursor { text: &text, at: 0, line: 1 };
    let mut out = Vec::new();
    while let Some(begins) = cursor.marker() {
        let line = cursor.line;
        let label = cursor.label();
        match (begins, label) {
            // A row of dashes in the text around.
            (_, None) => {}
            (false, Some(_)) => {
                return Err(format!(
                    "broken PEM: line {line} ends a block that never began (its first line needs five hyphens on each side)"
                ));
            }
            (true, Some(label)) => out.push(block(&mut cursor, label, line)?),
        }
    }
    Ok(out)
}

/// What follows the line that begins a block.
fn block(cursor: &mut Cursor<'_>, label: String, line: usize) -> Result<Block, String> {
    let from = cursor.at;
    let ends = cursor.marker();
    let body = cursor.text.get(from..cursor.at).unwrap_or_default();
    let Some(end) = ends.filter(|begins| !begins).and_then(|_| cursor.label()) else {
        return Err(format!("broken PEM: the block {label} of line {line} has no end"));
    };
    if label != end {
        return Err(format!("broken PEM: the block {label} of line {line} ends as {end}"));
    }
    let (encrypted, base64) = body_of(body);
    if encrypted {
        return Ok(Block { label, line, der: Vec::new(), encrypted });
    }
    // Base64 at the end of a block is often written without its padding.
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, CONFIG);
    match engine.decode(&base64) {
        Ok(der) => Ok(Block { label, line, der, encrypted }),
        Err(error) => Err(format!("broken PEM: the block {label} of line {line}: {error}")),
    }
}

/// Whether the headers of RFC 1421 say that it is encrypted, and the base64 behind them.
fn body_of(body: &[u8]) -> (bool, Vec<u8>) {
    // Line breaks that were written out, as in a JSON string or an environment variable.
    let written_out = body.contains(&b'\\') && body.windows(2).any(|pair| pair == b"\\n");
    let body = if written_out { Cow::Owned(unescaped(body)) } else { Cow::Borrowed(body) };
    let (mut encrypted, mut header, mut base64) = (false, false, Vec::with_capacity(body.len()));
    for line in body.split(|byte| matches!(byte, b'\n' | b'\r')) {
        // A header's value goes on behind a blank.
        let goes_on = header && line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        let line = line.trim_ascii();
        header = !line.is_empty() && (goes_on || line.contains(&b':'));
        if header {
            let ciphered = line.windows(9).any(|part| part == b"ENCRYPTED");
            encrypted |= line.starts_with(b"DEK-Info:") || (line.starts_with(b"Proc-Type:") && ciphered);
        } else {
            // Blanks are rare.
            match line.iter().any(u8::is_ascii_whitespace) {
                true => base64.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace())),
                false => base64.extend_from_slice(line),
            }
        }
    }
    (encrypted, base64)
}

fn unescaped(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, tail)) = rest.split_first() {
        rest = match (first, tail.first()) {
            (b'\\', Some(b'n' | b'r')) => {
                out.push(b'\n');
                tail.get(1..).unwrap_or_default()
            }
            _ => {
                out.push(*first);
                tail
            }
        };
    }
    out
}

/// A place in the text.
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Cursor<'_> {
    /// Goes on to the next `-----BEGIN ` (true) or `-----END ` (false), wherever in a line.
    fn marker(&mut self) -> Option<bool> {
        // Whole stores are read at each start: what is neither dash nor line break is passed over at once.
        while let Some(rest) = self.text.get(self.at..) {
            self.at += rest.iter().position(|byte| matches!(byte, b'-' | b'\n' | b'\r'))?;
            match self.text.get(self.at..)? {
                rest if rest.starts_with(BEGIN) => return Some(true),
                rest if rest.starts_with(END) => return Some(false),
                // CR, LF, or both.
                [b'\r', b'\n', ..] => {
                    self.line += 1;
                    self.at += 1;
                }
                [b'\n' | b'\r', ..] => self.line += 1,
                _ => {}
            }
            self.at += 1;
        }
        None
    }

    /// The label of the marker that the cursor is at; goes behind it.
    fn label(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..)?;
        let from = if rest.starts_with(BEGIN) { BEGIN.len() } else { END.len() };
        self.at += from;
        let rest = rest.get(from..)?;
        let near = rest.get(..LONGEST_LABEL + DASHES.len()).unwrap_or(rest);
        let len = near.windows(DASHES.len()).position(|part| part == DASHES)?;
        let label = near.get(..len)?;
        if label.iter().any(|byte| !matches!(byte, b' '..=b'~')) {
            return None;
        }
        self.at += len + DASHES.len();
        Some(String::from_utf8_lossy(label).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ders(text: &[u8]) -> Vec<Vec<u8>> {
        blocks(text).unwrap().into_iter().map(|block| block.der).collect()
    }

    #[test]
    fn blocks_among_text() {
        let text = "subject=x\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\r\n\r\n-----BEGIN EC PARAMETERS-----\nBgg\n-----END EC PARAMETERS-----\n";
        let blocks = blocks(text.as_bytes()).unwrap();
        assert_eq!(blocks.len(), 2);
        let first = Block { label: "CERTIFICATE".to_owned(), line: 2, der: vec![0x30, 0], encrypted: false };
        assert_eq!(blocks[0], first);
        assert_eq!((blocks[1].line, blocks[1].label.as_str()), (6, "EC PARAMETERS"));
    }

    #[test]
    fn what_people_have_in_their_files() {
        let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
        let plain = format!("{begin}\nMA\nA=\n{end}\n");
        let two = vec![vec![0x30, 0]; 2];
        let twice = |one: &str| one.repeat(2);
        assert_eq!(ders(twice(&plain).as_bytes()), two);
        // No line break between two of them, none at all, a blank in place of each, all written out, indented.
        assert_eq!(ders(twice(plain.trim_end()).as_bytes()), two);
        assert_eq!(ders(twice(&plain.replace('\n', "")).as_bytes()), two);
        assert_eq!(ders(twice(&plain.replace('\n', " ")).as_bytes()), two);
        assert_eq!(ders(twice(&plain.replace('\n', "\\n")).as_bytes()), two);
        assert_eq!(ders(twice(&plain.replace('\n', "\r")).as_bytes()), two);
        assert_eq!(ders(twice(&format!("   {}", plain.replace('\n', "\n   "))).as_bytes()), two);
        assert_eq!(ders(format!("\u{feff}{plain}{plain}").as_bytes()), two);
        let units: Vec<u16> = twice(&plain).encode_utf16().collect();
        for mark in [vec![], vec![0xfeff]] {
            let units = [mark, units.clone()].concat();
            assert_eq!(ders(&units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>()), two);
            assert_eq!(ders(&units.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>()), two);
        }
        // Headers of RFC 1421 that do not say that it is encrypted.
        assert_eq!(ders(format!("{begin}\nX-Note: a\n  b\n\nMAA=\n{end}").as_bytes()), two[..1]);
        // A row of dashes.
        assert_eq!(ders(format!("-----BEGIN of the file\n{plain}").as_bytes()), two[..1]);
        let old = blocks(b"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMAA=\n-----END EC PRIVATE KEY-----").unwrap();
        assert!(old[0].encrypted && old[0].der.is_empty());
    }

    #[test]
    fn broken_blocks_say_where() {
        for (text, part) in [
            ("-----BEGIN CERTIFICATE-----\nMAA=\n", "line 1 has no end"),
            ("-----BEGIN A-----\nMAA=\n-----BEGIN A-----\nMAA=\n-----END A-----", "line 1 has no end"),
            ("\n-----END CERTIFICATE-----\n", "line 2 ends"),
            ("-----BEGIN A-----\n-----END B-----", "ends as B"),
            ("-----BEGIN A-----\n!!\n-----END A-----", "line 1"),
        ] {
            let error = blocks(text.as_bytes()).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}

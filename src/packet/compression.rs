//! Compressed files, recognised by how they start.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// How many bytes are looked at.
const MAGIC: usize = 4;

/// The bytes of a file, decompressed if it is a gzip (RFC 1952) or zstd (RFC 8878) file.
///
/// # Errors
/// Reading fails, or the start of a zstd file is malformed.
pub fn open(mut from: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::new();
    from.by_ref().take(MAGIC as u64).read_to_end(&mut start)?;
    let is_gzip = start.starts_with(&[0x1f, 0x8b]);
    let is_zstd = start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let whole = io::Cursor::new(start).chain(from);
    if is_gzip {
        return Ok(Box::new(MultiGzDecoder::new(whole)));
    }
    if is_zstd {
        let invalid =
            |e: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, format!("zstd: {e}"));
        return Ok(Box::new(StreamingDecoder::new(whole).map_err(|e| invalid(&e))?));
    }
    Ok(Box::new(whole))
}

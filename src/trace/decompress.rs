//! Certificate compression (RFC 8879), bounded.

use rustls::compress::{
    BROTLI_COMPRESSOR, BROTLI_DECOMPRESSOR, CertDecompressor, CompressionLevel, ZLIB_DECOMPRESSOR,
};

use crate::wire::field::Wrong;

/// The body of the Certificate message that `compressed` holds: exactly `length` bytes.
pub(super) fn certificate(
    algorithm: u16,
    compressed: &[u8],
    length: usize,
    limit: usize,
) -> Result<Vec<u8>, Wrong> {
    if length > limit {
        return Err(Wrong::TooLong { limit });
    }
    let decompressor: &dyn CertDecompressor = match algorithm {
        1 => ZLIB_DECOMPRESSOR,
        2 => BROTLI_DECOMPRESSOR,
        3 => return Err(Wrong::Illegal("zstd: not supported, so it was not decompressed")),
        _ => return Err(Wrong::Illegal("an unknown compression algorithm")),
    };
    let mut out = vec![0; length];
    match decompressor.decompress(compressed, &mut out) {
        Ok(()) => Ok(out),
        Err(_) => Err(Wrong::Illegal("it does not decompress to the announced length")),
    }
}

/// How many bytes a Certificate message would take as a CompressedCertificate with brotli (RFC 8879, section 4).
pub fn compressed_length(message: &[u8]) -> Option<usize> {
    /// Message header, algorithm, uncompressed length, length of what is compressed.
    const AROUND: usize = 4 + 2 + 3 + 3;
    let body = message.get(4..)?.to_vec();
    let compressed = BROTLI_COMPRESSOR.compress(body, CompressionLevel::Interactive).ok()?;
    Some(compressed.len() + AROUND)
}

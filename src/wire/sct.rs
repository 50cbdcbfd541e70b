//! Signed certificate timestamps (RFC 6962, section 3.2).

use std::ops::Range;

use super::asn1::time::date_time;
use super::codepoints::{CT_VERSIONS, HASH_ALGORITHMS, SIGNATURE_ALGORITHMS};
use super::dissector::{Dissector, LengthPrefix, Read};

/// One timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp<'a> {
    /// 0 for v1.
    pub version: u8,
    pub log_id: &'a [u8],
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub extensions: &'a [u8],
    /// HashAlgorithm and SignatureAlgorithm of TLS 1.2.
    pub algorithm: (u8, u8),
    pub signature: &'a [u8],
}

/// A `SignedCertificateTimestampList` with its length: each timestamp that can be read, and the range without the length.
pub fn list<'a>(d: &mut Dissector<'a>, mut found: impl FnMut(Timestamp<'a>)) -> Read<Range<usize>> {
    d.vector("sct_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.vector("SerializedSCT", LengthPrefix::U16, |d| {
                found(timestamp(d)?);
                Ok(())
            })?;
        }
        Ok(())
    })
}

fn timestamp<'a>(d: &mut Dissector<'a>) -> Read<Timestamp<'a>> {
    let version = d.code8("sct_version", &CT_VERSIONS)?;
    let log_id = d.bytes("log_id", 32)?;
    let timestamp = d.u64("timestamp")?;
    d.note(|| {
        let seconds = i64::try_from(timestamp / 1000).unwrap_or(i64::MAX);
        date_time(seconds).replace(" UTC", &format!(".{:03} UTC", timestamp % 1000)).into()
    });
    let extensions = d.opaque("extensions", LengthPrefix::U16)?;
    let hash = d.code8("hash", &HASH_ALGORITHMS)?;
    let sign = d.code8("signature_algorithm", &SIGNATURE_ALGORITHMS)?;
    let signature = d.opaque("signature", LengthPrefix::U16)?;
    Ok(Timestamp { version, log_id, timestamp, extensions, algorithm: (hash, sign), signature })
}

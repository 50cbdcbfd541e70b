//! Signed certificate timestamps (RFC 6962, section 3.2).

use std::ops::Range;

use super::codepoints::{CT_VERSIONS, HASH_ALGORITHMS, SIGNATURE_ALGORITHMS};
use super::dissector::{Dissector, LengthPrefix, Read};
use super::x509::time::date_time;

/// A `SignedCertificateTimestampList` with its length, and the range without it.
pub fn list(d: &mut Dissector<'_>) -> Read<Range<usize>> {
    d.vector("sct_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.vector("SerializedSCT", LengthPrefix::U16, timestamp)?;
        }
        Ok(())
    })
}

fn timestamp(d: &mut Dissector<'_>) -> Read<()> {
    d.code8("sct_version", &CT_VERSIONS)?;
    d.bytes("log_id", 32)?;
    let at = d.u64("timestamp")?;
    d.note(|| {
        let seconds = i64::try_from(at / 1000).unwrap_or(i64::MAX);
        date_time(seconds).replace(" UTC", &format!(".{:03} UTC", at % 1000)).into()
    });
    d.opaque("extensions", LengthPrefix::U16)?;
    d.code8("hash", &HASH_ALGORITHMS)?;
    d.code8("signature_algorithm", &SIGNATURE_ALGORITHMS)?;
    d.opaque("signature", LengthPrefix::U16)?;
    Ok(())
}

//! CompressedCertificate (RFC 8879, section 4).

use super::*;
use crate::wire::codepoints::CERTIFICATE_COMPRESSION;

/// The row of CompressedCertificate.
pub static MESSAGE: MessageType = MessageType {
    code: 25,
    name: "CompressedCertificate",
    iana: "compressed_certificate",
    reference: "RFC 8879, section 4",
    about: "A Certificate message, compressed with an algorithm that the other side offered in \
            compress_certificate. The uncompressed length is stated, so that the receiver can limit the \
            work.",
    body,
};

fn body(d: &mut Dissector<'_>, direction: Direction, facts: &mut Facts) -> Read<()> {
    let algorithm = d.code("algorithm", &CERTIFICATE_COMPRESSION)?;
    facts.certificate_compression[direction.index()] = Some((algorithm, facts.at.0));
    let unpacked = d.u24("uncompressed_length")? as usize;
    let bytes = d.opaque("compressed_certificate_message", LengthPrefix::U24)?;
    facts.compressed = Some((algorithm, unpacked, facts.span(d.behind(bytes.len()))));
    Ok(())
}

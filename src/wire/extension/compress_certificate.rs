//! `compress_certificate` (RFC 8879, section 3).

use super::*;
use crate::wire::codepoints::CERTIFICATE_COMPRESSION;

/// The row of `compress_certificate`.
pub const EXTENSION: Extension = Extension {
    code: 27,
    name: "compress_certificate",
    reference: "RFC 8879, section 3",
    recommended: Recommended::Yes,
    about: "The algorithms with which the sender can decompress a Certificate message. Chains are the \
            largest part of a handshake; compressed, they often fit into the server's first flight.",
    places: &[ClientHello, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    let list = d.codes("algorithms", "algorithm", LengthPrefix::U8, &CERTIFICATE_COMPRESSION)?;
    let span = facts.span(list);
    match (place, &mut facts.client) {
        (ClientHello, Some(client)) => client.certificate_compression = Some(span),
        (CertificateRequest, _) => facts.certificate_request_compression = Some(span),
        _ => {}
    }
    Ok(())
}

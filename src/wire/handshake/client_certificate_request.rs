//! ClientCertificateRequest (RFC 9261, section 4).

use super::*;
use crate::wire::extension::{self, Place};

/// The row of ClientCertificateRequest.
pub static MESSAGE: MessageType = MessageType {
    code: 17,
    name: "ClientCertificateRequest",
    iana: "client_certificate_request",
    reference: "RFC 9261, section 4",
    about: "A client asks the server for a further certificate, in an exported authenticator that the \
            application carries. It never occurs in a TLS handshake itself.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    d.opaque("certificate_request_context", LengthPrefix::U8)?;
    // It asks for something else than the handshake's CertificateRequest, whose facts stay.
    let mut scratch = *facts;
    extension::list(d, Place::CertificateRequest, &mut scratch)?;
    Ok(())
}

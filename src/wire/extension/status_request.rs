//! `status_request` (RFC 6066, section 8).

use super::*;
use crate::wire::codepoints::CERTIFICATE_STATUS_TYPES;
use crate::wire::codepoints::certificate::OCSP;
use crate::wire::handshake::certificate_status;

/// The row of `status_request`.
pub const EXTENSION: Extension = Extension {
    code: 5,
    name: "status_request",
    reference: "RFC 6066, section 8",
    recommended: Recommended::Yes,
    about: "The client asks the server to staple an OCSP response: the CA's signed, timestamped statement \
            that the certificate is not revoked. The client then need not ask the CA itself, which would \
            reveal to the CA which sites it visits. TLS 1.3 carries the response in the same extension, \
            beside the certificate.",
    places: &[ClientHello, ServerHello12, Certificate, CertificateRequest],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<()> {
    match place {
        Certificate => certificate_status::status(d, facts),
        ClientHello => request(d),
        // In a CertificateRequest it may have the same content, or none.
        CertificateRequest if !d.is_empty() => request(d),
        _ => Ok(()),
    }
}

fn request(d: &mut Dissector<'_>) -> Read<()> {
    if d.code8("status_type", &CERTIFICATE_STATUS_TYPES)? != OCSP {
        if !d.is_empty() {
            d.rest("request");
        }
        return Ok(());
    }
    ocsp_request(d)
}

/// `OCSPStatusRequest`.
pub(super) fn ocsp_request(d: &mut Dissector<'_>) -> Read<()> {
    d.vector("responder_id_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.opaque("ResponderID", LengthPrefix::U16)?;
        }
        Ok(())
    })?;
    d.opaque("request_extensions", LengthPrefix::U16)?;
    Ok(())
}

/// The content in a ClientHello: OCSP, from any responder, without extensions.
pub const OCSP_REQUEST: [u8; 5] = [OCSP, 0, 0, 0, 0];

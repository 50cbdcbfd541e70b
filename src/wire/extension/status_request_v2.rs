//! `status_request_v2` (RFC 6961).

use super::*;
use crate::wire::codepoints::CERTIFICATE_STATUS_TYPES;

/// The row of `status_request_v2`.
pub const EXTENSION: Extension = Extension {
    code: 17,
    name: "status_request_v2",
    reference: "RFC 6961",
    recommended: Recommended::Yes,
    about: "Like status_request, for the whole chain. It was never widely used; TLS 1.3 can carry a \
            response beside each certificate without it.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if place != ClientHello {
        return Ok(());
    }
    d.vector("certificate_status_req_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("CertificateStatusRequestItemV2", |d| {
                d.code8("status_type", &CERTIFICATE_STATUS_TYPES)?;
                d.vector("request", LengthPrefix::U16, status_request::ocsp_request)?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

//! `tls_flags` (draft-ietf-tls-tlsflags).

use super::*;

/// The row of `tls_flags`.
pub const EXTENSION: Extension = Extension {
    code: 62,
    name: "tls_flags",
    reference: "draft-ietf-tls-tlsflags",
    recommended: Recommended::Yes,
    about: "One bit for each extension that only says yes, to save the four bytes that each would take.",
    places: &[
        ClientHello,
        ServerHello,
        HelloRetryRequest,
        EncryptedExtensions,
        Certificate,
        CertificateRequest,
        NewSessionTicket,
    ],
    body,
};

fn body(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    d.opaque("flags", LengthPrefix::U8)?;
    Ok(())
}

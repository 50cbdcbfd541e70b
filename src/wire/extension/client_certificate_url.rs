//! `client_certificate_url` (RFC 6066, section 5).

use super::*;

/// The row of `client_certificate_url`.
pub const EXTENSION: Extension = Extension {
    code: 2,
    name: "client_certificate_url",
    reference: "RFC 6066, section 5",
    recommended: Recommended::Yes,
    about: "The client offers to send the URL of its certificate in place of the certificate itself. A \
            server that follows such URLs can be made to send requests anywhere, so hardly any server \
            does; TLS 1.3 removed it.",
    places: OLD,
    body: flag,
};

//! `client_authz` (RFC 5878).

use super::*;

/// The row of `client_authz`.
pub const EXTENSION: Extension = Extension {
    code: 7,
    name: "client_authz",
    reference: "RFC 5878",
    recommended: Recommended::No,
    about: "Kinds of authorisation data that the client can send in SupplementalData. Experimental, and hardly ever seen.",
    places: OLD,
    body: bytes,
};

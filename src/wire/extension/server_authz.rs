//! `server_authz` (RFC 5878).

use super::*;

/// The row of `server_authz`.
pub const EXTENSION: Extension = Extension {
    code: 8,
    name: "server_authz",
    reference: "RFC 5878",
    recommended: Recommended::No,
    about: "Kinds of authorisation data that the server can send in SupplementalData. Experimental, and hardly ever seen.",
    places: OLD,
    body: bytes,
};

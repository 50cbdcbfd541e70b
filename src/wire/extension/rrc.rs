//! `rrc` (RFC 9853).

use super::*;

/// The row of `rrc`.
pub const EXTENSION: Extension = Extension {
    code: 61,
    name: "rrc",
    reference: "RFC 9853",
    recommended: Recommended::No,
    about: "DTLS: the sender can check that a peer is reachable at a new address before sending much data \
            there.",
    places: &[ClientHello, ServerHello12, ServerHello],
    body: flag,
};

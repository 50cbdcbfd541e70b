//! `dnssec_chain` (RFC 9102).

use super::*;

/// The row of `dnssec_chain`.
pub const EXTENSION: Extension = Extension {
    code: 59,
    name: "dnssec_chain",
    reference: "RFC 9102",
    recommended: Recommended::No,
    about: "The DNSSEC proof of the server's TLSA record, carried in the handshake so that the client can \
            check DANE without its own DNS queries.",
    places: &[ClientHello, ServerHello12, Certificate],
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    d.u16(if place == ClientHello { "port_number" } else { "ExtSupportLifetime" })?;
    if place != ClientHello {
        d.rest("authentication_chain");
    }
    Ok(())
}

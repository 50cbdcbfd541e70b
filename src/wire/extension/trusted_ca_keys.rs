//! `trusted_ca_keys` (RFC 6066, section 6).

use super::*;
use crate::wire::asn1::name;
use crate::wire::codepoints::TRUSTED_CA_TYPES;

/// The row of `trusted_ca_keys`.
pub const EXTENSION: Extension = Extension {
    code: 3,
    name: "trusted_ca_keys",
    reference: "RFC 6066, section 6",
    recommended: Recommended::Yes,
    about: "The client lists the CAs that it trusts, so that a server with several certificates can \
            choose. TLS 1.3 uses certificate_authorities for that.",
    places: OLD,
    body,
};

fn body(d: &mut Dissector<'_>, place: Place, _: &mut Facts) -> Read<()> {
    if place != ClientHello {
        return Ok(());
    }
    d.vector("trusted_authorities_list", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            d.group("TrustedAuthority", |d| {
                match d.code8("identifier_type", &TRUSTED_CA_TYPES)? {
                    0 => {}
                    1 | 3 => {
                        d.bytes("sha1_hash", 20)?;
                    }
                    2 => {
                        d.vector("DistinguishedName", LengthPrefix::U16, name)?;
                    }
                    _ => {
                        d.rest("identifier");
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

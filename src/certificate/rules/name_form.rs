//! What a name in subjectAltName may look like.

use super::leaf_not_first::leaf_elsewhere;
use super::{ChainRule, Part, Webpki};
use crate::certificate::host;
use crate::wire::asn1::general_name::GeneralName;
use crate::wire::asn1::oid;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.name_form",
    title: "Name in the certificate that can never match",
    about: "A dNSName entry is a host name in ASCII, with a wildcard only as its whole first label, and \
            without a dot at the end. Internationalised names are written as A-labels (xn--…), addresses \
            as iPAddress entries of 4 or 16 bytes. Clients ignore entries of another form, so the intended \
            name does not match.",
    reference: "RFC 5280, section 4.2.1.6; RFC 9525, section 6.3; CA/Browser Forum BR, section 7.1.4.2",
    part: Part::Other,
    webpki: Webpki::Absent("webpki silently ignores such entries as well"),
    check: |chain, out| {
        let Some(leaf) = chain.leaf().filter(|_| leaf_elsewhere(chain).is_none()) else { return };
        let Some(names) = &leaf.extensions.alt_names else {
            if chain.question.usage == crate::certificate::Usage::ServerAuth && leaf.version == 3 {
                out.flaw(0, None, "the leaf has no subjectAltName: no name matches it");
            }
            return;
        };
        // One remark for each kind is enough.
        let mut said = 0;
        for located in names {
            let why = match located.name {
                GeneralName::Dns(name) => {
                    let shown = text::escape_bytes(name);
                    if std::str::from_utf8(name).is_ok_and(|text| text.parse::<std::net::IpAddr>().is_ok()) {
                        Some(format!("{shown} is an address in a dNSName entry"))
                    } else if !name.is_ascii() {
                        Some(format!("{shown} is not ASCII: internationalised names are written as A-labels"))
                    } else {
                        if host::well_formed(name, true).is_ok() && name.contains(&b'_') {
                            let range = Some(located.range.clone());
                            let why = format!(
                                "{shown} has an underscore, which host names must not have \
                                               (RFC 1123)"
                            );
                            if chain.public() {
                                out.flaw(0, range, why)
                            } else {
                                out.remark(0, range, why)
                            }
                            said += 1;
                        }
                        host::well_formed(name, true)
                            .err()
                            .map(|why| format!("{shown} is not a host name: {why}"))
                    }
                }
                GeneralName::Ip(bytes) if !matches!(bytes.len(), 4 | 16) => {
                    Some(format!("an iPAddress entry has {} bytes", bytes.len()))
                }
                _ => None,
            };
            if let Some(why) = why {
                out.flaw(0, Some(located.range.clone()), why);
                said += 1;
            }
            if said >= 5 {
                break;
            }
        }
        if leaf.extensions.find(oid::SUBJECT_ALT_NAME).is_some() {
            out.holds_flaw_unless_said();
        }
    },
};

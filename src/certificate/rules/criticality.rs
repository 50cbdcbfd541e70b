//! Which extensions must, and which must not, be critical.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.criticality",
    title: "An extension is critical that must not be, or the reverse",
    about: "basicConstraints of an authority and nameConstraints have to be critical, so that a client that does not know them refuses. \
            Key identifiers and authorityInfoAccess must not be, because they restrict nothing. \
            Clients evaluate them all the same.",
    reference: "RFC 5280, section 4.2.1.1, 4.2.1.2, 4.2.1.9, 4.2.1.10, 4.2.1.11 and 4.2.2.1",
    part: Part::Other,
    webpki: Webpki::Differs(
        "webpki refuses key identifiers and authorityInfoAccess that are critical, as extensions that it does not know",
    ),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            for extension in &certificate.extensions.list {
                let must = match extension.oid {
                    oid::BASIC_CONSTRAINTS if certificate.is_ca() => true,
                    oid::NAME_CONSTRAINTS | oid::POLICY_CONSTRAINTS | oid::INHIBIT_ANY_POLICY => true,
                    oid::SUBJECT_KEY_IDENTIFIER
                    | oid::AUTHORITY_KEY_IDENTIFIER
                    | oid::AUTHORITY_INFO_ACCESS => false,
                    _ => continue,
                };
                if extension.critical != must {
                    let name = oid::name(extension.oid);
                    let what = if must { "is not critical" } else { "is critical" };
                    out.flaw(node, Some(extension.range()), format!("{name} of {} {what}", chain.call(node)));
                }
            }
        }
        out.holds_flaw_unless_said();
    },
};

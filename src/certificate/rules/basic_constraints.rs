//! Who may issue.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.not_a_ca",
    title: "Certificate issued by a non-CA",
    about: "Only a certificate whose basicConstraints say cA TRUE may sign others. Without this check, \
            everybody with a certificate could issue certificates for any name, which Internet Explorer \
            allowed until 2002. An issuer in this chain lacks it: a leaf was used as a CA, or the \
            intermediate was made without extensions.",
    reference: "RFC 5280, section 4.2.1.9 and 6.1.4 (k)",
    part: Part::Usage,
    webpki: Webpki::Same,
    check: |chain, out| {
        for (node, certificate) in chain.authorities() {
            // Version 1 has no extensions; that is its own finding.
            if !certificate.is_ca() && certificate.version == 3 {
                let range = certificate.extension_range(oid::BASIC_CONSTRAINTS);
                let what = if certificate.extensions.basic_constraints.is_some() {
                    "cA is not TRUE"
                } else {
                    "it has no basicConstraints"
                };
                out.fails(node, range, format!("{} is not a CA: {what}", chain.call(node)));
            }
        }
        out.holds_unless_said();
    },
};

//! issuerUniqueID and subjectUniqueID.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "cert.unique_ids",
    title: "Certificate with version 2 unique identifiers",
    about: "Version 2 of X.509 had fields to distinguish two holders of one name. They are not used, CAs \
            must not include them, and some clients can't read a certificate that has them.",
    reference: "RFC 5280, section 4.1.2.8",
    part: Part::Other,
    webpki: Webpki::Differs("webpki can't read such a certificate"),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            if certificate.unique_ids {
                out.flaw(
                    node,
                    None,
                    format!("{} has a unique identifier: rustls can't read it", chain.call(node)),
                );
            }
        }
        out.holds_flaw_unless_said();
    },
};

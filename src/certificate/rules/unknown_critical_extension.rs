//! What must not be passed over.

use super::criticality::NEVER;
use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.unknown_critical_extension",
    title: "Unknown critical extension",
    about: "An issuer marks an extension critical if the certificate must not be used by anyone who does \
            not understand it. A client that does not know the extension has to reject the certificate.",
    reference: "RFC 5280, section 4.2 and 6.1.4 (o)",
    part: Part::Usage,
    webpki: Webpki::Differs(
        "webpki does not implement policy extensions, and rejects them if they are \
                             critical",
    ),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            for extension in certificate
                .extensions
                .list
                .iter()
                .filter(|extension| extension.critical && !known(extension.oid))
            {
                let name = oid::name(extension.oid);
                out.fails(
                    node,
                    Some(extension.range()),
                    format!(
                        "{} has the critical extension {name}, which is not known here",
                        chain.call(node)
                    ),
                );
            }
        }
        out.holds_unless_said();
    },
};

/// Extensions whose meaning is evaluated. That some must not be critical is a rule of its own.
fn known(id: &[u8]) -> bool {
    const KNOWN: [&[u8]; 10] = [
        oid::BASIC_CONSTRAINTS,
        oid::KEY_USAGE,
        oid::EXTENDED_KEY_USAGE,
        oid::SUBJECT_ALT_NAME,
        oid::NAME_CONSTRAINTS,
        oid::CERTIFICATE_POLICIES,
        oid::POLICY_MAPPINGS,
        oid::POLICY_CONSTRAINTS,
        oid::INHIBIT_ANY_POLICY,
        oid::CRL_DISTRIBUTION_POINTS,
    ];
    KNOWN.contains(&id) || NEVER.contains(&id)
}

//! What belongs into an authority's certificate only.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::KeyUsage;
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.misplaced_extension",
    title: "Misplaced extension in a certificate",
    about: "nameConstraints, pathLenConstraint and keyCertSign are for CA certificates; in a leaf they \
            contradict its basicConstraints. A CA certificate, in turn, must have keyUsage with \
            keyCertSign. Such certificates come from tools that copy a whole profile.",
    reference: "RFC 5280, section 4.2.1.3, 4.2.1.9 and 4.2.1.10",
    part: Part::Other,
    webpki: Webpki::Absent("webpki evaluates such extensions where they apply, and ignores them elsewhere"),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            let name = chain.call(node);
            let range = |oid| certificate.extension_range(oid);
            if certificate.is_ca() {
                if certificate.extensions.key_usage.is_none() && certificate.version == 3 {
                    out.flaw(node, None, format!("{name} is a CA without keyUsage"));
                }
            } else {
                if certificate.extensions.name_constraints.is_some() {
                    out.flaw(
                        node,
                        range(oid::NAME_CONSTRAINTS),
                        format!("{name} is not a CA, but has nameConstraints"),
                    );
                }
                if certificate
                    .extensions
                    .basic_constraints
                    .is_some_and(|constraints| constraints.path_len.is_some())
                {
                    out.flaw(
                        node,
                        range(oid::BASIC_CONSTRAINTS),
                        format!("{name} is not a CA, but has a pathLenConstraint"),
                    );
                }
                if certificate.extensions.key_usage.is_some_and(|bits| bits.has(KeyUsage::KEY_CERT_SIGN)) {
                    out.flaw(
                        node,
                        range(oid::KEY_USAGE),
                        format!("{name} is not a CA, but its keyUsage has keyCertSign"),
                    );
                }
            }
            if certificate
                .extensions
                .name_constraints
                .as_ref()
                .is_some_and(|constraints| constraints.empty || constraints.bounded)
            {
                out.flaw(
                    node,
                    range(oid::NAME_CONSTRAINTS),
                    format!("nameConstraints of {name} are empty, or have a minimum or maximum"),
                );
            }
        }
        out.holds_flaw_unless_said();
    },
};

//! One of a kind.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.duplicate_extension",
    title: "Extension included twice",
    about: "A certificate must not include the same extension more than once: one client would use the \
            first, another the last, and the two would reach different results.",
    reference: "RFC 5280, section 4.2",
    part: Part::Usage,
    webpki: Webpki::Differs("webpki notices it for the extensions that it evaluates"),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            for (index, extension) in certificate.extensions.list.iter().enumerate() {
                if certificate.extensions.list.iter().take(index).any(|earlier| earlier.oid == extension.oid)
                {
                    out.fails(
                        node,
                        Some(extension.range()),
                        format!("{} has {} twice", chain.call(node), oid::name(extension.oid)),
                    );
                }
            }
        }
        out.holds_unless_said();
    },
};

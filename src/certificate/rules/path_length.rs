//! pathLenConstraint.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.path_length",
    title: "Path length constraint exceeded",
    about: "A CA certificate can limit how many intermediates may follow below it (pathLenConstraint). 0 \
            means that it signs only leaves. This chain is longer, so a CA certificate was issued by a CA \
            that may not issue any.",
    reference: "RFC 5280, section 4.2.1.9 and 6.1.4 (l)",
    part: Part::Usage,
    webpki: Webpki::Differs(
        "webpki counts self-issued intermediates too, reads numbers up to 255 only, and does not look at an anchor's own limit",
    ),
    check: |chain, out| {
        // Intermediates below, not counting the leaf and those that changed nothing but a key (RFC 5280: self-issued).
        let mut below = 0u64;
        let own = chain
            .anchor()
            .and_then(|(node, anchor)| Some((node, anchor.certificate.as_ref()?)))
            .filter(|_| !chain.leaf_is_anchor());
        for (node, certificate) in chain.authorities().chain(own) {
            let limit = certificate.extensions.basic_constraints.and_then(|constraints| constraints.path_len);
            if let Some(limit) = limit.filter(|limit| *limit < below) {
                let range = certificate.extension_range(oid::BASIC_CONSTRAINTS);
                out.fails(
                    node,
                    range,
                    format!(
                        "{} allows {limit} intermediates below it, and there are {below}",
                        chain.call(node)
                    ),
                );
            }
            if !certificate.self_issued() {
                below += 1;
            }
        }
        out.holds_unless_said();
    },
};

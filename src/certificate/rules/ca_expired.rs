//! notAfter of the intermediates.

use super::expired::not_after;
use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "cert.ca_expired",
    title: "Intermediate certificate expired",
    about: "A CA certificate expires like any other, and every chain through it becomes invalid. Renewing \
            the leaf does not help. The CA publishes its current certificate, often with the same key: the \
            server has to send that one. If the expired certificate is a cross-sign, through which clients \
            reached an older root, they need the newer root in their trust store instead.",
    reference: "RFC 5280, section 4.1.2.5 and 6.1.3 (a)(2)",
    part: Part::Dates,
    webpki: Webpki::Same,
    check: |chain, out| {
        for (node, certificate) in chain.authorities() {
            not_after(chain, out, node, certificate);
        }
        out.holds_unless_said();
    },
};

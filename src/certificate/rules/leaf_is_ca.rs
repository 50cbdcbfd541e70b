//! An authority's certificate at a server.

use super::leaf_not_first::leaf_elsewhere;
use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.leaf_is_ca",
    title: "CA certificate used as server certificate",
    about: "The leaf is marked as a CA (cA TRUE): whoever steals the server's key could issue certificates \
            for any name. A client built on rustls rejects it. `openssl req -x509` makes such certificates \
            by default. Issue a leaf without basicConstraints, or with cA FALSE.",
    reference: "CA/Browser Forum BR, section 7.1.2.7.8; RFC 5280, section 4.2.1.9",
    part: Part::Usage,
    webpki: Webpki::Same,
    check: |chain, out| {
        let Some(leaf) = chain.leaf().filter(|_| leaf_elsewhere(chain).is_none()) else { return };
        if !leaf.is_ca() {
            return out.holds();
        }
        let range = leaf.extension_range(oid::BASIC_CONSTRAINTS);
        let what = "the leaf is a CA certificate (basicConstraints: cA TRUE)";
        if chain.leaf_is_anchor() {
            out.flaw(
                0,
                range,
                format!(
                    "{what}; it is itself the configured trust anchor, which a client built on rustls does \
                     not accept"
                ),
            );
        } else {
            out.fails(0, range, what);
        }
    },
};

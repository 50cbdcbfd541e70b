//! Hashes that can be forged.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.weak_signature",
    title: "Weak signature hash (MD5 or SHA-1)",
    about: "With MD5 and SHA-1 two certificates can be made that share one signature, so such a signature \
            proves nothing: a forged CA certificate was made with MD5 in 2008, and chosen-prefix \
            collisions of SHA-1 cost some tens of thousands of dollars. Clients have rejected them since \
            2017. The root's own signature does not matter, since nobody relies on it.",
    reference: "CA/Browser Forum BR, section 7.1.3.2; RFC 9155",
    part: Part::Signatures,
    webpki: Webpki::Differs("webpki knows no weak algorithm at all, and reports an unsupported one"),
    check: |chain, out| {
        if chain.leaf_is_anchor() {
            return;
        }
        for (node, certificate) in chain.below_anchor() {
            // What a self-signed certificate says of itself is no evidence either way.
            if chain.path.is_none() && chain.self_signed(node) {
                continue;
            }
            let hash = match certificate.algorithm.oid {
                oid::SHA1_RSA | oid::SHA1_RSA_OIW | oid::ECDSA_SHA1 | oid::DSA_SHA1 => "SHA-1",
                oid::MD5_RSA => "MD5",
                oid::MD4_RSA => "MD4",
                oid::MD2_RSA => "MD2",
                _ => continue,
            };
            out.fails(
                node,
                Some(certificate.algorithm.range()),
                format!("{} is signed with {hash}", chain.call(node)),
            );
        }
        out.holds_unless_said();
    },
};

//! keyUsage.

use super::leaf_not_first::leaf_elsewhere;
use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::KeyUsage;
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.key_usage",
    title: "Key usage does not allow this use (keyUsage)",
    about: "keyUsage states what a key may be used for. A CA needs keyCertSign to sign certificates. A \
            server signs the handshake in TLS 1.3 and with (EC)DHE, so it needs digitalSignature; only the \
            RSA key exchange of TLS 1.2 and earlier uses keyEncipherment instead. A certificate without \
            keyUsage is not restricted.",
    reference: "RFC 5280, section 4.2.1.3 and 6.1.4 (n); RFC 8446, section 4.4.2.2",
    part: Part::Usage,
    webpki: Webpki::Absent("for CAs webpki only checks basicConstraints, and it ignores the leaf's keyUsage"),
    check: |chain, out| {
        for (node, certificate) in chain.authorities() {
            if let Some(bits) =
                certificate.extensions.key_usage.filter(|bits| !bits.has(KeyUsage::KEY_CERT_SIGN))
            {
                let range = certificate.extension_range(oid::KEY_USAGE);
                out.fails(
                    node,
                    range,
                    format!("{} may not sign certificates: its keyUsage is {}", chain.call(node), bits),
                );
            }
        }
        if let Some((leaf, bits)) = chain
            .leaf()
            .filter(|_| leaf_elsewhere(chain).is_none())
            .and_then(|leaf| Some((leaf, leaf.extensions.key_usage?)))
        {
            let range = leaf.extension_range(oid::KEY_USAGE);
            let rsa = leaf.key.is_some_and(|key| key.oid == oid::RSA);
            if bits.has(KeyUsage::DIGITAL_SIGNATURE) {
                // As it should be.
            } else if rsa && bits.has(KeyUsage::KEY_ENCIPHERMENT) {
                out.flaw(
                    0,
                    range,
                    "the leaf lacks digitalSignature: its key may only be used for RSA key \
                                    exchange (TLS 1.2 and earlier)",
                );
            } else {
                out.fails(0, range, format!("the leaf lacks digitalSignature: its keyUsage is {}", bits));
            }
        }
        out.holds_unless_said();
    },
};

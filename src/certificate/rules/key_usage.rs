//! keyUsage.

use super::leaf_not_first::leaf_elsewhere;
use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::KeyUsage;
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.key_usage",
    title: "A key is used for what it is not meant for",
    about: "keyUsage says what a key may do. An authority needs keyCertSign to sign certificates. \
            A server signs the handshake in TLS 1.3 and with (EC)DHE, so it needs digitalSignature; only TLS 1.2's RSA key exchange \
            takes keyEncipherment instead. A certificate without keyUsage is not restricted.",
    reference: "RFC 5280, section 4.2.1.3 and 6.1.4 (n); RFC 8446, section 4.4.2.2",
    part: Part::Usage,
    webpki: Webpki::Absent(
        "webpki takes basicConstraints as enough for CAs, and leaves the leaf's keyUsage alone",
    ),
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
                out.flaw(0, range, "the leaf lacks digitalSignature: its key may be used for the RSA key exchange of TLS 1.2 only");
            } else {
                out.fails(0, range, format!("the leaf lacks digitalSignature: its keyUsage is {}", bits));
            }
        }
        out.holds_unless_said();
    },
};

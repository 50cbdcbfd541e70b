//! Keys that are too small.

use super::{ChainRule, Part, Results, Webpki};
use crate::certificate::validation::Validation;
use crate::wire::asn1::{PublicKey, oid};

pub const RULE: ChainRule = ChainRule {
    id: "cert.weak_key",
    title: "Weak public key",
    about: "RSA keys below 2048 bits can be factored with an effort that is within reach, and keys on \
            small curves can be broken as well. Whoever has the private key can impersonate the server. \
            Public CAs may not issue such certificates. (Whether a key was generated badly, as with ROCA, \
            is not examined.)",
    reference: "CA/Browser Forum BR, section 6.1.5; NIST SP 800-57",
    part: Part::Signatures,
    webpki: Webpki::Differs(
        "webpki reports BadSignature or an unsupported algorithm for what such a CA signed, and does not look at the leaf's own key",
    ),
    check: |chain, out| {
        for &node in &chain.judged {
            let Some(key) = chain.graph.node(node).and_then(|it| it.key) else { continue };
            match verdict(&key) {
                Ok(()) => odd_size(chain, out, node, &key),
                Err(why) => out.fails(
                    node,
                    Some(key.at..key.at + 1),
                    format!("the key of {} is {}: {why}", chain.call(node), key.text()),
                ),
            }
        }
        out.holds_unless_said();
    },
};

/// An RSA modulus whose length is no multiple of 8 bits (CA/Browser Forum BR, section 6.1.5).
fn odd_size(chain: &Validation<'_, '_>, out: &mut Results<'_>, node: usize, key: &PublicKey<'_>) {
    let Some(bits) = key.size().filter(|bits| key.rsa.is_some() && bits % 8 != 0) else { return };
    let range = Some(key.at..key.at + 1);
    let why = format!("the key of {} is RSA with {bits} bits, not a multiple of 8", chain.call(node));
    if chain.public() { out.flaw(node, range, why) } else { out.remark(node, range, why) }
}

fn verdict(key: &PublicKey<'_>) -> Result<(), &'static str> {
    match (key.oid, key.rsa) {
        (oid::RSA | oid::RSA_PSS, Some((_, exponent))) => {
            if key.size().unwrap_or(0) < 2048 {
                return Err("fewer than 2048 bits");
            }
            match exponent {
                [] | [1] => Err("its exponent is not a usable one"),
                [.., last] if last % 2 == 0 => Err("its exponent is even"),
                _ => Ok(()),
            }
        }
        (oid::EC, _) => match key.curve {
            Some(oid::P192) => Err("a curve of 192 bits"),
            Some(oid::P224) => Err("a curve of 224 bits, below the required 128-bit security level"),
            None => Err("explicit parameters can hide a weak curve (RFC 5480 forbids them)"),
            _ => Ok(()),
        },
        (oid::DSA, _) => Err("DSA is no longer used in TLS"),
        _ => Ok(()),
    }
}

//! Each link is signed by the next.

use super::{ChainRule, Part, Webpki};
use crate::certificate::signature::Verified;

pub const RULE: ChainRule = ChainRule {
    id: "cert.signature",
    title: "Invalid certificate signature",
    about: "The issuer signs the content of a certificate with its private key, and the issuer's \
            certificate has the public key to verify it with. A signature that does not verify means that \
            the certificate was altered, or that the supposed issuer only has the right name: often an \
            intermediate of the same name with another key. Algorithms that can't be verified here are not \
            evaluated.",
    reference: "RFC 5280, section 6.1.3 (a)(1)",
    part: Part::Signatures,
    webpki: Webpki::Differs("webpki does not verify RSA keys below 2048 bits, SHA-1 or secp256k1"),
    check: |chain, out| {
        if chain.leaf_is_anchor() {
            // What the user gave needs nobody's word.
            return out.holds();
        }
        for pair in chain.judged.windows(2) {
            let &[child, issuer] = pair else { continue };
            let range = chain.graph.certificate(child).map(|it| it.algorithm.range());
            match chain.graph.signed(child, issuer) {
                Verified::Yes => {}
                Verified::No => {
                    let hint = match chain.graph.key_ids_match(child, issuer) {
                        Some(false) => ": it was made with another key of a CA of that name",
                        _ => "",
                    };
                    out.fails(
                        child,
                        range,
                        format!(
                            "{} is not signed with the key of {}{hint}",
                            chain.call(child),
                            chain.call(issuer)
                        ),
                    );
                }
                Verified::Unsupported(what) => out.unknown(
                    Some(child),
                    format!("the signature of {} can't be verified: {what}", chain.call(child)),
                ),
            }
        }
        if out.said() {
            return;
        }
        match (chain.path, chain.judged.len()) {
            (Some(_), _) => out.holds(),
            (None, 2..) => out.unknown(
                None,
                "each certificate that was sent is signed by the next, but the issuer of \
                                the last is missing",
            ),
            (None, _) => out.unknown(None, "the leaf's issuer is missing"),
        }
    },
};

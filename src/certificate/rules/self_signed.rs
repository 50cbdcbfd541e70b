//! A leaf that vouches for itself.

use super::leaf_not_first::leaf_elsewhere;
use super::{ChainRule, Part, Webpki};
use crate::certificate::validation::Ending;

pub const RULE: ChainRule = ChainRule {
    id: "cert.self_signed",
    title: "Self-signed certificate",
    about: "The server's certificate is signed with its own key, not by a CA, so nobody else confirms \
            whose it is. Test servers and appliances generate such certificates themselves. Have one \
            issued by a CA that clients trust, or install this very certificate on each client as a trust \
            anchor (`--cacert FILE`).",
    reference: "RFC 5280, section 6.1",
    part: Part::Chain,
    webpki: Webpki::Differs(
        "webpki calls it UnknownIssuer, or CaUsedAsEndEntity, and rejects it even if it is itself the \
         configured trust anchor",
    ),
    check: |chain, out| {
        if chain.leaf_is_anchor() {
            // Where the leaf stands elsewhere, what stands first is the CA's, and this is not about the leaf.
            if leaf_elsewhere(chain).is_some() {
                return;
            }
            out.remark(
                0,
                None,
                "the leaf is itself a configured trust anchor, which a client built on rustls does not \
                 accept",
            );
        } else if chain.ending() == Ending::SelfSignedLeaf {
            out.fails(
                0,
                None,
                format!("the leaf is self-signed and not in the trust stores used ({})", chain.stores_text()),
            );
        }
    },
};

//! A leaf that vouches for itself.

use super::{ChainRule, Part, Webpki};
use crate::certificate::validation::Ending;

pub const RULE: ChainRule = ChainRule {
    id: "cert.self_signed",
    title: "The leaf is signed with its own key",
    about: "The server's certificate is its own issuer: nobody else vouches for it. \
            Test servers and appliances make such certificates by themselves. \
            Have one issued by an authority that clients trust, or give this very certificate to each client as an anchor (`--cacert FILE`).",
    reference: "RFC 5280, section 6.1",
    part: Part::Chain,
    webpki: Webpki::Differs(
        "webpki calls it UnknownIssuer, or CaUsedAsEndEntity, and refuses it also when it is itself the given anchor",
    ),
    check: |chain, out| {
        if chain.leaf_is_anchor() {
            out.remark(
                0,
                None,
                "the leaf is itself a given anchor, which a client built on rustls does not accept",
            );
        } else if chain.ending() == Ending::SelfSignedLeaf {
            out.fails(
                0,
                None,
                format!(
                    "the leaf is signed with its own key and is in no store that was asked ({})",
                    chain.stores_text()
                ),
            );
        }
    },
};

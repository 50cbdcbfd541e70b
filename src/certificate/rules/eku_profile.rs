//! extKeyUsage as the CA/Browser Forum wants it.

use super::leaf_not_first::leaf_elsewhere;
use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.eku_profile",
    title: "extKeyUsage missing, or allows anything",
    about: "Public CAs have to list serverAuth in every server certificate, and must not include \
            anyExtendedKeyUsage. RFC 5280 requires neither: such a certificate may be used for every \
            purpose, including those it was not issued for.",
    reference: "CA/Browser Forum BR, section 7.1.2.7.10; RFC 5280, section 4.2.1.12",
    part: Part::Other,
    webpki: Webpki::Differs(
        "webpki takes a missing extKeyUsage for every purpose, and anyExtendedKeyUsage for none",
    ),
    check: |chain, out| {
        let leaf = chain.leaf().filter(|leaf| leaf.version == 3 && leaf_elsewhere(chain).is_none());
        let Some(leaf) = leaf else { return };
        let range = leaf.extension_range(oid::EXTENDED_KEY_USAGE);
        let what = match &leaf.extensions.extended_key_usage {
            None => "the leaf has no extKeyUsage",
            Some(list) if list.contains(&oid::ANY_EXTENDED_KEY_USAGE) => {
                "the leaf may be used for anything (anyExtendedKeyUsage)"
            }
            Some(_) => return out.holds_flaw(),
        };
        if chain.public() { out.flaw(0, range, what) } else { out.remark(0, range, what) }
    },
};

//! The common name of a server's certificate.

use super::{ChainRule, Part, Webpki};
use crate::certificate::host;
use crate::wire::asn1::general_name::{self, GeneralName};
use crate::wire::asn1::oid;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.common_name",
    title: "The common name is none of the certificate's names",
    about: "If a public authority writes a common name (CN) at all, it is one of the names in subjectAltName. \
            Otherwise old programs, which still look at it, would accept a name that was never checked. \
            Private authorities are not bound by it.",
    reference: "CA/Browser Forum BR, section 7.1.4.3",
    part: Part::Other,
    webpki: Webpki::Absent("webpki does not look at the common name at all"),
    check: |chain, out| {
        let Some(leaf) = chain.leaf().filter(|_| chain.public()) else { return };
        let names = leaf.extensions.alt_names.as_deref().unwrap_or(&[]);
        for common in leaf.subject.values(oid::COMMON_NAME) {
            let there = names.iter().any(|located| match located.name {
                GeneralName::Dns(name) => name.eq_ignore_ascii_case(common.as_bytes()),
                GeneralName::Ip(bytes) => {
                    general_name::ip(bytes).is_some_and(|address| address.to_string() == common)
                }
                _ => false,
            });
            if !there {
                let shown = text::escape(&common);
                let what = if host::well_formed(common.as_bytes(), true).is_ok() {
                    ""
                } else {
                    ", and no host name"
                };
                let range = leaf.subject.at..leaf.subject.at + leaf.subject.raw.len();
                out.flaw(0, Some(range), format!("the common name {shown} is not in subjectAltName{what}"));
            }
        }
        out.holds_flaw_unless_said();
    },
};

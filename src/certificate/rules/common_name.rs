//! The common name of a server's certificate.

use super::{ChainRule, Part, Webpki};
use crate::certificate::{Usage, host};
use crate::wire::asn1::general_name::{self, GeneralName};
use crate::wire::asn1::oid;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.common_name",
    title: "Common name not in subjectAltName",
    about: "If a public CA includes a common name (CN) at all, it must be one of the names in \
            subjectAltName. Otherwise old programs, which still look at it, would accept a name that was \
            never validated. Private CAs are not bound by this rule; a common name that looks like a host \
            name is reported anyway.",
    reference: "CA/Browser Forum BR, section 7.1.4.3",
    part: Part::Other,
    webpki: Webpki::Absent("webpki does not look at the common name at all"),
    check: |chain, out| {
        let Some(leaf) = chain.leaf() else { return };
        let names = leaf.extensions.alt_names.as_deref().unwrap_or(&[]);
        // Without any name that is the remark.
        if names.is_empty() && !chain.public() {
            return;
        }
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
                let host = host::well_formed(common.as_bytes(), true).is_ok();
                let what = if host { "" } else { ", and is not a host name" };
                let range = Some(leaf.subject.at..leaf.subject.at + leaf.subject.raw.len());
                let why = format!("the common name {shown} is not in subjectAltName{what}");
                if chain.public() {
                    out.flaw(0, range, why);
                } else if host && common.contains('.') && chain.question.usage == Usage::ServerAuth {
                    out.remark(0, range, why);
                }
            }
        }
        out.holds_flaw_unless_said();
    },
};

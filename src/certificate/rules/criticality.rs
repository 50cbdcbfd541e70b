//! Which extensions must, and which must not, be critical.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.criticality",
    title: "Wrong criticality of an extension",
    about: "Clients must reject a certificate with a critical extension that they do not know. Extensions \
            that restrict nothing (key identifiers, authorityInfoAccess and the like) must therefore not \
            be critical: OpenSSL and rustls reject such a certificate. basicConstraints of a CA and \
            nameConstraints have to be critical, so that a client that does not know them rejects the \
            certificate. extKeyUsage and, if there is a subject, subjectAltName are not critical in server \
            certificates of public CAs.",
    reference: "RFC 5280, section 4.2.1.1, 4.2.1.2, 4.2.1.6 to 4.2.1.12, 4.2.1.15 and 4.2.2; CA/Browser Forum BR, section 7.1.2.7.6",
    part: Part::Other,
    webpki: Webpki::Differs("webpki does not check what has to be critical"),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            for extension in &certificate.extensions.list {
                let name = oid::name(extension.oid);
                let (range, who) = (Some(extension.range()), chain.call(node));
                match extension.oid {
                    id if NEVER.contains(&id) && extension.critical => {
                        out.fails(node, range, format!("{name} of {who} is critical, which it must not be"));
                    }
                    oid::BASIC_CONSTRAINTS if certificate.is_ca() && !extension.critical => {
                        out.flaw(node, range, format!("{name} of {who} is not critical"));
                    }
                    oid::NAME_CONSTRAINTS | oid::POLICY_CONSTRAINTS | oid::INHIBIT_ANY_POLICY
                        if !extension.critical =>
                    {
                        out.flaw(node, range, format!("{name} of {who} is not critical"));
                    }
                    oid::SUBJECT_ALT_NAME if extension.critical && !certificate.subject.is_empty() => {
                        out.remark(
                            node,
                            range,
                            format!("{name} of {who} is critical, and the subject is not empty"),
                        );
                    }
                    oid::EXTENDED_KEY_USAGE if extension.critical && !certificate.is_ca() => {
                        let what = format!("{name} of {who} is critical");
                        if chain.public() {
                            out.flaw(node, range, what)
                        } else {
                            out.remark(node, range, what)
                        }
                    }
                    _ => {}
                }
            }
        }
        out.holds_unless_said();
    },
};

/// What is never critical.
pub(super) const NEVER: [&[u8]; 9] = [
    oid::SUBJECT_KEY_IDENTIFIER,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::SUBJECT_DIRECTORY_ATTRIBUTES,
    oid::ISSUER_ALT_NAME,
    oid::FRESHEST_CRL,
    oid::AUTHORITY_INFO_ACCESS,
    oid::SUBJECT_INFO_ACCESS,
    oid::TLS_FEATURE,
    oid::SCT_LIST,
];

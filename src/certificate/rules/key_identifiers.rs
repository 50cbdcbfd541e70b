//! subjectKeyIdentifier and authorityKeyIdentifier.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.key_identifiers",
    title: "Key identifiers missing",
    about: "CAs of the same name are distinguished by key identifiers: authorityKeyIdentifier in a \
            certificate names the subjectKeyIdentifier of its issuer. They help to build the path and are \
            not part of the proof. With `X509_V_FLAG_X509_STRICT`, the default in Python 3.13, OpenSSL \
            rejects certificates without them.",
    reference: "RFC 5280, section 4.2.1.1 and 4.2.1.2",
    part: Part::Other,
    webpki: Webpki::Absent("webpki finds issuers by name alone and tries each of them"),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            if certificate.version != 3 || chain.leaf_is_anchor() {
                continue;
            }
            if certificate.extensions.authority_key_id.and_then(|id| id.key_id).is_none()
                && !certificate.self_issued()
            {
                out.flaw(
                    node,
                    certificate.extension_range(oid::AUTHORITY_KEY_IDENTIFIER),
                    format!("{} has no authorityKeyIdentifier", chain.call(node)),
                );
            }
            if certificate.is_ca() && certificate.extensions.subject_key_id.is_none() {
                out.flaw(node, None, format!("{} is a CA without subjectKeyIdentifier", chain.call(node)));
            }
        }
        out.holds_flaw_unless_said();
    },
};

//! authorityKeyIdentifier against the issuer's subjectKeyIdentifier.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.key_identifier_mismatch",
    title: "Key identifier does not match the issuer",
    about: "authorityKeyIdentifier in a certificate names the subjectKeyIdentifier of its issuer. Here \
            they differ, although the issuer's key verifies the signature. In RFC 5280 identifiers only \
            help to find the issuer, and rustls relies on the signature; OpenSSL and GnuTLS do not accept \
            the certificate as the issuer and reject the chain.",
    reference: "RFC 5280, section 4.2.1.1",
    part: Part::Other,
    webpki: Webpki::Absent("webpki finds issuers by name alone and tries each of them"),
    check: |chain, out| {
        for pair in chain.judged.windows(2) {
            let &[node, issuer] = pair else { continue };
            if chain.graph.key_ids_match(node, issuer) == Some(false) && !chain.leaf_is_anchor() {
                let range = chain
                    .graph
                    .certificate(node)
                    .and_then(|it| it.extension_range(oid::AUTHORITY_KEY_IDENTIFIER));
                let (child, issuer) = (chain.call(node), chain.call(issuer));
                out.flaw(node, range, format!("{child} names another key identifier than {issuer} has: OpenSSL and GnuTLS do not find its issuer"));
            }
        }
        out.holds_flaw_unless_said();
    },
};

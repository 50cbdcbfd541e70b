//! A link that the server should have sent.

use super::{ChainRule, Part, Webpki};
use crate::certificate::validation::Ending;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.missing_intermediate",
    title: "Incomplete chain",
    about: "A server has to send every certificate between its own and the root. An intermediate \
            certificate was not sent, so the client can't build a path from the leaf to a root. Browsers \
            often hide this, because they fetch or cache intermediates; OpenSSL and rustls do not. \
            Configure the server with the full chain (`fullchain.pem`), the leaf first.",
    reference: "RFC 8446, section 4.4.2; RFC 5246, section 7.4.2",
    part: Part::Chain,
    webpki: Webpki::Same,
    check: |chain, out| {
        let Ending::Gap(top) = chain.ending() else { return };
        let Some(certificate) = chain.graph.certificate(top) else { return };
        let issuer = text::escape(&certificate.issuer.short());
        let range = certificate.issuer.at..certificate.issuer.at + certificate.issuer.raw.len();
        let tail = if certificate.extensions.ca_issuers.is_empty() {
            "; the certificate does not say where to get it, so it might also be a private root"
        } else {
            ""
        };
        out.fails(
            top,
            Some(range),
            format!(
                "{} was issued by \"{issuer}\", which was not sent and is not \
                                             in the trust stores used ({}){tail}",
                chain.call(top),
                chain.stores_text()
            ),
        );
    },
};

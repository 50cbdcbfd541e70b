//! The chain ends, but not at an anchor.

use super::{ChainRule, Part, Webpki};
use crate::certificate::validation::Ending;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.untrusted_root",
    title: "Unknown CA",
    about: "Every certificate of a chain is signed by the next one, and the last must be in the client's \
            trust store. Here it is not: a private CA, a TLS-inspecting proxy, or a root that the store \
            has dropped. If you trust the CA, give its certificate with `--cacert FILE`; clients of the \
            server need it as well.",
    reference: "RFC 5280, section 6.1",
    part: Part::Chain,
    webpki: Webpki::Same,
    check: |chain, out| {
        let stores = chain.stores_text();
        match chain.ending() {
            Ending::Anchor => out.holds(),
            Ending::Empty => out.unknown(None, "no certificate was sent"),
            Ending::NoStore => out.unknown(None, "no trust store was used"),
            Ending::Unreadable => out.unknown(Some(0), "the leaf is not a certificate"),
            Ending::UnknownRoot(top) => {
                out.fails(
                    top,
                    None,
                    format!(
                        "the chain ends at {}, which is self-signed and not in the \
                                              trust stores used ({stores})",
                        chain.call(top)
                    ),
                );
            }
            Ending::UnknownIssuer(top) => {
                let Some(certificate) = chain.graph.certificate(top) else { return };
                let issuer = text::escape(&certificate.issuer.short());
                let range = certificate.issuer.at..certificate.issuer.at + certificate.issuer.raw.len();
                out.fails(
                    top,
                    Some(range),
                    format!(
                        "{} was issued by \"{issuer}\", which was not sent and \
                                                     is not in the trust stores used ({stores})",
                        chain.call(top)
                    ),
                );
            }
            Ending::Circle(top) => out.fails(
                top,
                None,
                format!(
                    "the certificates sign each other in a circle up to {}; none is in the trust \
                         stores used ({stores})",
                    chain.call(top)
                ),
            ),
            // The rules about these say it.
            Ending::SelfSignedLeaf | Ending::Gap(_) => {}
        }
    },
};

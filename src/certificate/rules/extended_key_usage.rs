//! extKeyUsage.

use super::{ChainRule, Part, Webpki};
use crate::certificate::Usage;
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.extended_key_usage",
    title: "Wrong certificate purpose (extKeyUsage)",
    about: "extKeyUsage lists the purposes of a certificate: serverAuth for a TLS server, clientAuth for a \
            client. In an intermediate it limits the purposes of everything issued below it. A certificate \
            for signing e-mail or for clients cannot be used by a server; have one issued with the right \
            purpose.",
    reference: "RFC 5280, section 4.2.1.12; CA/Browser Forum BR, section 7.1.2.7.10",
    part: Part::Usage,
    webpki: Webpki::Differs("webpki does not accept anyExtendedKeyUsage for the purpose that it looks for"),
    check: |chain, out| {
        let wanted = match chain.question.usage {
            Usage::ServerAuth => oid::SERVER_AUTH,
            Usage::ClientAuth => oid::CLIENT_AUTH,
        };
        for (node, certificate) in chain.below_anchor() {
            let Some(purposes) = &certificate.extensions.extended_key_usage else { continue };
            if purposes.iter().any(|purpose| [wanted, oid::ANY_EXTENDED_KEY_USAGE].contains(purpose)) {
                continue;
            }
            let names: Vec<String> = purposes.iter().take(5).map(|purpose| oid::name(purpose)).collect();
            let range = certificate.extension_range(oid::EXTENDED_KEY_USAGE);
            let usage = chain.question.usage.name();
            out.fails(
                node,
                range,
                format!(
                    "{} is not for {usage}, but for {}",
                    chain.call(node),
                    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
                ),
            );
        }
        out.holds_unless_said();
    },
};

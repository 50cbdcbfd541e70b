//! TLS feature status_request.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.must_staple",
    title: "The certificate demands a stapled OCSP response, and none came",
    about: "The leaf has the TLS feature extension with status_request (\"must-staple\"): its server promises to send a fresh OCSP response with every handshake. \
            None came, and a client that heeds the extension refuses the connection. \
            Turn stapling on (`ssl_stapling on;` in nginx), or renew without must-staple.",
    reference: "RFC 7633, section 4.2.2",
    part: Part::Other,
    webpki: Webpki::Absent("rustls does not know the TLS feature extension"),
    check: |chain, out| {
        const STATUS_REQUEST: u64 = 5;
        let Some(leaf) = chain.leaf() else { return };
        if !leaf.extensions.tls_features.as_ref().is_some_and(|features| features.contains(&STATUS_REQUEST)) {
            return;
        }
        if chain.sent.ocsp.iter().any(|(place, _)| *place == 0) {
            out.holds_flaw();
        } else if chain.sent.staple_asked {
            out.flaw(
                0,
                leaf.extension_range(oid::TLS_FEATURE),
                "the leaf demands a stapled OCSP response (must-staple), and none came",
            );
        } else {
            out.not_asked(
                Some(0),
                "the leaf demands a stapled OCSP response (must-staple); none was asked for",
            );
        }
    },
};

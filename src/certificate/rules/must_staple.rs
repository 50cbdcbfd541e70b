//! TLS feature status_request.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::oid;

pub const RULE: ChainRule = ChainRule {
    id: "cert.must_staple",
    title: "Must-staple certificate without an OCSP staple",
    about: "The leaf has the TLS feature extension with status_request (\"must-staple\"): the server has \
            to send a fresh OCSP response with every handshake. None was sent, and a client that honours \
            the extension rejects the connection. Turn stapling on (`ssl_stapling on;` in nginx), or renew \
            without must-staple.",
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
                "the leaf requires a stapled OCSP response (must-staple), and none was sent",
            );
        } else {
            out.not_asked(
                Some(0),
                "the leaf requires a stapled OCSP response (must-staple); none was requested",
            );
        }
    },
};

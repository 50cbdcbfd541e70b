//! TLS feature status_request.

use super::{Part, Rule, Webpki};
use crate::wire::x509::oid;

pub const RULE: Rule = Rule {
    id: "cert.must_staple",
    title: "The certificate demands a stapled OCSP response, and none came",
    about: "The leaf has the TLS feature extension with status_request (\"must-staple\"): its server promises to send a fresh OCSP response with every handshake. \
            None came. Firefox refuses such a connection, most others do not look. \
            Turn stapling on (`ssl_stapling on;` in nginx), or renew without must-staple.",
    reference: "RFC 7633, section 4.2.2",
    part: Part::Other,
    webpki: Webpki::Absent("rustls does not know the TLS feature extension"),
    check: |case, report| {
        const STATUS_REQUEST: u64 = 5;
        let Some(leaf) = case.leaf() else { return };
        if !leaf.tls_features.as_ref().is_some_and(|features| features.contains(&STATUS_REQUEST)) {
            return;
        }
        if case.sent.ocsp.iter().any(|(place, _)| *place == 0) {
            report.holds_flaw();
        } else if case.sent.staple_asked {
            report.flaw(
                0,
                leaf.extension_range(oid::TLS_FEATURE),
                "the leaf demands a stapled OCSP response (must-staple), and none came: Firefox refuses that",
            );
        } else {
            report.not_asked(
                Some(0),
                "the leaf demands a stapled OCSP response (must-staple); none was asked for",
            );
        }
    },
};

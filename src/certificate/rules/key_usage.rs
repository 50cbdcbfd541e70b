//! keyUsage.

use super::{Part, Rule, Webpki};
use crate::wire::x509::certificate::usage;
use crate::wire::x509::oid;

pub const RULE: Rule = Rule {
    id: "cert.key_usage",
    title: "A key is used for what it is not meant for",
    about: "keyUsage says what a key may do. An authority needs keyCertSign to sign certificates. \
            A server signs the handshake in TLS 1.3 and with (EC)DHE, so it needs digitalSignature; only TLS 1.2's RSA key exchange \
            takes keyEncipherment instead. A certificate without keyUsage is not restricted.",
    reference: "RFC 5280, section 4.2.1.3 and 6.1.4 (n); RFC 8446, section 4.4.2.2",
    part: Part::Usage,
    webpki: Webpki::Absent(
        "webpki takes basicConstraints as enough for authorities, as browsers do, and leaves the leaf's keyUsage alone",
    ),
    check: |case, report| {
        for (node, certificate) in case.authorities() {
            if let Some(bits) = certificate.key_usage.filter(|bits| bits & usage::KEY_CERT_SIGN == 0) {
                let range = certificate.extension_range(oid::KEY_USAGE);
                report.fails(
                    node,
                    range,
                    format!(
                        "{} may not sign certificates: its keyUsage is {}",
                        case.call(node),
                        usage::text(bits)
                    ),
                );
            }
        }
        if let Some((leaf, bits)) = case.leaf().and_then(|leaf| Some((leaf, leaf.key_usage?))) {
            let range = leaf.extension_range(oid::KEY_USAGE);
            let rsa = leaf.key.is_ok_and(|key| key.oid == oid::RSA);
            if bits & usage::DIGITAL_SIGNATURE != 0 {
                // As it should be.
            } else if rsa && bits & usage::KEY_ENCIPHERMENT != 0 {
                report.flaw(0, range, "the leaf lacks digitalSignature: its key may be used for the RSA key exchange of TLS 1.2 only");
            } else {
                report.fails(
                    0,
                    range,
                    format!("the leaf lacks digitalSignature: its keyUsage is {}", usage::text(bits)),
                );
            }
        }
        report.holds_unless_said();
    },
};

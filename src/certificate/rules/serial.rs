//! serialNumber.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "cert.serial",
    title: "Invalid serial number",
    about: "A serial number is positive and at most 20 bytes long. Together with the issuer's name it \
            identifies a certificate, for example when it is revoked. Clients should tolerate wrong ones, \
            and do.",
    reference: "RFC 5280, section 4.1.2.2",
    part: Part::Other,
    webpki: Webpki::Absent("RFC 5280 asks users of certificates to handle wrong serial numbers gracefully"),
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            let serial = certificate.serial.value;
            let what = match serial {
                [first, ..] if first & 0x80 != 0 => "is negative",
                bytes if bytes.iter().all(|byte| *byte == 0) => "is zero",
                bytes if bytes.len() > 20 => "is longer than 20 bytes",
                _ => continue,
            };
            out.flaw(
                node,
                Some(certificate.serial.range()),
                format!("the serial number of {} {what}", chain.call(node)),
            );
        }
        out.holds_flaw_unless_said();
    },
};

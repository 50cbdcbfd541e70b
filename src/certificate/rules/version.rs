//! X.509 versions.

use super::{Part, Rule, Webpki};

pub const RULE: Rule = Rule {
    id: "cert.version",
    title: "A certificate is not of version 3",
    about: "Only version 3 of X.509 has extensions, and without them a certificate can't say whether it is an authority, for which names it stands, \
            or what its key may be used for. Version 1 is what `openssl x509 -req` makes without an extension file.",
    reference: "RFC 5280, section 4.1.2.1; CA/Browser Forum BR, section 7.1.1",
    part: Part::Usage,
    webpki: Webpki::Same,
    check: |case, report| {
        for (node, certificate) in case.below_anchor() {
            if certificate.version != 3 && !case.leaf_is_anchor() {
                report.fails(
                    node,
                    None,
                    format!("{} is of version {}", case.call(node), certificate.version),
                );
            }
        }
        report.holds_unless_said();
    },
};

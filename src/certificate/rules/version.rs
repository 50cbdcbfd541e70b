//! X.509 versions.

use super::{ChainRule, Part, Webpki};

pub const RULE: ChainRule = ChainRule {
    id: "cert.version",
    title: "Not an X.509 version 3 certificate",
    about: "Only version 3 of X.509 has extensions, and without them a certificate can't state whether it \
            is a CA, which names it is for, or what its key may be used for. Version 1 is what `openssl \
            x509 -req` makes without an extension file.",
    reference: "RFC 5280, section 4.1.2.1; CA/Browser Forum BR, section 7.1.1",
    part: Part::Usage,
    webpki: Webpki::Same,
    check: |chain, out| {
        for (node, certificate) in chain.below_anchor() {
            if certificate.version != 3 && chain.leaf_is_anchor() {
                // What the user gave counts all the same, for those who can read it.
                out.flaw(
                    node,
                    None,
                    format!(
                        "{} is of version {}, without extensions: a client built on rustls can't read it",
                        chain.call(node),
                        certificate.version
                    ),
                );
            } else if certificate.version != 3 {
                out.fails(node, None, format!("{} is of version {}", chain.call(node), certificate.version));
            }
        }
        out.holds_unless_said();
    },
};

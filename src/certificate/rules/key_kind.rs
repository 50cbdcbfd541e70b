//! Whether the leaf's key can sign a handshake.

use super::{ChainRule, Part, Webpki};
use crate::wire::asn1::{PublicKey, oid};

pub const RULE: ChainRule = ChainRule {
    id: "cert.key_kind",
    title: "Leaf key cannot sign a handshake",
    about: "In TLS 1.3, and with (EC)DHE in earlier versions, the peer signs the handshake with the key of \
            its certificate. Keys for key exchange or encryption alone (X25519, X448, Diffie-Hellman, \
            ML-KEM) can't sign at all, and for some other types TLS has no signature scheme: no client \
            could verify the signature.",
    reference: "RFC 8446, section 4.2.3 and 4.4.2.2; IANA TLS SignatureScheme",
    part: Part::Usage,
    webpki: Webpki::Absent(
        "webpki does not look at the leaf's key until it has a signature to verify with it",
    ),
    check: |chain, out| {
        let Some(leaf) = chain.leaf() else { return };
        let range = Some(leaf.spki.range());
        let Some(key) = leaf.key else {
            // What is malformed about it is a rule of its own.
            return out.unknown(Some(0), "the leaf's key can't be read");
        };
        match kind(&key) {
            Kind::Signs => out.holds(),
            Kind::CannotSign => {
                out.fails(
                    0,
                    range,
                    format!("the leaf's key is {}, which can't sign a handshake", key.text()),
                );
            }
            Kind::Unknown => out.unknown(
                Some(0),
                format!("TLS has no signature scheme for the type of the leaf's key: {}", key.text()),
            ),
        }
    },
};

enum Kind {
    Signs,
    CannotSign,
    Unknown,
}

fn kind(key: &PublicKey<'_>) -> Kind {
    match key.oid {
        oid::RSA | oid::RSA_PSS | oid::EC | oid::DSA | oid::ED25519 | oid::ED448 => Kind::Signs,
        oid::ML_DSA_44 | oid::ML_DSA_65 | oid::ML_DSA_87 => Kind::Signs,
        oid::X25519 | oid::X448 | oid::DH | oid::DH_PKCS3 | oid::EC_DH => Kind::CannotSign,
        oid::ML_KEM_512 | oid::ML_KEM_768 | oid::ML_KEM_1024 => Kind::CannotSign,
        _ => Kind::Unknown,
    }
}

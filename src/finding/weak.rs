//! What was negotiated is weak, whoever performed the handshake: one row a weakness.

use super::summary;
use crate::crypto::{dh_primes, modular};
use crate::trace::{Evidence, Handshake, Kind, Trace};
use crate::wire::codepoints::cipher_suite::{Authentication, Cipher, KeyExchange, Mode};
use crate::wire::codepoints::{ProtocolVersion, SignatureScheme};
use crate::wire::extension::renegotiation_info;
use crate::wire::facts::{Facts, Signature, Span};
use crate::wire::handshake::types;

use super::{Case, Cause, Finding, Remedy, Severity};

/// A row of the table.
pub struct Weakness {
    pub id: &'static str,
    /// A headline of at most [`super::HEADLINE`] columns.
    pub title: &'static str,
    /// Why it is weak, in two or three sentences.
    pub about: &'static str,
    pub reference: &'static str,
    /// What to change on the server.
    remedy: &'static str,
    /// What was seen of it.
    of: fn(&Seen<'_>) -> Option<String>,
}

/// One handshake in which the server has answered.
struct Seen<'a> {
    trace: &'a Trace,
    handshake: &'a Handshake,
    version: ProtocolVersion,
}

/// Every weakness of every handshake, each once.
pub fn of(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (number, handshake) in case.trace().handshakes.iter().enumerate() {
        // All of this was for TLS 1.3 to do away with.
        let Some(version) = handshake.facts.version.filter(|version| !version.is_tls13()) else { continue };
        let seen = Seen { trace: case.trace(), handshake, version };
        for row in WEAKNESSES {
            if findings.iter().any(|finding| finding.id == row.id) {
                continue;
            }
            if let Some(what) = (row.of)(&seen) {
                findings.push(row.finding(case.trace(), number, what));
            }
        }
    }
    findings
}

impl Weakness {
    fn finding(&self, trace: &Trace, handshake: usize, what: String) -> Finding {
        let hello = trace.messages.iter().position(|message| {
            message.kind == Kind::Handshake(types::SERVER_HELLO) && message.handshake == handshake
        });
        Finding {
            evidence: vec![Evidence { message: hello, ..Evidence::default() }],
            causes: vec![Cause::certain(format!("{} ({})", self.about, self.reference))],
            remedy: Some(Remedy { command: None, text: Some(self.remedy.into()) }),
            ..Finding::new(self.id, Severity::Warning, self.title, what)
        }
    }
}

impl<'a> Seen<'a> {
    fn facts(&self) -> &'a Facts {
        &self.handshake.facts
    }

    fn suite(&self) -> Option<&'static crate::wire::codepoints::cipher_suite::SuiteInfo> {
        self.facts().suite()
    }

    /// p of ServerDHParams.
    fn dh_prime(&self) -> Option<&'a [u8]> {
        summary::dh_prime(self.trace, self.facts())
    }

    /// The schemes of the server's and the client's signatures; before TLS 1.2 none is named.
    fn signatures(&self) -> impl Iterator<Item = (Signature, &'static str)> {
        let facts = self.facts();
        let exchange = facts.server_key_exchange.and_then(|(_, signature): (Span, _)| signature);
        let [client, _] = facts.certificate_verify;
        exchange
            .map(|signed| (signed, "the server's"))
            .into_iter()
            .chain(client.map(|signed| (signed, "the client's")))
    }
}

/// All rows, the heaviest first.
pub static WEAKNESSES: &[Weakness] = &[
    Weakness {
        id: "weak.anonymous",
        title: "anonymous cipher suite",
        about: "An anonymous cipher suite: the server is not authenticated, so anybody can intercept the \
                connection.",
        reference: "RFC 5246, appendix F.1.1.1",
        remedy: "give the server a certificate and remove the aNULL suites (DH_anon, ECDH_anon) from its \
                 list",
        of: |seen| {
            let suite = seen.suite()?;
            (suite.authentication == Authentication::Anonymous)
                .then(|| format!("{}: the server is not authenticated", suite.name))
        },
    },
    Weakness {
        id: "weak.null",
        title: "no encryption (NULL cipher suite)",
        about: "Records are not encrypted: every observer can read them.",
        reference: "RFC 4785, section 1; RFC 9325, section 4.1",
        remedy: "remove the NULL suites from the server's list",
        of: |seen| {
            let suite = seen.suite()?;
            (suite.cipher == Cipher::Null).then(|| format!("{}: nothing is encrypted", suite.name))
        },
    },
    Weakness {
        id: "weak.export",
        title: "export cipher suite",
        about: "An export suite of the 1990s, deliberately weakened: its key can be found in minutes \
                (FREAK, Logjam).",
        reference: "RFC 9325, section 4.1",
        remedy: "remove the EXPORT suites from the server's list",
        of: |seen| {
            let suite = seen.suite()?;
            suite.export.then(|| format!("{}: an export suite", suite.name))
        },
    },
    Weakness {
        id: "weak.version",
        title: "obsolete protocol version",
        about: "Versions before TLS 1.2 rely on MD5 and SHA-1, and their CBC records can be attacked \
                (BEAST, POODLE). They are deprecated, and browsers have removed them.",
        reference: "RFC 8996; RFC 7568",
        remedy: "enable TLS 1.2 and 1.3 on the server: ssl_protocols TLSv1.2 TLSv1.3 (nginx), SSLProtocol -all +TLSv1.2 \
                 +TLSv1.3 (Apache)",
        of: |seen| {
            (seen.version < ProtocolVersion::TLS_1_2).then(|| format!("{} was negotiated", seen.version))
        },
    },
    Weakness {
        id: "weak.rc4",
        title: "RC4 cipher suite",
        about: "RC4's output is biased, so plaintext that is sent often enough can be recovered.",
        reference: "RFC 7465",
        remedy: "remove the RC4 suites from the server's list",
        of: |seen| {
            let suite = seen.suite()?;
            (suite.cipher == Cipher::Rc4).then(|| format!("{}: records are encrypted with RC4", suite.name))
        },
    },
    Weakness {
        id: "weak.small_blocks",
        title: "64-bit block cipher (Sweet32)",
        about: "With blocks of 8 bytes a collision is expected after about 32 GB, and reveals plaintext \
                (Sweet32).",
        reference: "RFC 9325, section 4.1; CVE-2016-2183",
        remedy: "remove the 3DES and DES suites from the server's list",
        of: |seen| {
            let suite = seen.suite()?;
            let small = matches!(
                suite.cipher,
                Cipher::TripleDes | Cipher::Des | Cipher::Des40 | Cipher::Idea | Cipher::Rc2
            );
            small.then(|| format!("{}: {} has blocks of 8 bytes", suite.name, suite.cipher))
        },
    },
    Weakness {
        id: "weak.dh_size",
        title: "small Diffie-Hellman group",
        about: "Discrete logarithms modulo a 1024-bit prime are within reach of state-level attackers, \
                modulo a 512-bit prime of anybody (Logjam).",
        reference: "RFC 9325, section 4.2; weakdh.org",
        remedy: "use groups of 2048 bits or more (RFC 7919), or ECDHE alone",
        of: |seen| {
            let bits = modular::bits(seen.dh_prime()?);
            (bits < 2048).then(|| format!("the Diffie-Hellman prime has {bits} bits"))
        },
    },
    Weakness {
        id: "weak.dh_prime",
        title: "common Diffie-Hellman prime",
        about: "One large computation breaks all servers that share a prime; a prime that was shipped with \
                a program also lacks a proof of how it was generated.",
        reference: "RFC 7919, section 1; weakdh.org",
        remedy: "use a group of RFC 7919, or ECDHE alone",
        of: |seen| {
            let owner = dh_primes::owner(seen.dh_prime()?)?;
            // The groups of RFC 7919 and RFC 3526 are made verifiably, and large enough to be shared.
            let standard = owner.starts_with("RFC 7919") || owner.starts_with("RFC 3526");
            (!standard).then(|| format!("many servers share this Diffie-Hellman prime: {owner}"))
        },
    },
    Weakness {
        id: "weak.forward_secrecy",
        title: "no forward secrecy",
        about: "The keys of the connection depend on a long-term key only. Anyone who later obtains it \
                (with RSA key exchange: the private key of the server's certificate) can decrypt \
                everything recorded earlier.",
        reference: "RFC 9325, section 4.1",
        remedy: "put ECDHE suites first in the server's list, and remove the RSA key exchange (kRSA) from \
                 it",
        of: |seen| {
            let suite = seen.suite()?;
            let exchange = matches!(
                suite.key_exchange,
                KeyExchange::Rsa
                    | KeyExchange::RsaPsk
                    | KeyExchange::Psk
                    | KeyExchange::Dh
                    | KeyExchange::Ecdh
            );
            exchange.then(|| format!("{}: the key exchange is {}", suite.name, suite.key_exchange))
        },
    },
    Weakness {
        id: "weak.cbc",
        title: "CBC with MAC-then-encrypt",
        about: "CBC with MAC-then-encrypt: an implementation that does not check padding and MAC in \
                constant time leaks plaintext to an attacker (Lucky Thirteen, padding oracles). \
                encrypt_then_mac fixes it, AEAD suites do not have the problem.",
        reference: "RFC 7366, section 1; RFC 9325, section 4.2",
        remedy: "put AEAD suites (GCM, ChaCha20-Poly1305) first in the server's list, or enable encrypt_then_mac",
        of: |seen| {
            let suite = seen.suite()?;
            (suite.mode == Mode::Cbc && !seen.facts().encrypt_then_mac)
                .then(|| format!("{} without encrypt_then_mac", suite.name))
        },
    },
    Weakness {
        id: "weak.signature",
        title: "weak handshake signature (MD5 or SHA-1)",
        about: "Collisions of MD5 and SHA-1 can be found: a signature over one message may also be valid \
                for another (SLOTH).",
        reference: "RFC 9155",
        remedy: "update the server's TLS library, or enable TLS 1.2 with SHA-256 signatures and TLS 1.3",
        of: |seen| {
            seen.signatures().find_map(|(signed, whose)| match signed.scheme {
                None => {
                    let hash = match seen.suite().map(|suite| suite.authentication) {
                        Some(Authentication::Rsa) => "MD5 and SHA-1",
                        _ => "SHA-1",
                    };
                    Some(format!("{whose} signature uses {hash}"))
                }
                Some(
                    scheme @ (SignatureScheme::rsa_pkcs1_sha1
                    | SignatureScheme::ecdsa_sha1
                    | SignatureScheme::dsa_sha1
                    | SignatureScheme::rsa_pkcs1_md5),
                ) => Some(format!("{whose} signature is {scheme}")),
                Some(_) => None,
            })
        },
    },
    Weakness {
        id: "weak.compression",
        title: "TLS compression (CRIME)",
        about: "With compression before encryption the length of a record reveals its content (CRIME).",
        reference: "RFC 9325, section 3.3; CVE-2012-4929",
        remedy: "turn TLS compression off",
        of: |seen| {
            let method = seen.facts().compression_method;
            (method != 0).then(|| format!("records are compressed (method {method})"))
        },
    },
    Weakness {
        id: "weak.no_secure_renegotiation",
        title: "no secure renegotiation",
        about: "Without renegotiation_info a renegotiation is not bound to the handshake before it: an attacker can \
                prepend data to a client's request.",
        reference: "RFC 5746; CVE-2009-3555",
        remedy: "update the server's TLS library",
        of: |seen| {
            let signalled = seen.facts().server_extensions.contains(renegotiation_info::EXTENSION.code);
            let asked = seen.facts().client.is_some_and(|client| {
                client.renegotiation_scsv || client.extensions.contains(renegotiation_info::EXTENSION.code)
            });
            (asked && !signalled).then(|| "the server does not signal secure renegotiation".into())
        },
    },
    Weakness {
        id: "weak.no_extended_master_secret",
        title: "no extended master secret",
        about: "Without extended_master_secret the master secret is not bound to the certificates: an \
                attacker can make two connections share one (triple handshake attack).",
        reference: "RFC 7627; RFC 9325, section 3.5",
        remedy: "update the server's TLS library",
        of: |seen| {
            let asked = seen.facts().client.is_some_and(|client| {
                client.extensions.contains(crate::wire::extension::extended_master_secret::EXTENSION.code)
            });
            (asked && !seen.facts().extended_master_secret)
                .then(|| "the server does not use extended_master_secret".into())
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_family_and_all_is_said() {
        for row in WEAKNESSES {
            assert!(row.id.starts_with("weak."));
            assert!(
                row.about.ends_with('.') && !row.reference.is_empty() && !row.remedy.is_empty(),
                "{}",
                row.id
            );
        }
    }
}
